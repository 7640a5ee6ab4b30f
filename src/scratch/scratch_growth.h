/*
 * scratch_growth.h
 *		The relations of a scratch build, and what a statement does to them.
 *
 * A build holds the strongest lock on all that it has made, so who looks at
 * pg_locks sees nothing of a statement's own.  The server counts how often a
 * transaction has taken a lock; that count grows.  To see it without a way
 * through the server's table of local locks, one of each mode is held from the
 * beginning.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_GROWTH_H
#define MIGR_SCRATCH_GROWTH_H

#include "nodes/pg_list.h"

#include "scratch/measured.h"

/* A relation, and what is known of it since the last statement. */
typedef struct MigrGrown
{
	Oid			oid;
	MigrMeasuredRelation seen;
	struct Grip *grip;
} MigrGrown;

/* Forget all; with the build. */
extern void migr_growth_forget(void);

/*
 * Another section begins: relations that are made from now on are its own.  What
 * was there before the first one keeps the name that it has now.
 */
extern void migr_growth_begin(void);

/* A statement begins, and has ended; then what it did is in what follows. */
extern void migr_growth_start(void);
extern void migr_growth_stop(void);

/* A relation, if it is known, for more to be noted of it; else NULL. */
extern MigrGrown *migr_growth_find(Oid relation);

/*
 * After it has ended: it has checked a foreign key.  Both tables are locked, but
 * how the server reads them is its planner's choice.
 */
extern void migr_growth_note_check(void);

/* Those to which something was done (MigrMeasuredRelation *). */
extern List *migr_growth_list(void);

#endif							/* MIGR_SCRATCH_GROWTH_H */
