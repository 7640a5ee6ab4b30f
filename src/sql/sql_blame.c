/*
 * sql_blame.c
 *		SQL-callable: who made what there is.  Reads only.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/args.h"
#include "base/srf.h"
#include "check/blame.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_blame);

#define BLAME_COLUMNS 12

static void
put_text(Datum *value, bool *null, const char *text)
{
	*null = text == NULL;
	*value = migr_db_text_datum(text);
}

static void
put_blame(Datum *values, bool *nulls, const MigrBlame *blame)
{
	put_text(&values[0], &nulls[0], blame->revision);
	put_text(&values[1], &nulls[1], blame->action);
	put_text(&values[2], &nulls[2], blame->by);
	nulls[3] = blame->action == NULL;
	values[3] = TimestampTzGetDatum(blame->at);
}

/*
 * migr_blame(pattern text) → TABLE: see migr.sql
 *
 * Which revisions made what a pattern names, and changed it last.  Raises nothing
 * about what it finds, or doesn't.
 */
MIGR_FUNCTION(migr_blame)
{
	static const MigrBlame nobody = {NULL};
	List	   *found = migr_blame_find(migr_arg_text(fcinfo, 0, "pattern"));
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, found)
	{
		const MigrBlamed *blamed = lfirst(lc);
		const MigrRecordedObject *object = migr_blamed_object(blamed);
		Datum		values[BLAME_COLUMNS];
		bool		nulls[BLAME_COLUMNS];

		CHECK_FOR_INTERRUPTS();
		put_text(&values[0], &nulls[0], object->kind);
		put_text(&values[1], &nulls[1], object->object);
		put_blame(&values[2], &nulls[2], blamed->row ? &blamed->row->created : &nobody);
		put_blame(&values[6], &nulls[6], blamed->row ? &blamed->row->changed : &nobody);
		put_text(&values[10], &nulls[10], blamed->message);
		put_text(&values[11], &nulls[11], blamed->by_hand);
		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}
