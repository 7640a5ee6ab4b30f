/*
 * sql_plan.c
 *		SQL-callable: what an upgrade would do.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/srf.h"
#include "check/plan_statements.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_plan);

#define COLUMNS 13

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	if (text)
		values[column] = CStringGetTextDatum(text);
}

static void
put_planned(MigrSrf *srf, const MigrPlanned *planned)
{
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {0};

	values[0] = Int32GetDatum(planned->step);
	put_text(values, nulls, 1, planned->revision);
	put_text(values, nulls, 2, planned->statement);
	values[3] = Int32GetDatum(planned->line);
	put_text(values, nulls, 4, planned->command);
	put_text(values, nulls, 5, planned->relation);
	put_text(values, nulls, 6, planned->lock_mode);
	put_text(values, nulls, 7, planned->blocks);
	nulls[8] = nulls[9] = planned->lock_mode == NULL;
	values[8] = BoolGetDatum(planned->rewrites);
	values[9] = BoolGetDatum(planned->scans);
	nulls[10] = planned->bytes < 0;
	values[10] = Int64GetDatum(planned->bytes);
	put_text(values, nulls, 11, planned->hazard);
	put_text(values, nulls, 12, planned->advice);
	migr_srf_put(srf, values, nulls);
}

/*
 * migr_plan(target text) → TABLE(step, revision, statement, line, command, relation,
 * lock_mode, blocks, rewrites, scans, relation_bytes, hazard, advice)
 *
 * What each pending statement locks, rewrites and reads, measured in a scratch
 * database.  Raises MG001 to MG005, 25006 and 42501, and what an applied script raises.
 */
MIGR_FUNCTION(migr_plan)
{
	char	   *target = migr_arg_text(fcinfo, 0, "target");
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_plan_statements(target))
		put_planned(&srf, lfirst(lc));
	return (Datum) 0;
}
