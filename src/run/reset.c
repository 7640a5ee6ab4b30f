/*
 * reset.c
 *		The schema anew, for development: all of it dropped, then upgraded.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/ident.h"
#include "base/strict_setting.h"
#include "base/subxact.h"
#include "kind/ddl.h"
#include "run/consent.h"
#include "run/reset.h"
#include "run/reset_drop.h"
#include "run/runner.h"
#include "schema/record.h"
#include "script/script_files.h"
#include "snapshot/snap.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/script_extensions.h"
#include "store/tenant_state.h"

/*
 * Of these addresses, what the user may not drop: who owns an object may, or
 * who owns its schema; a cast or transform, who owns one of its types.  What
 * has no owner by then is for superusers.
 */
static MigrQuery denied_query = {
	"SELECT pg_catalog.pg_describe_object(o.classid, o.objid, 0)"
	"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) o (classid, objid)"
	" WHERE NOT EXISTS"
	"   (SELECT FROM pg_catalog.pg_shdepend s"
	"     WHERE s.dbid = $3 AND s.classid = o.classid AND s.objid = o.objid"
	"       AND s.objsubid = 0 AND s.deptype = 'o'"
	"       AND pg_catalog.pg_has_role($4, s.refobjid, 'USAGE'))"
	"   AND NOT EXISTS"
	"   (SELECT FROM pg_catalog.pg_identify_object(o.classid, o.objid, 0) i"
	"           JOIN pg_catalog.pg_namespace n ON n.nspname = i.schema"
	"     WHERE pg_catalog.pg_has_role($4, n.nspowner, 'USAGE'))"
	"   AND NOT EXISTS"
	"   (SELECT FROM pg_catalog.pg_cast c"
	"           JOIN pg_catalog.pg_type t ON t.oid IN (c.castsource, c.casttarget)"
	"     WHERE o.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass"
	"       AND c.oid = o.objid AND pg_catalog.pg_has_role($4, t.typowner, 'USAGE'))"
	"   AND NOT EXISTS"
	"   (SELECT FROM pg_catalog.pg_transform f JOIN pg_catalog.pg_type t ON t.oid = f.trftype"
	"     WHERE o.classid = 'pg_catalog.pg_transform'::pg_catalog.regclass"
	"       AND f.oid = o.objid AND pg_catalog.pg_has_role($4, t.typowner, 'USAGE'))",
	4, {OIDARRAYOID, OIDARRAYOID, OIDOID, OIDOID}
};

/*
 * Is the object dropped by itself?  What has a parent goes with that.  An
 * extension is, wherever it is, if scripts will create it again.
 */
static bool
is_doomed(const MigrSchema *managed, const MigrObject *object,
		  const List *extensions)
{
	if (object->kind == MIGR_KIND_EXTENSION)
		return migr_ident_is_in(extensions, object->name);
	if (object->parent || !OidIsValid(object->address.objid) ||
		migr_schema_find(managed, object->address) == NULL)
		return false;
	return object->kind != MIGR_KIND_SCHEMA || strcmp(object->name, "public") != 0;
}

/* The objects (MigrObject *) that are dropped. */
static List *
choose_doomed(const MigrSchema *managed, const MigrSchema *before,
			  const List *extensions)
{
	List	   *doomed = NIL;
	ListCell   *lc;

	foreach(lc, before->objects)
	{
		if (is_doomed(managed, lfirst(lc), extensions))
			doomed = lappend(doomed, lfirst(lc));
	}
	return doomed;
}

/* Raise 42501 for what the user has no right to drop. */
static void
check_rights(MigrDb *db, const List *doomed, Oid user)
{
	List	   *classes = NIL;
	List	   *oids = NIL;
	Datum		values[4];
	uint64		rows;
	ListCell   *lc;

	if (superuser_arg(user))
		return;
	foreach(lc, doomed)
	{
		classes = lappend_oid(classes, ((MigrObject *) lfirst(lc))->address.classid);
		oids = lappend_oid(oids, ((MigrObject *) lfirst(lc))->address.objid);
	}
	values[0] = migr_db_oids_datum(classes);
	values[1] = migr_db_oids_datum(oids);
	values[2] = ObjectIdGetDatum(MyDatabaseId);
	values[3] = ObjectIdGetDatum(user);
	rows = migr_db_run(db, &denied_query, values, NULL);
	if (rows > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of %s", migr_db_text(0, 1)),
				 errdetail_plural("A reset would drop " UINT64_FORMAT " object that is not the user's.",
								  "A reset would drop " UINT64_FORMAT " objects that are not the user's.",
								  rows, rows)));
}

/* Raise 2BP01 if something that is not managed has gone, too. */
static void
check_kept(const MigrSchema *managed, const MigrSchema *before,
		   const List *extensions)
{
	MigrScope everything = {.everything = true};
	MigrSchema *after = migr_snap_model(&everything);
	ListCell   *lc;

	foreach(lc, before->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (!object->parent && OidIsValid(object->address.objid) &&
			!is_doomed(managed, object, extensions) &&
			migr_schema_find(managed, object->address) == NULL &&
			migr_schema_find(after, object->address) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot reset because something that stays depends on what is dropped"),
					 errdetail("%s %s would be dropped as well, and migr.exclude names it.",
							   migr_ddl_noun(object), object->identity),
					 errhint("Drop it, or change migr.exclude.")));
	}
}

static void
create_public(void *arg)
{
	const char *sql = psprintf("%s; COMMENT ON SCHEMA public IS 'standard public schema'",
							   migr_compat_create_public());

	SPI_connect();
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not create schema public");
	SPI_finish();
}

/* Every script may expect a schema public, and so does the one that drops it. */
static void
provide_public(const MigrSchema *managed)
{
	ErrorData  *error;
	ListCell   *lc;

	foreach(lc, managed->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_SCHEMA ||
			strcmp(object->name, "public") != 0 ||
			migr_object_is(object, MIGR_ATTR_PRESENT))
			continue;
		migr_mutex_enter_run();
		error = migr_subxact_run(create_public, NULL, true);
		migr_mutex_leave_run();
		if (error)
			ReThrowError(error);
	}
}

/* Drop what is managed. */
static void
empty_database(const List *extensions)
{
	MigrScope everything = {.everything = true};
	Oid			user = GetUserId();
	MigrSchema *managed = migr_snap_model(NULL);
	MigrSchema *before = migr_snap_model(&everything);
	List	   *doomed = choose_doomed(managed, before, extensions);
	MigrDb		db;

	migr_db_begin(&db, false);
	check_rights(&db, doomed, user);
	migr_db_end(&db);
	migr_reset_drop(doomed);
	check_kept(managed, before, extensions);
	provide_public(managed);
	ereport(NOTICE,
			(errmsg_plural("dropped %d object", "dropped %d objects",
						   list_length(doomed), list_length(doomed))));
}

/* Forget that anything is applied; the revisions (char *) that were. */
static List *
clear_version(MigrDb *db)
{
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, migr_store_read_versions(db))
	{
		const char *id = ((MigrVersion *) lfirst(lc))->revision;

		migr_store_remove_version(db, id);
		ids = lappend(ids, unconstify(char *, id));
	}
	migr_repeatable_forget_runs(db, NIL);
	return ids;
}

static void
check_confirmed(const char *confirm)
{
	const char *name = get_database_name(MyDatabaseId);

	if (strcmp(confirm, name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not the name of this database", confirm),
				 errhint("A reset drops the whole schema and all data. Confirm it with the name of this database, \"%s\".",
						 name)));
}

/* Theirs stands on what all share, and nobody would build it again. */
static void
check_no_tenants(MigrDb *db)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, migr_tenant_read_all(db, NULL))
		names = lappend(names, unconstify(char *, ((MigrTenant *) lfirst(lc))->name));
	if (names == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot reset while there are tenants"),
			 errdetail_plural("A reset is of what all share: %d tenant, the first of which is \"%s\", stands on that.",
							  "A reset is of what all share: %d tenants, the first of which is \"%s\", stand on that.",
							  list_length(names), list_length(names), (char *) linitial(names)),
			 errhint("Drop their schemas, which have their data, and forget them: DROP SCHEMA ... CASCADE; DELETE FROM migr.tenant. They are made again with new_tenant => true.")));
}

List *
migr_reset_database(const char *confirm)
{
	MigrAudit	audit = {.action = "reset", .started = GetCurrentTimestamp()};
	MigrState  *state;
	List	   *extensions;
	MigrDb		db;

	check_confirmed(confirm);
	migr_mutex_acquire();
	migr_safeguard_check("reset");
	migr_consent_refuse_command("reset");
	migr_loader_load_location();

	migr_db_begin(&db, false);
	check_no_tenants(&db);
	state = migr_tenant_read_shared_state(&db);
	if (state->graph->count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no revision to build the schema from"),
				 errhint("Load the scripts first, with migr_load().")));
	extensions = migr_script_extensions(&db);
	audit.from_heads = migr_set_ids(state->graph, migr_state_heads(state));
	migr_db_end(&db);

	empty_database(extensions);
	migr_db_begin(&db, false);
	audit.revisions = clear_version(&db);
	migr_db_end(&db);
	migr_record_none();
	audit.target = confirm;
	migr_audit_write(&audit);
	return migr_runner_run(MIGR_UPGRADE, "heads", false, NULL);
}
