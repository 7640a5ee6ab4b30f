/*
 * load_near.h
 *		A load without the graph: by the scripts that it brings and their neighbours.
 *
 * Where it is known that what is stored is sound (standing.h), scripts that are stored
 * already need no look at the others; and new ones can do no harm that they and the
 * revisions that they name don't show, unless labels or squashes are about.  What is
 * not as simple as that is left to who looks at everything, and to him alone what is
 * wrong: nothing is raised here.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOAD_NEAR_H
#define MIGR_LOAD_NEAR_H

#include "store/load_known.h"
#include "store/standing.h"

typedef struct MigrNearLoad
{
	List	   *scripts;		/* MigrScript *: the whole input */
	MigrLoader	loader;			/* who loads */
	bool	   *is_new;			/* by place in the input; set by the comparison */

	/* The rest is private. */
	MigrKnown  *known;			/* what is stored; NULL: it is to be read */
	MigrGeneration generation;
	MigrStanding *standing;
	MigrGraph  *graph;			/* of the new ones and what they name */
	bool	   *given;			/* by node: a new one */
	bool	   *marked;			/* by node: stored, and marked as a head */
} MigrNearLoad;

/*
 * Compare with what is stored, and write what is new if may_add.  False if it takes a look
 * at everything; then nothing is written.
 */
extern bool migr_near_run(MigrNearLoad *load, bool may_add);

/*
 * Take a text apart by what is stored: scripts, what is known, and its name.  False if
 * that can't be done, or is not worth it.
 */
extern bool migr_near_split(MigrNearLoad *load, const char *text);

#endif							/* MIGR_LOAD_NEAR_H */
