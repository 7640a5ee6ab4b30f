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
 * none, which is nearly everywhere.  Late minor releases keep a mark of their
 * own, pg_attver, among the options of every column; no dump shows it.
 */
#define OPTION_PAIRS(array, assign) \
	"CASE WHEN " array "[2] IS NOT NULL OR " array "[1] NOT LIKE 'pg_attver=%' THEN (" \
	" SELECT string_agg(quote_ident(o.option_name) || '" assign "' || quote_literal(o.option_value), ', '" \
	"                   ORDER BY o.option_name COLLATE \"C\")" \
	"   FROM pg_options_to_table(" array ") o WHERE o.option_name <> 'pg_attver') END"

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

/* What hangs on a relation: "name ON schema.table". */
#define ON_RELATION(name) \
	"quote_ident(" name ") || ' ON ' || " RELATION_IDENTITY

#define FROM_RELATION \
	" JOIN pg_class c ON c.oid = "

#define SEQUENCE_OPTIONS \
	"format_type(q.seqtypid, NULL) AS type, q.seqstart AS start, q.seqincrement AS increment," \
	" q.seqmin AS min, q.seqmax AS max, q.seqcache AS cache, q.seqcycle AS cycle"

/* Does the column a of relation c come from the table's parents, too? */
#define INHERITED "a.attinhcount > 0 AND NOT c.relispartition"

/* That column in the parents. */
#define PARENTS_COLUMN \
	" FROM pg_inherits i JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname" \
	" LEFT JOIN pg_attrdef pd ON pd.adrelid = p.attrelid AND pd.adnum = p.attnum" \
	" WHERE i.inhrelid = c.oid"

/*
 * Splits the definition of a constraint with an index in front of what follows
 * its index's options, which those of an exclusion have already: no literal or
 * quoted name is looked into.
 */
#define BEHIND_ELEMENTS \
	"'^((?:\"[^\"]*\"|''[^'']*''|[^\"''])*?)( WHERE .*|(?: NOT)? DEFERRABLE.*| INITIALLY DEFERRED|)$'"

/*
 * A column has attributes in front, that many columns have, and others, which
 * are NULL where there is nothing to say: there are many columns, and what is
 * NULL behind all else costs nothing.  A default has no columns in it, and is
 * deparsed without its table, which need not be opened then.
 */
const MigrSnapQuery migr_snap_relations[] = {
	{
		MIGR_KIND_SEQUENCE, RelationRelationId, InvalidOid, 0,
		"SELECT c.oid, 0::oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ","
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
		MIGR_KIND_TABLE, RelationRelationId, InvalidOid, 0,
		"SELECT c.oid, 0::oid, 0, n.nspname, c.relname, " RELATION_IDENTITY ","
		"       pg_get_userbyid(c.relowner), c.relacl::text,"
		"       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS noun,"
		"       c.relkind AS relkind, c.relpersistence AS persistence,"
		"       CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,"
		"       CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS of_type,"
		"       h.parents AS inherits, h.actions AS inherit,"
		"       " RELATION_OPTIONS " AS options,"
		"       s.spcname AS tablespace, m.amname AS access_method,"
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
		"  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace"
		"  LEFT JOIN pg_am m ON m.oid = c.relam AND m.amname <> 'heap'"
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
		"             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END AS forward,"
		/* its columns, that is: all views depend on themselves as a whole */
		"       c.oid IN (SELECT d.refobjid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class = d.refobjid"
		"                  WHERE r.rulename = '_RETURN' AND d.classid = 'pg_rewrite'::regclass"
		"                    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'n') AS recursive,"
		"       extensions.names AS extensions,"
		"       " RELATION_OPTIONS " AS options,"
		"       (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,"
		"       (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap') AS access_method"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		JOIN_TOAST MIGR_SNAP_EXTENSIONS("pg_class", "c.oid")
		" WHERE c.oid >= 16384 AND c.relkind IN ('v', 'm')"
	},
	{
		MIGR_KIND_COLUMN, RelationRelationId, RelationRelationId, 0,
		"SELECT c.oid, c.oid, a.attnum::int4, NULL::text, a.attname, NULL::text, NULL::text, a.attacl::text,"
		"       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,"
		"       pg_get_expr(d.adbin, CASE a.attgenerated WHEN '' THEN 0 ELSE d.adrelid END) AS default,"
		"       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,"
		"       nullif(a.attgenerated, '') AS generated,"
		/* 17: a partition has the identity of its parent, and no sequence */
		"       CASE WHEN q.seqrelid IS NOT NULL THEN nullif(a.attidentity, '') END AS identity,"
		"       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage,"
		"       {attcompression} AS compression, CASE WHEN {attstattarget} >= 0 THEN {attstattarget} END AS statistics,"
		"       " OPTIONS("a.attoptions") " AS options, " FDW_OPTIONS("a.attfdwoptions") " AS server_options,"
		/* false: it is a column of the table's own as well */
		"       CASE WHEN " INHERITED " THEN NOT a.attislocal END AS merely_inherited,"
		"       CASE WHEN " INHERITED " THEN ("
		"        SELECT string_agg(coalesce(pg_get_expr(pd.adbin, pd.adrelid), '') || p.attnotnull::text, ' ')"
		"        " PARENTS_COLUMN ") END AS parent_default,"
		"       CASE WHEN " INHERITED " AND a.attgenerated <> '' THEN ("
		"        SELECT bool_or(p.attgenerated <> '') " PARENTS_COLUMN ") END AS parent_generated,"
		"       CASE WHEN a.attidentity <> '' THEN q.seqrelid::regclass::text END AS sequence,"
		"       CASE WHEN a.attidentity <> '' THEN ("
		"        SELECT r.relpersistence FROM pg_class r WHERE r.oid = q.seqrelid"
		"           AND r.relpersistence <> c.relpersistence AND {sequence_persistence}) END AS sequence_persistence,"
		"       " SEQUENCE_OPTIONS
		"  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
		"  JOIN pg_type t ON t.oid = a.atttypid"
		"  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
		"  LEFT JOIN (pg_depend sd JOIN pg_sequence q ON q.seqrelid = sd.objid)"
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
		MIGR_KIND_IDENTITY, RelationRelationId, RelationRelationId, 0,
		"SELECT c.oid, d.refobjid, 0, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, c.relacl::text"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'"
		"   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"
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
		"       CASE WHEN x.reloptions IS NULL AND coalesce(x.reltablespace, 0) = 0 THEN pg_get_constraintdef(k.oid)"
		"       ELSE regexp_replace(pg_get_constraintdef(k.oid), " BEHIND_ELEMENTS ", '\\1' ||"
		"           CASE WHEN k.contype <> 'x' THEN coalesce(' WITH (' || " OPTIONS("x.reloptions") " || ')', '') ELSE '' END ||"
		"           coalesce((SELECT ' USING INDEX TABLESPACE ' || quote_ident(s.spcname)"
		"                       FROM pg_tablespace s WHERE s.oid = x.reltablespace), '') || '\\2') END AS definition,"
		"       CASE WHEN d.description IS NOT NULL"
		"       THEN format('COMMENT ON INDEX %I.%I IS %L;', n.nspname, x.relname, d.description) END AS index_comment"
		"  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
		"  JOIN pg_namespace n ON n.oid = c.relnamespace"
		"  LEFT JOIN pg_class x ON x.oid = k.conindid AND k.contype IN ('p', 'u', 'x')"
		"  LEFT JOIN pg_description d ON d.objoid = x.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0"
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
		"       s.spcname AS tablespace,"
		/* only columns that are expressions can have them */
		"       CASE WHEN i.indexprs IS NOT NULL THEN ("
		"        SELECT string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s;',"
		"                                 a.attrelid::regclass, a.attnum, {attstattarget}), E'\\n' ORDER BY a.attnum)"
		"          FROM pg_attribute a"
		"         WHERE a.attrelid = x.oid AND a.attnum > 0 AND {attstattarget} >= 0) END AS statistics,"
		"       extensions.names AS extensions"
		"  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid"
		"  JOIN pg_namespace n ON n.oid = x.relnamespace"
		"  LEFT JOIN pg_tablespace s ON s.oid = x.reltablespace"
		MIGR_SNAP_EXTENSIONS("pg_class", "x.oid")
		" WHERE x.oid >= 16384 AND c.relkind IN ('r', 'p', 'm')"
		"   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))"
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
		"       pg_get_triggerdef(t.oid) AS definition, extensions.names AS extensions"
		"  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
		MIGR_SNAP_EXTENSIONS("pg_trigger", "t.oid")
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
