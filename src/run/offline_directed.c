/*
 * offline_directed.c
 *		What directives in front of statements mean in a script for psql.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "run/offline_directed.h"

/* A block around a statement that is in a variable: it may hold any quotes. */
static void
append_block(StringInfo out, const char *sql, const char *declare, const char *body)
{
	StringInfoData block;

	initStringInfo(&block);
	appendStringInfo(&block, "\nDECLARE\n    statement CONSTANT pg_catalog.text := %s;\n%sBEGIN\n%sEND\n",
					 quote_literal_cstr(sql), declare, body);
	appendStringInfo(out, "DO %s;\n", quote_literal_cstr(block.data));
}

static void
append_required(StringInfo out, const char *sql)
{
	append_block(out, sql, "    answer pg_catalog.bool;\n    asked pg_catalog.bool := false;\n",
				 "    FOR answer IN EXECUTE statement LOOP\n"
				 "        asked := true;\n"
				 "        EXIT WHEN answer IS NOT TRUE;\n"
				 "    END LOOP;\n"
				 "    IF NOT asked OR answer IS NOT TRUE THEN\n"
				 "        RAISE EXCEPTION USING ERRCODE = '55000',\n"
				 "            MESSAGE = 'what is required is not so', DETAIL = statement;\n"
				 "    END IF;\n");
}

static void
append_expected(StringInfo out, const char *sql, const MigrStatementOptions *options)
{
	append_block(out, sql, "    changed pg_catalog.int8;\n",
				 psprintf("    EXECUTE statement;\n"
						  "    GET DIAGNOSTICS changed = ROW_COUNT;\n"
						  "    IF changed OPERATOR(pg_catalog.<) " INT64_FORMAT
						  " OR changed OPERATOR(pg_catalog.>) " INT64_FORMAT " THEN\n"
						  "        RAISE EXCEPTION USING ERRCODE = '21000',\n"
						  "            MESSAGE = 'a statement has changed another number of rows than is expected',\n"
						  "            DETAIL = pg_catalog.format('Rows: %%s; expected: %s.', changed);\n"
						  "    END IF;\n",
						  options->expected_min, options->expected_max,
						  migr_statement_options_range(options)));
}

/* What takes all rows at once needs no more than a second time. */
static void
append_batch(StringInfo out, const char *sql)
{
	append_block(out, sql, "    changed pg_catalog.int8;\n",
				 "    LOOP\n"
				 "        EXECUTE statement;\n"
				 "        GET DIAGNOSTICS changed = ROW_COUNT;\n"
				 "        EXIT WHEN changed OPERATOR(pg_catalog.=) 0;\n"
				 "    END LOOP;\n");
}

bool
migr_offline_directed(StringInfo out, const MigrSection *section,
					  const MigrStatement *statement)
{
	const MigrStatementOptions *options = &statement->options;
	const char *sql = pnstrdup(section->sql + statement->start,
							   statement->end - statement->start);

	if (options->required)
		append_required(out, sql);
	else if (options->expected)
		append_expected(out, sql, options);
	else if (options->batched)
		append_batch(out, sql);
	else
		return false;
	return true;
}
