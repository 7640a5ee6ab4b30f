/*
 * offline.c
 *		What a run would do, as SQL for an operator to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/ident.h"
#include "exec/statement.h"
#include "run/offline.h"
#include "run/offline_write.h"
#include "run/squash_rows.h"
#include "run/steps.h"
#include "store/store.h"

/* One script being written. */
typedef struct Offline
{
	MigrDirection direction;
	MigrOffline write;
	MigrState  *state;			/* as if the database were at the start */
	List	   *versions;		/* MigrVersion *, of this database */
} Offline;

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
		appendStringInfo(&offline->write.out,
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
						 graph->nodes[i].id, migr_ident_join(rows), migr_offline_array(rows), last,
						 id, quote_literal_cstr(info->checksum), last, id, migr_offline_array(rows));
	}
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

	appendStringInfo(&offline->write.out,
					 "-- %s from %s, revisions: %d.\n"
					 "-- Run it with psql -1 -v ON_ERROR_STOP=1 in a database that has extension migr.\n"
					 "-- Verify sections are left out.\n\n"
					 "LOCK TABLE migr.version IN SHARE ROW EXCLUSIVE MODE;\n",
					 up ? "Upgrade" : "Downgrade", from, list_length(ids));
	write_squashes(offline);
	appendStringInfo(&offline->write.out,
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
					 migr_offline_array(up ? start : ids),
					 migr_offline_array(up ? migr_offline_with_replaced(offline->state->graph, ids) : NIL),
					 quote_literal_cstr(psprintf("It starts from %s.", from)));
}

/* Append a section's SQL, ended so that more can follow. */
static void
write_section(Offline *offline, const MigrScript *script, MigrSectionKind kind)
{
	List	   *statements = migr_stmt_split(script, kind);

	migr_stmt_check_inside(script, statements);
	if (!migr_offline_section(&offline->write, &script->sections[kind], statements))
		return;
	appendStringInfoString(&offline->write.out,
						   "RESET SESSION AUTHORIZATION;\nRESET ALL;\n");
	offline->write.is_encoded = false;
}

/* The change of the version table that a step makes. */
static void
write_version(Offline *offline, const MigrScript *script)
{
	const char *id = quote_literal_cstr(script->revision);

	if (offline->direction == MIGR_DOWNGRADE)
		appendStringInfo(&offline->write.out,
						 "DELETE FROM migr.version WHERE revision OPERATOR(pg_catalog.=) %s;\n",
						 id);
	else
		appendStringInfo(&offline->write.out,
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

	migr_steps_check_revision(offline->direction, &offline->state->graph->nodes[node], false);
	migr_offline_heading(&offline->write, script, up);
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

	appendStringInfo(&offline->write.out,
					 "\nINSERT INTO migr.log (action, target, from_heads, to_heads, revisions,\n"
					 "                      started_at, duration, performed_by, run_as)\n"
					 "    VALUES (%s, %s,\n"
					 "            %s, %s,\n"
					 "            %s,\n"
					 "            pg_catalog.now(), pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.now(),\n"
					 "            session_user, current_user);\n",
					 offline->direction == MIGR_UPGRADE ? "'upgrade'" : "'downgrade'",
					 quote_literal_cstr(target), migr_offline_array(from),
					 migr_offline_array(migr_set_ids(state->graph, migr_state_heads(state))),
					 migr_offline_array(ids));
}

/* Repeatable scripts need the server's help, with what stands on them. */
static void
write_left_out(Offline *offline)
{
	List	   *names = offline->direction == MIGR_UPGRADE
		? migr_offline_left_out(offline->state) : NIL;

	if (names != NIL)
		appendStringInfo(&offline->write.out,
						 "\n-- Repeatable scripts are left out: run migr_upgrade() behind this one for %s.\n",
						 migr_ident_join(names));
}

char *
migr_offline_script(MigrDirection direction, const char *text, const MigrOfflinePlace *place)
{
	MigrOfflineRange range = migr_offline_range(text, direction == MIGR_UPGRADE, place);
	MigrOfflineSteps steps = migr_offline_steps(&range, direction);
	Offline		offline = {.direction = direction, .state = range.state, .versions = range.versions};
	List	   *from = migr_set_ids(range.state->graph, migr_state_heads(range.state));
	ListCell   *lc;
	int			i = 0;

	initStringInfo(&offline.write.out);
	if (steps.ids == NIL)
	{
		appendStringInfo(&offline.write.out, "-- Nothing to do for %s.\n", text);
		write_left_out(&offline);
		return offline.write.out.data;
	}
	write_prologue(&offline, steps.ids);
	foreach(lc, steps.texts)
	{
		CHECK_FOR_INTERRUPTS();
		write_step(&offline, steps.plan.steps[i++], lfirst(lc));
	}
	write_log(&offline, range.target, from, steps.ids);
	write_left_out(&offline);
	return migr_offline_text(&offline.write);
}
