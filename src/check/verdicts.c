/*
 * verdicts.c
 *		What checks of a database found: one verdict per check and object.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "check/verdicts.h"

const char *
migr_status_name(MigrStatus status)
{
	static const char *const names[] = {"ok", "fail", "skipped"};

	return names[status];
}

void
migr_report_begin(MigrReport *report)
{
	report->clean = true;
}

void
migr_report_add(MigrReport *report, const char *check, const char *object,
				MigrStatus status, const char *detail)
{
	MigrVerdict *verdict = palloc(sizeof(MigrVerdict));

	verdict->check = check;
	verdict->object = object;
	verdict->status = status;
	verdict->detail = detail;
	report->verdicts = lappend(report->verdicts, verdict);
	if (status != MIGR_STATUS_OK)
		report->clean = false;
}

void
migr_report_end(MigrReport *report, const char *check, const char *detail)
{
	if (report->clean)
		migr_report_add(report, check, NULL, MIGR_STATUS_OK, detail);
}
