/*
 * sql_usage.c
 *		SQL-callable: who uses what pending revisions drop or rename.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/args.h"
#include "base/srf.h"
#include "check/usage_pending.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_usage);

#define COLUMNS 14

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	if (text)
		values[column] = CStringGetTextDatum(text);
}

static void
put_time(Datum *values, bool *nulls, int column, TimestampTz at)
{
	nulls[column] = at == 0;
	values[column] = TimestampTzGetDatum(at);
}

/* When, and who if the caller may know. */
static void
put_use(Datum *values, bool *nulls, int column, const MigrUsed *used, MigrUsageSort sort)
{
	const MigrUse *use = &used->uses[sort];
	bool		shown = used->shown && OidIsValid(use->role);

	put_time(values, nulls, column, use->at);
	put_text(values, nulls, column + 1, shown ? GetUserNameFromId(use->role, true) : NULL);
	put_text(values, nulls, column + 2, shown ? use->application : NULL);
}

static const char *
source_of(const MigrUsed *used)
{
	return used->observed ? "observed"
		: used->counted[MIGR_USAGE_READ] || used->counted[MIGR_USAGE_WRITTEN]
		? "statistics: used, time unknown" : "statistics";
}

static void
put_pending(MigrSrf *srf, const MigrUsagePending *pending)
{
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {0};

	put_text(values, nulls, 0, pending->revision);
	values[1] = Int32GetDatum(pending->line);
	put_text(values, nulls, 2, pending->change);
	put_text(values, nulls, 3, pending->kind);
	put_text(values, nulls, 4, pending->name);
	put_use(values, nulls, 5, &pending->used, MIGR_USAGE_READ);
	put_use(values, nulls, 8, &pending->used, MIGR_USAGE_WRITTEN);
	put_time(values, nulls, 11, pending->used.since);
	put_text(values, nulls, 12, source_of(&pending->used));
	put_text(values, nulls, 13, migr_used_describe(&pending->used));
	migr_srf_put(srf, values, nulls);
}

/*
 * migr_usage(target text) → TABLE(revision, line, change, kind, object, last_read, read_by,
 * read_application, last_written, written_by, written_application, observed_since, source, detail)
 *
 * What the revisions that an upgrade would run drop or rename, and who last used it.
 * Raises MG001 to MG005.
 */
MIGR_FUNCTION(migr_usage)
{
	char	   *target = migr_arg_text(fcinfo, 0, "target");
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_usage_pending(target))
		put_pending(&srf, lfirst(lc));
	return (Datum) 0;
}
