/*
 * snap_types.c
 *		Queries for types: enum, composite, domain, range, base, shell.
 *
 * Options that CREATE TYPE takes as a list are put together here, in the order
 * in which they are printed; NULL where there is none.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"

#include "snapshot/snap_parts.h"

#define TYPE_IDENTITY \
	"quote_ident(n.nspname) || '.' || quote_ident(t.typname)"

/* The fixed columns of a type. */
#define TYPE_COLUMNS \
	"SELECT t.oid, 0::oid, n.nspname, t.typname, " TYPE_IDENTITY "," \
	" pg_get_userbyid(t.typowner), t.typacl::text"

#define TYPE_FROM \
	" FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"

/* What the lists that people read are joined by. */
#define SEPARATOR "E',\\n    '"

static const char enum_sql[] =
	TYPE_COLUMNS ","
	" (SELECT string_agg(quote_literal(e.enumlabel), " SEPARATOR
	"         ORDER BY e.enumsortorder)"
	"    FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels"
	TYPE_FROM
	" WHERE t.typtype = 'e' AND t.oid >= 16384";

/*
 * The types of which there are values in columns, as such or within others;
 * run once, and only if there is a composite type.
 */
#define STORED_TYPES \
	"WITH RECURSIVE stored (oid) AS (" \
	" SELECT a.atttypid FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid" \
	"  WHERE r.relkind IN ('r', 'p', 'f', 'm') AND a.atttypid >= 16384" \
	" UNION SELECT p.oid FROM stored s JOIN pg_type y ON y.oid = s.oid" \
	"  LEFT JOIN pg_range g ON y.oid IN (g.rngtypid, {rngmultitype_oid})," \
	"  LATERAL (SELECT unnest(ARRAY[y.typelem, y.typbasetype, g.rngsubtype])" \
	"   UNION ALL SELECT a.atttypid FROM pg_attribute a" \
	"    WHERE y.typrelid <> 0 AND a.attrelid = y.typrelid AND a.attnum > 0) p (oid)" \
	"  WHERE p.oid >= 16384) SELECT oid FROM stored"

/*
 * Comments on attributes belong to the hidden relation, which is no object:
 * they come as statements.
 */
static const char composite_sql[] =
	TYPE_COLUMNS ","
	" (SELECT string_agg(quote_ident(a.attname)"
	"         || ' ' || format_type(a.atttypid, a.atttypmod)"
	"         || CASE WHEN a.attcollation <> b.typcollation"
	"            THEN ' COLLATE ' || a.attcollation::regcollation::text"
	"            ELSE '' END,"
	"         " SEPARATOR " ORDER BY a.attnum)"
	"    FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid"
	"   WHERE a.attrelid = t.typrelid AND a.attnum > 0"
	"     AND NOT a.attisdropped) AS attributes,"
	" (SELECT string_agg('COMMENT ON COLUMN ' || " TYPE_IDENTITY
	"         || '.' || quote_ident(a.attname)"
	"         || ' IS ' || quote_literal(d.description) || E';\\n',"
	"         '' ORDER BY a.attnum)"
	"    FROM pg_description d JOIN pg_attribute a"
	"      ON a.attrelid = d.objoid AND a.attnum = d.objsubid"
	"   WHERE d.classoid = 'pg_class'::regclass AND d.objoid = t.typrelid"
	"     AND d.objsubid > 0 AND NOT a.attisdropped) AS attribute_comments,"
	" t.oid IN (" STORED_TYPES ") AS stored"
	" FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid"
	" JOIN pg_namespace n ON n.oid = t.typnamespace"
	" WHERE t.typtype = 'c' AND c.relkind = 'c' AND t.oid >= 16384";

/*
 * 17: NOT NULL is a constraint.  It stays with its domain, by name unless that
 * is the automatic one; with a comment it is printed as what it is.
 */
#define NOT_NULL_APART \
	"(NOT c.convalidated OR EXISTS (SELECT FROM pg_description d" \
	"  WHERE d.classoid = 'pg_constraint'::regclass AND d.objoid = c.oid))"

static const char domain_sql[] =
	TYPE_COLUMNS ","
	" format_type(t.typbasetype, t.typtypmod) AS base,"
	" CASE WHEN t.typcollation <> b.typcollation"
	" THEN t.typcollation::regcollation::text END AS collation,"
	" pg_get_expr(t.typdefaultbin, 0) AS default,"
	/* a default may call what returns the domain: make that known before */
	" CASE WHEN t.typdefaultbin IS NOT NULL THEN"
	"  'CREATE DOMAIN ' || " TYPE_IDENTITY
	"  || ' AS ' || format_type(t.typbasetype, t.typtypmod)"
	"  || CASE WHEN t.typcollation <> b.typcollation"
	"  THEN E'\n    COLLATE ' || t.typcollation::regcollation::text ELSE '' END"
	" END AS forward,"
	" t.typnotnull AND NOT EXISTS (SELECT FROM pg_constraint c"
	"   WHERE c.contypid = t.oid AND c.contype = 'n' AND " NOT_NULL_APART ")"
	" AS not_null,"
	" (SELECT quote_ident(c.conname) FROM pg_constraint c"
	"   WHERE c.contypid = t.oid AND c.contype = 'n'"
	"     AND c.conname::text <> t.typname || '_not_null') AS not_null_name"
	TYPE_FROM " JOIN pg_type b ON b.oid = t.typbasetype"
	" WHERE t.typtype = 'd' AND t.oid >= 16384";

static const char domain_constraint_sql[] =
	"SELECT c.oid, c.contypid, n.nspname, c.conname,"
	" quote_ident(c.conname) || ' ON DOMAIN ' || " TYPE_IDENTITY ","
	" NULL::text, NULL::text,"
	" 'CONSTRAINT' AS noun,"
	" pg_get_constraintdef(c.oid) AS definition,"
	" c.convalidated AS validated"
	" FROM pg_constraint c JOIN pg_type t ON t.oid = c.contypid"
	" JOIN pg_namespace n ON n.oid = t.typnamespace"
	" WHERE c.contypid <> 0 AND c.oid >= 16384"
	" AND (c.contype <> 'n' OR " NOT_NULL_APART ")";

static const char range_sql[] =
	TYPE_COLUMNS ","
	" concat_ws(" SEPARATOR ","
	"  'SUBTYPE = ' || format_type(r.rngsubtype, NULL),"
	"  'SUBTYPE_OPCLASS = ' || (SELECT quote_ident(m.nspname)"
	"     || '.' || quote_ident(o.opcname)"
	"     FROM pg_opclass o JOIN pg_namespace m ON m.oid = o.opcnamespace"
	"     WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),"
	"  CASE WHEN r.rngcollation <> s.typcollation"
	"  THEN 'COLLATION = ' || r.rngcollation::regcollation::text END,"
	"  'CANONICAL = ' || nullif(r.rngcanonical::text, '-'),"
	"  'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::text, '-'),"
	"  'MULTIRANGE_TYPE_NAME = ' || {rngmultitype}) AS options,"
	" r.rngcanonical <> 0::oid AS needs_shell"
	TYPE_FROM
	" JOIN pg_range r ON r.rngtypid = t.oid"
	" JOIN pg_type s ON s.oid = r.rngsubtype"
	" WHERE t.typtype = 'r' AND t.oid >= 16384";

static const char base_sql[] =
	TYPE_COLUMNS ","
	" concat_ws(" SEPARATOR ","
	"  'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'VARIABLE'"
	"   ELSE t.typlen::text END,"
	"  'INPUT = ' || t.typinput::text,"
	"  'OUTPUT = ' || t.typoutput::text,"
	"  'RECEIVE = ' || nullif(t.typreceive::text, '-'),"
	"  'SEND = ' || nullif(t.typsend::text, '-'),"
	"  'TYPMOD_IN = ' || nullif(t.typmodin::text, '-'),"
	"  'TYPMOD_OUT = ' || nullif(t.typmodout::text, '-'),"
	"  'ANALYZE = ' || nullif(t.typanalyze::text, '-'),"
	"  'SUBSCRIPT = ' || {typsubscript},"
	"  CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END,"
	"  'DEFAULT = ' || quote_literal(t.typdefault),"
	"  CASE WHEN t.typelem <> 0"
	"   THEN 'ELEMENT = ' || format_type(t.typelem, NULL) END,"
	"  CASE WHEN t.typcategory <> 'U'"
	"   THEN 'CATEGORY = ' || quote_literal(t.typcategory::text) END,"
	"  CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,"
	"  CASE WHEN t.typdelim <> ','"
	"   THEN 'DELIMITER = ' || quote_literal(t.typdelim::text) END,"
	"  'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char'"
	"   WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,"
	"  'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain'"
	"   WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,"
	"  CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END) AS options"
	TYPE_FROM
	" WHERE t.typtype = 'b' AND t.typisdefined AND t.oid >= 16384"
	/* not the array types that come with other types */
	" AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)";

/*
 * A type that was announced and never defined; and the announcement of each
 * that functions need to know before it can be defined: a second object at the
 * same address, which the type itself holds.
 */
static const char shell_sql[] =
	"SELECT t.oid, 0::oid, n.nspname, t.typname, " TYPE_IDENTITY ","
	" CASE WHEN NOT t.typisdefined THEN pg_get_userbyid(t.typowner) END,"
	" CASE WHEN NOT t.typisdefined THEN t.typacl::text END,"
	" t.typisdefined AS announces"
	TYPE_FROM
	" LEFT JOIN pg_range r ON r.rngtypid = t.oid"
	" WHERE t.oid >= 16384"
	" AND (NOT t.typisdefined"
	"  OR t.typtype = 'r' AND r.rngcanonical <> 0::oid"
	"  OR t.typtype = 'b'"
	"   AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))";

const MigrSnapQuery migr_snap_types[] = {
	{MIGR_KIND_ENUM, TypeRelationId, InvalidOid, enum_sql},
	{MIGR_KIND_COMPOSITE, TypeRelationId, InvalidOid, composite_sql},
	{MIGR_KIND_DOMAIN, TypeRelationId, InvalidOid, domain_sql},
	{MIGR_KIND_CONSTRAINT, ConstraintRelationId, TypeRelationId,
	domain_constraint_sql},
	{MIGR_KIND_RANGE, TypeRelationId, InvalidOid, range_sql},
	{MIGR_KIND_BASE_TYPE, TypeRelationId, InvalidOid, base_sql},
	/* After the types that they announce: these keep the address. */
	{MIGR_KIND_SHELL_TYPE, TypeRelationId, InvalidOid, shell_sql},
	{0}
};
