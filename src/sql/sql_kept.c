/*
 * sql_kept.c
 *		SQL-callable: what runs have dropped and migr keeps.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"

#include "base/args.h"
#include "base/srf.h"
#include "run/kept_rows.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_kept);
PG_FUNCTION_INFO_V1(migr_take_back);
PG_FUNCTION_INFO_V1(migr_discard);

/*
 * migr_kept() → TABLE: see migr.sql
 *
 * What runs have dropped and migr keeps.  Reads only.
 */
MIGR_FUNCTION(migr_kept)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);

	migr_kept_list(&srf);
	return (Datum) 0;
}

/*
 * migr_take_back(id bigint) → bigint
 *
 * Puts rows or values back where they were, with the caller's rights; how many.  Raises
 * 42704 if there is no such id, 55000 if there is no place for them.
 */
MIGR_FUNCTION(migr_take_back)
{
	return Int64GetDatum(migr_kept_take_back(migr_arg_id(fcinfo, 0, "id")));
}

/*
 * migr_discard(id bigint = NULL) → SETOF bigint
 *
 * Drops what is kept; without an id, what has expired.  Raises 42704 if there is no such
 * id, 42501 if it has not expired and the caller has not the rights of its owner.
 */
MIGR_FUNCTION(migr_discard)
{
	bool		all = PG_ARGISNULL(0);
	MigrSrf		srf = migr_srf_begin(fcinfo);

	migr_kept_discard(all, all ? 0 : PG_GETARG_INT64(0), &srf);
	return (Datum) 0;
}
