/*
 * scratch_environment.c
 *		What a build depends on besides what it runs.
 *
 * What the session says goes with the request that begins the build, and is all that
 * the worker has from it.  The rest is the cluster's: its roles, its settings, the
 * files of its extensions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "base/db.h"
#include "base/text.h"
#include "base/wire.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_database.h"
#include "scratch/scratch_outside.h"
#include "scratch/scratch_public.h"
#include "scratch/scratch_setting.h"
#include "store/mutex.h"

/* Each part is one text; what has names in it quotes them. */
static MigrQuery cluster_query = {
	"SELECT pg_catalog.array_replace(ARRAY["
	"  (SELECT pg_catalog.string_agg(pg_catalog.format('%s %L %s %s %s %s', r.oid, r.rolname, r.rolsuper, r.rolinherit,"
	"                                                  r.rolcreaterole, r.rolcreatedb), ',' ORDER BY r.oid)"
	"     FROM pg_catalog.pg_roles r),"
	"  (SELECT pg_catalog.string_agg(m::text, ',' ORDER BY m::text) FROM pg_catalog.pg_auth_members m),"
	"  (SELECT pg_catalog.string_agg(t::text, ',' ORDER BY t.oid) FROM pg_catalog.pg_tablespace t),"
	"  (SELECT pg_catalog.string_agg(s::text, ',' ORDER BY s.setdatabase, s.setrole) FROM pg_catalog.pg_db_role_setting s"
	"    WHERE s.setdatabase IN (0, $1) AND s.setrole IN (0, $2)),"
	"  (SELECT pg_catalog.format('%s %s', d.datdba, d.datacl) FROM pg_catalog.pg_database d WHERE d.oid = $1),"
	"  (SELECT pg_catalog.string_agg(pg_catalog.format('%s %L', s.name, s.setting), ',' ORDER BY s.name)"
	"     FROM pg_catalog.pg_settings s WHERE s.name = 'server_version'"
	"       OR (s.context NOT IN ('user', 'internal') AND s.name <> 'migr.max_scratch_workers')),"
	"  (SELECT pg_catalog.string_agg(pg_catalog.format('%L %L', e.name, e.default_version), ',' ORDER BY e.name)"
	"     FROM pg_catalog.pg_available_extensions e WHERE $3)], NULL, '')",
	3, {OIDOID, OIDOID, BOOLOID}
};

StringInfo
migr_scratch_beginning(const MigrScratchJob *job, const MigrScratchDatabase *database)
{
	StringInfo	message = makeStringInfo();
	List	   *schemas;
	List	   *stand_ins;

	migr_wire_put_int(message, database->throwaway);
	migr_wire_put_text(message, database->contents);
	migr_wire_put_texts(message, migr_scratch_settings());
	migr_wire_put_int(message, migr_mutex_timeout());
	migr_wire_put_oid(message, migr_scratch_public_owner(database->role));
	migr_scratch_put_extensions(message, migr_outside_extensions(job));
	stand_ins = migr_outside_stand_ins(job, &schemas);
	migr_wire_put_texts(message, schemas);
	migr_wire_put_texts(message, stand_ins);
	return message;
}

/* Does DDL speak of extensions, whose files may be others the next time? */
static bool
speaks_of_extensions(const char *ddl)
{
	static const char word[] = "extension";

	for (; *ddl; ddl++)
	{
		if (pg_strncasecmp(ddl, word, sizeof(word) - 1) == 0)
			return true;
	}
	return false;
}

/* As it is now, whatever the snapshot of the caller's statement says. */
static void
put_cluster(StringInfo out, const MigrScratchJob *job, const MigrScratchDatabase *database)
{
	Datum		values[] = {ObjectIdGetDatum(database->oid), ObjectIdGetDatum(database->role),
	BoolGetDatum(speaks_of_extensions(job->ddl))};
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &cluster_query, values, NULL);
	migr_wire_put_texts(out, migr_db_texts(0, 1));
	migr_db_end(&db);
}

char *
migr_scratch_environment(const MigrScratchJob *job)
{
	MigrScratchDatabase database = {.role = job->role};
	StringInfo	all;

	migr_mutex_check_outside();
	if (!migr_scratch_database_find(job->role, &database))
		return NULL;
	all = migr_scratch_beginning(job, &database);
	migr_wire_put_text(all, MIGR_VERSION " " PG_VERSION_STR);
	migr_wire_put_oid(all, MyDatabaseId);
	migr_wire_put_oid(all, database.oid);
	migr_wire_put_oid(all, job->role);
	migr_wire_put_oid(all, GetSessionUserId());
	put_cluster(all, job, &database);
	return migr_text_sha256(all->data, all->len);
}
