/*
 * kind_table_setting.c
 *		What is set of tables: REPLICA IDENTITY, CLUSTER ON, states of triggers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_trigger.h"
#include "utils/builtins.h"

#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/* What is set, and the index or the trigger that is named there. */
static const char query[] =
	"SELECT 0::oid, c.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
	"       s.sql, s.class, s.target::text"
	"  FROM (SELECT r.oid, 'REPLICA IDENTITY', ''::name,"
	"               'REPLICA IDENTITY ' || CASE r.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END"
	"          FROM pg_class r WHERE r.relreplident IN ('f', 'n') AND r.relkind IN ('r', 'p', 'm')"
	"        UNION ALL"
	"        SELECT r.oid, 'REPLICA IDENTITY', x.relname, 'REPLICA IDENTITY USING INDEX ' || quote_ident(x.relname)"
	"          FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid"
	"         WHERE i.indisreplident AND r.relreplident = 'i'"
	"        UNION ALL"
	"        SELECT i.indrelid, 'CLUSTER', x.relname, 'CLUSTER ON ' || quote_ident(x.relname)"
	"          FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
	"         WHERE i.indisclustered"
	"        UNION ALL"
	/*
	 * A partition's trigger may be in another state than the one it comes from.
	 * One that is a constraint has a state, too; those that enforce keys have
	 * names with the numbers of this database, and their states are for loading.
	 */
	"        SELECT t.tgrelid, 'TRIGGER', t.tgname, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'"
	"               ELSE 'ENABLE ALWAYS' END || ' TRIGGER ' || quote_ident(t.tgname)"
	"          FROM pg_trigger t"
	"         WHERE (NOT t.tgisinternal OR t.tgparentid <> 0) AND t.tgenabled <> 'O'"
	"           AND NOT EXISTS (SELECT FROM pg_constraint k"
	"                            WHERE k.oid = t.tgconstraint AND k.contype <> 't')) s (relation, class, target, sql)"
	"  JOIN pg_class c ON c.oid = s.relation JOIN pg_namespace n ON n.oid = c.relnamespace"
	OF_RELATIONS("c.oid");

static bool
has_identity(const MigrReading *reading, const void *row)
{
	const FormData_pg_class *relation = row;

	return relation->relreplident != REPLICA_IDENTITY_DEFAULT &&
		(relation->relkind == RELKIND_RELATION ||
		 relation->relkind == RELKIND_PARTITIONED_TABLE ||
		 relation->relkind == RELKIND_MATVIEW ||
		 relation->relkind == RELKIND_FOREIGN_TABLE);
}

static bool
is_clustered(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_index *) row)->indisclustered;
}

static bool
has_state(const MigrReading *reading, const void *row)
{
	const FormData_pg_trigger *trigger = row;

	return trigger->tgenabled != TRIGGER_FIRES_ON_ORIGIN &&
		!migr_reading_is_member(reading, RelationRelationId, trigger->tgrelid);
}

static bool
is_class(const MigrObject *setting, const char *class)
{
	return strcmp(value(setting, MIGR_ATTR_CLASS), class) == 0;
}

static bool
is_of_trigger(const MigrObject *setting)
{
	return is_class(setting, "TRIGGER");
}

/* A table has one of a class; of the states of triggers, one for each. */
static const char *
key_of(const MigrObject *setting)
{
	return psprintf("%s\n%s\n%s", setting->identity, value(setting, MIGR_ATTR_CLASS),
					is_of_trigger(setting) ? value(setting, MIGR_ATTR_TARGET) : "");
}

/* What a setting is about; it is one object with another value elsewhere. */
static const char *
subject_of(const MigrObject *setting)
{
	return is_class(setting, "REPLICA IDENTITY") ? "replica identity"
		: is_class(setting, "CLUSTER") ? "cluster"
		: psprintf("trigger %s", quote_identifier(value(setting, MIGR_ATTR_TARGET)));
}

static void
set_table(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE %s%s %s;\n", migr_ddl_only(object->parent),
					 object->identity, value(object, MIGR_ATTR_SQL));
}

static void
reset_table(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE %s%s %s;\n", migr_ddl_only(object->parent), object->identity,
					 is_class(object, "REPLICA IDENTITY") ? "REPLICA IDENTITY DEFAULT"
					 : is_class(object, "CLUSTER") ? "SET WITHOUT CLUSTER"
					 : psprintf("ENABLE TRIGGER %s", quote_identifier(value(object, MIGR_ATTR_TARGET))));
}

/* One setting takes the place of the other. */
static bool
set_anew(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	set_table(out, to);
	return true;
}

/* The state of a trigger goes by the trigger. */
static const char *
sort_of(const MigrObject *object)
{
	return is_of_trigger(object) ? "trigger" : NULL;
}

/* A trigger that does not fire, or not for all, is not what was made. */
static bool
includes(const MigrObject *is, const MigrObject *wanted)
{
	return wanted == NULL && !is_of_trigger(is);
}

const MigrKindRecord migr_kind_table_setting = {
	.noun = "TABLE",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.sort_of = sort_of,
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {
		{RelationRelationId, InvalidOid, has_identity},
		{IndexRelationId, InvalidOid, is_clustered},
		{TriggerRelationId, InvalidOid, has_state}
	},
	.create = set_table,
	.drop = reset_table,
	.alter = set_anew,
	.key = key_of,
	.subject = subject_of,
	.includes = includes
};
