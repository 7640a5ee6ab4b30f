/*
 * graph_apart.c
 *		A part of a graph that is for somebody else, and the graph without it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "graph/graph_apart.h"

bool *
migr_apart_branch(const MigrGraph *graph, const char *label)
{
	int			node = migr_graph_find_label(graph, label);
	bool	   *set;

	if (node < 0)
		return NULL;
	set = palloc0((graph->count + 1) * sizeof(bool));
	migr_graph_branch(graph, node, set);
	return set;
}

int
migr_apart_find_standing(const MigrGraph *graph, const bool *set, int *below)
{
	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours down = migr_graph_neighbours(graph, i, MIGR_DOWN_ALL);

		for (int j = 0; !set[i] && j < down.count; j++)
		{
			if (!set[down.nodes[j]])
				continue;
			*below = down.nodes[j];
			return i;
		}
	}
	return -1;
}

static void
check_closed(const MigrGraph *graph, const bool *set, const char *label)
{
	int			below;
	int			node = migr_apart_find_standing(graph, set, &below);

	if (node >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
				 errmsg("revision \"%s\" is for all tenants together, and stands on \"%s\", which is for each of them",
						graph->nodes[node].id, graph->nodes[below].id),
				 errdetail("The branch of label \"%s\" is for tenants, as migr.tenant_label says.", label),
				 errhint("Let it stand on something else, or have it revise a revision of that branch.")));
}

const char *
migr_apart_find(const MigrGraph *graph, const char *name)
{
	int			node = graph->whole ? migr_graph_find(graph->whole, name) : -1;

	if (graph->whole && node < 0)
		node = migr_graph_find_label(graph->whole, name);
	if (node < 0 || migr_graph_find(graph, graph->whole->nodes[node].id) >= 0)
		return NULL;
	return graph->whole->nodes[node].id;
}

MigrGraph *
migr_apart_without(MigrGraph *graph, const bool *set, const char *label)
{
	MigrNode   *nodes = palloc((graph->count + 1) * sizeof(MigrNode));
	MigrGraph  *rest;
	int			count = 0;

	check_closed(graph, set, label);
	for (int i = 0; i < graph->count; i++)
	{
		if (!set[i])
			nodes[count++] = graph->nodes[i];
	}
	rest = migr_graph_create(nodes, count);
	rest->lost = graph->lost;
	rest->whole = graph;
	if (graph->dangling)
	{
		rest->dangling = palloc0((count + 1) * sizeof(bool));
		for (int i = 0; i < count; i++)
			rest->dangling[i] = graph->dangling[migr_graph_find(graph, rest->nodes[i].id)];
	}
	return rest;
}
