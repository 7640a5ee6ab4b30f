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

#include "store/standing.h"

typedef enum MigrNearness
{
	MIGR_NEAR_UNKNOWN,			/* it takes a look at everything */
	MIGR_NEAR_UNCHANGED,		/* all of it is stored as it is */
	MIGR_NEAR_ADDS				/* and the rest is new */
} MigrNearness;

typedef struct MigrNearLoad
{
	List	   *scripts;		/* MigrScript *: the whole input */
	MigrLoader	loader;			/* who loads */
	bool	   *is_new;			/* by place in the input; set by the comparison */

	/* The rest is private. */
	MigrGeneration generation;
	MigrStanding *standing;
	MigrGraph  *graph;			/* of the new ones and what they name */
	bool	   *given;			/* by node: a new one */
	bool	   *marked;			/* by node: stored, and marked as a head */
} MigrNearLoad;

/*
 * Compare with what is stored and, if it may add any, write what is new and the log.  What
 * it has done; MIGR_NEAR_UNKNOWN: nothing.
 */
extern MigrNearness migr_near_load(MigrNearLoad *load, bool may_add);

#endif							/* MIGR_LOAD_NEAR_H */
