/*
 * repeatable_load.h
 *		Repeatable scripts into the store, along with the revisions of a load.
 *
 * What is wrong with their names or with what they depend on is MG005.  That
 * one was edited after it ran is no error: it is to run again.
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPEATABLE_LOAD_H
#define MIGR_REPEATABLE_LOAD_H

#include "store/loader.h"
#include "store/prune.h"
#include "store/repeatable.h"

typedef struct MigrRepeatableLoad
{
	List	   *given;			/* private */
	bool		news;			/* something is to be written or forgotten */
	bool		changed;		/* something that is stored will not stay as it is */
	bool		lost;			/* it takes what is not remembered of a script */
	List	   *removed;		/* char *: never ran, and the input lacks them */
	List	   *missing;		/* char *: ran */
	List	   *merged;			/* MigrRepeatable *, by name: what will be stored */
} MigrRepeatableLoad;

/* One that the input has; its action is set when it is compared. */
extern void migr_repeatable_load_add(MigrRepeatableLoad *load, MigrScript *script,
									 MigrLoaded *row);

/*
 * Compare with what is stored, and check that the result goes with the graph
 * that the revisions will make.
 */
extern void migr_repeatable_load_compare(MigrDb *db, MigrRepeatableLoad *load,
										 const MigrGraph *graph, MigrPrune prune);

/* Write what is new and delete what goes; returns the names written. */
extern List *migr_repeatable_load_write(MigrDb *db, const MigrRepeatableLoad *load);

/*
 * Forget the one of that name: false if there is none.  Raises 2BP01 if another
 * depends on it.
 */
extern bool migr_repeatable_unload(MigrDb *db, const char *name);

/* Raise 2BP01 if one depends on the revision. */
extern void migr_repeatable_check_unreferenced(MigrDb *db, const MigrNode *node);

#endif							/* MIGR_REPEATABLE_LOAD_H */
