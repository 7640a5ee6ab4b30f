/*
 * keep.h
 *		What stands on what a repeatable script replaces stays.
 *
 * A view that gets other columns, or a function that gets another result, can't
 * be replaced where it is: it has to go, and with it goes what stands on it.  So
 * a statement CREATE OR REPLACE that the server refuses for that reason is run
 * again behind a DROP … CASCADE; and when the script has run, what has gone with
 * anything is made again as it was: views, triggers, policies, defaults, owners,
 * comments and privileges.  What the script drops by name, and does not create,
 * is gone.  What has rows never goes with anything, and what can't be made again
 * does not: the script fails.
 *
 * Nobody gains a right: what is made again belongs to whom it did, and runs what
 * it has to run, as a check of rows, as that role.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_KEEP_H
#define MIGR_KEEP_H

#include "exec/statement.h"
#include "model/model.h"

typedef struct MigrKeep
{
	const MigrScript *script;
	const char *place;			/* its section, in messages */
	MigrSchema *before;			/* NULL as long as nothing has gone */
	List	   *dropped;		/* List of char *: names that it drops itself */
	List	   *lost;			/* what has gone with something, see lost.h */
} MigrKeep;

/* Begin with a section of a script, whose statements are given. */
extern void migr_keep_begin(MigrKeep *keep, const MigrScript *script,
							const List *statements);

/* Run a statement of it. */
extern void migr_keep_run(MigrKeep *keep, const MigrStatement *statement);

/* Make again what has gone. */
extern void migr_keep_restore(MigrKeep *keep);

#endif							/* MIGR_KEEP_H */
