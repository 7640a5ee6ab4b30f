/*
 * ddl_guard.c
 *		Schema changes outside of migr: noticed or refused.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/cmdtag.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/errors.h"
#include "base/ident.h"
#include "base/named.h"
#include "base/pattern.h"
#include "base/strict_setting.h"
#include "base/version.h"
#include "run/ddl_guard.h"
#include "store/fence.h"
#include "store/log.h"
#include "store/mutex.h"

/* So much of what the client sent is logged. */
#define STATEMENT_BYTES 4096

/*
 * What a change is about, of rows of addresses: its description, and the
 * schema and the name by which migr.exclude would name it.  What stands on a
 * relation goes by the relation's; what has no address, as the objects of most
 * GRANTs, can't be told apart, and is there.
 */
#define CHANGED(source) \
	"SELECT pg_catalog.lower(c.type) || ' ' || c.identity," \
	"       coalesce(n.nspname::text, c.schema)," \
	"       coalesce(r.relname::text, p.proname::text, c.name)" \
	"  FROM (SELECT s.*, CASE s.classid" \
	"          WHEN 'pg_catalog.pg_class'::pg_catalog.regclass THEN" \
	"            coalesce((SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = s.objid), s.objid)" \
	"          WHEN 'pg_catalog.pg_trigger'::pg_catalog.regclass THEN" \
	"            (SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = s.objid)" \
	"          WHEN 'pg_catalog.pg_policy'::pg_catalog.regclass THEN" \
	"            (SELECT polrelid FROM pg_catalog.pg_policy WHERE oid = s.objid)" \
	"          WHEN 'pg_catalog.pg_rewrite'::pg_catalog.regclass THEN" \
	"            (SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = s.objid)" \
	"          WHEN 'pg_catalog.pg_constraint'::pg_catalog.regclass THEN" \
	"            (SELECT conrelid FROM pg_catalog.pg_constraint WHERE oid = s.objid)" \
	"          END AS relid" \
	"          FROM (" source ") s (classid, objid, type, identity, schema, name)) c" \
	"  LEFT JOIN pg_catalog.pg_class r ON r.oid = c.relid" \
	"  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace" \
	"  LEFT JOIN pg_catalog.pg_proc p" \
	"    ON p.oid = c.objid AND c.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass" \
	" WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d" \
	"                    WHERE d.classid = c.classid AND d.objid = c.objid AND d.deptype = 'e')" \
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d" \
	"                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass" \
	"                      AND d.objid = c.relid AND d.deptype = 'e')" \
	"   AND (c.type = 'extension' AND c.identity = 'migr') IS NOT TRUE" \
	"   AND (coalesce(n.nspname::text, c.schema) ~ '^(pg_|information_schema$)') IS NOT TRUE" \
	" ORDER BY (pg_catalog.lower(c.type) || ' ' || c.identity) COLLATE \"C\""

static MigrQuery commands_query = {
	CHANGED("SELECT e.classid, e.objid, e.object_type, e.object_identity, e.schema_name, i.name"
			"  FROM pg_catalog.pg_event_trigger_ddl_commands() e"
			"  LEFT JOIN LATERAL pg_catalog.pg_identify_object(e.classid, e.objid, 0) i ON true"
			" WHERE NOT e.in_extension"),
	0, {0}
};

static MigrQuery addresses_query = {
	CHANGED("SELECT a.classid, a.objid, i.type, i.identity, i.schema, i.name"
			"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) a (classid, objid),"
			"       LATERAL pg_catalog.pg_identify_object(a.classid, a.objid, 0) i"),
	2, {OIDARRAYOID, OIDARRAYOID}
};

/* Of what is dropped with something else, only the latter was asked for. */
static MigrQuery drops_query = {
	"SELECT d.object_type || ' ' || d.object_identity, d.schema, d.name"
	"  FROM (SELECT o.*, coalesce(o.address_names[2], o.object_name) AS name,"
	"               CASE WHEN o.object_type IN ('trigger', 'rule', 'policy')"
	"                    THEN o.address_names[1] ELSE o.schema_name END AS schema"
	"          FROM pg_catalog.pg_event_trigger_dropped_objects() o"
	"         WHERE o.original AND NOT o.is_temporary) d"
	" WHERE (d.schema ~ '^(pg_|information_schema$)') IS NOT TRUE"
	"   AND NOT (d.object_type = 'extension' AND d.object_identity = 'migr')"
	" ORDER BY (d.object_type || ' ' || d.object_identity) COLLATE \"C\"",
	0, {0}
};

static MigrQuery any_applied_query = {
	"SELECT FROM migr.version LIMIT 1", 0, {0}
};

/* Commands that change no schema. */
static const char *const harmless[] = {
	"REFRESH MATERIALIZED VIEW", "REINDEX"
};

/* What a command is about to change and commit before it ends. */
static List *
committed_objects(Node *command)
{
	List	   *named = NIL;
	ListCell   *lc;

	if (IsA(command, IndexStmt) && ((IndexStmt *) command)->concurrent)
		named = migr_named_add_relation(NIL, ((IndexStmt *) command)->relation);
	else if (IsA(command, DropStmt) && ((DropStmt *) command)->concurrent)
	{
		foreach(lc, ((DropStmt *) command)->objects)
			named = migr_named_add_relation(named, makeRangeVarFromNameList(lfirst(lc)));
	}
	else if (IsA(command, AlterTableStmt))
	{
		foreach(lc, ((AlterTableStmt *) command)->cmds)
		{
			if (migr_compat_detach_concurrently(lfirst(lc)))
				named = migr_named_add_relation(named, ((AlterTableStmt *) command)->relation);
		}
	}
	return named;
}

/* Run the query that suits the event; how many rows. */
static uint64
query_event(const EventTriggerData *event, MigrDb *db, const List *named)
{
	List	   *classes = NIL;
	List	   *objects = NIL;
	Datum		values[2];
	ListCell   *lc;

	if (named == NIL)
		return migr_db_run(db, strcmp(event->event, "sql_drop") == 0 ? &drops_query
						   : &commands_query, NULL, NULL);
	foreach(lc, named)
	{
		classes = lappend_oid(classes, ((ObjectAddress *) lfirst(lc))->classId);
		objects = lappend_oid(objects, ((ObjectAddress *) lfirst(lc))->objectId);
	}
	values[0] = migr_db_oids_datum(classes);
	values[1] = migr_db_oids_datum(objects);
	return migr_db_run(db, &addresses_query, values, NULL);
}

/*
 * Has the event changed the schema?  What it has changed (char *), each once;
 * nothing if that has no name.
 */
static bool
find_changes(const EventTriggerData *event, const List *named, List **objects)
{
	char	   *exclude = migr_safeguard_stored("migr.exclude");
	List	   *excluded = migr_ident_split(exclude ? exclude : "");
	bool		changed = false;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &any_applied_query, NULL, NULL) == 0 ? 0
		: query_event(event, &db, named);
	for (uint64 i = 0; i < rows; i++)
	{
		char	   *object = migr_db_text(i, 1);
		char	   *schema = migr_db_text(i, 2);
		char	   *name = migr_db_text(i, 3);
		bool		known = false;
		ListCell   *lc;

		if (name && object && strncmp(object, "schema ", strlen("schema ")) == 0)
			schema = name;
		if (name && migr_pattern_matches(excluded, schema, name))
			continue;
		changed = true;
		foreach(lc, *objects)
			known = known || (object && strcmp(lfirst(lc), object) == 0);
		if (object && !known)
			*objects = lappend(*objects, object);
	}
	migr_db_end(&db);
	return changed;
}

/* The beginning of what the client sent. */
static char *
current_statement(void)
{
	const char *sql = debug_query_string ? debug_query_string : "";

	return pnstrdup(sql, pg_mbcliplen(sql, strlen(sql), STATEMENT_BYTES));
}

static void
refuse(const char *command, List *objects)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_PROTECTED),
			 errmsg("%s is not allowed outside of a migration while migr.guard is error",
					command),
			 objects != NIL ? errdetail("It would change %s.",
										migr_ident_join(objects)) : 0,
			 errhint("Write it into a revision and run that with migr_upgrade().")));
}

/* Is there nothing in this event to look at? */
static bool
is_none_of_ours(const EventTriggerData *event, const char *command,
				const List *named)
{
	bool		is_drop = strncmp(command, "DROP ", strlen("DROP ")) == 0;

	for (int i = 0; i < (int) lengthof(harmless); i++)
	{
		if (strcmp(command, harmless[i]) == 0)
			return true;
	}
	if (strcmp(event->event, "ddl_command_start") == 0)
		return named == NIL;
	/* Whatever drops something by the way is a command of its own. */
	return (strcmp(event->event, "sql_drop") == 0) != is_drop;
}

void
migr_watch(const EventTriggerData *event)
{
	const char *command = GetCommandTagName(event->tag);
	bool		starts = strcmp(event->event, "ddl_command_start") == 0;
	List	   *named = NIL;
	MigrGuard	guard;
	List	   *objects = NIL;

	if (migr_mutex_in_run() || creating_extension || IsBinaryUpgrade)
		return;
	if (starts)
		migr_fence_check_command(event->parsetree);
	guard = migr_safeguard_guard();
	if (guard == MIGR_GUARD_OFF || (starts && guard != MIGR_GUARD_ERROR) ||
		!OidIsValid(get_extension_oid("migr", true)))
		return;

	if (starts)
		named = committed_objects(event->parsetree);
	else if (IsA(event->parsetree, GrantStmt))
		named = migr_named_by_grant((GrantStmt *) event->parsetree);
	if (is_none_of_ours(event, command, named) ||
		!find_changes(event, named, &objects))
		return;
	if (guard == MIGR_GUARD_ERROR)
		refuse(command, objects);
	else
	{
		MigrAudit	entry = {.action = "ddl", .command = command};

		/* Nothing is logged in a log of another form, and what is to be logged not done. */
		migr_version_check();
		entry.objects = objects;
		entry.statement = current_statement();
		entry.started = GetCurrentTimestamp();
		migr_audit_write(&entry);
	}
}
