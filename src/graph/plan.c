/*
 * plan.c
 *		Targets to steps.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/pg_list.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/toposort.h"
#include "graph/plan.h"
#include "graph/replace.h"

static MigrPlan
order_steps(const MigrState *state, const bool *members, MigrEdges after)
{
	MigrPlan	plan;

	plan.steps = palloc((state->graph->count + 1) * sizeof(int));
	plan.count = migr_graph_order_steps(state->graph, members, after, plan.steps);
	return plan;
}

/* The only applied head in a set of candidates; MIGR_BASE if there is none. */
static int
only_start(const MigrState *state, const MigrName *name, const bool *candidates,
		   const char *command)
{
	if (migr_set_count(state->graph, candidates) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("ambiguous %s \"%s\" from multiple current revisions",
						command, name->text),
				 errdetail("The current revisions are %s.",
						   migr_ident_join(migr_set_ids(state->graph, candidates))),
				 name->label ? errhint("Name the revision.")
				 : errhint("Name the branch as in label@%s, or the revision.", name->text)));
	return migr_set_member(state->graph, candidates);
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
		migr_set_restrict(state->graph, start, lineage, true);
	if (lineage && migr_set_count(state->graph, start) == 0)
	{
		bool	   *members = migr_set_copy(state->graph, lineage);

		migr_set_restrict(state->graph, members, state->applied, true);
		start = migr_set_topmost(state->graph, members, MIGR_DOWN);
		pfree(members);
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

/*
 * N steps up from what is current.  What is pending below it comes first: these
 * are steps as any others.
 */
static bool *
steps_up(const MigrState *state, const MigrName *name, const bool *lineage)
{
	const MigrGraph *graph = state->graph;
	int			start = relative_start(state, name, lineage, "upgrade");
	bool	   *pending = migr_set_of(graph, start);
	MigrName	rest = *name;
	MigrPlan	below;

	migr_graph_close(graph, pending, lineage ? MIGR_DOWN : MIGR_DOWN_ALL);
	migr_set_restrict(graph, pending, state->applied, false);
	below = order_steps(state, pending, MIGR_DOWN_ALL);
	rest.made = below.count;
	if (rest.made < rest.offset)
		return migr_set_of(graph, migr_resolve_walk(state, &rest, start, lineage,
													NULL, false));
	for (int i = name->offset; i < below.count; i++)
		pending[below.steps[i]] = false;
	return pending;
}

/* The target of an upgrade as a set; empty for base. */
static bool *
upgrade_target(const MigrState *state, const char *target)
{
	MigrName	name = migr_name_parse(target);
	MigrName	symbol = name;
	bool	   *lineage;
	int			start;

	if (!name.relative)
		return migr_resolve_symbol(state, &name);

	lineage = name.label ? migr_resolve_lineage(state, name.label) : NULL;
	if (*name.symbol == '\0' && name.offset <= 0)
		raise_wrong_direction(&name, "an upgrade");
	if (*name.symbol == '\0')
		return steps_up(state, &name, lineage);

	/* Going up, the label chooses the way; the start need not be on it. */
	if (name.offset > 0)
		symbol.label = NULL;
	start = migr_resolve_symbol_one(state, &symbol);
	return migr_set_of(state->graph,
					   migr_resolve_walk(state, &name, start, lineage, NULL, false));
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
		migr_set_unite(graph, needed, upgrade_target(state, lfirst(lc)));

	migr_graph_close(graph, needed, MIGR_DOWN_ALL);
	migr_replace_check_lost(graph, needed);
	migr_set_restrict(graph, needed, state->applied, false);
	return order_steps(state, needed, MIGR_DOWN_ALL);
}

/*
 * Raise MG001 if a script that is lost was applied behind this place: what it
 * says may stand on what is to be undone.
 */
static void
check_nothing_unknown(const MigrState *state, int64 ordinal)
{
	if (state->unknown != NIL && state->newest_unknown > ordinal)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
				 errmsg("can't locate revision identified by \"%s\"",
						(char *) linitial(state->unknown)),
				 errdetail("It is recorded as applied, but its script is not in the store."),
				 errhint("Load its script again with migr_load().")));
}

/* One applied late is undone early; gaps, which are no steps, before all else. */
static int64 *
rank_undoing(const MigrState *state)
{
	int64	   *ranks = palloc((state->graph->count + 1) * sizeof(int64));

	for (int i = 0; i < state->graph->count; i++)
		ranks[i] = state->applied[i] ? PG_INT64_MAX - state->ordinal[i] : -state->ordinal[i];
	return ranks;
}

/*
 * The n revisions that are undone one by one if each is the one applied last of
 * those that nothing applied stands on.  That is the order of application but
 * for what was applied late, below others.
 */
static bool *
last_applied(const MigrState *state, int wanted)
{
	const MigrGraph *graph = state->graph;
	bool	   *members = migr_state_gaps(state);
	bool	   *last = migr_set_create(graph);
	int64	   *ranks = rank_undoing(state);
	MigrToposort *sort = migr_toposort_create(graph->count, ranks);

	migr_set_unite(graph, members, state->applied);
	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours above = migr_graph_neighbours(graph, i, MIGR_UP_ALL);

		if (!members[i])
			migr_toposort_leave_out(sort, i);
		for (int j = 0; j < above.count; j++)
			migr_toposort_arc(sort, above.nodes[j], i);
	}
	while (wanted > 0)
	{
		int			node = migr_toposort_next(sort);

		last[node] = state->applied[node];
		wanted -= state->applied[node];
	}
	migr_toposort_free(sort);
	pfree(ranks);
	return last;
}

/* What a bare -N undoes. */
static bool *
steps_down(const MigrState *state, const MigrName *name)
{
	int			applied = migr_set_count(state->graph, state->applied);
	bool	   *last;

	if (name->offset >= 0)
		raise_wrong_direction(name, "a downgrade");
	if (-name->offset > applied)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("relative step \"%s\" is too long", name->text),
				 errdetail_plural("%d revision is applied.",
								  "%d revisions are applied.",
								  applied, applied)));
	last = last_applied(state, -name->offset);
	for (int i = 0; i < state->graph->count; i++)
	{
		if (last[i])
			check_nothing_unknown(state, state->ordinal[i]);
	}
	return last;
}

/* Raise MG004 unless something of the branch is applied. */
static void
check_branch_applied(const MigrState *state, const MigrName *name)
{
	bool	   *branch = migr_resolve_branch(state, name->label);

	migr_set_restrict(state->graph, branch, state->applied, true);
	if (migr_set_count(state->graph, branch) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("there is no downgrade to \"%s\": nothing of branch \"%s\" is applied",
						name->text, name->label),
				 errhint("To undo what the branch stands on, name the revision to go down to.")));
	pfree(branch);
}

/*
 * The node to which a downgrade goes, and which stays applied.  On a line, only
 * what is applied is a step.
 */
static int
downgrade_target(const MigrState *state, const MigrName *name,
				 const bool *lineage)
{
	MigrName	symbol = *name;
	bool		bare = *name->symbol == '\0';
	int			start;

	/*
	 * The label chooses what to undo; the symbol need not be on its line,
	 * unless the walk is to begin there.
	 */
	if (!name->relative || name->offset > 0)
		symbol.label = NULL;
	if (!name->relative)
		return migr_resolve_symbol_one(state, &symbol);

	if (bare && name->offset >= 0)
		raise_wrong_direction(name, "a downgrade");
	if (bare)
		check_branch_applied(state, name);
	start = bare ? relative_start(state, name, lineage, "downgrade")
		: migr_resolve_symbol_one(state, &symbol);
	return migr_resolve_walk(state, name, start, lineage,
							 bare ? state->applied : NULL, false);
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

	migr_set_unite(state->graph, undone, roots);
	migr_graph_close(state->graph, undone, MIGR_UP_ALL);
	migr_set_restrict(state->graph, undone, state->applied, true);
	return undone;
}

/* Ordinal of a revision's row; what has none was there before all rows. */
static int64
ordinal_of(const MigrState *state, int node)
{
	return node != MIGR_BASE && state->applied[node] ? state->ordinal[node]
		: PG_INT64_MIN;
}

/*
 * Raise MG001 if a script that is lost may have to be undone, too: one that was
 * applied behind the first of what is undone; or, where everything above the
 * target is to go, behind the target.
 */
static void
check_knows_all(const MigrState *state, const bool *undone, int target,
				bool everything)
{
	int64		first = PG_INT64_MAX;

	for (int i = 0; i < state->graph->count; i++)
	{
		if (undone[i])
			first = Min(first, ordinal_of(state, i));
	}
	if (everything || first == PG_INT64_MAX)
		first = Min(first, ordinal_of(state, target));
	check_nothing_unknown(state, first);
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

	if (target == MIGR_BASE && lineage != NULL)
		check_branch_applied(state, name);
	if (target != MIGR_BASE && nothing && !state->applied[target])
		raise_no_way_down(state, name, target);
	if (lineage)
	{
		migr_set_restrict(graph, roots, lineage, true);
		if (migr_set_count(graph, roots) == 0 && count > 0 && (count > 1 || !nothing))
			raise_no_way_down(state, name, target);
		undone = applied_above(state, roots);
	}
	check_knows_all(state, undone, target, lineage == NULL);
	return undone;
}

MigrPlan
migr_plan_downgrade(const MigrState *state, const char *target)
{
	MigrName	name = migr_name_parse(target);
	bool	   *lineage = name.label ? migr_resolve_lineage(state, name.label) : NULL;

	return order_steps(state, name.relative && *name.symbol == '\0' && lineage == NULL
					   ? steps_down(state, &name) : undone_above(state, &name, lineage),
					   MIGR_UP_ALL);
}

/* Take out of set what is on a line, dependencies included, with a target. */
static void
remove_lines(const MigrState *state, bool *set, const bool *targets)
{
	const MigrGraph *graph = state->graph;
	bool	   *above = migr_set_create(graph);
	bool	   *below = migr_set_create(graph);

	migr_set_unite(graph, above, targets);
	migr_set_unite(graph, below, targets);
	migr_graph_close(graph, above, MIGR_UP_ALL);
	migr_graph_close(graph, below, MIGR_DOWN_ALL);
	migr_set_restrict(graph, set, above, false);
	migr_set_restrict(graph, set, below, false);
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

		migr_set_unite(graph, result, migr_resolve_applied(state, lfirst(lc)));
		if (migr_set_count(graph, set) > 0)
			remove_lines(state, kept, set);
		else if (name.label)
			migr_set_restrict(graph, kept, migr_resolve_lineage(state, name.label), false);
		else
			kept = migr_set_create(graph);
	}
	migr_graph_close(graph, kept, MIGR_DOWN_ALL);
	migr_set_restrict(graph, kept, state->applied, true);
	migr_set_unite(graph, result, kept);
	return result;
}

/* "r2", or "r2", which stands below "r3": a pending revision in a message. */
static char *
describe_pending(const MigrState *state, int node)
{
	int			above = migr_state_applied_above(state, node);

	if (above == MIGR_BASE)
		return psprintf("\"%s\"", state->graph->nodes[node].id);
	return psprintf("\"%s\"; it stands below \"%s\", which is applied",
					state->graph->nodes[node].id, state->graph->nodes[above].id);
}

void
migr_plan_check_done(const MigrState *state)
{
	MigrPlan	plan = migr_plan_upgrade(state, "heads");
	MigrName	heads = migr_name_parse("heads");
	bool		several = migr_set_count(state->graph, migr_resolve_symbol(state, &heads)) > 1;

	if (plan.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg_plural("database is not up to date: %d revision pending",
							   "database is not up to date: %d revisions pending",
							   plan.count, plan.count),
				 errdetail("The next is %s.", describe_pending(state, plan.steps[0])),
				 several ? errhint("There are several heads: run migr_upgrade('heads'), or merge them with migr_merge() first.")
				 : errhint("Run migr_upgrade().")));
}
