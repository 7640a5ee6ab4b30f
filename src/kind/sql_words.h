/*
 * sql_words.h
 *		Pieces of the queries by which several kinds are read.
 *
 * Private to kind.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SQL_WORDS_H
#define MIGR_SQL_WORDS_H

/* A name in a schema, quoted. */
#define QUALIFIED(schema, name) \
	"quote_ident(" schema ") || '.' || quote_ident(" name ")"

/* What the lists that people read are joined by. */
#define SEPARATOR "E',\\n    '"

/* A function that may be missing. */
#define FUNCTION(column) "nullif(" column ", 0)::regproc::text"

/* Members of extensions have many of these, and nobody reads them. */
#define NO_MEMBER(catalog, oid) \
	" AND NOT EXISTS (SELECT FROM pg_depend e" \
	"  WHERE e.classid = '" catalog "'::regclass AND e.objid = " oid \
	"  AND e.deptype = 'e')"

/* --- options -------------------------------------------------------------- */

/* The pairs of an options array, as name='value' or, of foreign tables, name 'value'. */
#define OPTIONS(array, prefix, assign) \
	"(SELECT string_agg('" prefix "' || quote_ident(o.option_name) || '" assign "' || quote_literal(o.option_value), ', '" \
	"                   ORDER BY o.option_name COLLATE \"C\")" \
	"   FROM pg_options_to_table(" array ") o)"

/* Options of a foreign object as "name 'value'", in the order of their names. */
#define FDW_OPTIONS(options) \
	"(SELECT string_agg(quote_ident(option_name) || ' '" \
	" || quote_literal(option_value), " SEPARATOR \
	" ORDER BY option_name COLLATE \"C\")" \
	" FROM pg_options_to_table(" options "))"

/* --- relations ------------------------------------------------------------ */

#define RELATION_IDENTITY QUALIFIED("n.nspname", "c.relname")

/* Of the relations that are asked for. */
#define OF_RELATIONS(column) \
	" JOIN unnest($1) of_relations (oid) ON of_relations.oid = " column

/* --- types ---------------------------------------------------------------- */

#define TYPE_IDENTITY QUALIFIED("n.nspname", "t.typname")

/* The fixed columns of a type. */
#define TYPE_COLUMNS \
	"SELECT t.oid, 0::oid, n.nspname, t.typname, " TYPE_IDENTITY "," \
	" pg_get_userbyid(t.typowner), t.typacl::text"

#define TYPE_FROM \
	" FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"

/*
 * 17: NOT NULL of a domain is a constraint.  It stays with its domain, by name
 * unless that is the automatic one; with a comment it is printed as what it is.
 */
#define NOT_NULL_APART \
	"(NOT c.convalidated OR EXISTS (SELECT FROM pg_description d" \
	"  WHERE d.classoid = 'pg_constraint'::regclass AND d.objoid = c.oid))"

/* --- routines and operators ----------------------------------------------- */

#define ROUTINE_NAME QUALIFIED("n.nspname", "p.proname")

/* By types alone: what makes a routine another one. */
#define ROUTINE_SIGNATURE \
	ROUTINE_NAME " || '(' || oidvectortypes(p.proargtypes) || ')'"

/* Another operator, by its oid. */
#define OPERATOR_OPTION(keyword, oid) \
	"(SELECT '" keyword " = OPERATOR(' || quote_ident(m.nspname)" \
	" || '.' || x.oprname || ')'" \
	" FROM pg_operator x JOIN pg_namespace m ON m.oid = x.oprnamespace" \
	" WHERE x.oid = " oid ")"

/* An operator family, by its oid. */
#define FAMILY_NAME(oid) \
	"(SELECT " QUALIFIED("fn.nspname", "f.opfname") \
	" FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace" \
	" WHERE f.oid = " oid ")"

/*
 * The operators and functions that pg_depend says belong to a class or, loose,
 * to a family.
 */
#define OPERATOR_MEMBERS(catalog, oid, also) \
	"(SELECT string_agg('OPERATOR ' || o.amopstrategy" \
	" || ' ' || o.amopopr::regoperator::text" \
	" || coalesce(' FOR ORDER BY ' || " FAMILY_NAME("o.amopsortfamily") \
	", ''), " SEPARATOR " ORDER BY o.amopstrategy," \
	" o.amopopr::regoperator::text COLLATE \"C\")" \
	" FROM pg_depend d JOIN pg_amop o ON o.oid = d.objid" \
	" WHERE d.classid = 'pg_amop'::regclass" \
	" AND d.refclassid = '" catalog "'::regclass AND d.refobjid = " oid also ")"

#define FUNCTION_TYPES \
	"format_type(r.amproclefttype, NULL)" \
	" || ', ' || format_type(r.amprocrighttype, NULL)"

#define FUNCTION_MEMBERS(catalog, oid, also) \
	"(SELECT string_agg('FUNCTION ' || r.amprocnum || ' (' || " FUNCTION_TYPES \
	" || ') ' || r.amproc::regprocedure::text," \
	" " SEPARATOR " ORDER BY r.amprocnum, (" FUNCTION_TYPES ") COLLATE \"C\")" \
	" FROM pg_depend d JOIN pg_amproc r ON r.oid = d.objid" \
	" WHERE d.classid = 'pg_amproc'::regclass" \
	" AND d.refclassid = '" catalog "'::regclass AND d.refobjid = " oid also ")"

#endif							/* MIGR_SQL_WORDS_H */
