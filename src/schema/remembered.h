/*
 * remembered.h
 *		Desired DDL that was built before, and what came of it.
 *
 * What a build has made is kept for the role that built, in migr.remembered: for the
 * same DDL in the same environment (scratch.h) it need not be made again, and for DDL
 * in which few statements are others, no more is built than these and what has to do
 * with them.  Where that can't be told, nothing is taken from memory: the answer is
 * that of a build.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_H
#define MIGR_REMEMBERED_H

#include "schema/remembered_store.h"
#include "scratch/scratch.h"

/* DDL that is to be built. */
typedef struct MigrRemembering
{
	const MigrScratchJob *job;
	const List *parts;			/* char *: titles and SQL by turns */
	bool		in_use;			/* is anything remembered at all? */
	MigrRememberedKey key;
} MigrRemembering;

/* Define migr.remember_statements. */
extern void migr_remembered_init(void);

/*
 * See whether what a build of DDL came to may be remembered: titles and SQL (char *) of its
 * parts by turns.  Raises what migr_scratch_do() raises of who may not build.
 */
extern void migr_remembered_begin(MigrRemembering *what, const MigrScratchJob *job,
								  const List *parts);

/* What came of the same DDL, or of a build of those statements that are others. */
extern bool migr_remembered_find(MigrRemembering *what, MigrScratchSeen *seen);
extern bool migr_remembered_find_changed(MigrRemembering *what, MigrScratchSeen *seen);

/*
 * Keep what has been built, if the next build would make the same: before that is
 * completed.  in_order: each part has run once; its number in the build is its place.
 */
extern void migr_remembered_keep(MigrRemembering *what, MigrScratchSeen *seen, bool in_order);

/* Forget all of a role's. */
extern void migr_remembered_forget(Oid role);

#endif							/* MIGR_REMEMBERED_H */
