/*
 * graph.c
 *		Revisions as a directed acyclic graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "base/errors.h"
#include "base/toposort.h"
#include "graph/graph.h"
#include "graph/suggest.h"

/* How much of a long cycle is shown. */
#define CYCLE_SHOWN 20

static int
compare_nodes(const void *a, const void *b)
{
	return strcmp(((const MigrNode *) a)->id, ((const MigrNode *) b)->id);
}

static int
compare_labels(const void *a, const void *b)
{
	return strcmp(((const MigrLabel *) a)->name, ((const MigrLabel *) b)->name);
}

/* By name, and among equals by revision, so that errors are the same each time. */
static int
compare_labels_fully(const void *a, const void *b)
{
	int			order = compare_labels(a, b);

	return order != 0 ? order
		: ((const MigrLabel *) a)->node - ((const MigrLabel *) b)->node;
}

void
migr_graph_add_problem(MigrGraph *graph, MigrProblemKind kind, const char *revision,
					   char *message, char *detail)
{
	MigrProblem *problem = palloc0(sizeof(MigrProblem));

	problem->kind = kind;
	problem->revision = revision;
	problem->message = message;
	problem->detail = detail;
	graph->problems = lappend(graph->problems, problem);
}

int
migr_graph_find(const MigrGraph *graph, const char *id)
{
	MigrNode	key = {.id = id};
	MigrNode   *found = graph->count == 0 ? NULL :
		bsearch(&key, graph->nodes, graph->count, sizeof(MigrNode),
				compare_nodes);

	return found ? found - graph->nodes : -1;
}

int
migr_graph_find_label(const MigrGraph *graph, const char *label)
{
	MigrLabel	key = {.name = label};
	MigrLabel  *found = graph->nlabels == 0 ? NULL :
		bsearch(&key, graph->labels, graph->nlabels, sizeof(MigrLabel),
				compare_labels);

	return found ? found->node : -1;
}

static int
compare_aliases(const void *a, const void *b)
{
	return strcmp(((const MigrAlias *) a)->name, ((const MigrAlias *) b)->name);
}

int
migr_graph_find_alias(const MigrGraph *graph, const char *id)
{
	MigrAlias	key = {.name = id};
	MigrAlias  *found = graph->naliases == 0 ? NULL :
		bsearch(&key, graph->aliases, graph->naliases, sizeof(MigrAlias),
				compare_aliases);

	return found ? found->node : -1;
}

MigrNeighbours
migr_graph_neighbours(const MigrGraph *graph, int node, MigrEdges edges)
{
	const int  *offsets = graph->offsets[edges];
	MigrNeighbours result;

	result.count = offsets[node + 1] - offsets[node];
	result.nodes = graph->targets[edges] + offsets[node];
	return result;
}

bool
migr_graph_has_neighbour(const MigrGraph *graph, int node, MigrEdges edges,
						 const bool *members)
{
	MigrNeighbours near = migr_graph_neighbours(graph, node, edges);

	for (int i = 0; i < near.count; i++)
	{
		if (members == NULL || members[near.nodes[i]])
			return true;
	}
	return false;
}

/* Sort the nodes by id and drop, with a problem, all but one of an id. */
static void
index_nodes(MigrGraph *graph, int count)
{
	int			kept = 0;

	if (count > 0)
		qsort(graph->nodes, count, sizeof(MigrNode), compare_nodes);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (kept > 0 && compare_nodes(&graph->nodes[kept - 1],
									  &graph->nodes[i]) == 0)
			migr_graph_add_problem(graph, MIGR_PROBLEM_DUPLICATE_ID, graph->nodes[i].id,
						psprintf("revision \"%s\" is present more than once",
								 graph->nodes[i].id), NULL);
		else
			graph->nodes[kept++] = graph->nodes[i];
	}
	graph->count = kept;
}

/* Sort the names for which nodes stand. */
static void
index_aliases(MigrGraph *graph)
{
	int			total = 0;

	for (int i = 0; i < graph->count; i++)
		total += list_length(graph->nodes[i].replaces);
	if (total == 0)
		return;
	graph->aliases = palloc(total * sizeof(MigrAlias));
	for (int i = 0; i < graph->count; i++)
	{
		ListCell   *lc;

		foreach(lc, graph->nodes[i].replaces)
		{
			graph->aliases[graph->naliases].name = lfirst(lc);
			graph->aliases[graph->naliases++].node = i;
		}
	}
	qsort(graph->aliases, total, sizeof(MigrAlias), compare_aliases);
}

/* Does one node stand for another, or for what stands for it? */
static bool
stands_for(const MigrGraph *graph, int node, int other)
{
	for (int i = 0; i < graph->naliases && other >= 0; i++)
	{
		other = migr_graph_find_alias(graph, graph->nodes[other].id);
		if (other == node)
			return true;
	}
	return false;
}

/*
 * Sort the labels by name; each must be no id and no other label, but that a
 * squash may have those of what it replaces: these count.
 */
static void
index_labels(MigrGraph *graph)
{
	int			total = 0;
	int			kept = 0;

	for (int i = 0; i < graph->count; i++)
		total += list_length(graph->nodes[i].labels);
	if (total == 0)
		return;

	graph->labels = palloc(total * sizeof(MigrLabel));
	for (int i = 0; i < graph->count; i++)
	{
		ListCell   *lc;

		foreach(lc, graph->nodes[i].labels)
		{
			graph->labels[graph->nlabels].name = lfirst(lc);
			graph->labels[graph->nlabels++].node = i;
		}
	}
	qsort(graph->labels, total, sizeof(MigrLabel), compare_labels_fully);

	for (int i = 0; i < total; i++)
	{
		const MigrLabel *label = &graph->labels[i];
		const char *revision = graph->nodes[label->node].id;

		if (migr_graph_find(graph, label->name) >= 0)
			migr_graph_add_problem(graph, MIGR_PROBLEM_DUPLICATE_LABEL, revision,
						psprintf("branch label \"%s\" of revision \"%s\" is the id of a revision",
								 label->name, revision), NULL);
		else if (kept == 0 || compare_labels(&graph->labels[kept - 1], label) != 0)
			graph->labels[kept++] = *label;
		else if (compare_labels_fully(&graph->labels[kept - 1], label) == 0)
			migr_graph_add_problem(graph, MIGR_PROBLEM_DUPLICATE_LABEL, revision,
						psprintf("revision \"%s\" names its branch label \"%s\" twice",
								 revision, label->name), NULL);
		else if (stands_for(graph, graph->labels[kept - 1].node, label->node))
			graph->labels[kept - 1] = *label;
		else if (!stands_for(graph, label->node, graph->labels[kept - 1].node))
			migr_graph_add_problem(graph, MIGR_PROBLEM_DUPLICATE_LABEL, revision,
						psprintf("branch label \"%s\" of revision \"%s\" is already used by revision \"%s\"",
								 label->name, revision,
								 graph->nodes[graph->labels[kept - 1].node].id),
						NULL);
	}
	graph->nlabels = kept;
}

/* Append target to a node's edges unless it is among them since `from`. */
static int
append_edge(int *targets, int from, int end, int target)
{
	for (int i = from; i < end; i++)
	{
		if (targets[i] == target)
			return end;
	}
	targets[end] = target;
	return end + 1;
}

/* A node names another that there is not. */
static void
add_missing(MigrGraph *graph, MigrProblemKind kind, const MigrNode *node,
			const char *missing)
{
	migr_graph_add_problem(graph, kind, node->id,
				psprintf(kind == MIGR_PROBLEM_MISSING_PARENT
						 ? "revision \"%s\" revises \"%s\", which does not exist"
						 : "revision \"%s\" depends on \"%s\", which does not exist",
						 node->id, missing), NULL);
	((MigrProblem *) llast(graph->problems))->missing = missing;
}

/* Look up what the nodes name; MIGR_DOWN and MIGR_DOWN_ALL come of it. */
static void
link_down(MigrGraph *graph)
{
	int			total = 0;
	int			down = 0;
	int			all = 0;

	for (int i = 0; i < graph->count; i++)
		total += list_length(graph->nodes[i].revises) +
			list_length(graph->nodes[i].depends);
	for (int e = 0; e < MIGR_EDGES; e++)
	{
		graph->offsets[e] = palloc0((graph->count + 1) * sizeof(int));
		graph->targets[e] = palloc((total + 1) * sizeof(int));
	}

	for (int i = 0; i < graph->count; i++)
	{
		const MigrNode *node = &graph->nodes[i];
		int			first_down = down;
		int			first_all = all;
		ListCell   *lc;

		CHECK_FOR_INTERRUPTS();
		foreach(lc, node->revises)
		{
			int			parent = migr_graph_find(graph, lfirst(lc));

			if (parent < 0)
				parent = migr_graph_find_alias(graph, lfirst(lc));
			if (parent < 0)
			{
				add_missing(graph, MIGR_PROBLEM_MISSING_PARENT, node, lfirst(lc));
				continue;
			}
			down = append_edge(graph->targets[MIGR_DOWN], first_down, down, parent);
			all = append_edge(graph->targets[MIGR_DOWN_ALL], first_all, all, parent);
		}
		foreach(lc, node->depends)
		{
			int			target = migr_graph_find(graph, lfirst(lc));

			if (target < 0)
				target = migr_graph_find_label(graph, lfirst(lc));
			if (target < 0)
				target = migr_graph_find_alias(graph, lfirst(lc));
			if (target < 0)
				add_missing(graph, MIGR_PROBLEM_MISSING_DEPENDENCY, node, lfirst(lc));
			else
				all = append_edge(graph->targets[MIGR_DOWN_ALL], first_all, all, target);
		}
		graph->offsets[MIGR_DOWN][i + 1] = down;
		graph->offsets[MIGR_DOWN_ALL][i + 1] = all;
	}
}

/* Turn round the edges of one kind. */
static void
link_up(MigrGraph *graph, MigrEdges down, MigrEdges up)
{
	const int  *targets = graph->targets[down];
	int			total = graph->offsets[down][graph->count];
	int		   *offsets = graph->offsets[up];
	int		   *fill = palloc((graph->count + 1) * sizeof(int));

	for (int i = 0; i < total; i++)
		offsets[targets[i] + 1]++;
	for (int i = 0; i < graph->count; i++)
		offsets[i + 1] += offsets[i];

	memcpy(fill, offsets, (graph->count + 1) * sizeof(int));
	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours below = migr_graph_neighbours(graph, i, down);

		for (int j = 0; j < below.count; j++)
			graph->targets[up][fill[below.nodes[j]]++] = i;
	}
	pfree(fill);
}

/*
 * Report the cycles left when every node that can be ordered is: one path for
 * each group of nodes that a walk down from a left one runs into.
 */
static void
find_cycles(MigrGraph *graph, const bool *ordered)
{
	int		   *walk = palloc0((graph->count + 1) * sizeof(int));
	int			stamp = 0;

	for (int i = 0; i < graph->count; i++)
	{
		StringInfoData path;
		int			node = i;
		int			length = 0;
		int			start;

		CHECK_FOR_INTERRUPTS();
		if (ordered[i] || walk[i] != 0)
			continue;

		/* A node that is left has a neighbour below that is left, too. */
		stamp++;
		while (walk[node] == 0)
		{
			MigrNeighbours below = migr_graph_neighbours(graph, node,
														 MIGR_DOWN_ALL);
			int			j = 0;

			walk[node] = stamp;
			while (ordered[below.nodes[j]])
				j++;
			node = below.nodes[j];
		}
		if (walk[node] != stamp)
			continue;			/* ran into a cycle that is known */

		initStringInfo(&path);
		start = node;
		do
		{
			MigrNeighbours below = migr_graph_neighbours(graph, node,
														 MIGR_DOWN_ALL);
			int			j = 0;

			if (length++ < CYCLE_SHOWN)
				appendStringInfo(&path, "%s -> ", graph->nodes[node].id);
			while (ordered[below.nodes[j]])
				j++;
			node = below.nodes[j];
		} while (node != start);
		if (length > CYCLE_SHOWN)
			appendStringInfo(&path, "(%d more) -> ", length - CYCLE_SHOWN);
		appendStringInfo(&path, "%s", graph->nodes[start].id);

		migr_graph_add_problem(graph, MIGR_PROBLEM_CYCLE, graph->nodes[start].id,
					psprintf("cycle in the revisions: %s", path.data),
					pstrdup("Each revision in this path revises or depends on the next."));
	}
	pfree(walk);
}

MigrGraph *
migr_graph_create(MigrNode *nodes, int count)
{
	MigrGraph  *graph = palloc0(sizeof(MigrGraph));
	int		   *order;

	graph->nodes = nodes;
	index_nodes(graph, count);
	index_aliases(graph);
	index_labels(graph);
	link_down(graph);
	link_up(graph, MIGR_DOWN, MIGR_UP);
	link_up(graph, MIGR_DOWN_ALL, MIGR_UP_ALL);

	order = palloc((graph->count + 1) * sizeof(int));
	count = migr_graph_order(graph, NULL, MIGR_DOWN_ALL, order);
	if (count < graph->count)
	{
		bool	   *ordered = palloc0(graph->count * sizeof(bool));

		for (int i = 0; i < count; i++)
			ordered[order[i]] = true;
		find_cycles(graph, ordered);
		pfree(ordered);
	}
	pfree(order);
	return graph;
}

void
migr_graph_check(const MigrGraph *graph)
{
	MigrProblem *problem;
	char	   *hint;

	if (graph->problems == NIL)
		return;
	problem = linitial(graph->problems);
	hint = problem->missing ? migr_suggest_id(graph, problem->missing) : NULL;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
			 errmsg("%s", problem->message),
			 problem->detail ? errdetail("%s", problem->detail) : 0,
			 hint ? errhint("%s", hint) : 0));
}

void
migr_graph_close(const MigrGraph *graph, bool *set, MigrEdges edges)
{
	int		   *stack = palloc((graph->count + 1) * sizeof(int));
	int			depth = 0;

	for (int i = 0; i < graph->count; i++)
	{
		if (set[i])
			stack[depth++] = i;
	}
	while (depth > 0)
	{
		MigrNeighbours near = migr_graph_neighbours(graph, stack[--depth], edges);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < near.count; i++)
		{
			if (!set[near.nodes[i]])
			{
				set[near.nodes[i]] = true;
				stack[depth++] = near.nodes[i];
			}
		}
	}
	pfree(stack);
}

/* What takes no turn goes before all members. */
static int64 *
rank_members(const MigrGraph *graph, const bool *members)
{
	int64	   *ranks = palloc((graph->count + 1) * sizeof(int64));

	for (int i = 0; i < graph->count; i++)
		ranks[i] = members == NULL || members[i] ? i : i - graph->count;
	return ranks;
}

/* Order the members (NULL: all) of those that are taken (NULL: all) into account. */
static int
order_taken(const MigrGraph *graph, const bool *members, const bool *taken,
			MigrEdges after, int *order)
{
	int64	   *ranks = rank_members(graph, members);
	MigrToposort *sort = migr_toposort_create(graph->count, ranks);
	int			done = 0;
	int			node;

	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours near = migr_graph_neighbours(graph, i, after);

		if (taken && !taken[i])
			migr_toposort_leave_out(sort, i);
		else
		{
			for (int j = 0; j < near.count; j++)
				migr_toposort_arc(sort, near.nodes[j], i);
		}
	}
	while ((node = migr_toposort_next(sort)) >= 0)
	{
		if (ranks[node] >= 0)
			order[done++] = node;
	}
	migr_toposort_free(sort);
	pfree(ranks);
	return done;
}

int
migr_graph_order(const MigrGraph *graph, const bool *members, MigrEdges after,
				 int *order)
{
	return order_taken(graph, members, members, after, order);
}

int
migr_graph_order_steps(const MigrGraph *graph, const bool *members,
					   MigrEdges after, int *order)
{
	bool	   *taken;
	bool	   *below;
	int			count;

	if (members == NULL)
		return migr_graph_order(graph, members, after, order);
	taken = palloc((graph->count + 1) * sizeof(bool));
	below = palloc((graph->count + 1) * sizeof(bool));
	memcpy(taken, members, graph->count * sizeof(bool));
	memcpy(below, members, graph->count * sizeof(bool));
	migr_graph_close(graph, taken, MIGR_UP_ALL);
	migr_graph_close(graph, below, MIGR_DOWN_ALL);
	for (int i = 0; i < graph->count; i++)
		taken[i] = taken[i] && below[i];
	count = order_taken(graph, members, taken, after, order);
	pfree(below);
	pfree(taken);
	return count;
}
