/*
 * sql_schema.c
 *		SQL-callable: the schema as text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/srf.h"
#include "schema/desired_diff.h"
#include "schema/print.h"
#include "schema/public.h"
#include "schema/record.h"
#include "schema/schema.h"
#include "schema/schema_files.h"
#include "snapshot/snap.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_schema);
PG_FUNCTION_INFO_V1(migr_schema_files);
PG_FUNCTION_INFO_V1(migr_fingerprint);
PG_FUNCTION_INFO_V1(migr_diff);

/* The text for the argument: of the live schema if it is NULL. */
static char *
schema_text(FunctionCallInfo fcinfo)
{
	char	   *revision = migr_arg_text_or_null(fcinfo, 0);

	return revision ? migr_schema_text_at(revision) : migr_schema_text();
}

/*
 * migr_schema(revision text) → text
 *
 * Canonical DDL of the live schema, or of what the scripts build up to a
 * revision.  Raises MG001 to MG004, MG012, 25006, and what a script raises.
 */
MIGR_FUNCTION(migr_schema)
{
	PG_RETURN_TEXT_P(cstring_to_text(schema_text(fcinfo)));
}

/*
 * migr_schema_files() → TABLE(path text, ddl text)
 *
 * Canonical DDL of the live schema, a file for each object: what
 * migr.schema_location reads.
 */
MIGR_FUNCTION(migr_schema_files)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_schema_split())
	{
		const MigrSchemaFile *file = lfirst(lc);
		Datum		values[2];
		bool		nulls[2] = {false};

		values[0] = CStringGetTextDatum(file->path);
		values[1] = CStringGetTextDatum(file->ddl);
		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}

/*
 * migr_fingerprint(revision text) → text
 *
 * Of all objects of the live schema, or of what the scripts build up to a revision.
 * Raises what migr_schema() does.
 */
MIGR_FUNCTION(migr_fingerprint)
{
	char	   *revision = migr_arg_text_or_null(fcinfo, 0);
	MigrSchema *schema = revision ? migr_schema_model_at(revision) : migr_snap_model(NULL);

	migr_public_settle(schema, revision == NULL);
	PG_RETURN_TEXT_P(cstring_to_text(migr_record_fingerprint(schema)));
}

/*
 * migr_diff(desired text, current text, renames jsonb) → text
 *
 * SQL that turns the live schema, or what the DDL of current builds, into what
 * the DDL of desired builds; NULL and a notice if they are equal.  Raises MG012,
 * 22023, 25006, and what the DDL raises.
 */
MIGR_FUNCTION(migr_diff)
{
	MigrComparison comparison = {0};

	comparison.desired = migr_arg_text_or_null(fcinfo, 0);
	comparison.current = migr_arg_text_or_null(fcinfo, 1);
	comparison.renamings = migr_rename_list(migr_arg_pairs(fcinfo, 2, "renames"));
	migr_compare(&comparison);
	if (*comparison.upgrade == '\0')
	{
		ereport(NOTICE, (errmsg("nothing differs")));
		PG_RETURN_NULL();
	}
	PG_RETURN_TEXT_P(cstring_to_text(comparison.upgrade));
}
