/*
 * graph_branch.c
 *		Branches, and the labels that hold for them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "graph/graph.h"

void
migr_graph_branch(const MigrGraph *graph, int node, bool *set)
{
	int		   *stack = palloc((graph->count + 1) * sizeof(int));
	int			depth = 0;

	memset(set, 0, graph->count * sizeof(bool));
	set[node] = true;
	migr_graph_close(graph, set, MIGR_UP);
	stack[depth++] = node;
	while (depth > 0)
	{
		MigrNeighbours below = migr_graph_neighbours(graph, stack[--depth], MIGR_DOWN);

		for (int i = 0; i < below.count; i++)
		{
			int			parent = below.nodes[i];

			if (set[parent] || migr_graph_neighbours(graph, parent, MIGR_UP).count > 1)
				continue;
			set[parent] = true;
			stack[depth++] = parent;
		}
	}
	pfree(stack);
}

List **
migr_graph_labels(const MigrGraph *graph)
{
	List	  **labels = palloc0((graph->count + 1) * sizeof(List *));
	bool	   *holds = palloc((graph->count + 1) * sizeof(bool));

	for (int i = 0; i < graph->nlabels; i++)
	{
		CHECK_FOR_INTERRUPTS();
		migr_graph_branch(graph, graph->labels[i].node, holds);
		for (int j = 0; j < graph->count; j++)
		{
			if (holds[j])
				labels[j] = lappend(labels[j],
									unconstify(char *, graph->labels[i].name));
		}
	}
	pfree(holds);
	return labels;
}
