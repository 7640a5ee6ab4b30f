/*
 * offline.c
 *		What a run would do, as SQL for an operator to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"

#include "base/ident.h"
#include "exec/statement.h"
#include "graph/range.h"
#include "run/offline.h"
#include "run/offline_directed.h"
#include "run/squash_rows.h"
#include "run/steps.h"
#include "store/repeatable.h"
#include "store/store.h"

/* One script being written. */
typedef struct Offline
{
	MigrDirection direction;
	bool		has_data;		/* lines that are no SQL, if it went wrong */
	bool		is_encoded;		/* what follows is read in the script's encoding */
	MigrState  *state;			/* as if the database were at the start */
	List	   *versions;		/* MigrVersion *, of this database */
	StringInfoData out;
} Offline;

static bool
has_high_bit(const char *text, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (IS_HIGHBIT_SET(text[i]))
			return true;
	}
	return false;
}

/* The names as an SQL array of text. */
static char *
quote_array(const List *names)
{
	StringInfoData array;
	ListCell   *lc;

	initStringInfo(&array);
	foreach(lc, names)
		appendStringInfo(&array, "%s%s", array.len > 0 ? ", " : "",
						 quote_literal_cstr(lfirst(lc)));
	return psprintf("ARRAY[%s]::pg_catalog.text[]", array.data);
}

/*
 * A state in which just what is below a range's start is applied: in the order
 * in which it was, if that is what is current.
 */
static MigrState *
state_at(const MigrState *actual, const char *start)
{
	MigrState  *state = migr_state_create(actual->graph);
	int		   *order = palloc((actual->graph->count + 1) * sizeof(int));
	bool		current = strcmp(start, "current") == 0;
	int			count;

	if (*start != '\0')
		state->applied = migr_resolve_applied(actual, start);
	count = migr_graph_order_steps(actual->graph, state->applied, MIGR_DOWN_ALL, order);
	for (int i = 0; i < count; i++)
		state->ordinal[order[i]] = current ? actual->ordinal[order[i]] : i + 1;

	/* Where it starts from what is, it may have to undo what is not known. */
	if (current)
	{
		state->unknown = actual->unknown;
		state->newest_unknown = PG_INT64_MAX;
	}
	return state;
}

/* What of the range's start stands for squashes in this database, as rows for them. */
static void
write_squashes(Offline *offline)
{
	const MigrGraph *graph = offline->state->graph;

	for (int i = 0; i < graph->count; i++)
	{
		const MigrRevision *info = graph->nodes[i].info;
		const char *id = quote_literal_cstr(graph->nodes[i].id);
		List	   *rows = offline->state->applied[i]
			? migr_squash_rows_of(offline->state, offline->versions, i) : NIL;
		const char *last = rows == NIL ? NULL : quote_literal_cstr(llast(rows));

		if (rows == NIL)
			continue;
		appendStringInfo(&offline->out,
						 "\n-- Squash %s takes the place of %s.\n"
						 "DELETE FROM migr.version\n"
						 "    WHERE revision OPERATOR(pg_catalog.=) ANY (%s)\n"
						 "      AND revision OPERATOR(pg_catalog.<>) %s;\n"
						 "UPDATE migr.version SET revision = %s, stamped = true, checksum = %s\n"
						 "    WHERE revision OPERATOR(pg_catalog.=) %s;\n"
						 "INSERT INTO migr.log (action, target, from_heads, to_heads, revisions,\n"
						 "                      started_at, duration, performed_by, run_as)\n"
						 "    VALUES ('squash', %s, '{}', '{}', %s,\n"
						 "            pg_catalog.now(), '0', session_user, current_user);\n\n",
						 graph->nodes[i].id, migr_ident_join(rows), quote_array(rows), last,
						 id, quote_literal_cstr(info->checksum), last, id, quote_array(rows));
	}
}

/* These revisions, and what the squashes among them replace. */
static List *
with_replaced(const MigrGraph *graph, const List *ids)
{
	List	   *all = list_copy(ids);
	ListCell   *lc;

	foreach(lc, ids)
		all = list_concat(all, graph->nodes[migr_graph_find(graph, lfirst(lc))].replaces);
	return all;
}

/*
 * The beginning: nothing else changes the version meanwhile, and the database
 * is where the script starts from.
 */
static void
write_prologue(Offline *offline, const List *ids)
{
	bool		up = offline->direction == MIGR_UPGRADE;
	List	   *start = migr_set_ids(offline->state->graph,
									 migr_state_heads(offline->state));
	const char *from = start == NIL ? "base" : migr_ident_join(start);

	appendStringInfo(&offline->out,
					 "-- %s from %s, revisions: %d.\n"
					 "-- Run it with psql -1 -v ON_ERROR_STOP=1 in a database that has extension migr.\n"
					 "-- Verify sections are left out.\n\n"
					 "LOCK TABLE migr.version IN SHARE ROW EXCLUSIVE MODE;\n",
					 up ? "Upgrade" : "Downgrade", from, list_length(ids));
	write_squashes(offline);
	appendStringInfo(&offline->out,
					 "DO $migr$\n"
					 "DECLARE\n"
					 "    applied CONSTANT pg_catalog.text[] := %s;\n"
					 "    absent CONSTANT pg_catalog.text[] := %s;\n"
					 "BEGIN\n"
					 "    IF EXISTS (SELECT FROM pg_catalog.unnest(applied) id\n"
					 "                WHERE NOT id OPERATOR(pg_catalog.=) ANY (SELECT revision FROM migr.version))\n"
					 "       OR EXISTS (SELECT FROM migr.version\n"
					 "                   WHERE revision OPERATOR(pg_catalog.=) ANY (absent)) THEN\n"
					 "        RAISE EXCEPTION USING ERRCODE = '55000',\n"
					 "            MESSAGE = 'the database is not where this script starts from',\n"
					 "            DETAIL = %s;\n"
					 "    END IF;\n"
					 "END\n"
					 "$migr$;\n",
					 quote_array(up ? start : ids),
					 quote_array(up ? with_replaced(offline->state->graph, ids) : NIL),
					 quote_literal_cstr(psprintf("It starts from %s.", from)));
}

/* The encoding in which the client gets the script, and will send it. */
static const char *
script_encoding(void)
{
	return pg_get_client_encoding() == PG_SQL_ASCII ? GetDatabaseEncodingName()
		: pg_get_client_encoding_name();
}

/*
 * Who runs the script may be in another encoding, and so may be what a statement
 * of it has left: say in which one the next text is, if that matters.
 */
static void
set_encoding(Offline *offline, const char *text, int len)
{
	if (offline->is_encoded || !has_high_bit(text, len))
		return;
	appendStringInfo(&offline->out, "SET LOCAL client_encoding = %s;\n",
					 quote_literal_cstr(script_encoding()));
	offline->is_encoded = true;
}

/*
 * Append a statement and its data.  In the server, data is in the encoding of the
 * script, whatever COPY's option says: so say that.
 */
static void
write_statement(Offline *offline, const MigrSection *section,
				const MigrStatement *statement)
{
	const char *sql = section->sql + statement->start;
	const MigrCopyData *copy = statement->copy;
	int			len = statement->end - statement->start;

	if (statement->comments_migr)
		return;
	if (statement->unknown_setting)
	{
		appendStringInfoString(&offline->out, "-- A parameter that is unknown here is not set.\n");
		return;
	}
	set_encoding(offline, sql, len);
	if (copy)
		set_encoding(offline, copy->data, copy->len);
	if (migr_offline_directed(&offline->out, section, statement))
		return;
	if (copy && statement->encoding_end > 0 &&
		has_high_bit(copy->data, copy->len))
		appendStringInfo(&offline->out, "%.*s%s%.*s;\n",
						 statement->encoding_start - statement->start, sql,
						 quote_literal_cstr(script_encoding()),
						 statement->end - statement->encoding_end,
						 section->sql + statement->encoding_end);
	else
		appendStringInfo(&offline->out, "%.*s;\n", len, sql);
	if (copy)
		appendStringInfo(&offline->out, "%.*s\\.\n", copy->len, copy->data);
	offline->has_data = offline->has_data || copy;
	if (statement->changes_settings || statement->log_level == LOGSTMT_ALL)
		offline->is_encoded = false;
}

/* What is required comes first, with the settings that are made in front of it. */
static void
write_required(Offline *offline, const MigrSection *section, const List *statements)
{
	int			last = 0;

	for (int i = 0; i < list_length(statements); i++)
	{
		if (((MigrStatement *) list_nth(statements, i))->options.required)
			last = i + 1;
	}
	for (int i = 0; i < last; i++)
	{
		const MigrStatement *statement = list_nth(statements, i);

		if (statement->options.required || statement->sets)
			write_statement(offline, section, statement);
	}
}

/* Append a section's SQL, ended so that more can follow. */
static void
write_section(Offline *offline, const MigrScript *script, MigrSectionKind kind)
{
	const MigrSection *section = &script->sections[kind];
	List	   *statements = migr_stmt_split(script, kind);
	bool		settings = false;
	ListCell   *lc;

	migr_stmt_check_inside(script, statements);
	write_required(offline, section, statements);
	foreach(lc, statements)
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->options.required)
			continue;
		settings = settings || statement->changes_settings;
		write_statement(offline, section, statement);
	}
	if (!settings)
		return;
	appendStringInfoString(&offline->out,
						   "RESET SESSION AUTHORIZATION;\nRESET ALL;\n");
	offline->is_encoded = false;
}

/* The change of the version table that a step makes. */
static void
write_version(Offline *offline, const MigrScript *script)
{
	const char *id = quote_literal_cstr(script->revision);

	if (offline->direction == MIGR_DOWNGRADE)
		appendStringInfo(&offline->out,
						 "DELETE FROM migr.version WHERE revision OPERATOR(pg_catalog.=) %s;\n",
						 id);
	else
		appendStringInfo(&offline->out,
						 "INSERT INTO migr.version (revision, ordinal, checksum, stamped, applied_by)\n"
						 "    SELECT %s, coalesce(pg_catalog.max(ordinal), 0) OPERATOR(pg_catalog.+) 1, %s, false, session_user\n"
						 "      FROM migr.version;\n",
						 id, quote_literal_cstr(script->checksum));
}

static void
write_step(Offline *offline, int node, const char *text)
{
	MigrScript *script = migr_script_parse_stored(text);
	bool		up = offline->direction == MIGR_UPGRADE;
	const char *parents = script->revises == NIL ? "base"
		: migr_ident_join(script->revises);

	migr_steps_check_revision(offline->direction, &offline->state->graph->nodes[node], false);
	appendStringInfoChar(&offline->out, '\n');
	set_encoding(offline, script->message, strlen(script->message));
	appendStringInfo(&offline->out, "-- Running %s %s -> %s%s%s\n",
					 up ? "upgrade" : "downgrade",
					 up ? parents : script->revision,
					 up ? script->revision : parents,
					 *script->message ? ", " : "", script->message);
	write_section(offline, script,
				  up ? MIGR_SECTION_UPGRADE : MIGR_SECTION_DOWNGRADE);
	write_version(offline, script);
	offline->state->applied[node] = up;
}

static void
write_log(Offline *offline, const char *target, const List *from,
		  const List *ids)
{
	const MigrState *state = offline->state;

	appendStringInfo(&offline->out,
					 "\nINSERT INTO migr.log (action, target, from_heads, to_heads, revisions,\n"
					 "                      started_at, duration, performed_by, run_as)\n"
					 "    VALUES (%s, %s,\n"
					 "            %s, %s,\n"
					 "            %s,\n"
					 "            pg_catalog.now(), pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.now(),\n"
					 "            session_user, current_user);\n",
					 offline->direction == MIGR_UPGRADE ? "'upgrade'" : "'downgrade'",
					 quote_literal_cstr(target), quote_array(from),
					 quote_array(migr_set_ids(state->graph, migr_state_heads(state))),
					 quote_array(ids));
}

/* The ends of the range; an upgrade may leave the start out. */
static void
split(MigrDirection direction, const char *range, char **start, char **target)
{
	if (strchr(range, ':') == NULL && direction == MIGR_UPGRADE)
	{
		*start = pstrdup("");
		*target = pstrdup(range);
	}
	else
		migr_range_split(range, start, target);
	if (direction == MIGR_DOWNGRADE && (**start == '\0' || **target == '\0'))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a downgrade script needs both ends of the range"),
				 errhint("Write it as \"from:to\", for example \"current:base\".")));
	if (**target == '\0')
		*target = pstrdup("head");
}

/* Repeatable scripts need the server's help, with what stands on them. */
static void
write_left_out(Offline *offline)
{
	MigrPlan	nothing = {0};
	List	   *names = NIL;
	List	   *all;
	ListCell   *lc;
	MigrDb		db;

	if (offline->direction == MIGR_DOWNGRADE)
		return;
	migr_db_begin(&db, true);
	all = migr_repeatable_read(&db);
	migr_db_end(&db);
	foreach(lc, migr_repeatable_due_behind(all, offline->state, nothing))
		names = lappend(names, unconstify(char *, ((MigrRepeatable *) lfirst(lc))->name));
	if (names != NIL)
		appendStringInfo(&offline->out,
						 "\n-- Repeatable scripts are left out: run migr_upgrade() behind this one for %s.\n",
						 migr_ident_join(names));
}

char *
migr_offline_script(MigrDirection direction, const char *range)
{
	Offline		offline = {.direction = direction};
	char	   *start;
	char	   *target;
	MigrPlan	plan;
	List	   *ids = NIL;
	List	   *from;
	List	   *texts;
	ListCell   *lc;
	int			i = 0;
	MigrDb		db;

	split(direction, range, &start, &target);
	migr_db_begin(&db, true);
	offline.state = state_at(migr_store_read_state(&db), start);
	offline.versions = migr_store_read_versions(&db);
	plan = direction == MIGR_UPGRADE ? migr_plan_upgrade(offline.state, target)
		: migr_plan_downgrade(offline.state, target);
	for (i = 0; i < plan.count; i++)
		ids = lappend(ids, unconstify(char *,
									  offline.state->graph->nodes[plan.steps[i]].id));
	texts = migr_store_read_scripts(&db, offline.state->graph, plan.steps, plan.count);
	migr_db_end(&db);

	initStringInfo(&offline.out);
	if (ids == NIL)
	{
		appendStringInfo(&offline.out, "-- Nothing to do for %s.\n", range);
		write_left_out(&offline);
		return offline.out.data;
	}
	from = migr_set_ids(offline.state->graph, migr_state_heads(offline.state));
	write_prologue(&offline, ids);
	i = 0;
	foreach(lc, texts)
	{
		CHECK_FOR_INTERRUPTS();
		write_step(&offline, plan.steps[i++], lfirst(lc));
	}
	write_log(&offline, target, from, ids);
	write_left_out(&offline);

	/* After an error psql would take the data for commands. */
	return offline.has_data
		? psprintf("\\set ON_ERROR_STOP on\n%s", offline.out.data)
		: offline.out.data;
}
