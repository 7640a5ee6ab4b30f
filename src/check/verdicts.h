/*
 * verdicts.h
 *		What checks of a database found: one verdict per check and object.
 *
 * Verdicts keep the order in which they came.  A check that has begun and
 * ended has one at least: what found nothing says so.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERDICTS_H
#define MIGR_VERDICTS_H

#include "nodes/pg_list.h"

typedef enum MigrStatus
{
	MIGR_STATUS_OK,
	MIGR_STATUS_FAIL,
	MIGR_STATUS_SKIPPED
} MigrStatus;

typedef struct MigrVerdict
{
	const char *check;
	const char *object;			/* NULL: the check as a whole */
	MigrStatus	status;
	const char *detail;			/* or NULL */
} MigrVerdict;

typedef struct MigrReport
{
	List	   *verdicts;		/* MigrVerdict *, in order */
	bool		clean;			/* no failure since migr_report_begin() */
} MigrReport;

/* "ok", "fail", "skipped". */
extern const char *migr_status_name(MigrStatus status);

/* Verdicts of another check follow. */
extern void migr_report_begin(MigrReport *report);

/* Add a verdict; the strings are not copied. */
extern void migr_report_add(MigrReport *report, const char *check,
							const char *object, MigrStatus status,
							const char *detail);

/*
 * All verdicts of a check are in: say that it is well, unless one of them says
 * that it is not, or was skipped.
 */
extern void migr_report_end(MigrReport *report, const char *check,
							const char *detail);

#endif							/* MIGR_VERDICTS_H */
