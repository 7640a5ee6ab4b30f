/*
 * validate_graph.c
 *		What is wrong with the script store: the graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "check/validate.h"
#include "graph/graph_apart.h"
#include "graph/replace.h"
#include "store/tenant.h"

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
		migr_flaw_add(findings, flaw_of(problem->kind), problem->revision, problem->message);
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
			migr_flaw_add(findings, MIGR_FLAW_UNREACHABLE, graph->nodes[i].id,
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
	migr_flaw_add(findings, MIGR_FLAW_ISLAND, graph->nodes[island->base].id, detail);
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

	Assert(components || graph->count == 0);
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

/*
 * A head that others depend on is none for "head" either.  What is for tenants is a graph by
 * itself; members: it, or NULL.
 */
static bool
is_head(const MigrGraph *graph, const bool *members, int node)
{
	MigrNeighbours above = migr_graph_neighbours(graph, node, MIGR_UP_ALL);

	for (int i = 0; i < above.count; i++)
	{
		if (members == NULL || members[above.nodes[i]] == members[node])
			return false;
	}
	return true;
}

/* The heads among those that are for tenants, or among the others. */
static void
add_heads(MigrFlawFindings *findings, const MigrGraph *graph, const bool *members, bool wanted)
{
	bool	   *heads = palloc0((graph->count + 1) * sizeof(bool));
	int			count = 0;
	const char *detail;

	for (int i = 0; i < graph->count; i++)
	{
		heads[i] = (members && members[i]) == wanted && is_head(graph, members, i);
		count += heads[i];
	}
	if (count < 2)
		return;
	detail = psprintf("one of %d heads: \"head\" means none of them; merge them, or name one as label@head",
					  count);
	for (int i = 0; i < graph->count; i++)
	{
		if (heads[i])
			migr_flaw_add(findings, MIGR_FLAW_SEVERAL_HEADS, graph->nodes[i].id, detail);
	}
}

/* What all tenants share, and stands on what is for each of them, can't run. */
static void
add_shared(MigrFlawFindings *findings, const MigrGraph *graph, const bool *members)
{
	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours below = migr_graph_neighbours(graph, i, MIGR_DOWN_ALL);

		for (int j = 0; j < below.count && !members[i]; j++)
		{
			if (!members[below.nodes[j]])
				continue;
			migr_flaw_add(findings, MIGR_FLAW_SHARED_ON_TENANTS, graph->nodes[i].id,
						  psprintf("it is for all tenants together, and stands on \"%s\", which is for each of them",
								   graph->nodes[below.nodes[j]].id));
			break;
		}
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
			migr_flaw_add(findings, MIGR_FLAW_ID_STYLE, graph->nodes[i].id, detail);
	}
}

void
migr_validate_graph(MigrFlawFindings *findings, MigrGraph *graph, bool all)
{
	bool	   *broken = palloc0((graph->count + 1) * sizeof(bool));
	const char *label = migr_tenant_label();
	const bool *members;
	const MigrGraph *view;

	add_problems(findings, graph, broken);
	if (graph->problems != NIL)
		add_unreachable(findings, graph, broken);
	members = label ? migr_apart_branch(graph, label) : NULL;
	if (members)
		add_shared(findings, graph, members);
	if (all)
	{
		/* What squashes replace is neither a head nor an island; broken is of a sound graph. */
		view = migr_replace_view(graph, NIL);
		add_islands(findings, view, broken);
		members = label ? migr_apart_branch(view, label) : NULL;
		add_heads(findings, view, members, false);
		if (members)
			add_heads(findings, view, members, true);
		add_styles(findings, graph);
	}
	pfree(broken);
}
