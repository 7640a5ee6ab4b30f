/*
 * sql_trials.c
 *		SQL-callable: try revisions out, repair the version.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/srf.h"
#include "check/repair.h"
#include "check/trial.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_test);
PG_FUNCTION_INFO_V1(migr_repair);

/* A row of three texts, the last of which may be missing. */
static void
put_row(MigrSrf *srf, const char *first, const char *second, const char *third)
{
	Datum		values[3] = {0};
	bool		nulls[3] = {0};

	values[0] = CStringGetTextDatum(first);
	values[1] = CStringGetTextDatum(second);
	nulls[2] = third == NULL;
	if (third)
		values[2] = CStringGetTextDatum(third);
	migr_srf_put(srf, values, nulls);
}

/*
 * migr_test(target text) → TABLE(revision, status, detail)
 *
 * Each revision up to the target, in a scratch database: up, down, up again.
 * Raises MG001 to MG005, 25006 and 42501.
 */
MIGR_FUNCTION(migr_test)
{
	char	   *target = migr_arg_text(fcinfo, 0, "target");
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_trial_run(target))
	{
		const MigrTrial *trial = lfirst(lc);

		put_row(&srf, trial->revision, trial->status, trial->detail);
	}
	return (Datum) 0;
}

/*
 * migr_repair(check_only bool) → TABLE(finding, action, detail)
 *
 * What is wrong with the version, and what was done about it.  Raises MG005,
 * 25006, 42501 and 55P03.
 */
MIGR_FUNCTION(migr_repair)
{
	bool		check_only = migr_arg_bool(fcinfo, 0, "check_only");
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_repair_run(check_only))
	{
		const MigrFinding *finding = lfirst(lc);

		put_row(&srf, finding->finding, finding->action, finding->detail);
	}
	return (Datum) 0;
}
