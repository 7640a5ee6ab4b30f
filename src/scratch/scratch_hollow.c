/*
 * scratch_hollow.c
 *		Stand-ins of what a build refers to and does not make.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/db.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "scratch/scratch_hollow.h"

#define NAME(alias, column) "n.nspname, " alias "." column

/* A column, or an attribute of a composite type, as CREATE lists it. */
#define COLUMNS(relation) \
	"(SELECT pg_catalog.string_agg(pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)), ', '" \
	"                              ORDER BY a.attnum)" \
	"   FROM pg_catalog.pg_attribute a" \
	"  WHERE a.attrelid = " relation " AND a.attnum > 0 AND NOT a.attisdropped)"

/* What is passed to a function, with something in the place of its defaults. */
#define ARGUMENTS \
	"(SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' '," \
	"            CASE a.mode WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT' WHEN 'v' THEN 'VARIADIC' END," \
	"            pg_catalog.quote_ident(nullif(a.name, '')), pg_catalog.format_type(a.type, NULL)," \
	"            CASE WHEN a.input > p.pronargs - p.pronargdefaults AND a.mode <> 'o'" \
	"                 THEN 'DEFAULT NULL' END), ', ' ORDER BY a.number)" \
	"   FROM (SELECT u.type, coalesce(u.mode::text, 'i') AS mode, u.name, u.number," \
	"                pg_catalog.count(*) FILTER (WHERE coalesce(u.mode, 'i') NOT IN ('o', 't'))" \
	"                    OVER (ORDER BY u.number) AS input" \
	"           FROM ROWS FROM (pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))," \
	"                           pg_catalog.unnest(p.proargmodes), pg_catalog.unnest(p.proargnames))" \
	"                WITH ORDINALITY u (type, mode, name, number)) a" \
	"  WHERE a.mode <> 't')"

static MigrQuery statements_query = {
	"WITH n AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1))"
	"SELECT s.sql FROM ("
	"   SELECT 0, n.oid, pg_catalog.format('CREATE SCHEMA %I', n.nspname) FROM n"
	"   UNION ALL"
	"   SELECT 1, t.oid, pg_catalog.format('CREATE TYPE %I.%I AS ENUM (%s)', " NAME("t", "typname") ","
	"              (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)"
	"                 FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))"
	"     FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace WHERE t.typtype = 'e'"
	"   UNION ALL"
	"   SELECT 1, t.oid, pg_catalog.format('CREATE DOMAIN %I.%I AS %s', " NAME("t", "typname") ","
	"                                      pg_catalog.format_type(t.typbasetype, t.typtypmod))"
	"     FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace WHERE t.typtype = 'd'"
	"   UNION ALL"
	"   SELECT 1, t.oid, pg_catalog.format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s)', " NAME("t", "typname") ","
	"                                      pg_catalog.format_type(r.rngsubtype, NULL))"
	"     FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace"
	"     JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid"
	"   UNION ALL"
	"   SELECT 2, c.oid, pg_catalog.format(CASE c.relkind WHEN 'c' THEN 'CREATE TYPE %I.%I AS (%s)'"
	"                                      WHEN 'S' THEN 'CREATE SEQUENCE %I.%I'"
	"                                      ELSE 'CREATE TABLE %I.%I (%s)' END, " NAME("c", "relname") ","
	"                                      " COLUMNS("c.oid") ")"
	"     FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace"
	"    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c', 'S')"
	"   UNION ALL"
	"   SELECT 3, k.oid, pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', " NAME("c", "relname") ","
	"                                      k.conname, pg_catalog.pg_get_constraintdef(k.oid))"
	"     FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
	"     JOIN n ON n.oid = c.relnamespace WHERE k.contype IN ('p', 'u')"
	"   UNION ALL"
	"   SELECT 3, i.indexrelid, pg_catalog.pg_get_indexdef(i.indexrelid)"
	"     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
	"     JOIN n ON n.oid = c.relnamespace"
	"    WHERE i.indisunique AND i.indexprs IS NULL AND i.indpred IS NULL AND c.relkind = 'r'"
	"      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)"
	"   UNION ALL"
	"   SELECT 4, p.oid, pg_catalog.format('CREATE %s %I.%I(%s)%s LANGUAGE plpgsql%s%s AS %L',"
	"              CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, " NAME("p", "proname") ","
	"              " ARGUMENTS ","
	"              CASE WHEN p.prokind <> 'p' THEN ' RETURNS ' || pg_catalog.pg_get_function_result(p.oid) END,"
	"              CASE WHEN p.prokind = 'p' THEN '' WHEN p.provolatile = 'i' THEN ' IMMUTABLE'"
	"                   WHEN p.provolatile = 's' THEN ' STABLE' END,"
	"              CASE WHEN p.proisstrict THEN ' STRICT' END,"
	"              CASE WHEN p.prokind = 'p' OR p.proretset OR p.proargmodes IS NOT NULL"
	"                        OR p.prorettype = 'pg_catalog.void'::pg_catalog.regtype"
	"                   THEN 'BEGIN RETURN; END' ELSE 'BEGIN RETURN NULL; END' END)"
	"     FROM pg_catalog.pg_proc p JOIN n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')"
	") s (phase, oid, sql)"
	" WHERE s.sql IS NOT NULL ORDER BY s.phase, s.oid", 1, {TEXTARRAYOID}
};

List *
migr_scratch_hollow(const List *schemas)
{
	Datum		names = migr_db_texts_datum(schemas);
	List	   *statements = NIL;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, true);
	rows = migr_db_run(&db, &statements_query, &names, NULL);
	for (uint64 i = 0; i < rows; i++)
		statements = lappend(statements, migr_db_text(i, 1));
	migr_db_end(&db);
	return statements;
}

static void
execute(void *statement)
{
	SPI_connect();
	if (SPI_execute(statement, false, 0) < 0)
		elog(ERROR, "could not run \"%s\"", (char *) statement);
	SPI_finish();
}

static void
run(void *statement)
{
	static const MigrSetting settings[] = {
		{"client_min_messages", "error"},
		{"search_path", "pg_catalog"},
		{"check_function_bodies", "off"}
	};

	migr_settings_run(settings, lengthof(settings), execute, statement);
}

/* Those that fail are tried again as long as others succeed. */
void
migr_scratch_hollow_run(List *statements)
{
	int			before;

	do
	{
		List	   *failed = NIL;
		ListCell   *lc;

		before = list_length(statements);
		foreach(lc, statements)
		{
			ErrorData  *error = migr_subxact_run(run, lfirst(lc), true);

			if (error && migr_subxact_is_foreign(error))
				ReThrowError(error);
			if (error)
				failed = lappend(failed, lfirst(lc));
		}
		statements = failed;
	} while (statements != NIL && list_length(statements) < before);
}
