/*
 * standalone_blocks.c
 *		What a script for a server without the extension says between revisions.
 *
 * A block that calls nothing of users has pg_catalog alone in its search_path while it
 * runs, so that its names and operators mean what they say.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "parser/parser.h"
#include "utils/builtins.h"

#include "base/ident.h"
#include "run/offline_write.h"
#include "run/standalone_blocks.h"

/* "migr", as bytes; and which of its locks. */
#define LOCK_KEYS "1835624306, 1"

#define BLOCK_BEGIN \
	"BEGIN\n" \
	"    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);\n"

#define BODY_END \
	"    PERFORM pg_catalog.set_config('search_path', path, true);\n" \
	"END\n"

#define BLOCK_END BODY_END "$migr$;\n"

#define PATH_DECLARED \
	"    path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');\n"

/* Settings of a session, and of no transaction. */
#define OF_SESSION \
	"s.context IN ('user', 'superuser')" \
	" AND s.name NOT IN ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')" \
	" AND left(s.name, 16) <> 'migr_standalone.'"

static const char *const tables =
"    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'migr_standalone') THEN\n"
"        CREATE SCHEMA migr_standalone;\n"
"        COMMENT ON SCHEMA migr_standalone IS 'revisions that scripts of migr have applied, in a database without extension migr';\n"
"    END IF;\n"
"    IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n"
"                    WHERE n.nspname = 'migr_standalone' AND c.relname = 'version') THEN\n"
"        CREATE TABLE migr_standalone.version (\n"
"            revision text COLLATE \"C\" PRIMARY KEY,\n"
"            ordinal bigint NOT NULL UNIQUE,\n"
"            parents text[] NOT NULL,\n"
"            depends_on text[] NOT NULL,\n"
"            checksum text NOT NULL,\n"
"            message text NOT NULL,\n"
"            stamped boolean NOT NULL,\n"
"            applied_at timestamptz NOT NULL,\n"
"            applied_by text NOT NULL\n"
"        );\n"
"        CREATE TABLE migr_standalone.unfinished (\n"
"            revision text COLLATE \"C\" PRIMARY KEY,\n"
"            direction text NOT NULL,\n"
"            checksum text NOT NULL,\n"
"            statement integer NOT NULL,\n"
"            of integer NOT NULL,\n"
"            sql text NOT NULL,\n"
"            began_at timestamptz NOT NULL,\n"
"            began_by text NOT NULL\n"
"        );\n"
"        CREATE TABLE migr_standalone.log (\n"
"            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
"            action text NOT NULL,\n"
"            from_heads text[] NOT NULL,\n"
"            to_heads text[] NOT NULL,\n"
"            revisions text[] NOT NULL,\n"
"            at timestamptz NOT NULL,\n"
"            by text NOT NULL,\n"
"            generator text NOT NULL\n"
"        );\n"
"        COMMENT ON TABLE migr_standalone.version IS 'a row for each revision that is applied';\n"
"        COMMENT ON TABLE migr_standalone.unfinished IS 'revisions that run outside of transactions, and have begun';\n"
"        COMMENT ON TABLE migr_standalone.log IS 'a row for each transaction that has changed the version';\n"
"    END IF;\n";

/*
 * Whose tables they are, his triggers run for whoever writes them.  That superusers have the
 * rights of all roles does not mean that they trust all: they have to be members like others.
 */
static const char *const owner_check =
"    SELECT pg_get_userbyid(o.owner) INTO owner\n"
"      FROM (SELECT nspowner FROM pg_namespace WHERE nspname = 'migr_standalone'\n"
"            UNION ALL\n"
"            SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n"
"             WHERE n.nspname = 'migr_standalone') o (owner)\n"
"     WHERE NOT CASE WHEN EXISTS (SELECT FROM pg_roles r WHERE r.rolname = current_user AND r.rolsuper)\n"
"                    THEN o.owner IN (WITH RECURSIVE own (role) AS (\n"
"                             SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user\n"
"                             UNION SELECT m.roleid FROM pg_auth_members m JOIN own ON m.member = own.role)\n"
"                         SELECT own.role FROM own)\n"
"                    ELSE pg_has_role(current_user, o.owner, 'USAGE') END\n"
"       AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = o.owner AND r.rolsuper)\n"
"       AND NOT EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND d.datdba = o.owner)\n"
"     LIMIT 1;\n"
"    IF owner IS NOT NULL THEN\n"
"        RAISE EXCEPTION USING ERRCODE = '42501',\n"
"            MESSAGE = 'the tables of migr_standalone belong to another role',\n"
"            DETAIL = format('What belongs to \"%s\" may run code of his whenever it is written.', owner),\n"
"            HINT = format('Run the script as \"%s\", or as a member of that role.', owner);\n"
"    END IF;\n";

static const char *const extension_check =
"    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'migr') THEN\n"
"        RAISE EXCEPTION USING ERRCODE = '55000',\n"
"            MESSAGE = 'this database has extension migr',\n"
"            DETAIL = 'The script is for a database without it.',\n"
"            HINT = 'Use migr_upgrade(); migr_adopt(''migr_standalone.version'') takes over what such scripts have applied.';\n"
"    END IF;\n";

static const char *const begun_check =
"    SELECT * INTO begun FROM migr_standalone.unfinished LIMIT 1;\n"
"    IF FOUND THEN\n"
"        RAISE EXCEPTION USING ERRCODE = '55000',\n"
"            MESSAGE = format('revision \"%s\" has begun and has not come to its end', begun.revision),\n"
"            DETAIL = format('Its %s, begun %s by \"%s\", has come to %s.', begun.direction, begun.began_at, begun.began_by,\n"
"                            CASE WHEN begun.statement > begun.of THEN 'the end of its last statement'\n"
"                                 ELSE format('statement %s of %s: %s', begun.statement, begun.of, begun.sql) END),\n"
"            HINT = 'If it does not run any more, look what it has done. Do the rest by hand and stamp it, or undo it and stamp where the database is: the script of migr_sql(range, ''stamp'', standalone => true) takes this mark away.';\n"
"    END IF;\n";

/* Keep the settings; path is what search_path was. */
static void
append_save(StringInfo out, const char *indent, const char *path, bool stays)
{
	appendStringInfo(out,
					 "%sPERFORM pg_catalog.set_config('migr_standalone.settings', pg_catalog.json_build_object(\n"
					 "%s    'user', session_user, 'role', pg_catalog.current_setting('role'), 'settings',\n"
					 "%s    (SELECT json_object_agg(s.name, CASE s.name WHEN 'search_path' THEN %s ELSE s.setting END)\n"
					 "%s       FROM pg_settings s WHERE " OF_SESSION "))::text, %s);\n",
					 indent, indent, indent, path, indent, stays ? "false" : "true");
}

/* A block, quoted so that whatever it has in it does not end it. */
static void
append_block(StringInfo out, const char *block)
{
	const char *quote = "$migr$";

	for (int i = 1; strstr(block, quote); i++)
		quote = psprintf("$migr%d$", i);
	appendStringInfo(out, "DO %s\n%s%s;\n", quote, block, quote);
}

/* What to raise where the start is another one. */
static void
append_start_error(StringInfo out, const MigrStandaloneStart *start)
{
	bool		down = strcmp(start->action, "downgrade") == 0;

	appendStringInfo(out,
					 "        SELECT string_agg(h.revision, ', ' ORDER BY h.revision) INTO here\n"
					 "          FROM (SELECT v.revision FROM migr_standalone.version v\n"
					 "                EXCEPT SELECT unnest(v.parents || v.depends_on) FROM migr_standalone.version v) h;\n"
					 "        here := coalesce(here, 'base');\n"
					 "        RAISE EXCEPTION USING ERRCODE = '55000',\n"
					 "            MESSAGE = 'the database is not where this script starts from',\n"
					 "            DETAIL = format('The database is at %%s; the script starts from %%s.', here, %s),\n",
					 quote_literal_cstr(start->from));
	if (start->exact || start->goes_on)
		appendStringInfoString(out, "            HINT = ");
	else
		appendStringInfo(out,
						 "            HINT = CASE WHEN %s > 0 AND %s = cardinality(%s) THEN %s ELSE ",
						 down ? "missing" : "found", down ? "missing" : "found",
						 down ? "undone" : "absent",
						 down ? "'None of its revisions is applied: there is nothing to do.'"
						 : "'All its revisions are applied: there is nothing to do.'");
	appendStringInfo(out,
					 "format('Ask for migr_sql(''%%s:%%s''%s, standalone => true).',\n"
					 "                replace(here, ', ', ','), %s)%s;\n",
					 strcmp(start->action, "upgrade") == 0 ? "" : psprintf(", ''%s''", start->action),
					 quote_literal_cstr(start->target), start->exact || start->goes_on ? "" : " END");
}

static void
append_start_check(StringInfo out, const MigrStandaloneStart *start)
{
	appendStringInfo(out,
					 "    SELECT count(*) INTO missing FROM unnest(applied || undone) a (id)\n"
					 "     WHERE NOT EXISTS (SELECT FROM migr_standalone.version v WHERE v.revision = a.id);\n"
					 "    SELECT count(*) INTO found FROM unnest(absent) a (id)\n"
					 "     WHERE EXISTS (SELECT FROM migr_standalone.version v WHERE v.revision = a.id);\n");
	if (start->undone != NIL)
		appendStringInfoString(out,
							   "    SELECT count(*) INTO above FROM migr_standalone.version v\n"
							   "     WHERE v.parents || v.depends_on && undone AND NOT v.revision = ANY (undone);\n");
	if (start->exact)
		appendStringInfoString(out,
							   "    SELECT count(*) - cardinality(applied) INTO above FROM migr_standalone.version v;\n");
	appendStringInfoString(out, "    IF missing > 0 OR found > 0 OR above <> 0 THEN\n");
	append_start_error(out, start);
	appendStringInfoString(out, "    END IF;\n");
}

void
migr_standalone_begin(StringInfo out, const MigrStandaloneBegin *begin)
{
	appendStringInfoString(out,
						   "BEGIN ISOLATION LEVEL READ COMMITTED;\n"
						   "DO $migr$\n"
						   "DECLARE\n"
						   PATH_DECLARED
						   "    owner pg_catalog.text;\n"
						   "    begun record;\n"
						   BLOCK_BEGIN
						   "    PERFORM pg_advisory_xact_lock(" LOCK_KEYS ");\n");
	appendStringInfoString(out, extension_check);
	appendStringInfoString(out, owner_check);
	if (begin->makes_tables)
		appendStringInfoString(out, tables);
	if (!begin->ignores_begun)
		appendStringInfoString(out, begun_check);
	if (begin->saves)
		append_save(out, "    ", "path", begin->stays);
	appendStringInfoString(out, BLOCK_END);
}

void
migr_standalone_check_start(StringInfo out, const MigrStandaloneStart *start)
{
	StringInfoData block;

	initStringInfo(&block);
	appendStringInfo(&block,
					 "DECLARE\n"
					 PATH_DECLARED
					 "    applied CONSTANT pg_catalog.text[] := %s;\n"
					 "    absent CONSTANT pg_catalog.text[] := %s;\n"
					 "    undone CONSTANT pg_catalog.text[] := %s;\n"
					 "    missing pg_catalog.int8;\n"
					 "    found pg_catalog.int8;\n"
					 "    above pg_catalog.int8 := 0;\n"
					 "    here pg_catalog.text;\n"
					 BLOCK_BEGIN,
					 migr_offline_array(start->applied), migr_offline_array(start->absent),
					 migr_offline_array(start->undone));
	append_start_check(&block, start);
	appendStringInfoString(&block, BODY_END);
	append_block(out, block.data);
}

void
migr_standalone_begin_part(StringInfo out, const MigrStandaloneApart *apart, int number)
{
	appendStringInfo(out,
					 "BEGIN ISOLATION LEVEL READ COMMITTED;\n"
					 "DO $migr$\n"
					 "DECLARE\n"
					 PATH_DECLARED
					 BLOCK_BEGIN
					 "    PERFORM pg_advisory_xact_lock(" LOCK_KEYS ");\n"
					 "    IF NOT EXISTS (SELECT FROM migr_standalone.unfinished u\n"
					 "                    WHERE u.revision = %s AND u.checksum = %s AND u.statement = %d) THEN\n"
					 "        RAISE EXCEPTION USING ERRCODE = '55000',\n"
					 "            MESSAGE = 'revision \"%s\" is not where this script has left it',\n"
					 "            DETAIL = 'What comes next is statement %d of %d of its %s.',\n"
					 "            HINT = 'Somebody has changed migr_standalone.unfinished, by a script that stamps maybe: look where the database is.';\n"
					 "    END IF;\n"
					 BLOCK_END,
					 quote_literal_cstr(apart->revision), quote_literal_cstr(apart->checksum), number,
					 apart->revision, Min(number, apart->count), apart->count, apart->action);
}

void
migr_standalone_mark(StringInfo out, const MigrStandaloneApart *apart, int number, const char *sql)
{
	const char *revision = quote_literal_cstr(apart->revision);

	if (number == 1)
		appendStringInfo(out,
						 "INSERT INTO migr_standalone.unfinished\n"
						 "        (revision, direction, checksum, statement, of, sql, began_at, began_by)\n"
						 "    VALUES (%s, %s, %s, 1, %d,\n"
						 "            %s, pg_catalog.now(), session_user);\n",
						 revision, quote_literal_cstr(apart->action),
						 quote_literal_cstr(apart->checksum), apart->count, quote_literal_cstr(sql));
	else
		appendStringInfo(out,
						 "UPDATE migr_standalone.unfinished SET statement = %d, sql = %s\n"
						 "    WHERE revision OPERATOR(pg_catalog.=) %s;\n",
						 number, quote_literal_cstr(sql), revision);
}

void
migr_standalone_pin(StringInfo out, bool local)
{
	appendStringInfo(out, "SET %sstandard_conforming_strings = %s;\n", local ? "LOCAL " : "",
					 standard_conforming_strings ? "on" : "off");
}

/* A script that says RESET ALL has what was kept reset, too. */
void
migr_standalone_restore(StringInfo out, bool last)
{
	appendStringInfoString(out,
						   "DO $migr$\n"
						   "DECLARE\n"
						   "    kept CONSTANT pg_catalog.text := pg_catalog.current_setting('migr_standalone.settings', true);\n"
						   "    path pg_catalog.text;\n"
						   "    saved pg_catalog.json;\n"
						   "    changed record;\n"
						   "BEGIN\n"
						   "    IF kept IS NULL OR pg_catalog.length(kept) OPERATOR(pg_catalog.=) 0 THEN\n"
						   "        RESET SESSION AUTHORIZATION;\n"
						   "        RESET ALL;\n"
						   "        path := pg_catalog.current_setting('search_path');\n"
						   "        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);\n");
	append_save(out, "        ", "path", last);
	appendStringInfo(out,
					 "        PERFORM pg_catalog.set_config('search_path', path, true);\n"
					 "    ELSE\n"
					 "        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);\n"
					 "        saved := kept;\n"
					 "        IF session_user <> saved ->> 'user' THEN\n"
					 "            PERFORM pg_catalog.set_config('session_authorization', saved ->> 'user', false);\n"
					 "        END IF;\n"
					 "        IF current_setting('role') <> saved ->> 'role' THEN\n"
					 "            PERFORM pg_catalog.set_config('role', saved ->> 'role', false);\n"
					 "        END IF;\n"
					 "        FOR changed IN\n"
					 "            SELECT s.name, o.value\n"
					 "              FROM pg_settings s LEFT JOIN json_each_text(saved -> 'settings') o ON o.key = s.name\n"
					 "             WHERE " OF_SESSION "\n"
					 "               AND o.value IS DISTINCT FROM s.setting\n"
					 "        LOOP\n"
					 "            PERFORM pg_catalog.set_config(changed.name, changed.value, false);\n"
					 "        END LOOP;\n"
					 "    END IF;\n"
					 "%s"
					 "END\n"
					 "$migr$;\n",
					 last ? "    PERFORM pg_catalog.set_config('migr_standalone.settings', '', false);\n" : "");
}

/* Triggers that fire belong to users, and have their search_path. */
void
migr_standalone_settle(StringInfo out)
{
	appendStringInfoString(out,
						   "DO $migr$\n"
						   "DECLARE\n"
						   PATH_DECLARED
						   "    all_of pg_catalog.text;\n"
						   "    late pg_catalog.text;\n"
						   BLOCK_BEGIN
						   "    SELECT string_agg(c.name, ', '), string_agg(c.name, ', ') FILTER (WHERE c.is_late)\n"
						   "      INTO all_of, late\n"
						   "      FROM (SELECT format('%I.%I', n.nspname, c.conname), bool_and(c.condeferred AND c.condeferrable)\n"
						   "              FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace\n"
						   "             WHERE c.conrelid <> 0 AND has_schema_privilege(n.oid, 'USAGE')\n"
						   "               AND (left(n.nspname, 8) <> 'pg_temp_' OR n.oid = pg_my_temp_schema())\n"
						   "             GROUP BY 1 HAVING bool_or(c.condeferrable)) c (name, is_late);\n"
						   "    PERFORM pg_catalog.set_config('search_path', path, true);\n"
						   "    IF all_of IS NOT NULL THEN\n"
						   "        EXECUTE pg_catalog.concat('SET CONSTRAINTS ', all_of, ' IMMEDIATE');\n"
						   "    END IF;\n"
						   "    IF late IS NOT NULL THEN\n"
						   "        EXECUTE pg_catalog.concat('SET CONSTRAINTS ', late, ' DEFERRED');\n"
						   "    END IF;\n"
						   "END\n"
						   "$migr$;\n");
}

/* Of two columns of one name each is looked at, so json and not jsonb. */
void
migr_standalone_assert(StringInfo out, const char *revision, const char *sql, const char *shown)
{
	char	   *block =
		psprintf("\nDECLARE\n"
				 "    statement CONSTANT pg_catalog.text := %s;\n"
				 "    answer record;\n"
				 "    wrong pg_catalog.text;\n"
				 "BEGIN\n"
				 "    FOR answer IN EXECUTE statement LOOP\n"
				 "        SELECT CASE WHEN e.value::pg_catalog.text OPERATOR(pg_catalog.=) 'false'\n"
				 "                    THEN pg_catalog.concat('Column \"', e.key, '\" is false in: ', %s)\n"
				 "                    ELSE e.value OPERATOR(pg_catalog.#>>) '{}' END INTO wrong\n"
				 "          FROM pg_catalog.json_each(pg_catalog.row_to_json(answer)) e\n"
				 "         WHERE e.value::pg_catalog.text OPERATOR(pg_catalog.=) 'false'\n"
				 "            OR pg_catalog.left(e.value OPERATOR(pg_catalog.#>>) '{}', 6) OPERATOR(pg_catalog.=) 'not ok'\n"
				 "            OR pg_catalog.strpos(e.value OPERATOR(pg_catalog.#>>) '{}',\n"
				 "                   pg_catalog.concat(pg_catalog.chr(10), 'not ok')) OPERATOR(pg_catalog.>) 0\n"
				 "         LIMIT 1;\n"
				 "        IF wrong IS NOT NULL THEN\n"
				 "            RAISE EXCEPTION USING ERRCODE = 'MG011',\n"
				 "                MESSAGE = 'verify section of revision \"%s\" failed', DETAIL = wrong;\n"
				 "        END IF;\n"
				 "    END LOOP;\n"
				 "END\n",
				 quote_literal_cstr(sql), quote_literal_cstr(shown), revision);

	appendStringInfo(out, "DO %s;\n", quote_literal_cstr(block));
}

void
migr_standalone_apply(StringInfo out, const MigrStandaloneVersion *version)
{
	appendStringInfo(out,
					 "INSERT INTO migr_standalone.version\n"
					 "        (revision, ordinal, parents, depends_on, checksum, message, stamped, applied_at, applied_by)\n"
					 "    SELECT %s, coalesce(pg_catalog.max(v.ordinal), 0) OPERATOR(pg_catalog.+) 1,\n"
					 "           %s, %s,\n"
					 "           %s,\n"
					 "           %s, %s, pg_catalog.clock_timestamp(), session_user\n"
					 "      FROM migr_standalone.version v;\n",
					 quote_literal_cstr(version->revision), migr_offline_array(version->parents),
					 migr_offline_array(version->depends), quote_literal_cstr(version->checksum),
					 quote_literal_cstr(version->message), version->stamped ? "true" : "false");
}

/* The row that was applied last becomes the squash's; what stood on others stands on it. */
void
migr_standalone_squash(StringInfo out, const MigrStandaloneVersion *squash, const List *rows)
{
	const char *last = quote_literal_cstr(llast(rows));
	StringInfoData block;

	initStringInfo(&block);
	appendStringInfo(&block,
					 "DECLARE\n"
					 PATH_DECLARED
					 "    squash CONSTANT pg_catalog.text := %s;\n"
					 "    squashed CONSTANT pg_catalog.text[] := %s;\n"
					 "    one pg_catalog.text;\n"
					 BLOCK_BEGIN
					 "    IF (SELECT count(*) FROM migr_standalone.version v WHERE v.revision = ANY (squashed)) = cardinality(squashed)\n"
					 "       AND NOT EXISTS (SELECT FROM migr_standalone.version v WHERE v.revision = squash) THEN\n"
					 "        DELETE FROM migr_standalone.version v WHERE v.revision = ANY (squashed) AND v.revision <> %s;\n"
					 "        UPDATE migr_standalone.version v\n"
					 "           SET revision = squash, checksum = %s, message = %s,\n"
					 "               stamped = true, parents = %s, depends_on = %s\n"
					 "         WHERE v.revision = %s;\n"
					 "        FOREACH one IN ARRAY squashed LOOP\n"
					 "            UPDATE migr_standalone.version v\n"
					 "               SET parents = array_replace(v.parents, one, squash),\n"
					 "                   depends_on = array_replace(v.depends_on, one, squash)\n"
					 "             WHERE one = ANY (v.parents || v.depends_on);\n"
					 "        END LOOP;\n"
					 "        INSERT INTO migr_standalone.log (action, from_heads, to_heads, revisions, at, by, generator)\n"
					 "            VALUES ('squash', '{}', '{}', squashed, clock_timestamp(), session_user, 'migr " MIGR_VERSION "');\n"
					 "    END IF;\n"
					 BODY_END,
					 quote_literal_cstr(squash->revision), migr_offline_array(rows), last,
					 quote_literal_cstr(squash->checksum),
					 quote_literal_cstr(squash->message), migr_offline_array(squash->parents),
					 migr_offline_array(squash->depends), last);
	appendStringInfo(out, "\n-- Squash %s takes the place of %s.\n", squash->revision,
					 migr_ident_join(rows));
	append_block(out, block.data);
}
