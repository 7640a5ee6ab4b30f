/*
 * prune.h
 *		What the store holds beyond an input that is the whole project.
 *
 * Decides, and changes nothing: what is applied stays whatever happens.
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PRUNE_H
#define MIGR_PRUNE_H

#include "store/store.h"

typedef enum MigrPrune
{
	MIGR_PRUNE_NOTHING,

	/*
	 * What migr.script_location has brought, it takes away again; what somebody
	 * has loaded, or written by migr_revision(), is not its to take.
	 */
	MIGR_PRUNE_LOCATION,
	MIGR_PRUNE_ALL
} MigrPrune;

/* What the input lacks, by node of the stored graph. */
typedef struct MigrBeyond
{
	bool	   *gone;			/* not applied: to be forgotten */
	List	   *removed;		/* the same (char *), each before what it stands on */
	List	   *missing;		/* char *: applied, or needed by what is */
} MigrBeyond;

/*
 * Of an input that is said to be the whole project: raise 42501 unless the caller may
 * forget scripts by migr_unload() as well, and 22023 if it is empty.
 */
extern void migr_prune_check_project(MigrPrune prune, bool empty);

/*
 * given: the nodes that the input has.  all: the stored graph and the input side by
 * side, NULL if no squash is among them.
 */
extern MigrBeyond migr_prune_find(MigrDb *db, const MigrGraph *stored, const MigrGraph *all,
								  const List *versions, const bool *given, MigrPrune prune);

/* Raise MG005 if what stays can't be without what goes. */
extern void migr_prune_check_rest(const MigrBeyond *beyond, const MigrGraph *rest,
								  MigrPrune prune);

/* Delete what goes. */
extern void migr_prune_remove(MigrDb *db, const MigrBeyond *beyond);

/* Write into the log what migr_unload() would, of what went; kind: what it was. */
extern void migr_prune_log(const List *removed, MigrPrune prune, const char *kind);

#endif							/* MIGR_PRUNE_H */
