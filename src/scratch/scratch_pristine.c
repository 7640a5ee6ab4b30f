/*
 * scratch_pristine.c
 *		Is a scratch database what it was when migr made it?
 *
 * Its owner can connect to it, and so could those whom he lets in: what they
 * have left there would be taken for what scripts build, or run in their place.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/text.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"

#define ROWS(catalog) \
	"SELECT tableoid, oid FROM pg_catalog." catalog " WHERE oid >= 16384"
#define MORE(catalog) " UNION ALL " ROWS(catalog)

/* All that was not made by initdb. */
static MigrQuery contents_query = {
	"SELECT pg_catalog.string_agg(o.classid || ':' || o.objid, ',' ORDER BY o.classid, o.objid) FROM ("
	ROWS("pg_class") MORE("pg_type") MORE("pg_proc") MORE("pg_namespace")
	MORE("pg_am") MORE("pg_amop") MORE("pg_amproc") MORE("pg_attrdef")
	MORE("pg_cast") MORE("pg_collation") MORE("pg_constraint") MORE("pg_conversion")
	MORE("pg_default_acl") MORE("pg_event_trigger") MORE("pg_extension")
	MORE("pg_foreign_data_wrapper") MORE("pg_foreign_server") MORE("pg_language")
	MORE("pg_largeobject_metadata") MORE("pg_opclass") MORE("pg_operator")
	MORE("pg_opfamily") MORE("pg_policy") MORE("pg_publication")
	MORE("pg_publication_rel") MORE("pg_rewrite") MORE("pg_statistic_ext")
	MORE("pg_transform") MORE("pg_trigger") MORE("pg_ts_config") MORE("pg_ts_dict")
	MORE("pg_ts_parser") MORE("pg_ts_template")
	") o (classid, objid)", 0, {0}
};

/* 15: schema public belongs to pg_database_owner, and PUBLIC may not create there. */
#define PUBLIC_OWNER MIGR_SINCE_15("6171", "10")
#define PUBLIC_RIGHTS \
	MIGR_SINCE_15("0 USAGE f,6171 CREATE f,6171 USAGE f", \
				  "0 CREATE f,0 USAGE f,10 CREATE f,10 USAGE f")

static MigrQuery public_query = {
	"SELECT n.nspowner = " PUBLIC_OWNER " AND '" PUBLIC_RIGHTS "' ="
	"       (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.grantee, a.privilege_type, a.is_grantable), ','"
	"                                     ORDER BY a.grantee, a.privilege_type)"
	"          FROM pg_catalog.aclexplode(n.nspacl) a)"
	"       AND pg_catalog.obj_description(n.oid, 'pg_namespace') = 'standard public schema'"
	"  FROM pg_catalog.pg_namespace n WHERE n.oid = 2200 AND n.nspname = 'public'", 0, {0}
};

/* Is the database the role's own, and closed to all others? */
static MigrQuery closed_query = {
	"SELECT d.datdba = $1 AND NOT d.datistemplate AND d.datacl IS NOT NULL AND NOT EXISTS"
	"       (SELECT FROM pg_catalog.aclexplode(d.datacl) a WHERE a.grantee <> $1)"
	"  FROM pg_catalog.pg_database d WHERE d.oid = $2", 2, {OIDOID, OIDOID}
};

/* The extensions that are there are a superuser's, and so is what is in them. */
static MigrQuery extensions_query = {
	"SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_roles r ON r.oid = e.extowner"
	"                    WHERE e.oid >= 16384 AND NOT r.rolsuper)", 0, {0}
};

char *
migr_scratch_contents(void)
{
	char	   *contents;
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &contents_query, NULL, NULL);
	contents = migr_db_text(0, 1);
	migr_db_end(&db);
	return contents ? migr_text_sha256(contents, strlen(contents)) : pstrdup("");
}

static bool
is_true(MigrDb *db, MigrQuery *query, Datum *values)
{
	return migr_db_run(db, query, values, NULL) == 1 && !migr_db_is_null(0, 1) &&
		DatumGetBool(migr_db_datum(0, 1));
}

static void
raise_not_pristine(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the scratch database is not as migr has made it"),
			 errdetail("%s", detail),
			 errhint("Call migr_scratch_drop(); it is made anew when it is needed.")));
}

void
migr_scratch_check_pristine(const char *contents)
{
	Datum		values[] = {ObjectIdGetDatum(migr_worker_role()), ObjectIdGetDatum(MyDatabaseId)};
	bool		closed;
	bool		as_public;
	bool		as_extensions;
	MigrDb		db;

	migr_db_begin(&db, false);
	closed = is_true(&db, &closed_query, values);
	as_public = is_true(&db, &public_query, NULL);
	as_extensions = is_true(&db, &extensions_query, NULL);
	migr_db_end(&db);
	if (!closed)
		raise_not_pristine("It has another owner, or others may connect to it.");
	if (!as_public)
		raise_not_pristine("Its schema public has been changed.");
	if (!as_extensions || strcmp(migr_scratch_contents(), contents) != 0)
		raise_not_pristine("There is something in it that migr did not put there.");
}
