/*
 * log_steps.h
 *		What the log says of statements that run by themselves, one by one.
 *
 * A script that says "transaction off" can be interrupted between any two of its
 * statements, and within those that commit on their way.  Of these there is a row
 * "running" before, and one "done" or "failed" after; of the others "done", in
 * their own transaction.  So what comes later knows of each whether it ran.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOG_STEPS_H
#define MIGR_LOG_STEPS_H

#include "base/db.h"

/* The last that is known of a statement. */
typedef struct MigrLogStep
{
	const char *revision;
	const char *action;			/* of its run: upgrade, downgrade */
	int			step;			/* its number, from 1 */
	const char *outcome;		/* running, done, failed */
	const char *checksum;		/* SHA-256 of its text */
	const char *command;		/* what it is */
	List	   *objects;		/* char *: what its writer wanted to know later */
} MigrLogStep;

/*
 * The statements (MigrLogStep *) of a revision of which anything is known since it
 * was last recorded as a whole; action is that of its run, upgrade or downgrade.
 */
extern List *migr_log_steps_read(MigrDb *db, const char *revision, const char *action);

/* Of each such revision the statement at which it stands (MigrLogStep *). */
extern List *migr_log_steps_open(MigrDb *db);

/* In words: where a revision stands. */
extern char *migr_log_steps_describe(const MigrLogStep *step);

/* The last run that failed, with none that was done behind it; or NULL. */
extern char *migr_log_steps_failure(MigrDb *db);

#endif							/* MIGR_LOG_STEPS_H */
