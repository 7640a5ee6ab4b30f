/*
 * squash.c
 *		A range of revisions to one that takes their place.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "author/author.h"
#include "author/squash.h"
#include "base/errors.h"
#include "base/ident.h"
#include "diff/diff.h"
#include "diff/drift.h"
#include "exec/statement.h"
#include "graph/graph_apart.h"
#include "graph/range.h"
#include "graph/replace.h"
#include "schema/print.h"
#include "scratch/scratch.h"
#include "store/store.h"
#include "store/tenant.h"
#include "store/vouch.h"

/* How a difference marks what loses rows, or what is in them. */
#define LOSS "-- migr: loses data"

/* A squash being made. */
typedef struct Squash
{
	const char *range;
	MigrState  *state;
	bool	   *members;		/* what it replaces, by node */
	bool	   *below;			/* what that stands on */
	List	   *scripts_below;	/* MigrScript *, in order, as are: */
	List	   *scripts;		/* those of what is replaced */
	MigrSchema *from;			/* what is below */
	MigrSchema *to;				/* what is replaced, on top of that */
	int			moving;			/* statements that change rows */
	int			examples;		/* revisions that have one */
	bool		loses;			/* its upgrade loses rows, or what is in them */
	MigrDraft	draft;
} Squash;

/* --- what it is ------------------------------------------------------------ */

static List *
read_scripts(MigrDb *db, const MigrGraph *graph, const bool *set, List **ids)
{
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, set, MIGR_DOWN_ALL, order);

	for (int i = 0; ids && i < count; i++)
		*ids = lappend(*ids, unconstify(char *, graph->nodes[order[i]].id));
	return migr_store_parse_scripts(db, graph, order, count);
}

/* What the members revise outside, or depend on there and nothing else brings. */
static void
find_edges(Squash *squash)
{
	const MigrGraph *graph = squash->state->graph;
	bool	   *parents = migr_set_create(graph);
	bool	   *depends = migr_set_create(graph);
	bool	   *brought;

	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours down = migr_graph_neighbours(graph, i, MIGR_DOWN);
		MigrNeighbours all = migr_graph_neighbours(graph, i, MIGR_DOWN_ALL);

		if (!squash->members[i])
			continue;
		squash->draft.labels = list_concat(squash->draft.labels, graph->nodes[i].labels);
		for (int j = 0; j < down.count; j++)
			parents[down.nodes[j]] = !squash->members[down.nodes[j]];
		for (int j = 0; j < all.count; j++)
			depends[all.nodes[j]] = !squash->members[all.nodes[j]];
	}
	brought = migr_set_create(graph);
	memcpy(brought, parents, graph->count * sizeof(bool));
	migr_graph_close(graph, brought, MIGR_DOWN_ALL);
	for (int i = 0; i < graph->count; i++)
		depends[i] = depends[i] && !brought[i];
	squash->draft.parents = migr_set_ids(graph, parents);
	squash->draft.depends = migr_set_ids(graph, depends);
}

/* Raise MG005 if there can be no such squash: before it is built. */
static void
check_shape(const Squash *squash, MigrNode *nodes, int count)
{
	MigrNode   *with = palloc((count + 1) * sizeof(MigrNode));
	MigrNode   *own = &with[count];

	memcpy(with, nodes, count * sizeof(MigrNode));
	memset(own, 0, sizeof(MigrNode));
	own->id = squash->draft.revision ? squash->draft.revision : squash->range;
	own->revises = squash->draft.parents;
	own->depends = squash->draft.depends;
	own->labels = squash->draft.labels;
	own->replaces = squash->draft.replaces;
	migr_graph_check(migr_replace_create(with, count + 1));
}

/* What is printed has the names of schemas, and so is not for each tenant. */
static void
check_not_for_tenants(const Squash *squash)
{
	const char *label = migr_tenant_label();
	const bool *for_tenants = label ? migr_apart_branch(squash->state->graph, label) : NULL;

	for (int i = 0; for_tenants && i < squash->state->graph->count; i++)
	{
		if (squash->members[i] && for_tenants[i])
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot write a squash of what is for tenants"),
					 errdetail("Revision \"%s\" is, and a squash would name its schema.",
							   squash->state->graph->nodes[i].id),
					 errhint("Write it by hand, without names of schemas, with a line \"-- migr:replaces\".")));
	}
}

/* Read what there is, and see what becomes one. */
static void
begin(Squash *squash)
{
	const MigrGraph *graph;
	MigrNode   *nodes;
	int			count;
	MigrDb		db;

	migr_db_begin(&db, false);
	nodes = migr_store_read_nodes(&db, &count);
	squash->state = migr_store_read_state(&db);
	graph = squash->state->graph;
	squash->members = migr_range_resolve(squash->state, squash->range);
	if (migr_set_count(graph, squash->members) < 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("range \"%s\" has fewer than two revisions to squash", squash->range)));
	check_not_for_tenants(squash);
	migr_replace_check_lost(graph, NULL);
	if (squash->draft.revision && migr_graph_find(graph, squash->draft.revision) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
				 errmsg("revision id \"%s\" is taken", squash->draft.revision),
				 errdetail("It is the id of a revision.")));
	squash->below = migr_set_create(graph);
	memcpy(squash->below, squash->members, graph->count * sizeof(bool));
	migr_graph_close(graph, squash->below, MIGR_DOWN_ALL);
	for (int i = 0; i < graph->count; i++)
		squash->below[i] = squash->below[i] && !squash->members[i];
	squash->scripts_below = read_scripts(&db, graph, squash->below, NULL);
	squash->scripts = read_scripts(&db, graph, squash->members, &squash->draft.replaces);
	migr_db_end(&db);
	/* Who writes the squash vouches for what it says, which is what they say. */
	migr_vouch_check(squash->scripts);
	find_edges(squash);
	check_shape(squash, nodes, count);
}

/* --- what it says ---------------------------------------------------------- */

/* A piece of SQL as comments: no line of it can be taken for a directive. */
static void
append_comment(StringInfo out, const char *sql, int len)
{
	for (int at = 0; at < len;)
	{
		int			line = 0;

		while (at + line < len && sql[at + line] != '\n')
			line++;
		appendStringInfo(out, "--| %.*s\n", line, sql + at);
		at += line + 1;
	}
}

/* The statements of a script that change rows. */
static void
append_moves(Squash *squash, StringInfo out, const MigrScript *script)
{
	const MigrSection *section = &script->sections[MIGR_SECTION_UPGRADE];
	ListCell   *lc;

	foreach(lc, migr_stmt_split(script, MIGR_SECTION_UPGRADE))
	{
		const MigrStatement *statement = lfirst(lc);

		if (!statement->moves_rows)
			continue;
		if (squash->moving++ == 0)
			appendStringInfoString(out,
				"\n-- These statements of what is replaced change rows, and are not run here.  Write\n"
				"-- behind this what of them a new database needs.\n");
		appendStringInfo(out, "--\n-- revision %s, line %d:\n", script->revision, statement->line);
		append_comment(out, psprintf("%.*s;", statement->end - statement->start,
									 section->sql + statement->start),
					   statement->end - statement->start + 1);
		if (statement->copy)
			append_comment(out, psprintf("%.*s\\.", statement->copy->len, statement->copy->data),
						   statement->copy->len + 2);
	}
}

/* The verify sections of what is replaced, which may speak of states in between. */
static char *
verify_sections(const Squash *squash)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, squash->scripts)
	{
		const MigrScript *script = lfirst(lc);
		const MigrSection *section = &script->sections[MIGR_SECTION_VERIFY];

		if (!section->present)
			continue;
		if (out.len == 0)
			appendStringInfoString(&out,
				"-- What is replaced was verified by this, revision by revision, and is not here.\n"
				"-- Write behind it what of that holds for the whole.\n");
		appendStringInfo(&out, "--\n-- revision %s:\n", script->revision);
		append_comment(&out, section->sql, strlen(section->sql));
	}
	return out.len == 0 ? NULL : out.data;
}

static void
write_sections(Squash *squash)
{
	StringInfoData upgrade;
	ListCell   *lc;

	initStringInfo(&upgrade);
	appendStringInfoString(&upgrade, squash->scripts_below == NIL
						   ? migr_print_model(squash->to)
						   : migr_diff_script(squash->from, squash->to, false));
	squash->loses = squash->scripts_below && strstr(upgrade.data, LOSS);
	squash->draft.sections[MIGR_SECTION_DOWNGRADE] =
		migr_diff_script(squash->to, squash->from, false);
	foreach(lc, squash->scripts)
	{
		const MigrScript *script = lfirst(lc);

		append_moves(squash, &upgrade, script);
		squash->examples += script->sections[MIGR_SECTION_EXAMPLE].present;
	}
	squash->draft.sections[MIGR_SECTION_UPGRADE] = upgrade.data;
	squash->draft.sections[MIGR_SECTION_VERIFY] = verify_sections(squash);
}

/* --- the proof ------------------------------------------------------------- */

/* What the squash builds, and what its downgrade leaves. */
typedef struct Proof
{
	const Squash *squash;
	MigrSchema *up;
	MigrSchema *down;
} Proof;

static void
run_section(const Squash *squash, MigrSectionKind kind)
{
	int			statements;
	int			reached;
	int			number = migr_scratch_load_sql(psprintf("%s section of the squash",
													   migr_section_names[kind]),
											   squash->draft.sections[kind], &statements);

	migr_scratch_run_sql(number, 0, -1, &reached);
}

static void
run_both(void *arg)
{
	Proof	   *proof = arg;
	ListCell   *lc;

	foreach(lc, proof->squash->scripts_below)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	run_section(proof->squash, MIGR_SECTION_UPGRADE);
	proof->up = migr_scratch_look(0);
	run_section(proof->squash, MIGR_SECTION_DOWNGRADE);
	proof->down = migr_scratch_look(0);
}

static const char *
describe(const MigrDrift *drift)
{
	switch (drift->kind)
	{
		case MIGR_DRIFT_MISSING:
			return psprintf("%s is missing:\n%s", drift->object, drift->wanted);
		case MIGR_DRIFT_UNEXPECTED:
			return psprintf("%s is there:\n%s", drift->object, drift->is);
		case MIGR_DRIFT_COLUMN_ORDER:
			return psprintf("%s has its columns in another order: %s; and not %s",
							drift->object, drift->is, drift->wanted);
		default:
			return psprintf("%s is different:\n%s\nand not\n%s",
							drift->object, drift->is, drift->wanted);
	}
}

/* Raise if what is there differs from what is wanted. */
static void
check_same(const Squash *squash, MigrSchema *is, MigrSchema *wanted,
		   const char *what)
{
	StringInfoData detail;
	ListCell   *lc;

	initStringInfo(&detail);
	foreach(lc, migr_drift_find(is, wanted))
		appendStringInfo(&detail, "%s%s", detail.len > 0 ? "\n" : "", describe(lfirst(lc)));
	if (detail.len > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_VERIFY_FAILED),
				 errmsg("a squash of \"%s\" %s", squash->range, what),
				 errdetail("%s", detail.data),
				 errhint("Squash a shorter range, or write the squash by hand.")));
}

static void
prove(const Squash *squash)
{
	MigrScratchJob job = {.role = migr_vouch_role_for_build(squash->scripts_below)};
	Proof		proof = {.squash = squash};

	migr_scratch_do(&job, run_both, &proof);
	check_same(squash, proof.up, squash->to, "would not build what it replaces");
	check_same(squash, proof.down, squash->from, "would not leave what is below it");
}

/* A schema is proved to be the same; rows are not. */
static void
warn(const Squash *squash)
{
	if (squash->loses)
		ereport(WARNING,
				(errmsg("the squash loses what the revisions that it replaces may keep"),
				 errdetail("Where \"%s\" is marked in it, they may have renamed or moved it; a database that is at what is below them has rows.",
						   LOSS),
				 errhint("Write its upgrade section so that it keeps them, and load it again.")));
	if (squash->examples > 0)
		ereport(NOTICE,
				(errmsg_plural("the example of %d revision is not in the squash",
							   "the examples of %d revisions are not in the squash",
							   squash->examples, squash->examples),
				 errdetail("Its rows are those of a state in between.")));
	if (squash->moving > 0)
		ereport(WARNING,
				(errmsg_plural("%d statement that changes rows is in the squash as a comment",
							   "%d statements that change rows are in the squash as comments",
							   squash->moving, squash->moving),
				 errhint("Write into its upgrade section what of them a new database needs, and load it again.")));
}

char *
migr_squash_write(const char *range, const char *message, const char *revision)
{
	Squash		squash = {.range = range};

	squash.draft.message = message ? message : psprintf("squash %s", range);
	squash.draft.revision = revision;
	begin(&squash);
	squash.from = migr_scratch_build(squash.scripts_below);
	squash.to = migr_scratch_build(list_concat_copy(squash.scripts_below, squash.scripts));
	write_sections(&squash);
	prove(&squash);
	warn(&squash);
	return migr_author_write(&squash.draft);
}
