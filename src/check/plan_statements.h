/*
 * plan_statements.h
 *		What each statement of an upgrade would do to a busy database.
 *
 * Pending statements run in a scratch database, on the schema of what is applied;
 * what they lock, rewrite and read there is told of the live relations, with
 * their sizes.  Of the live database nothing is changed, no lock is waited for,
 * and none is kept.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PLAN_STATEMENTS_H
#define MIGR_PLAN_STATEMENTS_H

#include "nodes/pg_list.h"

typedef struct MigrPlanned
{
	int			step;			/* of the statement in its section, from 1 */
	const char *revision;
	const char *statement;		/* in one line, and shortened */
	int			line;
	const char *command;
	const char *relation;		/* NULL: none; then the next five say nothing */
	const char *lock_mode;		/* NULL: not known */
	const char *blocks;
	bool		rewrites;
	bool		scans;
	int64		bytes;			/* -1: it has none, or is not there */
	const char *hazard;			/* name of a rule, or NULL */
	const char *advice;			/* or NULL */
} MigrPlanned;

/* Make known the rules that a script may allow to be broken. */
extern void migr_plan_init(void);

/*
 * What an upgrade to the target would run: MigrPlanned *, in order, one or more for
 * each statement.  A notice and NIL if there is nothing to do.
 */
extern List *migr_plan_statements(const char *target);

#endif							/* MIGR_PLAN_STATEMENTS_H */
