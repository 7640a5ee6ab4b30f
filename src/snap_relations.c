/*
 * snap_relations.c
 *		Catalogs to objects: tables, views, sequences and what stands on them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"

#include "compat.h"
#include "snap.h"

#define RELATION_IDENTITY \
	"quote_ident(n.nspname) || '.' || quote_ident(c.relname)"

/*
 * The pairs of an options array.  The CASE spares the subquery where there are
 * none, which is nearly everywhere.
 */
#define OPTION_PAIRS(array, assign) \
	"CASE WHEN " array " IS NOT NULL THEN (" \
	" SELECT string_agg(quote_ident(o.option_name) || '" assign "' || quote_literal(o.option_value), ', '" \
	"                   ORDER BY o.option_name COLLATE \"C\")" \
	"   FROM pg_options_to_table(" array ") o) END"

/* name='value', and as foreign objects take them: name 'value'. */
#define OPTIONS(array) OPTION_PAIRS(array, "=")
#define FDW_OPTIONS(array) OPTION_PAIRS(array, " ")

/* The options of a relation c and of its toast table. */
#define RELATION_OPTIONS \
	"concat_ws(', ', " OPTIONS("c.reloptions") "," \
	" CASE WHEN toast.reloptions IS NOT NULL THEN" \
	" (SELECT string_agg('toast.' || quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', '" \
	"                    ORDER BY o.option_name COLLATE \"C\")" \
	"    FROM pg_options_to_table(toast.reloptions) o) END)"

#define JOIN_TOAST \
	" LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL"

/* Those that are not the usual ones. */
#define TABLESPACE_AND_METHOD \
	" CASE WHEN c.reltablespace <> 0 THEN" \
	"  (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) END AS tablespace," \
	" CASE WHEN c.relam NOT IN (0, 2) THEN" \
	"  (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam) END AS access_method"

/* Of the relations that are asked for. */
#define OF_RELATIONS(column) \
	" JOIN unnest($1) of_relations (oid) ON of_relations.oid = " column

#define SEQUENCE_OPTIONS \
	"format_type(q.seqtypid, NULL) AS type, q.seqstart AS start, q.seqincrement AS increment," \
	" q.seqmin AS min, q.seqmax AS max, q.seqcache AS cache, q.seqcycle AS cycle"

/*
 * Splits the definition of a constraint with an index in front of what follows
 * its index's options, which those of an exclusion have already: no literal or
 * quoted name is looked into.
 */
#define BEHIND_ELEMENTS \
	"'^((?:\"[^\"]*\"|''[^'']*''|[^\"''])*?)( WHERE .*|(?: NOT)? DEFERRABLE.*| INITIALLY DEFERRED|)$'"

const MigrSnapQuery migr_snap_relations[] = {
	{
		MIGR_KIND_SEQUENCE, RelationRelationId, InvalidOid,
		"SELECT c.oid, 0::oid, n.nspname, c.relname, " RELATION_IDENTITY ","
		"       pg_get_userbyid(c.relowner), c.relacl::text,"
		"       'SEQUENCE' AS noun, c.relpersistence AS persistence, " SEQUENCE_OPTIONS ","
		/* its owner is that of a table */
		"       EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
		"                  AND d.objid = c.oid AND d.deptype = 'a') AS owned"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_sequence q ON q.seqrelid = c.oid"
		" WHERE c.oid >= 16384"
		"   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
		"                      AND d.objid = c.oid AND d.deptype = 'i')"
	},
	{
		MIGR_KIND_TABLE, RelationRelationId, InvalidOid,
		"SELECT c.oid, 0::oid, n.nspname, c.relname, " RELATION_IDENTITY ","
		"       pg_get_userbyid(c.relowner), c.relacl::text,"
		"       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS noun,"
		"       c.relkind AS relkind, c.relpersistence AS persistence,"
		"       CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,"
		"       CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS of_type,"
		"       h.parents AS inherits, h.actions AS inherit,"
		"       " RELATION_OPTIONS " AS options,"
		TABLESPACE_AND_METHOD ","
		"       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,"
		"       CASE c.relkind WHEN 'f' THEN"
		"           (SELECT quote_ident(s.srvname) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver"
		"             WHERE f.ftrelid = c.oid) END AS server,"
		"       CASE c.relkind WHEN 'f' THEN"
		"           (SELECT " FDW_OPTIONS("f.ftoptions") " FROM pg_foreign_table f WHERE f.ftrelid = c.oid) END AS server_options"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		JOIN_TOAST
		"  LEFT JOIN (SELECT i.inhrelid, string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS parents,"
		"                    string_agg('INHERIT ' || i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS actions"
		"               FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid"
		"              WHERE k.relkind IN ('r', 'f') AND NOT k.relispartition GROUP BY i.inhrelid) h ON h.inhrelid = c.oid"
		" WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f')"
	},
	{
		MIGR_KIND_VIEW, RelationRelationId, InvalidOid,
		"SELECT c.oid, 0::oid, n.nspname, c.relname, " RELATION_IDENTITY ","
		"       pg_get_userbyid(c.relowner), c.relacl::text,"
		"       CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS noun,"
		"       rtrim(pg_get_viewdef(c.oid), ';') AS definition,"
		"       CASE c.relkind WHEN 'v' THEN"
		"           'CREATE VIEW ' || " RELATION_IDENTITY " || E' AS\n SELECT ' ||"
		"           (SELECT string_agg('NULL::' || format_type(a.atttypid, a.atttypmod) ||"
		"                              CASE WHEN a.attcollation <> t.typcollation"
		"                              THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END ||"
		"                              ' AS ' || quote_ident(a.attname), E',\n    ' ORDER BY a.attnum)"
		"              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
		"             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END AS forward,"
		/* its columns, that is: all views depend on themselves as a whole */
		"       c.oid IN (SELECT d.refobjid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class = d.refobjid"
		"                  WHERE r.rulename = '_RETURN' AND d.classid = 'pg_rewrite'::regclass"
		"                    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'n') AS recursive,"
		"       NULL::text AS extensions,"
		"       " RELATION_OPTIONS " AS options,"
		TABLESPACE_AND_METHOD
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		JOIN_TOAST
		" WHERE c.oid >= 16384 AND c.relkind IN ('v', 'm')"
	},
	{
		MIGR_KIND_STATISTICS, StatisticExtRelationId, InvalidOid,
		"SELECT s.oid, 0::oid, n.nspname, s.stxname, quote_ident(n.nspname) || '.' || quote_ident(s.stxname),"
		"       pg_get_userbyid(s.stxowner), NULL::text,"
		"       pg_get_statisticsobjdef(s.oid) AS definition, {stxstattarget} AS target"
		"  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace"
		" WHERE s.oid >= 16384"
	},
	{0}
};

/*
 * $1 are the oids of the relations.  Where schema and identity are NULL, they
 * are "name ON relation", and the relation's.
 */
const MigrSnapQuery migr_snap_parts[] = {
	{
		MIGR_KIND_SEQUENCE_OWNER, RelationRelationId, RelationRelationId,
		"SELECT 0::oid, t.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
		"       a.attname AS column"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'"
		"   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"
		"  JOIN pg_class t ON t.oid = d.refobjid"
		"  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
		OF_RELATIONS("t.oid")
		" WHERE c.relkind = 'S'"
	},
	{
		MIGR_KIND_IDENTITY, RelationRelationId, RelationRelationId,
		"SELECT c.oid, d.refobjid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, c.relacl::text"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'"
		"   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"
		OF_RELATIONS("d.refobjid")
		" WHERE c.relkind = 'S'"
	},
	{
		MIGR_KIND_PARTITION, RelationRelationId, RelationRelationId,
		"SELECT 0::oid, c.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
		"       i.inhparent::regclass::text AS of, pg_get_expr(c.relpartbound, c.oid) AS bound"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_inherits i ON i.inhrelid = c.oid"
		OF_RELATIONS("c.oid")
		" WHERE c.relispartition AND NOT {inhdetachpending}"
	},
	{
		MIGR_KIND_CONSTRAINT, ConstraintRelationId, RelationRelationId,
		"SELECT k.oid, k.conrelid, NULL::text, k.conname, NULL::text, NULL::text, NULL::text,"
		"       k.contype = 'c' AND NOT k.connoinherit AS for_children,"
		"       CASE WHEN x.reloptions IS NULL AND coalesce(x.reltablespace, 0) = 0 THEN pg_get_constraintdef(k.oid)"
		"       ELSE regexp_replace(pg_get_constraintdef(k.oid), " BEHIND_ELEMENTS ", '\\1' ||"
		"           CASE WHEN k.contype <> 'x' THEN coalesce(' WITH (' || " OPTIONS("x.reloptions") " || ')', '') ELSE '' END ||"
		"           coalesce((SELECT ' USING INDEX TABLESPACE ' || quote_ident(s.spcname)"
		"                       FROM pg_tablespace s WHERE s.oid = x.reltablespace), '') || '\\2') END AS definition,"
		"       NULL::text AS index_comment"
		"  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
		OF_RELATIONS("c.oid")
		"  LEFT JOIN pg_class x ON x.oid = k.conindid AND k.contype IN ('p', 'u', 'x')"
		" WHERE k.contype IN ('c', 'p', 'u', 'x')"
		"   AND (k.contype <> 'c' OR k.conislocal OR c.relispartition)"
	},
	{
		MIGR_KIND_FOREIGN_KEY, ConstraintRelationId, RelationRelationId,
		"SELECT k.oid, k.conrelid, NULL::text, k.conname, NULL::text, NULL::text, NULL::text,"
		"       pg_get_constraintdef(k.oid) AS definition"
		"  FROM pg_constraint k"
		OF_RELATIONS("k.conrelid")
		" WHERE k.contype = 'f' AND k.conparentid = 0"
	},
	{
		MIGR_KIND_INDEX, RelationRelationId, RelationRelationId,
		"SELECT x.oid, i.indrelid, NULL::text, x.relname, x.oid::regclass::text, NULL::text, NULL::text,"
		"       pg_get_indexdef(x.oid) AS definition, i.indisvalid OR x.relkind = 'I' AS is_valid,"
		"       s.spcname AS tablespace,"
		/* only columns that are expressions can have them */
		"       CASE WHEN i.indexprs IS NOT NULL THEN ("
		"        SELECT string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s;',"
		"                                 a.attrelid::regclass, a.attnum, {attstattarget}), E'\\n' ORDER BY a.attnum)"
		"          FROM pg_attribute a"
		"         WHERE a.attrelid = x.oid AND a.attnum > 0 AND {attstattarget} >= 0) END AS statistics,"
		"       NULL::text AS extensions"
		"  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
		OF_RELATIONS("i.indrelid")
		"  LEFT JOIN pg_tablespace s ON s.oid = x.reltablespace"
		" WHERE NOT i.indisprimary"
		"   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('u', 'x'))"
	},
	{
		MIGR_KIND_INDEX_PARTITION, RelationRelationId, RelationRelationId,
		"SELECT 0::oid, i.indrelid, n.nspname, x.relname,"
		"       quote_ident(n.nspname) || '.' || quote_ident(x.relname), NULL::text, NULL::text,"
		"       h.inhparent::regclass::text AS of"
		"  FROM pg_inherits h JOIN pg_class x ON x.oid = h.inhrelid JOIN pg_index i ON i.indexrelid = x.oid"
		"  JOIN pg_namespace n ON n.oid = x.relnamespace"
		OF_RELATIONS("i.indrelid")
	},
	{
		MIGR_KIND_TABLE_SETTING, RelationRelationId, RelationRelationId,
		"SELECT 0::oid, c.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text, s.sql"
		"  FROM (SELECT r.oid, 'REPLICA IDENTITY ' || CASE r.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END"
		"          FROM pg_class r WHERE r.relreplident IN ('f', 'n') AND r.relkind IN ('r', 'p')"
		"        UNION ALL"
		"        SELECT r.oid, 'REPLICA IDENTITY USING INDEX ' || quote_ident(x.relname)"
		"          FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid"
		"         WHERE i.indisreplident AND r.relreplident = 'i'"
		"        UNION ALL"
		"        SELECT i.indrelid, 'CLUSTER ON ' || quote_ident(x.relname)"
		"          FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
		"         WHERE i.indisclustered"
		"        UNION ALL"
		/* a partition's trigger may be in another state than the one it comes from */
		"        SELECT t.tgrelid, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'"
		"               ELSE 'ENABLE ALWAYS' END || ' TRIGGER ' || quote_ident(t.tgname)"
		"          FROM pg_trigger t"
		"         WHERE (NOT t.tgisinternal OR t.tgparentid <> 0) AND t.tgconstraint = 0"
		"           AND t.tgenabled <> 'O') s (relation, sql)"
		"  JOIN pg_class c ON c.oid = s.relation JOIN pg_namespace n ON n.oid = c.relnamespace"
		OF_RELATIONS("c.oid")
	},
	{
		MIGR_KIND_RULE, RewriteRelationId, RelationRelationId,
		"SELECT r.oid, r.ev_class, NULL::text, r.rulename, NULL::text, NULL::text, NULL::text,"
		"       rtrim(pg_get_ruledef(r.oid), ';') AS definition, r.ev_enabled AS enabled"
		"  FROM pg_rewrite r"
		OF_RELATIONS("r.ev_class")
		" WHERE r.rulename <> '_RETURN'"
	},
	{
		MIGR_KIND_TRIGGER, TriggerRelationId, RelationRelationId,
		"SELECT t.oid, t.tgrelid, NULL::text, t.tgname, NULL::text, NULL::text, NULL::text,"
		"       pg_get_triggerdef(t.oid) AS definition, NULL::text AS extensions"
		"  FROM pg_trigger t"
		OF_RELATIONS("t.tgrelid")
		" WHERE NOT t.tgisinternal AND t.tgparentid = 0"
	},
	{
		MIGR_KIND_POLICY, PolicyRelationId, RelationRelationId,
		"SELECT p.oid, p.polrelid, NULL::text, p.polname, NULL::text, NULL::text, NULL::text,"
		"       p.polpermissive AS permissive,"
		"       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END AS command,"
		"       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', '"
		"                          ORDER BY r <> 0, pg_get_userbyid(r))"
		"          FROM unnest(p.polroles) r WHERE p.polroles <> '{0}') AS roles,"
		"       pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS with_check"
		"  FROM pg_policy p"
		OF_RELATIONS("p.polrelid")
	},
	{
		MIGR_KIND_POPULATE, RelationRelationId, RelationRelationId,
		"SELECT 0::oid, c.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		OF_RELATIONS("c.oid")
		" WHERE c.relkind = 'm' AND c.relispopulated"
	},
	{0}
};
