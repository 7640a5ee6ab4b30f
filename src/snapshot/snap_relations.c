/*
 * snap_relations.c
 *		Catalogs to objects: views, sequences and what stands on relations.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"

#include "snapshot/snap_parts.h"

#define RELATION_IDENTITY \
	"quote_ident(n.nspname) || '.' || quote_ident(c.relname)"

/* Of the relations that are asked for. */
#define OF_RELATIONS(column) \
	" JOIN unnest($1) of_relations (oid) ON of_relations.oid = " column

#define SEQUENCE_OPTIONS \
	"format_type(q.seqtypid, NULL) AS type, q.seqstart AS start, q.seqincrement AS increment," \
	" q.seqmin AS min, q.seqmax AS max, q.seqcache AS cache, q.seqcycle AS cycle"

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
		/* see snap_tables.c */
		"       '' AS options,"
		"       CASE WHEN c.reltablespace <> 0 THEN"
		"        (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) END AS tablespace,"
		"       CASE WHEN c.relam NOT IN (0, 2) THEN"
		"        (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam) END AS access_method"
		"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
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
