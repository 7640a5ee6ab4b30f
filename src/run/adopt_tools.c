/*
 * adopt_tools.c
 *		The tools whose databases can be taken over: what their version tables look like.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"

#include "base/ident.h"
#include "run/adopt_tools.h"

#define ARGUMENTS 5, {TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}
#define ROWS \
	" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))" \
	" AS r (a, b, c, d) "
#define EACH_ROW {"SELECT a, NULL::pg_catalog.text" ROWS "WHERE $5 IS NOT NULL ORDER BY a", ARGUMENTS}

/* What scripts for servers without the extension have begun outside of transactions. */
static const MigrAdoptTool begun_standalone = {
	.name = "migr", .title = "migr", .table = "unfinished",
	.columns = {"revision", "direction", "statement", "of"},
	.query = {
		"SELECT a, pg_catalog.format('has begun its %s and has not come to its end (statement %s of %s)', b, c, d)"
		ROWS "WHERE $5 IS NOT NULL ORDER BY a", ARGUMENTS
	}
};

/* Those with more columns come first: a table that has them is not the simpler one. */
static const MigrAdoptTool tools[] = {
	{
		.name = "alembic", .title = "Alembic", .table = "alembic_version",
		.columns = {"version_num"}, .heads = true, .query = EACH_ROW
	},
	{
		.name = "flyway", .title = "Flyway", .table = "flyway_schema_history",
		.columns = {"version", "type", "success", "installed_rank"},
		/* A baseline stands for all versions up to its own; an undone version has a later row. */
		.query = {
			"WITH r AS (SELECT r.*, pg_catalog.row_number() OVER (PARTITION BY a ORDER BY d::pg_catalog.int8 DESC) AS n"
			ROWS ")"
			" SELECT COALESCE(a, 'a script without a version'), 'has failed' FROM r WHERE c <> 't'"
			" UNION ALL SELECT a, NULL FROM r WHERE c = 't' AND n = 1 AND a IS NOT NULL"
			"   AND b NOT LIKE 'UNDO%' AND b NOT IN ('DELETE', 'BASELINE', 'SCHEMA')"
			" UNION SELECT id, NULL FROM r, pg_catalog.unnest($5) AS id"
			"  WHERE b IN ('BASELINE', 'SQL_BASELINE') AND c = 't' AND id ~ '^[0-9]+([.][0-9]+)*$' AND a ~ '^[0-9]+([.][0-9]+)*$'"
			"    AND pg_catalog.string_to_array(id, '.')::pg_catalog.numeric[] <="
			"        pg_catalog.string_to_array(a, '.')::pg_catalog.numeric[]"
			" ORDER BY 1", ARGUMENTS
		}
	},
	{
		.name = "sqitch", .title = "Sqitch", .schema = "sqitch", .table = "changes",
		.columns = {"change", "committed_at", "project", "change_id"},
		/* A change that was reworked is there again, by the same name. */
		.query = {
			"SELECT CASE WHEN n = 1 THEN a ELSE a || '.' || n END,"
			"       CASE WHEN projects[1] <> projects[2] THEN 'is of one of several projects' END"
			"  FROM (SELECT a, pg_catalog.row_number() OVER (PARTITION BY a ORDER BY b::pg_catalog.timestamptz) AS n,"
			"               ARRAY[pg_catalog.min(c) OVER (), pg_catalog.max(c) OVER ()] AS projects"
			ROWS "WHERE $5 IS NOT NULL) AS r ORDER BY 1", ARGUMENTS
		}
	},
	{
		.name = "goose", .title = "goose", .table = "goose_db_version",
		.columns = {"version_id", "is_applied", "id"},
		/* What was undone has a later row, by older versions; 0 is where the table begins. */
		.query = {
			"SELECT a, NULL::pg_catalog.text FROM (SELECT DISTINCT ON (a) a, b" ROWS
			"WHERE $5 IS NOT NULL ORDER BY a, c::pg_catalog.int8 DESC) AS r WHERE b = 't' AND a <> '0' ORDER BY a",
			ARGUMENTS
		}
	},
	{
		.name = "prisma", .title = "Prisma", .table = "_prisma_migrations",
		.columns = {"migration_name", "finished_at", "rolled_back_at"},
		.query = {
			"SELECT a, CASE WHEN b IS NULL THEN 'has failed, or is running' END" ROWS
			"WHERE $5 IS NOT NULL AND c IS NULL ORDER BY a", ARGUMENTS
		}
	},
	{
		.name = "supabase", .title = "Supabase", .schema = "supabase_migrations", .table = "schema_migrations",
		.columns = {"version", "statements"}, .query = EACH_ROW
	},
	{
		.name = "golang-migrate", .title = "golang-migrate", .table = "schema_migrations",
		.columns = {"version", "dirty"}, .heads = true,
		.query = {
			"SELECT a, CASE WHEN b <> 'f' THEN 'has failed (it is marked as dirty)' END" ROWS
			"WHERE $5 IS NOT NULL ORDER BY a", ARGUMENTS
		}
	},
	{
		.name = "drizzle", .title = "Drizzle", .schema = "drizzle", .table = "__drizzle_migrations",
		.columns = {"created_at", "hash"}, .query = EACH_ROW
	},
	{
		.name = "diesel", .title = "Diesel", .table = "__diesel_schema_migrations",
		.columns = {"version", "run_on"}, .query = EACH_ROW
	},
	{
		.name = "sql-migrate", .title = "sql-migrate", .table = "gorp_migrations",
		.columns = {"id", "applied_at"},
		.query = {
			"SELECT pg_catalog.regexp_replace(a, '[.]sql$', ''), NULL::pg_catalog.text" ROWS
			"WHERE $5 IS NOT NULL ORDER BY a", ARGUMENTS
		}
	},
	{
		.name = "dbmate", .title = "dbmate", .table = "schema_migrations",
		.columns = {"version"}, .query = EACH_ROW
	},
	{
		.name = "migr", .title = "standalone scripts of migr", .schema = "migr_standalone", .table = "version",
		.columns = {"revision", "checksum", "stamped", "ordinal"}, .begun = &begun_standalone,
		.query = {
			"SELECT a, NULL::pg_catalog.text, b, c" ROWS "WHERE $5 IS NOT NULL ORDER BY d::pg_catalog.int8",
			ARGUMENTS
		}
	}
};

const MigrAdoptTool *
migr_adopt_tool(int n)
{
	return n < lengthof(tools) ? &tools[n] : NULL;
}

const MigrAdoptTool *
migr_adopt_tool_by_name(const char *name)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(tools); i++)
	{
		if (pg_strcasecmp(tools[i].name, name) == 0)
			return &tools[i];
		names = lappend(names, unconstify(char *, tools[i].name));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no tool \"%s\" whose version table can be read", name),
			 errdetail("There are %s.", migr_ident_join(names))));
}

char *
migr_adopt_id(const char *name)
{
	char	   *id = palloc(strlen(name) + 1);
	int			len = 0;

	for (const char *c = name; *c && len < MIGR_IDENT_MAX; c += pg_mblen(c))
		id[len++] = migr_ident_char(*c) ? *c : '_';
	id[len] = '\0';
	return migr_ident_valid(id) ? id : psprintf("%s_2", id);
}
