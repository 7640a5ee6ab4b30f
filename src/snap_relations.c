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
	" SELECT string_agg(quote_ident(o.option_name) || '" assign "' || quote_literal(o.option_value), ', ')" \
	"   FROM pg_options_to_table(" array ") o) END"

/* name='value', and as foreign objects take them: name 'value'. */
#define OPTIONS(array) OPTION_PAIRS(array, "=")
#define FDW_OPTIONS(array) OPTION_PAIRS(array, " ")

/* What hangs on a relation: "name ON schema.table". */
#define ON_RELATION(name) \
	"quote_ident(" name ") || ' ON ' || " RELATION_IDENTITY

#define FROM_RELATION \
	" JOIN pg_class c ON c.oid = "

#define SEQUENCE_OPTIONS \
	"format_type(q.seqtypid, NULL) AS type, q.seqstart AS start, q.seqincrement AS increment," \
	" q.seqmin AS min, q.seqmax AS max, q.seqcache AS cache, q.seqcycle AS cycle"

const MigrSnapQuery migr_snap_relations[] = {
	{
		MIGR_KIND_SEQUENCE, RelationRelationId, InvalidOid, 0,
		"SELECT c.oid, 0::oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ","
		"       pg_get_userbyid(c.relowner), c.relacl::text,"
		"       'SEQUENCE' AS noun, c.relpersistence AS persistence, " SEQUENCE_OPTIONS
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_sequence q ON q.seqrelid = c.oid"
		" WHERE c.oid >= 16384"
		"   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
		"                      AND d.objid = c.oid AND d.deptype = 'i')"
	},
	{
		MIGR_KIND_TABLE, RelationRelationId, InvalidOid, 0,
		"SELECT c.oid, 0::oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ","
		"       pg_get_userbyid(c.relowner), c.relacl::text,"
		"       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS noun,"
		"       c.relkind AS relkind, c.relpersistence AS persistence, c.relispartition AS is_partition,"
		"       pg_get_partkeydef(c.oid) AS partition_key,"
		"       CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS of_type,"
		"       CASE WHEN NOT c.relispartition THEN"
		"           (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)"
		"              FROM pg_inherits i WHERE i.inhrelid = c.oid) END AS inherits,"
		"       concat_ws(', ', " OPTIONS("c.reloptions") ","
		"           (SELECT string_agg('toast.' || quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ')"
		"              FROM pg_class toast, pg_options_to_table(toast.reloptions) o"
		"             WHERE toast.oid = c.reltoastrelid AND c.reltoastrelid <> 0)) AS options,"
		"       (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,"
		"       (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap') AS access_method,"
		"       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,"
		"       (SELECT quote_ident(s.srvname) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver"
		"         WHERE f.ftrelid = c.oid) AS server,"
		"       (SELECT " FDW_OPTIONS("f.ftoptions") " FROM pg_foreign_table f WHERE f.ftrelid = c.oid) AS server_options"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f')"
	},
	{
		MIGR_KIND_VIEW, RelationRelationId, InvalidOid, 0,
		"SELECT c.oid, 0::oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ","
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
		"             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END AS forward, " OPTIONS("c.reloptions") " AS options,"
		"       (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,"
		"       (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap') AS access_method"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE c.oid >= 16384 AND c.relkind IN ('v', 'm')"
	},
	{
		MIGR_KIND_COLUMN, RelationRelationId, RelationRelationId, 0,
		"SELECT c.oid, c.oid, a.attnum::int4, NULL::text, a.attname, NULL::text, NULL::text, a.attacl::text,"
		"       format_type(a.atttypid, a.atttypmod) AS type,"
		"       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,"
		"       a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default,"
		"       a.attgenerated AS generated, a.attidentity AS identity,"
		"       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage,"
		"       {attcompression} AS compression, {attstattarget} AS statistics,"
		"       " OPTIONS("a.attoptions") " AS options, " FDW_OPTIONS("a.attfdwoptions") " AS server_options,"
		"       a.attislocal AS is_local, a.attinhcount > 0 AS is_inherited,"
		"       CASE WHEN a.attinhcount > 0 THEN ("
		"        SELECT string_agg(coalesce(pg_get_expr(pd.adbin, pd.adrelid), '') || p.attnotnull::text, ' ')"
		"          FROM pg_inherits i JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname"
		"          LEFT JOIN pg_attrdef pd ON pd.adrelid = p.attrelid AND pd.adnum = p.attnum"
		"         WHERE i.inhrelid = c.oid) END AS parent_default,"
		"       CASE WHEN a.attidentity <> '' THEN quote_ident(qn.nspname) || '.' || quote_ident(qc.relname) END AS sequence,"
		"       " SEQUENCE_OPTIONS
		"  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
		"  JOIN pg_type t ON t.oid = a.atttypid"
		"  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
		"  LEFT JOIN (pg_depend sd JOIN pg_sequence q ON q.seqrelid = sd.objid"
		"             JOIN pg_class qc ON qc.oid = q.seqrelid JOIN pg_namespace qn ON qn.oid = qc.relnamespace)"
		"    ON a.attidentity <> '' AND sd.refclassid = 'pg_class'::regclass AND sd.refobjid = c.oid"
		"   AND sd.refobjsubid = a.attnum AND sd.classid = 'pg_class'::regclass AND sd.deptype = 'i'"
		" WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')"
	},
	{
		MIGR_KIND_SEQUENCE_OWNER, RelationRelationId, RelationRelationId, 0,
		"SELECT 0::oid, t.oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
		"       a.attname AS column"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'"
		"   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"
		"  JOIN pg_class t ON t.oid = d.refobjid"
		"  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
		" WHERE c.relkind = 'S' AND c.oid >= 16384"
	},
	{
		MIGR_KIND_PARTITION, RelationRelationId, RelationRelationId, 0,
		"SELECT 0::oid, c.oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
		"       i.inhparent::regclass::text AS of, pg_get_expr(c.relpartbound, c.oid) AS bound"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_inherits i ON i.inhrelid = c.oid"
		" WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND c.oid >= 16384 AND NOT {inhdetachpending}"
	},
	{
		MIGR_KIND_CONSTRAINT, ConstraintRelationId, RelationRelationId, 0,
		"SELECT k.oid, c.oid, 0, n.nspname, k.conname, " ON_RELATION("k.conname") ", NULL::text, NULL::text,"
		"       'TABLE ' || CASE WHEN k.contype = 'c' AND NOT k.connoinherit THEN '' ELSE 'ONLY ' END || "
		RELATION_IDENTITY " AS target,"
		"       regexp_replace(pg_get_constraintdef(k.oid),"
		"           '((?: NOT)? DEFERRABLE)?( INITIALLY DEFERRED)?$',"
		"           coalesce(' WITH (' || " OPTIONS("x.reloptions") " || ')', '') ||"
		"           coalesce((SELECT ' USING INDEX TABLESPACE ' || quote_ident(s.spcname)"
		"                       FROM pg_tablespace s WHERE s.oid = x.reltablespace), '') || '\\1\\2') AS definition,"
		"       (SELECT format('COMMENT ON INDEX %I.%I IS %L;', n.nspname, x.relname, d.description)"
		"          FROM pg_description d"
		"         WHERE d.objoid = x.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0) AS index_comment"
		"  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
		"  JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  LEFT JOIN pg_class x ON x.oid = k.conindid AND k.contype IN ('p', 'u', 'x')"
		" WHERE k.contype IN ('c', 'p', 'u', 'x') AND c.oid >= 16384"
		"   AND (k.contype <> 'c' OR k.conislocal OR c.relispartition)"
	},
	{
		MIGR_KIND_FOREIGN_KEY, ConstraintRelationId, RelationRelationId, 0,
		"SELECT k.oid, c.oid, 0, n.nspname, k.conname, " ON_RELATION("k.conname") ", NULL::text, NULL::text,"
		"       'TABLE ' || CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || " RELATION_IDENTITY " AS target,"
		"       pg_get_constraintdef(k.oid) AS definition"
		"  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
		"  JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE k.contype = 'f' AND k.conparentid = 0 AND c.oid >= 16384"
	},
	{
		MIGR_KIND_INDEX, RelationRelationId, RelationRelationId, 0,
		"SELECT x.oid, c.oid, 0, n.nspname, x.relname,"
		"       quote_ident(n.nspname) || '.' || quote_ident(x.relname), NULL::text, NULL::text,"
		"       pg_get_indexdef(x.oid) AS definition, i.indisvalid OR x.relkind = 'I' AS is_valid,"
		"       (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = x.reltablespace) AS tablespace,"
		"       s.statistics"
		"  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid"
		"  JOIN pg_namespace n ON n.oid = x.relnamespace"
		"  LEFT JOIN (SELECT a.attrelid, string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s;',"
		"                        a.attrelid::regclass, a.attnum, {attstattarget}), E'\\n' ORDER BY a.attnum) AS statistics"
		"               FROM pg_attribute a JOIN pg_class ac ON ac.oid = a.attrelid AND ac.relkind IN ('i', 'I')"
		"              WHERE a.attnum > 0 AND {attstattarget} >= 0 GROUP BY a.attrelid) s ON s.attrelid = x.oid"
		"  LEFT JOIN pg_constraint k ON k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')"
		" WHERE x.oid >= 16384 AND c.relkind IN ('r', 'p', 'm') AND k.oid IS NULL"
	},
	{
		MIGR_KIND_INDEX_PARTITION, RelationRelationId, RelationRelationId, 0,
		"SELECT 0::oid, i.indrelid, 0, n.nspname, x.relname,"
		"       quote_ident(n.nspname) || '.' || quote_ident(x.relname), NULL::text, NULL::text,"
		"       h.inhparent::regclass::text AS of"
		"  FROM pg_inherits h JOIN pg_class x ON x.oid = h.inhrelid JOIN pg_index i ON i.indexrelid = x.oid"
		"  JOIN pg_namespace n ON n.oid = x.relnamespace"
		" WHERE x.relkind IN ('i', 'I') AND x.oid >= 16384"
	},
	{
		MIGR_KIND_TABLE_SETTING, RelationRelationId, RelationRelationId, 0,
		"SELECT 0::oid, c.oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text, s.sql"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,"
		" LATERAL (SELECT 'REPLICA IDENTITY ' || CASE c.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END"
		"           WHERE c.relreplident IN ('f', 'n') AND c.relkind IN ('r', 'p')"
		"         UNION ALL"
		"         SELECT 'REPLICA IDENTITY USING INDEX ' || quote_ident(x.relname)"
		"           FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
		"          WHERE i.indrelid = c.oid AND i.indisreplident AND c.relreplident = 'i'"
		"         UNION ALL"
		"         SELECT 'CLUSTER ON ' || quote_ident(x.relname)"
		"           FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
		"          WHERE i.indrelid = c.oid AND i.indisclustered"
		"         UNION ALL"
		"         SELECT CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'"
		"                WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END || ' TRIGGER ' || quote_ident(t.tgname)"
		"           FROM pg_trigger t LEFT JOIN pg_trigger p ON p.oid = t.tgparentid"
		"          WHERE t.tgrelid = c.oid AND (NOT t.tgisinternal OR t.tgparentid <> 0) AND t.tgconstraint = 0"
		"            AND t.tgenabled <> coalesce(p.tgenabled, 'O')) s (sql)"
		" WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'm', 'v')"
	},
	{
		MIGR_KIND_STATISTICS, StatisticExtRelationId, InvalidOid, 0,
		"SELECT s.oid, 0::oid, 0, n.nspname, s.stxname, quote_ident(n.nspname) || '.' || quote_ident(s.stxname),"
		"       pg_get_userbyid(s.stxowner), NULL::text,"
		"       pg_get_statisticsobjdef(s.oid) AS definition, {stxstattarget} AS target"
		"  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace"
		" WHERE s.oid >= 16384"
	},
	{
		MIGR_KIND_RULE, RewriteRelationId, RelationRelationId, 0,
		"SELECT r.oid, c.oid, 0, n.nspname, r.rulename, " ON_RELATION("r.rulename") ", NULL::text, NULL::text,"
		"       rtrim(pg_get_ruledef(r.oid), ';') AS definition, " RELATION_IDENTITY " AS relation,"
		"       r.ev_enabled AS enabled"
		"  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE r.oid >= 16384 AND r.rulename <> '_RETURN'"
	},
	{
		MIGR_KIND_TRIGGER, TriggerRelationId, RelationRelationId, 0,
		"SELECT t.oid, c.oid, 0, n.nspname, t.tgname, " ON_RELATION("t.tgname") ", NULL::text, NULL::text,"
		"       pg_get_triggerdef(t.oid) AS definition"
		"  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE t.oid >= 16384 AND NOT t.tgisinternal AND t.tgparentid = 0"
	},
	{
		MIGR_KIND_POLICY, PolicyRelationId, RelationRelationId, 0,
		"SELECT p.oid, c.oid, 0, n.nspname, p.polname, " ON_RELATION("p.polname") ", NULL::text, NULL::text,"
		"       p.polpermissive AS permissive,"
		"       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END AS command,"
		"       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', '"
		"                          ORDER BY r <> 0, pg_get_userbyid(r))"
		"          FROM unnest(p.polroles) r WHERE p.polroles <> '{0}') AS roles,"
		"       pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS with_check"
		"  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE p.oid >= 16384"
	},
	{
		MIGR_KIND_POPULATE, RelationRelationId, RelationRelationId, 0,
		"SELECT 0::oid, c.oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE c.relkind = 'm' AND c.relispopulated AND c.oid >= 16384"
	},
	{0}
};
