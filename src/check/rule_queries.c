/*
 * rule_queries.c
 *		Integrity rules: what breaks them, as queries.
 *
 * Partitions are left out where what they have comes from the partitioned
 * table, so that nothing is found twice.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/compat.h"
#include "check/rule.h"

#define NAME(schema, name) \
	"pg_catalog.quote_ident(" schema ") || '.' || pg_catalog.quote_ident(" name ")"
#define TABLE_NAME NAME("n.nspname", "c.relname")

/* Nothing of the server's, and no member of an extension. */
#define MANAGED(class, oid) \
	" n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'" \
	" AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '" class "'::regclass" \
	"                    AND e.objid = " oid " AND e.deptype = 'e')"

#define FROM_RELATIONS \
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND" \
	MANAGED("pg_class", "c.oid")

/* Each table, partitioned ones as a whole. */
#define IS_TABLE " c.relkind IN ('r', 'p') AND NOT c.relispartition"

#define SELECT_TABLE(detail) \
	"SELECT n.nspname::text, c.relname::text, c.relname::text, 'table ' || " TABLE_NAME "," \
	"       false, " detail

/* What hangs on a table. */
#define SELECT_ON_TABLE(what, name, detail) \
	"SELECT n.nspname::text, c.relname::text, " name "::text," \
	"       '" what " ' || quote_ident(" name ") || ' ON ' || " TABLE_NAME " AS object," \
	"       false, " detail

#define SELECT_INDEX(detail) \
	"SELECT n.nspname::text, c.relname::text, x.relname::text," \
	"       'index ' || " NAME("n.nspname", "x.relname") ", false, " detail

/* The foreign keys; those of partitions come from above. */
#define FROM_FOREIGN_KEYS \
	FROM_RELATIONS \
	"  JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conparentid = 0"

/* The names of columns, which an array has the numbers of. */
#define COLUMN_LIST(numbers) \
	"(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY p.place)" \
	"   FROM unnest(" numbers ") WITH ORDINALITY p (attnum, place)" \
	"   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.attnum)"

/* What a domain is made of in the end; of any other type, that type. */
#define BASE_TYPE(type) \
	"(WITH RECURSIVE d (oid, base) AS (" \
	"   SELECT y.oid, y.typbasetype FROM pg_type y WHERE y.oid = " type \
	"   UNION ALL SELECT y.oid, y.typbasetype FROM d JOIN pg_type y ON y.oid = d.base)" \
	" SELECT d.oid FROM d WHERE d.base = 0)"

#define BY_TABLE " ORDER BY n.nspname, c.relname"

/* 15: UNIQUE NULLS NOT DISTINCT. */
#define NULLS_NOT_DISTINCT MIGR_SINCE_15("i.indnullsnotdistinct", "false")

/* 18: constraints that nobody enforces, and so nobody has to validate. */
#define ENFORCED MIGR_SINCE_18("k.conenforced", "true")

static const char primary_key_sql[] =
	SELECT_TABLE("'it has no primary key'") FROM_RELATIONS
	" WHERE" IS_TABLE
	"   AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
	BY_TABLE;

static const char primary_key_type_sql[] =
	SELECT_TABLE("format('its primary key is (%s), not of type %s', t.columns, array_to_string($1, ' or '))")
	FROM_RELATIONS
	"  JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p',"
	"  LATERAL (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, NULL), ', '"
	"                             ORDER BY p.place) AS columns,"
	"                  bool_and(a.atttypid IN (SELECT to_regtype(s) FROM unnest($1) s)) AS fits"
	"             FROM unnest(k.conkey) WITH ORDINALITY p (attnum, place)"
	"             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.attnum) t"
	" WHERE" IS_TABLE " AND t.fits IS NOT TRUE"
	BY_TABLE;

/*
 * An index serves that begins with the columns, in any order; a partial one
 * only if it leaves out nothing but nulls.
 */
static const char foreign_key_index_sql[] =
	SELECT_ON_TABLE("constraint", "k.conname", "'no index begins with ' || " COLUMN_LIST("k.conkey"))
	FROM_FOREIGN_KEYS
	" WHERE NOT EXISTS ("
	"  SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam"
	"   WHERE i.indrelid = c.oid AND i.indisvalid AND m.amname IN ('btree', 'hash')"
	"     AND i.indnkeyatts >= cardinality(k.conkey)"
	"     AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey"
	"     AND (i.indpred IS NULL OR"
	"          pg_get_expr(i.indpred, c.oid) = '(' || " COLUMN_LIST("k.conkey") " || ' IS NOT NULL)'))"
	BY_TABLE ", k.conname";

static const char foreign_key_delete_sql[] =
	SELECT_ON_TABLE("constraint", "k.conname",
					"format('it is ON DELETE %s, not %s', upper(d.action), upper(array_to_string($1, ' or ')))")
	FROM_FOREIGN_KEYS ","
	"  LATERAL (SELECT CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict'"
	"                  WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END) d (action)"
	" WHERE d.action <> ALL ($1)"
	BY_TABLE ", k.conname";

/* A domain is what it is made of. */
static const char foreign_key_type_sql[] =
	SELECT_ON_TABLE("constraint", "k.conname", "t.detail") FROM_FOREIGN_KEYS ","
	"  LATERAL (SELECT string_agg(format('%I is %s, and references %s', a.attname,"
	"                                    format_type(a.atttypid, NULL), format_type(r.atttypid, NULL)), '; '"
	"                             ORDER BY p.place) AS detail"
	"             FROM unnest(k.conkey, k.confkey) WITH ORDINALITY p (own, other, place)"
	"             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.own"
	"             JOIN pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = p.other"
	"            WHERE a.atttypid <> r.atttypid"
	"              AND " BASE_TYPE("a.atttypid") " <> " BASE_TYPE("r.atttypid") ") t"
	" WHERE t.detail IS NOT NULL"
	BY_TABLE ", k.conname";

/* A partitioned index is invalid because a part of it is, or is missing. */
static const char valid_index_sql[] =
	SELECT_INDEX("CASE x.relkind WHEN 'I' THEN 'it is invalid: a partition has no index attached to it'"
				 " ELSE 'it is invalid: building it has failed, or is not done' END")
	FROM_RELATIONS
	"  JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid"
	" WHERE NOT (i.indisvalid AND i.indisready)"
	"   AND NOT EXISTS (SELECT FROM pg_inherits h JOIN pg_index p ON p.indexrelid = h.inhrelid"
	"                    WHERE h.inhparent = x.oid AND NOT p.indisvalid)"
	BY_TABLE ", x.relname";

static const char validated_constraint_sql[] =
	"SELECT * FROM ("
	SELECT_ON_TABLE("constraint", "k.conname", "'it was added NOT VALID and never validated'")
	FROM_RELATIONS
	"  JOIN pg_constraint k ON k.conrelid = c.oid"
	" WHERE NOT k.convalidated AND k.conparentid = 0 AND k.conislocal AND " ENFORCED
	" UNION ALL "
	"SELECT n.nspname::text, t.typname::text, k.conname::text,"
	"       'constraint ' || quote_ident(k.conname) || ' ON DOMAIN ' || " NAME("n.nspname", "t.typname") ","
	"       false, 'it was added NOT VALID and never validated'"
	"  FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid"
	"  JOIN pg_namespace n ON n.oid = t.typnamespace AND" MANAGED("pg_type", "t.oid")
	" WHERE NOT k.convalidated"
	") f ORDER BY f.object COLLATE \"C\"";

/*
 * The triggers that enforce a foreign key are several, and on both tables; a
 * partition's triggers follow those above.
 */
static const char enabled_trigger_sql[] =
	"SELECT * FROM ("
	SELECT_ON_TABLE("trigger", "t.tgname", "'it is disabled'") FROM_RELATIONS
	"  JOIN pg_trigger t ON t.tgrelid = c.oid LEFT JOIN pg_trigger p ON p.oid = t.tgparentid"
	" WHERE t.tgenabled = 'D' AND p.tgenabled IS DISTINCT FROM 'D'"
	"   AND (NOT t.tgisinternal OR t.tgparentid <> 0) AND NOT (t.tgisinternal AND t.tgconstraint <> 0)"
	" UNION ALL "
	SELECT_ON_TABLE("constraint", "k.conname", "'triggers that enforce it are disabled'") FROM_RELATIONS
	"  JOIN pg_constraint k ON k.conrelid = c.oid AND k.conparentid = 0"
	" WHERE EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled = 'D')"
	" UNION ALL "
	"SELECT NULL, e.evtname::text, e.evtname::text, 'event trigger ' || quote_ident(e.evtname), false, 'it is disabled'"
	"  FROM pg_event_trigger e"
	" WHERE e.evtenabled = 'D'"
	"   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass"
	"                      AND d.objid = e.oid AND d.deptype = 'e')"
	") f ORDER BY f.object COLLATE \"C\"";

static const char row_security_sql[] =
	SELECT_TABLE("'it has policies, but row security is not enabled'") FROM_RELATIONS
	" WHERE NOT c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
	BY_TABLE;

/* Of equal indexes, the one that does most stays. */
static const char duplicate_index_sql[] =
	"SELECT f.schema, f.relation, f.name, f.object, false, 'it is the same as ' || f.first FROM ("
	"SELECT n.nspname::text AS schema, c.relname::text AS relation, x.relname::text AS name,"
	"       'index ' || " NAME("n.nspname", "x.relname") " AS object,"
	"       first_value('index ' || " NAME("n.nspname", "x.relname") ") OVER w AS first,"
	"       row_number() OVER w AS number"
	FROM_RELATIONS
	"  JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid"
	" WHERE NOT x.relispartition"
	" WINDOW w AS (PARTITION BY c.oid, x.relam, i.indkey::text, i.indclass::text, i.indcollation::text,"
	"              i.indoption::text, i.indnkeyatts, i.indimmediate, i.indisexclusion, " NULLS_NOT_DISTINCT ","
	"              pg_get_expr(i.indexprs, c.oid), pg_get_expr(i.indpred, c.oid)"
	"              ORDER BY i.indisprimary DESC, i.indisunique DESC,"
	"              EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.conrelid = c.oid) DESC,"
	"              i.indisvalid DESC, x.relname)"
	") f WHERE f.number > 1 ORDER BY f.object COLLATE \"C\"";

#define FROM_ENUMS \
	"SELECT n.nspname::text, t.typname::text, t.typname::text, 'type ' || " NAME("n.nspname", "t.typname") "," \
	"       false, 'nothing uses it'" \
	"  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND" MANAGED("pg_type", "t.oid") \
	" WHERE t.typtype = 'e'"

static const char unused_enum_sql[] =
	FROM_ENUMS
	"   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_type'::regclass"
	"                      AND d.refobjid IN (t.oid, t.typarray) AND d.deptype IN ('n', 'a'))"
	" ORDER BY n.nspname, t.typname";

static const char enums_sql[] = FROM_ENUMS " ORDER BY n.nspname, t.typname";

static const char tables_sql[] =
	SELECT_TABLE("NULL::text") FROM_RELATIONS " WHERE" IS_TABLE BY_TABLE;

/*
 * A sequence that feeds a column, as its own or by a default, is at its end where the column's type is.  An
 * unlogged one has no value on a standby.
 */
static const char sequence_headroom_sql[] =
	"SELECT f.schema, f.name, f.name, f.object, NOT f.readable,"
	"       CASE WHEN f.readable"
	"       THEN format('%s%% of its values are left: it is at %s of %s', trunc(f.remaining, 1), f.last, f.final)"
	"       ELSE 'no privilege to read it, or an unlogged one on a standby' END"
	"  FROM (SELECT s.*, 100 * (s.final - s.last)::numeric / nullif(s.final - s.first, 0) AS remaining"
	"          FROM (SELECT n.nspname::text AS schema, c.relname::text AS name,"
	"                       'sequence ' || " TABLE_NAME " AS object, r.readable,"
	"                       CASE WHEN r.readable THEN pg_sequence_last_value(c.oid)::numeric END AS last,"
	"                       CASE WHEN q.seqincrement > 0 THEN q.seqmin ELSE q.seqmax END::numeric AS first,"
	"                       CASE WHEN q.seqincrement > 0 THEN least(q.seqmax, t.final)"
	"                       ELSE greatest(q.seqmin, -t.final - 1) END::numeric AS final"
	FROM_RELATIONS
	"                  JOIN pg_sequence q ON q.seqrelid = c.oid AND NOT q.seqcycle"
	"                  LEFT JOIN LATERAL ("
	"                   SELECT min(CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END)::bigint"
	"                     FROM (SELECT d.refobjid, d.refobjsubid FROM pg_depend d"
	"                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')"
	"                              AND d.refclassid = 'pg_class'::regclass"
	"                           UNION ALL"
	"                           SELECT v.adrelid, v.adnum FROM pg_depend d JOIN pg_attrdef v ON v.oid = d.objid"
	"                            WHERE d.classid = 'pg_attrdef'::regclass"
	"                              AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid) f (relid, attnum)"
	"                     JOIN pg_attribute a ON a.attrelid = f.relid AND a.attnum = f.attnum) t (final) ON true,"
	"                  LATERAL (SELECT has_sequence_privilege(c.oid, 'SELECT, USAGE')"
	"                              AND (c.relpersistence = 'p' OR NOT pg_is_in_recovery())) r (readable)) s) f"
	" WHERE NOT f.readable OR f.remaining < ($1)[1]::numeric"
	" ORDER BY f.object COLLATE \"C\"";

static const char timestamptz_sql[] =
	"SELECT n.nspname::text, c.relname::text, a.attname::text,"
	"       'column ' || " TABLE_NAME " || '.' || quote_ident(a.attname), false,"
	"       'its type is ' || format_type(a.atttypid, NULL)"
	"       || CASE WHEN t.typtype = 'd' THEN ', a domain of ' || format_type(b.base, NULL) ELSE '' END"
	FROM_RELATIONS
	"  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal"
	"  JOIN pg_type t ON t.oid = a.atttypid,"
	"  LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN " BASE_TYPE("t.oid") " ELSE t.oid END) b (base)"
	" WHERE" IS_TABLE " AND b.base IN ('timestamp'::regtype, 'timestamp[]'::regtype)"
	" ORDER BY n.nspname, c.relname, a.attnum";

/* Bodies that the server has parsed stay valid by their dependencies. */
MigrQuery	migr_rule_bodies = {
	"SELECT n.nspname::text, p.proname::text, p.proname::text,"
	"       CASE p.prokind WHEN 'p' THEN 'procedure ' ELSE 'function ' END || " NAME("n.nspname", "p.proname")
	"       || '(' || oidvectortypes(p.proargtypes) || ')',"
	"       p.oid, l.lanvalidator, p.proconfig, has_schema_privilege(n.oid, 'USAGE')"
	"  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND" MANAGED("pg_proc", "p.oid")
	"  JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql') AND l.lanvalidator <> 0"
	" ORDER BY n.nspname, p.proname, p.proargtypes", 0, {0}
};

#define QUERY(sql) {sql, 1, {TEXTARRAYOID}}

MigrRule	migr_rules[] = {
	{"primary_key", MIGR_RULE_SWITCH, "off", QUERY(primary_key_sql)},
	{"primary_key_type", MIGR_RULE_TYPES, "off", QUERY(primary_key_type_sql)},
	{"foreign_key_index", MIGR_RULE_SWITCH, "off", QUERY(foreign_key_index_sql)},
	{"foreign_key_delete", MIGR_RULE_ACTIONS, "off", QUERY(foreign_key_delete_sql)},
	{"foreign_key_type", MIGR_RULE_SWITCH, "on", QUERY(foreign_key_type_sql)},
	{"valid_index", MIGR_RULE_SWITCH, "on", QUERY(valid_index_sql)},
	{"validated_constraint", MIGR_RULE_SWITCH, "on", QUERY(validated_constraint_sql)},
	{"enabled_trigger", MIGR_RULE_SWITCH, "on", QUERY(enabled_trigger_sql)},
	{"row_security", MIGR_RULE_SWITCH, "on", QUERY(row_security_sql)},
	{"duplicate_index", MIGR_RULE_SWITCH, "off", QUERY(duplicate_index_sql)},
	{"unused_enum", MIGR_RULE_SWITCH, "off", QUERY(unused_enum_sql)},
	{"tables", MIGR_RULE_TABLES, "off", QUERY(tables_sql)},
	{"table_count", MIGR_RULE_COUNT, "off", QUERY(tables_sql)},
	{"enum_count", MIGR_RULE_COUNT, "off", QUERY(enums_sql)},
	{"sequence_headroom", MIGR_RULE_PERCENT, "10", QUERY(sequence_headroom_sql)},
	{"timestamptz", MIGR_RULE_SWITCH, "off", QUERY(timestamptz_sql)},
	{"valid_body", MIGR_RULE_SWITCH, "on", {NULL}},
	{0}
};
