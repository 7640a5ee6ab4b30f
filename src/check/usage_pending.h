/*
 * usage_pending.h
 *		What pending revisions drop or rename, and who uses it.
 *
 * By what their statements say: DROP and RENAME of tables, views, indexes and functions, of
 * columns, of constraints that have an index, and of schemas with what is in them; SET
 * SCHEMA is a renaming.  Names are looked up in the live database, with the search_path
 * that the script sets.  What DO blocks and functions do, CASCADE and DROP OWNED is not
 * seen here, nor what only an earlier pending revision makes.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_USAGE_PENDING_H
#define MIGR_USAGE_PENDING_H

#include "nodes/parsenodes.h"

#include "store/usage_known.h"

typedef struct MigrUsagePending
{
	const char *revision;
	int			line;
	const char *change;			/* drop or rename */
	const char *kind;			/* as the server calls it: table, table column, … */
	const char *name;			/* qualified and quoted */
	MigrUsed	used;
} MigrUsagePending;

/* Of the revisions that an upgrade to the target would run, in order. */
extern List *migr_usage_pending(const char *target);

/*
 * If the statement sets the search_path, have names behind it looked up in that, to the
 * end of the caller's level of settings (NewGUCNestLevel()).
 */
extern void migr_usage_follow_path(Node *statement);

/* Of one statement, without revision and line; errors about names count as nothing. */
extern List *migr_usage_of_statement(Node *statement);

/*
 * How long ago a use is a hazard: as migr.refuse_drop_used_within says, which may be
 * refused; or else as is usual, of what has been observed.  Returns the advice, or NULL.
 */
extern char *migr_usage_hazard(Node *statement);

#endif							/* MIGR_USAGE_PENDING_H */
