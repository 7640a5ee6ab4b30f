/*
 * plan.c
 *		Targets to steps.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/errors.h"
#include "base/ident.h"
#include "graph/plan.h"
#include "graph/replace.h"

static MigrPlan
order_steps(const MigrState *state, const bool *members, MigrEdges after)
{
	MigrPlan	plan;

	plan.steps = palloc((state->graph->count + 1) * sizeof(int));
	plan.count = migr_graph_order(state->graph, members, after, plan.steps);
	return plan;
}

/* set |= with */
static void
unite(const MigrGraph *graph, bool *set, const bool *with)
{
	for (int i = 0; i < graph->count; i++)
		set[i] = set[i] || with[i];
}

/* set &= with, or &= not with */
static void
restrict_to(const MigrGraph *graph, bool *set, const bool *with, bool wanted)
{
	for (int i = 0; i < graph->count; i++)
		set[i] = set[i] && with[i] == wanted;
}

/* The only applied head in a set of candidates; MIGR_BASE if there is none. */
static int
only_start(const MigrState *state, const MigrName *name, const bool *candidates,
		   const char *command)
{
	int			node = MIGR_BASE;

	if (migr_set_count(state->graph, candidates) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("ambiguous %s \"%s\" from multiple current revisions",
						command, name->text),
				 errdetail("The current revisions are %s.",
						   migr_ident_join(migr_set_ids(state->graph, candidates))),
				 errhint("Name the branch as in label@+1, or the revision.")));
	for (int i = 0; i < state->graph->count; i++)
	{
		if (candidates[i])
			node = i;
	}
	return node;
}

/*
 * Where a bare relative step starts: at the current head (in the lineage); if
 * the lineage has no current head, at its topmost applied revision.
 */
static int
relative_start(const MigrState *state, const MigrName *name,
			   const bool *lineage, const char *command)
{
	bool	   *start = migr_state_heads(state);

	if (lineage)
	{
		restrict_to(state->graph, start, lineage, true);
		if (migr_set_count(state->graph, start) == 0)
		{
			bool	   *members = migr_set_create(state->graph);

			unite(state->graph, members, lineage);
			restrict_to(state->graph, members, state->applied, true);
			for (int i = 0; i < state->graph->count; i++)
				start[i] = members[i] &&
					!migr_graph_has_neighbour(state->graph, i, MIGR_UP, members);
			pfree(members);
		}
	}
	return only_start(state, name, start, command);
}

/* Raise MG004 for a step into the wrong direction, or of none. */
static void
raise_wrong_direction(const MigrName *name, const char *command)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
			 errmsg("relative step \"%s\" leads to no revision for %s",
					name->text, command),
			 errhint("An upgrade goes up as in \"+1\", a downgrade down as in \"-1\".")));
}

/* The target of an upgrade as a set; empty for base. */
static bool *
upgrade_target(const MigrState *state, const char *target)
{
	MigrName	name = migr_name_parse(target);
	bool	   *lineage;
	int			start;

	if (!name.relative)
		return migr_resolve_symbol(state, &name);

	lineage = name.label ? migr_resolve_lineage(state, name.label) : NULL;
	if (*name.symbol != '\0')
	{
		MigrName	symbol = name;

		/* Going up, the label chooses the way; the start need not be on it. */
		if (name.offset > 0)
			symbol.label = NULL;
		start = migr_resolve_symbol_one(state, &symbol);
	}
	else
	{
		if (name.offset <= 0)
			raise_wrong_direction(&name, "an upgrade");
		start = relative_start(state, &name, lineage, "upgrade");
	}
	return migr_set_of(state->graph,
					   migr_resolve_walk(state, &name, start, lineage, false));
}

/* Is one of the targets a head, whatever that is? */
static bool
asks_for_heads(const char *target)
{
	ListCell   *lc;

	foreach(lc, migr_name_split(target))
	{
		MigrName	name = migr_name_parse(lfirst(lc));

		if (strcmp(name.symbol, "head") == 0 || strcmp(name.symbol, "heads") == 0)
			return true;
	}
	return false;
}

MigrPlan
migr_plan_upgrade(const MigrState *state, const char *target)
{
	const MigrGraph *graph = state->graph;
	bool	   *needed = migr_set_create(graph);
	ListCell   *lc;

	/* Without what is lost there would be others. */
	if (asks_for_heads(target))
		migr_replace_check_lost(graph, NULL);
	foreach(lc, migr_name_split(target))
		unite(graph, needed, upgrade_target(state, lfirst(lc)));

	migr_graph_close(graph, needed, MIGR_DOWN_ALL);
	migr_replace_check_lost(graph, needed);
	restrict_to(graph, needed, state->applied, false);
	return order_steps(state, needed, MIGR_DOWN_ALL);
}

typedef struct Applied
{
	bool		recorded;		/* what has no row is older than what has one */
	int64		ordinal;
	int			place;			/* in a topological order */
	int			node;
} Applied;

static int
latest_first(const void *a, const void *b)
{
	const Applied *left = a;
	const Applied *right = b;

	if (left->recorded != right->recorded)
		return left->recorded ? -1 : 1;
	if (left->ordinal != right->ordinal)
		return left->ordinal > right->ordinal ? -1 : 1;
	return right->place - left->place;
}

/* Raise MG001 if undoing would take a script that is lost. */
static void
check_nothing_unknown(const MigrState *state)
{
	if (state->unknown != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
				 errmsg("can't locate revision identified by \"%s\"",
						(char *) linitial(state->unknown)),
				 errdetail("It is recorded as applied, but its script is not in the store."),
				 errhint("Load its script again with migr_load().")));
}

/* The n revisions that were applied last, as they are recorded. */
static bool *
last_applied(const MigrState *state, const MigrName *name)
{
	MigrPlan	applied = order_steps(state, state->applied, MIGR_DOWN_ALL);
	Applied    *sorted = palloc((applied.count + 1) * sizeof(Applied));
	bool	   *last = migr_set_create(state->graph);
	int			wanted = -name->offset;

	if (wanted > applied.count)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("relative step \"%s\" is too long", name->text),
				 errdetail_plural("%d revision is applied.",
								  "%d revisions are applied.",
								  applied.count, applied.count)));
	for (int i = 0; i < applied.count; i++)
	{
		sorted[i].node = applied.steps[i];
		sorted[i].place = i;
		sorted[i].recorded = state->recorded[applied.steps[i]];
		sorted[i].ordinal = state->ordinal[applied.steps[i]];
	}
	qsort(sorted, applied.count, sizeof(Applied), latest_first);
	for (int i = 0; i < wanted; i++)
		last[sorted[i].node] = true;
	if (wanted > 0 && state->unknown != NIL &&
		state->newest_unknown > sorted[wanted - 1].ordinal)
		check_nothing_unknown(state);
	pfree(sorted);
	return last;
}

/* The node to which a downgrade goes, and which stays applied. */
static int
downgrade_target(const MigrState *state, const MigrName *name,
				 const bool *lineage)
{
	MigrName	symbol = *name;
	int			start;

	/*
	 * The label chooses what to undo; the symbol need not be on its line,
	 * unless the walk is to begin there.
	 */
	if (!name->relative || name->offset > 0)
		symbol.label = NULL;
	if (!name->relative)
		return migr_resolve_symbol_one(state, &symbol);

	if (*name->symbol != '\0')
		start = migr_resolve_symbol_one(state, &symbol);
	else
	{
		if (name->offset >= 0)
			raise_wrong_direction(name, "a downgrade");
		start = relative_start(state, name, lineage, "downgrade");
		if (start == MIGR_BASE)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
					 errmsg("relative step \"%s\" is too long", name->text),
					 errdetail("No revision of branch \"%s\" is applied.",
							   name->label)));
	}
	return migr_resolve_walk(state, name, start, lineage, false);
}

/* What stands directly above the target; all bases above MIGR_BASE. */
static bool *
roots_above(const MigrState *state, int target)
{
	bool	   *roots;
	MigrNeighbours above;

	if (target == MIGR_BASE)
		return migr_resolve_bases(state, NULL);
	roots = migr_set_create(state->graph);
	above = migr_graph_neighbours(state->graph, target, MIGR_UP);
	for (int i = 0; i < above.count; i++)
		roots[above.nodes[i]] = true;
	return roots;
}

/* Raise MG004: nothing can be undone to get to the target. */
static void
raise_no_way_down(const MigrState *state, const MigrName *name, int target)
{
	List	   *current = migr_set_ids(state->graph, migr_state_heads(state));

	ereport(ERROR,
			(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
			 target == MIGR_BASE || state->applied[target]
			 ? errmsg("there is no downgrade to \"%s\": nothing on its line above it is applied",
					  name->text)
			 : errmsg("there is no downgrade to \"%s\": it is not applied", name->text),
			 current == NIL ? errdetail("No revision is applied.")
			 : errdetail_plural("The current revision is %s.",
								"The current revisions are %s.",
								list_length(current), migr_ident_join(current))));
}

/* The applied revisions among the roots and above. */
static bool *
applied_above(const MigrState *state, const bool *roots)
{
	bool	   *undone = migr_set_create(state->graph);

	unite(state->graph, undone, roots);
	migr_graph_close(state->graph, undone, MIGR_UP_ALL);
	restrict_to(state->graph, undone, state->applied, true);
	return undone;
}

/*
 * What a downgrade to a named place undoes: what stands above it, on the line
 * of the label if there is one, with all that depends on that.
 */
static bool *
undone_above(const MigrState *state, const MigrName *name, const bool *lineage)
{
	const MigrGraph *graph = state->graph;
	int			target = downgrade_target(state, name, lineage);
	bool	   *roots = roots_above(state, target);
	int			count = migr_set_count(graph, roots);
	bool	   *undone = applied_above(state, roots);
	bool		nothing = migr_set_count(graph, undone) == 0;

	if (target == MIGR_BASE && lineage == NULL)
		check_nothing_unknown(state);
	if (target != MIGR_BASE && nothing && !migr_state_heads(state)[target])
		raise_no_way_down(state, name, target);
	if (lineage == NULL)
		return undone;

	restrict_to(graph, roots, lineage, true);
	if (migr_set_count(graph, roots) == 0 && count > 0 && (count > 1 || !nothing))
		raise_no_way_down(state, name, target);
	return applied_above(state, roots);
}

MigrPlan
migr_plan_downgrade(const MigrState *state, const char *target)
{
	MigrName	name = migr_name_parse(target);
	bool	   *lineage = name.label ? migr_resolve_lineage(state, name.label) : NULL;
	bool	   *undone;

	if (name.relative && *name.symbol == '\0' && lineage == NULL)
	{
		if (name.offset >= 0)
			raise_wrong_direction(&name, "a downgrade");
		undone = applied_above(state, last_applied(state, &name));
	}
	else
		undone = undone_above(state, &name, lineage);
	return order_steps(state, undone, MIGR_UP_ALL);
}

/* Take out of set what is on a line, dependencies included, with a target. */
static void
remove_lines(const MigrState *state, bool *set, const bool *targets)
{
	const MigrGraph *graph = state->graph;
	bool	   *above = migr_set_create(graph);
	bool	   *below = migr_set_create(graph);

	unite(graph, above, targets);
	unite(graph, below, targets);
	migr_graph_close(graph, above, MIGR_UP_ALL);
	migr_graph_close(graph, below, MIGR_DOWN_ALL);
	restrict_to(graph, set, above, false);
	restrict_to(graph, set, below, false);
	pfree(above);
	pfree(below);
}

bool *
migr_plan_stamp(const MigrState *state, const char *targets, bool purge)
{
	const MigrGraph *graph = state->graph;
	bool	   *result = migr_set_create(graph);
	bool	   *kept = purge ? migr_set_create(graph) : migr_state_heads(state);
	ListCell   *lc;

	foreach(lc, migr_name_split(targets))
	{
		MigrName	name = migr_name_parse(lfirst(lc));
		bool	   *set = migr_resolve(state, lfirst(lc), false);

		unite(graph, result, set);
		if (migr_set_count(graph, set) > 0)
			remove_lines(state, kept, set);
		else if (name.label)
			restrict_to(graph, kept, migr_resolve_lineage(state, name.label), false);
		else
			kept = migr_set_create(graph);
	}
	unite(graph, result, kept);
	migr_graph_close(graph, result, MIGR_DOWN_ALL);
	return result;
}

void
migr_plan_check_done(const MigrState *state)
{
	MigrPlan	plan = migr_plan_upgrade(state, "heads");

	if (plan.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg_plural("database is not up to date: %d revision pending",
							   "database is not up to date: %d revisions pending",
							   plan.count, plan.count),
				 errdetail("The next is \"%s\".",
						   state->graph->nodes[plan.steps[0]].id),
				 errhint("Run migr_upgrade().")));
}
