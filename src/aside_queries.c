/*
 * aside_queries.c
 *		What is put away or moved, and which of it the caller may not touch.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "aside.h"

/*
 * Does a role lack the rights of a row's owner?  Then what its object is called,
 * else NULL.
 */
#define UNLESS_OWNED(role, row) \
	" CASE WHEN NOT pg_catalog.pg_has_role(" role ", " row ".owner, 'USAGE')" \
	"      THEN pg_catalog.pg_describe_object(" row ".classid, " row ".objid, 0) END"

/* Owner of what only superusers make, and nobody owns. */
#define NO_OWNER "10::pg_catalog.oid"

/*
 * What no command renames: access methods; and what has no name.  The cast of a
 * range to its multirange belongs to the range.  Casts and transforms are whose
 * their types are.
 */
MigrQuery	migr_aside_nameless = {
	"SELECT g.classid, g.objid," UNLESS_OWNED("$1", "g") " FROM ("
	"   SELECT c.tableoid, c.oid, CASE WHEN pg_catalog.pg_has_role($1, s.typowner, 'USAGE') THEN s.typowner ELSE t.typowner END"
	"     FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type s ON s.oid = c.castsource"
	"     JOIN pg_catalog.pg_type t ON t.oid = c.casttarget"
	"   UNION ALL SELECT t.tableoid, t.oid, y.typowner"
	"     FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_type y ON y.oid = t.trftype"
	"   UNION ALL SELECT a.tableoid, a.oid, " NO_OWNER " FROM pg_catalog.pg_am a"
	"   UNION ALL SELECT d.tableoid, d.oid, d.defaclrole FROM pg_catalog.pg_default_acl d WHERE d.defaclnamespace = 0"
	" ) g (classid, objid, owner)"
	" WHERE g.objid >= 16384"
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                    WHERE d.classid = g.classid AND d.objid = g.objid"
	"                      AND d.deptype IN ('e', 'i'))", 1, {OIDOID}
};

/* What the session has that is temporary, and scripts would find by its name. */
MigrQuery	migr_aside_temporary = {
	"SELECT o.classid, o.objid," UNLESS_OWNED("$1", "o") " FROM ("
	"   SELECT c.tableoid, c.oid, c.relnamespace, c.relowner FROM pg_catalog.pg_class c"
	"   UNION ALL SELECT t.tableoid, t.oid, t.typnamespace, t.typowner FROM pg_catalog.pg_type t"
	"   UNION ALL SELECT p.tableoid, p.oid, p.pronamespace, p.proowner FROM pg_catalog.pg_proc p"
	" ) o (classid, objid, schema, owner)"
	" WHERE o.schema = pg_catalog.pg_my_temp_schema()"
	" ORDER BY o.classid DESC, o.objid", 1, {OIDOID}
};

/* Schemas that stay, because they are members of extensions. */
MigrQuery	migr_aside_member_schemas = {
	"SELECT n.tableoid, n.oid, NULL FROM pg_catalog.pg_namespace n"
	" WHERE n.nspname !~ '^pg_'"
	"   AND EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                WHERE d.classid = n.tableoid AND d.objid = n.oid"
	"                  AND d.deptype = 'e')"
	" ORDER BY n.oid", 0, {0}
};

/* Rows of a catalog that has names in schemas, each its own root. */
#define IN_SCHEMA(catalog, prefix, owner) \
	" UNION ALL SELECT x.tableoid, x.oid, x." prefix "namespace, " owner ", x.tableoid, x.oid" \
	"  FROM pg_catalog." catalog " x"

/*
 * What is in a schema and belongs to an extension, or to none (0), and then has
 * to be owned.  Indexes, row types, array types and constraints are no members
 * themselves: they go with what they are part of, their root.
 */
MigrQuery	migr_aside_contents = {
	"SELECT o.classid, o.objid, CASE $2 WHEN 0 THEN" UNLESS_OWNED("$3", "o") " END FROM ("
	"   SELECT c.tableoid, c.oid, c.relnamespace, c.relowner,"
	"          CASE WHEN c.relkind = 'c' THEN 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid ELSE c.tableoid END,"
	"          CASE WHEN c.relkind = 'c' THEN c.reltype ELSE coalesce(i.indrelid, c.oid) END"
	"     FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid"
	"   UNION ALL"
	"   SELECT t.tableoid, t.oid, t.typnamespace, t.typowner,"
	"          CASE WHEN r.oid IS NULL THEN t.tableoid ELSE r.tableoid END,"
	"          coalesce(r.oid, b.oid)"
	"     FROM pg_catalog.pg_type t"
	"     LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid"
	"     LEFT JOIN pg_catalog.pg_depend m"
	"       ON m.classid = t.tableoid AND m.objid = coalesce(e.oid, t.oid)"
	"      AND m.refclassid = t.tableoid AND m.deptype = 'i'"
	"     JOIN pg_catalog.pg_type b ON b.oid = coalesce(m.refobjid, e.oid, t.oid)"
	"     LEFT JOIN pg_catalog.pg_class r ON r.oid = b.typrelid AND r.relkind <> 'c'"
	"   UNION ALL"
	"   SELECT k.tableoid, k.oid, k.connamespace, NULL,"
	"          CASE WHEN k.contypid <> 0 THEN 'pg_catalog.pg_type'::pg_catalog.regclass"
	"               ELSE 'pg_catalog.pg_class'::pg_catalog.regclass END,"
	"          CASE WHEN k.contypid <> 0 THEN k.contypid ELSE k.conrelid END"
	"     FROM pg_catalog.pg_constraint k"
	IN_SCHEMA("pg_proc", "pro", "x.proowner")
	IN_SCHEMA("pg_operator", "opr", "x.oprowner")
	IN_SCHEMA("pg_opclass", "opc", "x.opcowner")
	IN_SCHEMA("pg_opfamily", "opf", "x.opfowner")
	IN_SCHEMA("pg_collation", "coll", "x.collowner")
	IN_SCHEMA("pg_conversion", "con", "x.conowner")
	IN_SCHEMA("pg_statistic_ext", "stx", "x.stxowner")
	IN_SCHEMA("pg_ts_config", "cfg", "x.cfgowner")
	IN_SCHEMA("pg_ts_dict", "dict", "x.dictowner")
	IN_SCHEMA("pg_ts_parser", "prs", NO_OWNER)
	IN_SCHEMA("pg_ts_template", "tmpl", NO_OWNER)
	" ) o (classid, objid, schema, owner, root_class, root)"
	"  LEFT JOIN pg_catalog.pg_depend d"
	"    ON d.classid = o.root_class AND d.objid = o.root AND d.deptype = 'e'"
	" WHERE o.schema = $1 AND coalesce(d.refobjid, 0) = $2"
	" ORDER BY o.classid DESC, o.objid",
	3, {OIDOID, OIDOID, OIDOID}
};
