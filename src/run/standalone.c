/*
 * standalone.c
 *		What a run would do, as SQL for a server without the extension.
 *
 * Revisions that may stand in one transaction do; a script that says "transaction off"
 * has one for each statement, between what can have none.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/ident.h"
#include "run/offline_write.h"
#include "run/squash_rows.h"
#include "run/standalone.h"
#include "run/standalone_blocks.h"
#include "run/steps.h"
#include "store/store.h"

/* A revision of the script. */
typedef struct Step
{
	int			node;
	MigrScript *script;
	const MigrSection *section;
	List	   *statements;
	List	   *verify;
	bool		apart;			/* its statements run outside of one transaction */
	bool		sets;			/* it may leave settings behind */
} Step;

/* One script being written. */
typedef struct Standalone
{
	MigrOffline write;
	MigrDirection direction;
	const char *action;
	MigrOfflineRange range;
	bool		knows_rows;		/* of the database, and not just its heads */
	bool		began;			/* there is a transaction in it */
	Step	   *steps;
	int			count;
} Standalone;

static StringInfo
out_of(Standalone *standalone)
{
	return &standalone->write.out;
}

static List *
heads_of(const Standalone *standalone)
{
	return migr_set_ids(standalone->range.state->graph,
						migr_state_heads(standalone->range.state));
}

static const char *
show_heads(const List *heads)
{
	return heads == NIL ? "base" : migr_ident_join(heads);
}

/* --- reading --------------------------------------------------------------- */

static void
read_step(Standalone *standalone, Step *step, const char *text)
{
	bool		up = standalone->direction == MIGR_UPGRADE;
	MigrSectionKind kind = up ? MIGR_SECTION_UPGRADE : MIGR_SECTION_DOWNGRADE;
	ListCell   *lc;

	migr_steps_check_revision(standalone->direction,
							  &standalone->range.state->graph->nodes[step->node], true);
	step->script = migr_script_parse_stored(text);
	step->section = &step->script->sections[kind];
	step->statements = migr_stmt_split(step->script, kind);
	if (step->script->transaction)
		migr_stmt_check_inside(step->script, step->statements);
	if (up && migr_steps_verifies())
		step->verify = migr_stmt_split(step->script, MIGR_SECTION_VERIFY);
	migr_stmt_check_inside(step->script, step->verify);
	foreach(lc, step->statements)
	{
		const MigrStatement *statement = lfirst(lc);

		step->sets = step->sets || statement->changes_settings;
		step->apart = step->apart || (!step->script->transaction && !statement->options.required);
	}
}

static void
read_steps(Standalone *standalone, const MigrOfflineSteps *steps)
{
	ListCell   *lc;

	standalone->steps = palloc0((steps->plan.count + 1) * sizeof(Step));
	foreach(lc, steps->texts)
	{
		Step	   *step = &standalone->steps[standalone->count];

		CHECK_FOR_INTERRUPTS();
		step->node = steps->plan.steps[standalone->count++];
		read_step(standalone, step, lfirst(lc));
	}
}

/* --- the version ------------------------------------------------------------- */

static List *
neighbours_of(const MigrGraph *graph, int node, MigrEdges edges)
{
	MigrNeighbours near = migr_graph_neighbours(graph, node, edges);
	List	   *ids = NIL;

	for (int i = 0; i < near.count; i++)
		ids = lappend(ids, unconstify(char *, graph->nodes[near.nodes[i]].id));
	return ids;
}

static MigrStandaloneVersion
version_of(const MigrGraph *graph, int node)
{
	const MigrRevision *info = graph->nodes[node].info;
	MigrStandaloneVersion version = {.revision = graph->nodes[node].id};
	ListCell   *lc;

	version.parents = neighbours_of(graph, node, MIGR_DOWN);
	foreach(lc, neighbours_of(graph, node, MIGR_DOWN_ALL))
	{
		if (!migr_ident_is_in(version.parents, lfirst(lc)))
			version.depends = lappend(unconstify(List *, version.depends), lfirst(lc));
	}
	version.checksum = info->checksum;
	version.message = info->message;
	return version;
}

static void
write_apply(Standalone *standalone, int node, bool stamped)
{
	MigrStandaloneVersion version = version_of(standalone->range.state->graph, node);

	version.stamped = stamped;
	migr_offline_set_encoding(&standalone->write, version.message, strlen(version.message));
	migr_standalone_apply(out_of(standalone), &version);
}

static void
write_version(Standalone *standalone, const Step *step)
{
	bool		up = standalone->direction == MIGR_UPGRADE;

	if (up)
		write_apply(standalone, step->node, false);
	else
		appendStringInfo(out_of(standalone),
						 "DELETE FROM migr_standalone.version WHERE revision OPERATOR(pg_catalog.=) %s;\n",
						 quote_literal_cstr(step->script->revision));
	standalone->range.state->applied[step->node] = up;
}

/* What of the start stands for squashes, as rows for them. */
static void
write_squashes(Standalone *standalone)
{
	const MigrState *state = standalone->range.state;

	for (int i = 0; i < state->graph->count; i++)
	{
		MigrStandaloneVersion squash;
		const List *rows;

		if (!state->applied[i] || state->graph->nodes[i].replaces == NIL)
			continue;
		rows = standalone->knows_rows
			? migr_squash_rows_of(state, standalone->range.versions, i)
			: state->graph->nodes[i].replaces;
		if (rows == NIL)
			continue;
		squash = version_of(state->graph, i);
		migr_offline_set_encoding(&standalone->write, squash.message, strlen(squash.message));
		migr_standalone_squash(out_of(standalone), &squash, rows);
	}
}

/* --- transactions ------------------------------------------------------------ */

/* Ids of the steps from one on, up to another one. */
static List *
ids_of(const Standalone *standalone, int first, int end)
{
	List	   *ids = NIL;

	for (int i = first; i < end; i++)
		ids = lappend(ids, standalone->steps[i].script->revision);
	return ids;
}

/* A transaction begins, in which nothing is as the last one has left it. */
static void
write_begin(Standalone *standalone, MigrStandaloneBegin *begin)
{
	appendStringInfoChar(out_of(standalone), '\n');
	begin->makes_tables = !standalone->began;
	migr_standalone_begin(out_of(standalone), begin);
	migr_standalone_pin(out_of(standalone), true);
	standalone->write.is_encoded = false;
	if (!standalone->began)
		write_squashes(standalone);
	standalone->began = true;
}

/*
 * The same for the steps from one on, up to another one.  The first one of the script looks for
 * all that is to come; the others look for their own, or the script would grow with the square
 * of what it does.
 */
static void
write_begin_steps(Standalone *standalone, int first, int end, MigrStandaloneBegin begin)
{
	MigrStandaloneStart start = {.action = standalone->action, .target = standalone->range.target};
	List	   *ids = ids_of(standalone, first, standalone->began ? end : standalone->count);
	List	   *heads = heads_of(standalone);

	start.goes_on = standalone->began;
	write_begin(standalone, &begin);
	start.from = show_heads(heads);
	if (standalone->direction == MIGR_UPGRADE)
	{
		start.applied = heads;
		start.absent = migr_offline_with_replaced(standalone->range.state->graph, ids);
	}
	else
		start.undone = ids;
	migr_standalone_check_start(out_of(standalone), &start);
}

/* Note what the transaction has done, and commit it. */
static void
write_commit(Standalone *standalone, const List *from, const List *ids)
{
	appendStringInfo(out_of(standalone),
					 "\nINSERT INTO migr_standalone.log (action, from_heads, to_heads, revisions, at, by, generator)\n"
					 "    VALUES ('%s', %s, %s,\n"
					 "            %s,\n"
					 "            pg_catalog.clock_timestamp(), session_user, 'migr " MIGR_VERSION "');\n"
					 "COMMIT;\n",
					 standalone->action, migr_offline_array(from),
					 migr_offline_array(heads_of(standalone)), migr_offline_array(ids));
}

/* --- revisions --------------------------------------------------------------- */

/* What a statement has left for the end of the transaction that it would have alone. */
static void
write_end_of(Standalone *standalone, const List *statements)
{
	bool		writes = false;
	ListCell   *lc;

	foreach(lc, statements)
		writes = writes || ((const MigrStatement *) lfirst(lc))->writes_rows;
	if (writes)
		migr_standalone_settle(out_of(standalone));
	foreach(lc, statements)
	{
		const char *table = ((const MigrStatement *) lfirst(lc))->ends_early;

		if (table)
			appendStringInfo(out_of(standalone), "DROP TABLE IF EXISTS pg_temp.%s CASCADE;\n",
							 quote_identifier(table));
	}
}

/* What a verify section does is taken back. */
static void
write_verify(Standalone *standalone, const Step *step)
{
	const MigrSection *section = &step->script->sections[MIGR_SECTION_VERIFY];
	bool		encoded = standalone->write.is_encoded;
	ListCell   *lc;

	if (step->verify == NIL)
		return;
	appendStringInfoString(out_of(standalone), "SAVEPOINT migr_verify;\n");
	foreach(lc, step->verify)
	{
		const MigrStatement *statement = lfirst(lc);
		char	   *sql = pnstrdup(section->sql + statement->start,
								   statement->end - statement->start);

		if (!statement->is_query)
		{
			migr_offline_statement(&standalone->write, section, statement);
			continue;
		}
		migr_offline_set_encoding(&standalone->write, sql, strlen(sql));
		migr_standalone_assert(out_of(standalone), step->script->revision, sql,
							   migr_stmt_show(section, statement));
		standalone->write.is_encoded = standalone->write.is_encoded && !statement->changes_settings;
	}
	appendStringInfoString(out_of(standalone),
						   "ROLLBACK TO SAVEPOINT migr_verify;\nRELEASE SAVEPOINT migr_verify;\n");
	standalone->write.is_encoded = encoded;
}

/* Behind what may have changed settings. */
static void
write_restore(Standalone *standalone, bool last)
{
	migr_standalone_restore(out_of(standalone), last);
	migr_standalone_pin(out_of(standalone), true);
	standalone->write.is_encoded = false;
}

static void
write_together(Standalone *standalone, const Step *step)
{
	migr_offline_heading(&standalone->write, step->script, standalone->direction == MIGR_UPGRADE);
	(void) migr_offline_section(&standalone->write, step->section, step->statements);
	write_end_of(standalone, step->statements);
	write_verify(standalone, step);
	if (step->sets)
		write_restore(standalone, false);
	write_version(standalone, step);
}

/* Steps in one transaction: from this one, up to the first that can't be in one. */
static int
write_transaction(Standalone *standalone, int first)
{
	MigrStandaloneBegin begin = {.saves = false};
	List	   *from = heads_of(standalone);
	List	   *ids = NIL;
	int			end = first;

	for (; end < standalone->count && !standalone->steps[end].apart; end++)
		begin.saves = begin.saves || standalone->steps[end].sets;
	write_begin_steps(standalone, first, end, begin);
	for (int i = first; i < end; i++)
	{
		CHECK_FOR_INTERRUPTS();
		write_together(standalone, &standalone->steps[i]);
		ids = lappend(ids, standalone->steps[i].script->revision);
	}
	write_commit(standalone, from, ids);
	return end;
}

/* --- statements that run apart ----------------------------------------------- */

/* Must it stand between transactions: as it has none, or may end its own? */
static bool
is_alone(const MigrStatement *statement)
{
	return statement->outside || (statement->commits && !statement->options.expected);
}

/* Outside of a transaction nothing can be set for just a statement, so what it needs is set and reset. */
static void
write_alone(Standalone *standalone, const MigrSection *section, const MigrStatement *statement)
{
	const char *sql = section->sql + statement->start;
	int			len = statement->end - statement->start;
	bool		encoded = migr_offline_is_encoded(sql, len);
	bool		escaped = memchr(sql, '\\', len) != NULL;

	appendStringInfoChar(out_of(standalone), '\n');
	if (encoded)
		appendStringInfo(out_of(standalone), "SET client_encoding = %s;\n",
						 quote_literal_cstr(migr_offline_encoding()));
	if (escaped)
		migr_standalone_pin(out_of(standalone), false);
	appendStringInfo(out_of(standalone), "%.*s;\n", len, sql);
	if (escaped)
		appendStringInfoString(out_of(standalone), "RESET standard_conforming_strings;\n");
	if (encoded)
		appendStringInfoString(out_of(standalone), "RESET client_encoding;\n");
}

static void
write_begin_part(Standalone *standalone, const MigrStandaloneApart *apart, int number)
{
	appendStringInfoChar(out_of(standalone), '\n');
	migr_standalone_begin_part(out_of(standalone), apart, number);
	migr_standalone_pin(out_of(standalone), true);
	standalone->write.is_encoded = false;
}

static void
write_mark(Standalone *standalone, const MigrStandaloneApart *apart, int number, const char *sql)
{
	migr_offline_set_encoding(&standalone->write, sql, strlen(sql));
	migr_standalone_mark(out_of(standalone), apart, number, sql);
}

/* The statements of a section that run one by one; those that are required don't. */
static List *
parts_of(const Step *step)
{
	List	   *parts = NIL;
	ListCell   *lc;

	foreach(lc, step->statements)
	{
		if (!((const MigrStatement *) lfirst(lc))->options.required)
			parts = lappend(parts, lfirst(lc));
	}
	return parts;
}

/* One of them, and the mark that the next one begins. */
static void
write_part(Standalone *standalone, const Step *step, const MigrStandaloneApart *apart,
		   const List *parts, int number)
{
	const MigrStatement *statement = list_nth(parts, number - 1);

	if (is_alone(statement))
		write_alone(standalone, step->section, statement);
	write_begin_part(standalone, apart, number);
	if (!is_alone(statement))
	{
		migr_offline_statement(&standalone->write, step->section, statement);
		write_end_of(standalone, list_make1(unconstify(MigrStatement *, statement)));
	}
	write_mark(standalone, apart, number + 1, number < apart->count
			   ? migr_stmt_show(step->section, list_nth(parts, number)) : "");
	appendStringInfoString(out_of(standalone), "COMMIT;\n");
}

static void
write_apart(Standalone *standalone, int number)
{
	const Step *step = &standalone->steps[number];
	List	   *parts = parts_of(step);
	List	   *from = heads_of(standalone);
	MigrStandaloneBegin begin = {.saves = step->sets, .stays = true};
	MigrStandaloneApart apart = {
		.revision = step->script->revision,
		.action = standalone->action,
		.checksum = step->script->checksum,
		.count = list_length(parts)
	};

	write_begin_steps(standalone, number, number + 1, begin);
	migr_offline_heading(&standalone->write, step->script, standalone->direction == MIGR_UPGRADE);
	migr_offline_required(&standalone->write, step->section, step->statements);
	write_mark(standalone, &apart, 1, migr_stmt_show(step->section, linitial(parts)));
	appendStringInfoString(out_of(standalone), "COMMIT;\n");
	for (int i = 1; i <= apart.count; i++)
		write_part(standalone, step, &apart, parts, i);

	write_begin_part(standalone, &apart, apart.count + 1);
	write_verify(standalone, step);
	if (step->sets)
		write_restore(standalone, true);
	write_version(standalone, step);
	appendStringInfo(out_of(standalone),
					 "DELETE FROM migr_standalone.unfinished WHERE revision OPERATOR(pg_catalog.=) %s;\n",
					 quote_literal_cstr(apart.revision));
	write_commit(standalone, from, list_make1(step->script->revision));
}

/* --- the script ---------------------------------------------------------------- */

static Standalone
begin_script(const char *action, const char *range, bool may_leave_out,
			 const MigrOfflinePlace *place)
{
	Standalone	standalone = {.action = action};

	standalone.write.standalone = true;
	standalone.range = migr_offline_range(range, may_leave_out, place);
	standalone.knows_rows = place->elsewhere || standalone.range.current;
	initStringInfo(&standalone.write.out);
	return standalone;
}

static void
write_head(Standalone *standalone, const char *title, const char *what)
{
	appendStringInfo(out_of(standalone),
					 "-- %s from %s, %s.\n"
					 "-- Run it with psql -X -v ON_ERROR_STOP=1 -f, in a database without extension migr.\n",
					 title, show_heads(heads_of(standalone)), what);
}

static void
write_left_out(Standalone *standalone)
{
	List	   *names = standalone->direction == MIGR_UPGRADE
		? migr_offline_left_out(standalone->range.state) : NIL;

	if (names != NIL)
		appendStringInfo(out_of(standalone), "\n-- Repeatable scripts are left out: %s.\n",
						 migr_ident_join(names));
}

char *
migr_standalone_script(MigrDirection direction, const char *range, const MigrOfflinePlace *place)
{
	bool		up = direction == MIGR_UPGRADE;
	Standalone	standalone = begin_script(up ? "upgrade" : "downgrade", range, up, place);
	MigrOfflineSteps steps = migr_offline_steps(&standalone.range, direction);

	standalone.direction = direction;
	read_steps(&standalone, &steps);
	if (standalone.count == 0)
		appendStringInfo(out_of(&standalone), "-- Nothing to do for %s.\n", range);
	else
		write_head(&standalone, up ? "Upgrade" : "Downgrade",
				   psprintf("revisions: %d", standalone.count));
	for (int i = 0; i < standalone.count;)
	{
		if (!standalone.steps[i].apart)
			i = write_transaction(&standalone, i);
		else
			write_apart(&standalone, i++);
	}
	write_left_out(&standalone);
	return migr_offline_text(&standalone.write);
}

/* The rows that a stamp adds, each behind what it stands on. */
static List *
write_stamps(Standalone *standalone, const bool *wanted)
{
	const MigrState *state = standalone->range.state;
	int		   *order = palloc((state->graph->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(state->graph, wanted, MIGR_DOWN_ALL, order);
	List	   *added = NIL;

	for (int i = 0; i < count; i++)
	{
		if (state->applied[order[i]])
			continue;
		write_apply(standalone, order[i], true);
		added = lappend(added, unconstify(char *, state->graph->nodes[order[i]].id));
	}
	return added;
}

char *
migr_standalone_stamp(const char *range, const MigrOfflinePlace *place)
{
	Standalone	standalone = begin_script("stamp", range, false, place);
	MigrState  *state = standalone.range.state;
	bool	   *wanted = migr_plan_stamp(state, standalone.range.target, false);
	bool	   *removed = migr_set_copy(state->graph, state->applied);
	List	   *from = heads_of(&standalone);
	MigrStandaloneBegin begin = {.ignores_begun = true};
	MigrStandaloneStart start = {.exact = true, .action = "stamp", .target = standalone.range.target};
	List	   *added;

	write_head(&standalone, "Stamp", psprintf("to %s", standalone.range.target));
	write_begin(&standalone, &begin);
	start.from = show_heads(from);
	start.applied = list_concat(migr_set_ids(state->graph, state->applied), list_copy(state->unknown));
	migr_standalone_check_start(out_of(&standalone), &start);

	migr_set_restrict(state->graph, removed, wanted, false);
	appendStringInfo(out_of(&standalone),
					 "DELETE FROM migr_standalone.unfinished;\n"
					 "DELETE FROM migr_standalone.version WHERE revision OPERATOR(pg_catalog.=) ANY (%s);\n",
					 migr_offline_array(migr_set_ids(state->graph, removed)));
	added = write_stamps(&standalone, wanted);
	memcpy(state->applied, wanted, state->graph->count * sizeof(bool));
	write_commit(&standalone, from, list_concat(migr_set_ids(state->graph, removed), added));
	return migr_offline_text(&standalone.write);
}
