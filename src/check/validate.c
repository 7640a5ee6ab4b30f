/*
 * validate.c
 *		What is wrong with the script store: the graph, and each script.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/server_parser.h"
#include "check/validate.h"
#include "exec/statement.h"
#include "graph/replace.h"
#include "store/repeatable.h"
#include "store/store.h"

/* How many scripts are read at a time. */
#define BATCH 64

static const char *const flaw_names[] = {
	"duplicate_revision", "missing_parent", "missing_dependency", "cycle",
	"duplicate_label", "squash", "unreachable", "island", "several_heads", "altered",
	"malformed", "syntax", "needs_transaction_off", "no_downgrade",
	"empty_downgrade", "id_style", "differs", "missing_file", "not_loaded",
	"not_compared"
};

StaticAssertDecl(lengthof(flaw_names) == MIGR_FLAWS, "each flaw has a name");

const char *
migr_flaw_name(MigrFlaw flaw)
{
	return flaw_names[flaw];
}

static void
add(MigrFlawFindings *findings, MigrFlaw flaw, const char *revision,
	const char *detail)
{
	MigrFlawFinding *finding = palloc(sizeof(MigrFlawFinding));

	finding->revision = revision;
	finding->detail = detail;
	findings->by_flaw[flaw] = lappend(findings->by_flaw[flaw], finding);
}

/* --- the graph ----------------------------------------------------------- */

static MigrFlaw
flaw_of(MigrProblemKind kind)
{
	switch (kind)
	{
		case MIGR_PROBLEM_DUPLICATE_ID:
			return MIGR_FLAW_DUPLICATE_REVISION;
		case MIGR_PROBLEM_DUPLICATE_LABEL:
			return MIGR_FLAW_DUPLICATE_LABEL;
		case MIGR_PROBLEM_MISSING_PARENT:
			return MIGR_FLAW_MISSING_PARENT;
		case MIGR_PROBLEM_MISSING_DEPENDENCY:
			return MIGR_FLAW_MISSING_DEPENDENCY;
		case MIGR_PROBLEM_SQUASH:
			return MIGR_FLAW_SQUASH;
		default:
			return MIGR_FLAW_CYCLE;
	}
}

/*
 * Add what the graph itself complains of.  Marks the revisions that can't be
 * applied because of that.
 */
static void
add_problems(MigrFlawFindings *findings, const MigrGraph *graph, bool *broken)
{
	ListCell   *lc;

	foreach(lc, graph->problems)
	{
		const MigrProblem *problem = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		add(findings, flaw_of(problem->kind), problem->revision, problem->message);
		if (problem->kind != MIGR_PROBLEM_DUPLICATE_ID &&
			problem->kind != MIGR_PROBLEM_DUPLICATE_LABEL)
			broken[migr_graph_find(graph, problem->revision)] = true;
	}
}

/* Revisions that no upgrade can come to, but for those known as broken. */
static void
add_unreachable(MigrFlawFindings *findings, const MigrGraph *graph, const bool *broken)
{
	bool	   *cut_off = palloc((graph->count + 1) * sizeof(bool));
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, NULL, MIGR_DOWN_ALL, order);

	memset(cut_off, true, graph->count * sizeof(bool));
	for (int i = 0; i < count; i++)
		cut_off[order[i]] = broken[order[i]];
	migr_graph_close(graph, cut_off, MIGR_UP_ALL);
	for (int i = 0; i < graph->count; i++)
	{
		if (cut_off[i] && !broken[i])
			add(findings, MIGR_FLAW_UNREACHABLE, graph->nodes[i].id,
				"no upgrade can come to it: what is missing or in a cycle is at or below it");
	}
	pfree(order);
	pfree(cut_off);
}

/* Revisions that are connected, whatever the direction. */
typedef struct Component
{
	int			size;
	int			base;			/* the first one, or the first revision */
	bool		has_base;
	bool		explained;		/* by a label, or by another finding */
} Component;

/* The representative of a node's component. */
static int
find_component(int *parents, int node)
{
	while (parents[node] != node)
	{
		parents[node] = parents[parents[node]];
		node = parents[node];
	}
	return node;
}

/* The components by representative; size 0 for all other nodes. */
static Component *
find_components(const MigrGraph *graph, const bool *broken)
{
	Component  *components = palloc0((graph->count + 1) * sizeof(Component));
	int		   *parents = palloc((graph->count + 1) * sizeof(int));

	for (int i = 0; i < graph->count; i++)
		parents[i] = i;
	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours below = migr_graph_neighbours(graph, i, MIGR_DOWN_ALL);

		for (int j = 0; j < below.count; j++)
			parents[find_component(parents, below.nodes[j])] =
				find_component(parents, i);
	}
	for (int i = 0; i < graph->count; i++)
	{
		Component  *component = &components[find_component(parents, i)];
		bool		base = migr_graph_neighbours(graph, i, MIGR_DOWN_ALL).count == 0;

		if (component->size++ == 0 || (base && !component->has_base))
			component->base = i;
		component->has_base |= base;
		component->explained |= broken[i] || graph->nodes[i].labels != NIL;
	}
	pfree(parents);
	return components;
}

static void
add_island(MigrFlawFindings *findings, const MigrGraph *graph, const Component *island)
{
	const char *detail = "nothing connects it to the others: what does it revise?";

	if (island->size > 1)
		detail = psprintf("nothing connects it and those with it, %d in all, to the others: what does it revise?",
						  island->size);
	add(findings, MIGR_FLAW_ISLAND, graph->nodes[island->base].id, detail);
}

static int
compare_islands(const ListCell *a, const ListCell *b)
{
	return ((Component *) lfirst(a))->base - ((Component *) lfirst(b))->base;
}

/*
 * Several bases are no flaw: they may be merged, or be branches with labels.
 * Revisions that no label names and nothing connects with the most of them are
 * likely to lack a line.
 */
static void
add_islands(MigrFlawFindings *findings, const MigrGraph *graph, const bool *broken)
{
	Component  *components = find_components(graph, broken);
	const Component *mainland = NULL;
	List	   *islands = NIL;
	ListCell   *lc;

	for (int i = 0; i < graph->count; i++)
	{
		const Component *component = &components[i];

		if (mainland == NULL || component->size > mainland->size ||
			(component->size == mainland->size && component->base < mainland->base))
			mainland = component;
	}
	for (int i = 0; i < graph->count; i++)
	{
		if (components[i].size > 0 && !components[i].explained &&
			&components[i] != mainland)
			islands = lappend(islands, &components[i]);
	}
	list_sort(islands, compare_islands);
	foreach(lc, islands)
		add_island(findings, graph, lfirst(lc));
	list_free(islands);
	pfree(components);
}

/* A head that others depend on is none for "head" either. */
static bool
is_head(const MigrGraph *graph, int node)
{
	return !migr_graph_has_neighbour(graph, node, MIGR_UP_ALL, NULL);
}

static void
add_heads(MigrFlawFindings *findings, const MigrGraph *graph)
{
	int			count = 0;
	const char *detail;

	for (int i = 0; i < graph->count; i++)
		count += is_head(graph, i);
	if (count < 2)
		return;
	detail = psprintf("one of %d heads: \"head\" means none of them; merge them, or name one as label@head",
					  count);
	for (int i = 0; i < graph->count; i++)
	{
		if (is_head(graph, i))
			add(findings, MIGR_FLAW_SEVERAL_HEADS, graph->nodes[i].id, detail);
	}
}

/*
 * Is an id one that was made up?  migr and Alembic take 12 hexadecimal digits;
 * early versions of Alembic left out leading zeros, and sometimes the last.
 */
static bool
is_generated(const char *id)
{
	int			len = strlen(id);

	return len >= 10 && len <= 12 && strspn(id, "0123456789abcdef") == len;
}

/* Add the ids of the style that fewer have. */
static void
add_styles(MigrFlawFindings *findings, const MigrGraph *graph)
{
	int			generated = 0;
	bool		odd;			/* is it the generated ones? */
	const char *detail;

	for (int i = 0; i < graph->count; i++)
		generated += is_generated(graph->nodes[i].id);
	if (generated == 0 || generated == graph->count)
		return;
	odd = generated * 2 < graph->count;
	detail = odd
		? psprintf("looks generated, as %d of %d ids do; the others are names",
				   generated, graph->count)
		: psprintf("is a name, as %d of %d ids are; the others look generated",
				   graph->count - generated, graph->count);
	for (int i = 0; i < graph->count; i++)
	{
		if (is_generated(graph->nodes[i].id) == odd)
			add(findings, MIGR_FLAW_ID_STYLE, graph->nodes[i].id, detail);
	}
}

void
migr_validate_graph(MigrFlawFindings *findings, MigrGraph *graph, bool all)
{
	bool	   *broken = palloc0((graph->count + 1) * sizeof(bool));
	const MigrGraph *view;

	add_problems(findings, graph, broken);
	if (graph->problems != NIL)
		add_unreachable(findings, graph, broken);
	if (all)
	{
		/* What squashes replace is neither a head nor an island; broken is of a sound graph. */
		view = migr_replace_view(graph, NIL);
		add_islands(findings, view, broken);
		add_heads(findings, view);
		add_styles(findings, graph);
	}
	pfree(broken);
}

/* --- scripts ------------------------------------------------------------- */

/* A stored script being looked at. */
typedef struct Check
{
	MigrFlawFindings *findings;
	const MigrGraph *graph;
	const bool *heads;			/* by node */
	int			node;
	const MigrRepeatable *repeatable;	/* no node, but this */
	const char *text;
	List	   *scripts;		/* MigrScript *, what the text holds */
	MigrSectionKind kind;
	List	   *statements;		/* MigrStatement *, of that section */
	MemoryContext keep;			/* for findings */
} Check;

/* Add a finding whose detail is made in a context that goes. */
static void
add_flaw(const Check *check, MigrFlaw flaw, const char *detail)
{
	MemoryContext caller = MemoryContextSwitchTo(check->keep);

	add(check->findings, flaw, check->repeatable ? check->repeatable->name
		: check->graph->nodes[check->node].id, pstrdup(detail));
	MemoryContextSwitchTo(caller);
}

static void
parse_script(void *arg)
{
	Check	   *check = arg;

	check->scripts = migr_script_parse(check->text, NULL);
}

static void
split_section(void *arg)
{
	Check	   *check = arg;

	check->statements = migr_stmt_split(linitial(check->scripts), check->kind);
}

static bool
same_names(const List *a, const List *b)
{
	if (list_length(a) != list_length(b))
		return false;
	for (int i = 0; i < list_length(a); i++)
	{
		if (strcmp(list_nth(a, i), list_nth(b, i)) != 0)
			return false;
	}
	return true;
}

/* Is there a range among names? */
static bool
says_range(const List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strchr(lfirst(lc), ':'))
			return true;
	}
	return false;
}

/* Say in which columns a row says something else than its script. */
static void
add_columns(const Check *check, const char *table, const List *columns)
{
	if (columns != NIL)
		add_flaw(check, MIGR_FLAW_ALTERED,
				 psprintf("its row in migr.%s does not say what its script says: %s",
						  table, migr_ident_join(columns)));
}

/* Compare what the row says of its script with the script. */
static void
check_repeatable_row(const Check *check, const MigrScript *script)
{
	const MigrRepeatable *row = check->repeatable;
	List	   *columns = NIL;

	if (!script->repeatable || strcmp(row->name, script->revision) != 0)
		columns = lappend(columns, "name");
	if (!same_names(row->depends, script->depends))
		columns = lappend(columns, "depends_on");
	if (strcmp(row->message, script->message) != 0)
		columns = lappend(columns, "message");
	if (strcmp(row->checksum, script->checksum) != 0)
		columns = lappend(columns, "checksum");
	add_columns(check, "repeatable", columns);
}

static void
check_row(const Check *check, const MigrScript *script)
{
	const MigrNode *node = &check->graph->nodes[check->node];
	const MigrRevision *info = node->info;
	MigrNode	said = migr_store_node(script);
	const MigrRevision *said_info = said.info;
	List	   *columns = NIL;

	if (script->repeatable || strcmp(node->id, said.id) != 0)
		columns = lappend(columns, "revision");
	if (!same_names(node->revises, said.revises))
		columns = lappend(columns, "down_revision");
	if (!same_names(node->depends, said.depends))
		columns = lappend(columns, "depends_on");
	if (!same_names(node->labels, said.labels))
		columns = lappend(columns, "branch_labels");
	if (strcmp(info->message, said_info->message) != 0)
		columns = lappend(columns, "message");
	if (info->reversible != said_info->reversible)
		columns = lappend(columns, "reversible");
	if (info->transaction != said_info->transaction)
		columns = lappend(columns, "transactional");
	if (!says_range(script->replaces) && !same_names(node->replaces, said.replaces))
		columns = lappend(columns, "replaces");
	if (info->is_head != check->heads[check->node])
		columns = lappend(columns, "is_head");
	if (strcmp(info->checksum, said_info->checksum) != 0)
		columns = lappend(columns, "checksum");
	add_columns(check, "revision", columns);
}

/*
 * Can what is wrong with a section be told by the parser?  Its context is the
 * place; our own messages name it themselves.
 */
static void
add_failure(const Check *check, const ErrorData *failure)
{
	MigrFlaw	flaw = failure->sqlerrcode == ERRCODE_MIGR_MALFORMED_SCRIPT ||
		failure->sqlerrcode == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE
		? MIGR_FLAW_MALFORMED : MIGR_FLAW_SYNTAX;

	add_flaw(check, flaw, failure->context
			 ? psprintf("%s: %s", failure->context, failure->message)
			 : failure->message);
}

/* Look at a section; true if it has nothing in it. */
static bool
check_section(Check *check, const MigrScript *script)
{
	ErrorData  *failure;
	ListCell   *lc;

	check->statements = NIL;
	failure = migr_parse_attempt(split_section, check);
	if (failure)
	{
		add_failure(check, failure);
		return false;
	}

	/* A verify section is run in a transaction, whatever the script says. */
	foreach(lc, check->statements)
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->outside &&
			(script->transaction || check->kind == MIGR_SECTION_VERIFY))
			add_flaw(check, MIGR_FLAW_NEEDS_TRANSACTION_OFF,
					 psprintf("%s, line %d: %s cannot run inside a transaction block",
							  migr_stmt_place(script, check->kind),
							  statement->line, statement->outside));
	}
	return check->statements == NIL;
}

static void
check_sections(Check *check, const MigrScript *script)
{
	bool		empty[MIGR_SECTION_KINDS];

	for (int kind = 0; kind < MIGR_SECTION_KINDS; kind++)
	{
		check->kind = kind;
		empty[kind] = check_section(check, script);
	}
	if (script->repeatable)
		return;
	if (!script->sections[MIGR_SECTION_DOWNGRADE].present)
		add_flaw(check, MIGR_FLAW_NO_DOWNGRADE,
				 "it has no downgrade section, so it cannot be undone");
	else if (empty[MIGR_SECTION_DOWNGRADE] && !empty[MIGR_SECTION_UPGRADE])
		add_flaw(check, MIGR_FLAW_EMPTY_DOWNGRADE,
				 "its downgrade section is empty, its upgrade section is not");
}

static void
check_script(Check *check)
{
	ErrorData  *failure;

	check->scripts = NIL;
	failure = migr_parse_attempt(parse_script, check);
	if (failure)
		add_failure(check, failure);
	else if (list_length(check->scripts) != 1)
		add_flaw(check, MIGR_FLAW_MALFORMED,
				 psprintf("the stored script holds %d revisions instead of one",
						  list_length(check->scripts)));
	else
	{
		if (check->repeatable)
			check_repeatable_row(check, linitial(check->scripts));
		else
			check_row(check, linitial(check->scripts));
		check_sections(check, linitial(check->scripts));
	}
}

/* The texts of count nodes from first on. */
static List *
read_batch(MigrDb *db, const MigrGraph *graph, int first, int count)
{
	int		   *nodes = palloc((count + 1) * sizeof(int));

	for (int i = 0; i < count; i++)
		nodes[i] = first + i;
	return migr_store_read_scripts(db, graph, nodes, count);
}

void
migr_validate_scripts(MigrFlawFindings *findings, MigrGraph *graph)
{
	Check		check = {.findings = findings, .graph = graph};
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext batch = AllocSetContextCreate(caller, "migr scripts",
												ALLOCSET_DEFAULT_SIZES);
	MigrDb		db;

	check.keep = caller;
	check.heads = migr_replace_heads(graph);
	migr_db_begin(&db, true);
	for (int first = 0; first < graph->count; first += BATCH)
	{
		int			count = Min(BATCH, graph->count - first);
		ListCell   *lc;

		MemoryContextSwitchTo(batch);
		check.node = first;
		foreach(lc, read_batch(&db, graph, first, count))
		{
			CHECK_FOR_INTERRUPTS();
			check.text = lfirst(lc);
			check_script(&check);
			check.node++;
		}
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch);
	}
	migr_db_end(&db);
	MemoryContextDelete(batch);
}

/* --- repeatable scripts ---------------------------------------------------- */

/* Add what one depends on and there is not. */
static void
check_depends(const Check *check, const List *names)
{
	const MigrRepeatable *self = check->repeatable;
	ListCell   *lc;

	foreach(lc, self->depends)
	{
		const char *name = lfirst(lc);

		if (migr_graph_find(check->graph, name) < 0 &&
			migr_graph_find_label(check->graph, name) < 0 &&
			!migr_ident_is_in(names, name))
			add_flaw(check, MIGR_FLAW_MISSING_DEPENDENCY,
					 psprintf("repeatable script \"%s\" depends on \"%s\", which does not exist",
							  self->name, name));
	}
}

void
migr_validate_repeatables(MigrFlawFindings *findings, const MigrGraph *graph)
{
	Check		check = {.findings = findings, .graph = graph};
	List	   *names = NIL;
	List	   *stored;
	ListCell   *lc;
	MigrDb		db;

	check.keep = CurrentMemoryContext;
	migr_db_begin(&db, true);
	stored = migr_repeatable_read(&db);
	foreach(lc, stored)
		names = lappend(names, unconstify(char *, ((MigrRepeatable *) lfirst(lc))->name));
	foreach(lc, stored)
	{
		CHECK_FOR_INTERRUPTS();
		check.repeatable = lfirst(lc);
		check_depends(&check, names);
		check.text = migr_repeatable_script(&db, check.repeatable->name);
		check_script(&check);
	}
	migr_db_end(&db);
}
