/*
 * sql_scratch.c
 *		SQL-callable: scratch databases.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/db.h"
#include "base/srf.h"
#include "schema/remembered.h"
#include "scratch/scratch.h"
#include "scratch/scratch_database.h"
#include "sql/sql_function.h"
#include "store/mutex.h"

PG_FUNCTION_INFO_V1(migr_scratch);
PG_FUNCTION_INFO_V1(migr_scratch_create);
PG_FUNCTION_INFO_V1(migr_scratch_drop);

#define COLUMNS 6

/* Those of this database, and those whose role or live database is no more. */
static MigrQuery list_query = {
	"SELECT coalesce(d.datname::text, s.name), r.rolname::text, pg_catalog.current_database()::text,"
	"       CASE WHEN d.oid IS NULL THEN 'missing' WHEN d.datdba <> s.role THEN 'taken over'"
	"            WHEN s.contents = '' THEN 'ready' ELSE 'ready, prepared' END,"
	"       CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') AND pg_catalog.has_database_privilege($1, d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END,"
	"       s.created_at"
	"  FROM migr.scratch s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.database AND d.datname = s.name"
	"  JOIN pg_catalog.pg_roles r ON r.oid = s.role"
	" WHERE s.live = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())"
	" UNION ALL"
	" SELECT d.datname::text, r.rolname::text, l.datname::text, CASE WHEN l.oid IS NULL OR r.oid IS NULL THEN 'orphaned' ELSE 'thrown away' END,"
	"        CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') AND pg_catalog.has_database_privilege($1, d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END,"
	"        NULL"
	"   FROM pg_catalog.pg_database d"
	"   CROSS JOIN LATERAL pg_catalog.regexp_match(d.datname, '" MIGR_SCRATCH_NAME "') m"
	"   LEFT JOIN pg_catalog.pg_database l ON l.oid::text = m[1]"
	"   LEFT JOIN pg_catalog.pg_roles r ON r.oid::text = m[2]"
	"  WHERE m IS NOT NULL AND (l.oid IS NULL OR r.oid IS NULL OR m[3] IS NOT NULL)"
	" ORDER BY 1", 1, {OIDOID}
};

/* The role that an argument names, or the current one. */
static Oid
role_of(FunctionCallInfo fcinfo)
{
	char	   *name = migr_arg_text_or_null(fcinfo, 0);

	return name ? get_role_oid(name, false) : GetUserId();
}

/*
 * migr_scratch() → TABLE(database, role, live, state, size, created_at)
 *
 * The scratch databases of this one: size in bytes, NULL if the caller may not
 * know it.  Those of other databases only if their database or role is no more.
 */
MIGR_FUNCTION(migr_scratch)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	Datum		caller = ObjectIdGetDatum(GetUserId());
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, true);
	rows = migr_db_run(&db, &list_query, &caller, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS];

		for (int column = 0; column < COLUMNS; column++)
		{
			values[column] = migr_db_datum_of(i, column + 1, TupleDescAttr(srf.desc, column)->atttypid);
			nulls[column] = migr_db_is_null(i, column + 1);
		}
		migr_srf_put(&srf, values, nulls);
	}
	migr_db_end(&db);
	return (Datum) 0;
}

/*
 * migr_scratch_create(role text) → boolean
 *
 * Make the scratch database of a role.  A superuser prepares it as well: the
 * extensions that only he can create are put there to stay.  True if it was
 * made.  Raises 0A000, 25006, 42501, 42704, 55000 in a script, and what CREATE DATABASE raises.
 */
MIGR_FUNCTION(migr_scratch_create)
{
	migr_mutex_check_outside();
	migr_scratch_leave();
	PG_RETURN_BOOL(migr_scratch_database_create(role_of(fcinfo)));
}

/*
 * migr_scratch_drop(role text) → SETOF text
 *
 * Drop the scratch database of a role, and all that are nobody's any more; the
 * names.  Raises 42501, 42704, 55000 in a script, and 55006 while a build is running.
 */
MIGR_FUNCTION(migr_scratch_drop)
{
	Oid			role = role_of(fcinfo);
	MigrSrf		srf = migr_srf_begin(fcinfo);

	migr_mutex_check_outside();
	migr_scratch_leave();
	migr_srf_put_texts(&srf, migr_scratch_database_drop(role));
	if (!XactReadOnly)
		migr_remembered_forget(role);
	if (superuser())
		migr_srf_put_texts(&srf, migr_scratch_database_drop(InvalidOid));
	return (Datum) 0;
}
