/*
 * sql_overview.c
 *		SQL-callable: the revisions at a glance.  Reads only.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/srf.h"
#include "sql/sql_function.h"
#include "store/overview.h"

PG_FUNCTION_INFO_V1(migr_log);
PG_FUNCTION_INFO_V1(migr_graph);

/*
 * migr_log("limit" integer) → SETOF text
 *
 * One line a revision.  Raises 22023 for a negative limit.
 */
MIGR_FUNCTION(migr_log)
{
	bool		all = PG_ARGISNULL(0);
	int			limit = all ? -1 : PG_GETARG_INT32(0);
	MigrSrf		srf;

	if (!all && limit < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the limit must not be negative"),
				 errhint("Leave it out to see all revisions.")));
	srf = migr_srf_begin(fcinfo);
	migr_srf_put_texts(&srf, migr_overview_lines(limit));
	return (Datum) 0;
}

/*
 * migr_graph(format text) → text
 *
 * All revisions as a picture.  Raises 22023 for a format that there is not.
 */
MIGR_FUNCTION(migr_graph)
{
	char	   *format = migr_arg_text(fcinfo, 0, "format");

	PG_RETURN_TEXT_P(cstring_to_text(migr_overview_picture(format)));
}
