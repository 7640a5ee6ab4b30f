/*
 * verify_subject.h
 *		What the checks of a database look at.
 *
 * Shared by the files of the module.  The graph and the version are read once,
 * so that all checks speak of the same state.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERIFY_SUBJECT_H
#define MIGR_VERIFY_SUBJECT_H

#include "check/validate.h"
#include "check/verdicts.h"
#include "store/recorded.h"
#include "store/store.h"

typedef struct MigrSubject
{
	MigrReport *report;
	MigrGraph  *stored;			/* all of it */
	MigrState  *state;			/* of what of that is in force */
	const MigrVersion **versions;	/* by node; NULL where there is no row */
	MigrFlawFindings findings;		/* about the graph */
	bool		sound;			/* is the graph? */
} MigrSubject;

/* Read what there is; read_only: as the caller's snapshot sees it. */
extern MigrSubject migr_subject_read(MigrReport *report, bool read_only);

/* Add a verdict about a revision, or about the check as a whole (NULL). */
extern void migr_subject_add(MigrSubject *subject, const char *check,
							 const char *revision, MigrStatus status,
							 const char *detail);

/* The checks that run scripts; of verify_scripts.c and verify_built.c. */
extern void migr_check_sections(MigrSubject *subject, const char *check);
extern void migr_check_built(MigrSubject *subject, const char *check);

/* What there is and what was recorded; of verify_drift.c. */
extern void migr_check_drift(MigrSubject *subject, const char *check);

/* Which tenants are not as the others; of verify_tenants.c. */
extern void migr_check_tenants(MigrSubject *subject, const char *check);

/*
 * Does migr.exclude, which has these patterns now, name what one of the recorded rows is
 * about?  It may not have when that was recorded.
 */
extern bool migr_check_is_excluded(const List *patterns, const List *rows,
								   const MigrRecordedObject *row);

/* Of verify_scripts.c: say why scripts can't be run, if that is so. */
extern bool migr_check_cannot_run(MigrSubject *subject, const char *check);

/* The scripts (MigrScript *) of all that is applied, in order. */
extern List *migr_check_read_applied(const MigrSubject *subject);

/* An error that is no finding is raised again: the session, or its command, is to end. */
extern void migr_check_raise_if_session_ends(ErrorData *error);

/* What any other error is in a check, and in one piece, with its place in a script. */
extern MigrStatus migr_check_status_of(ErrorData *error);
extern const char *migr_check_describe(const ErrorData *error);

/* Revisions that have run in part; of verify_interrupted.c. */
extern void migr_check_interrupted(MigrSubject *subject, const char *check);

/* The chain of hashes over the log; of verify_log.c. */
extern void migr_check_log(MigrSubject *subject, const char *check);

/*
 * What migr.guard has logged, the latest first, for the functions below; of
 * verify_guard_log.c.
 */
extern List *migr_caught_read(void);

/* The latest change that may explain a drift, in words, or NULL. */
extern const char *migr_caught_explain(const List *caught, const char *object);

/*
 * Add what has been logged since the last run and explains no drift; compared:
 * is it known that there is none?
 */
extern void migr_caught_rest(MigrSubject *subject, const char *check,
							 const List *caught, bool compared);

#endif							/* MIGR_VERIFY_SUBJECT_H */
