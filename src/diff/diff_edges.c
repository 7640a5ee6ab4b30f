/*
 * diff_edges.c
 *		Who needs whom, as it is found.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "diff/diff_needs.h"

void
migr_diff_add_edge(MigrSide *side, int object, int needed, bool weak)
{
	MigrDiffEdges *edges = &side->edges;

	if (object == needed || object < 0 || needed < 0)
		return;
	if (edges->count == edges->room)
	{
		Size		size;

		edges->room = Max(edges->room * 2, 1024);
		size = edges->room * sizeof(MigrEdge);
		edges->items = edges->items ? repalloc_huge(edges->items, size)
			: MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	edges->items[edges->count].object = object;
	edges->items[edges->count].weak = weak;
	edges->items[edges->count++].needed = needed;
}

/* Put edges into the order of one of their ends, and otherwise as they are. */
static int *
sort_edges(int count, MigrDiffEdges *edges, bool by_needed)
{
	MigrEdge   *sorted = MemoryContextAllocHuge(CurrentMemoryContext,
												(edges->count + 1) * sizeof(MigrEdge));
	int		   *first = palloc0((count + 2) * sizeof(int));
	int		   *next = palloc((count + 2) * sizeof(int));

	for (int i = 0; i < edges->count; i++)
		first[(by_needed ? edges->items[i].needed : edges->items[i].object) + 1]++;
	for (int i = 0; i < count; i++)
		first[i + 1] += first[i];
	memcpy(next, first, (count + 1) * sizeof(int));
	for (int i = 0; i < edges->count; i++)
		sorted[next[by_needed ? edges->items[i].needed : edges->items[i].object]++] = edges->items[i];
	if (edges->items)
		pfree(edges->items);
	edges->items = sorted;
	pfree(next);
	return first;
}

void
migr_diff_index_edges(const MigrDiff *diff, MigrDiffEdges *edges)
{
	pfree(sort_edges(diff->count, edges, false));
	edges->first = sort_edges(diff->count, edges, true);
}

bool
migr_diff_has_need(const MigrSide *side, int object, int needed)
{
	for (int i = side->edges.first[needed]; i < side->edges.first[needed + 1]; i++)
	{
		if (side->edges.items[i].object == object && !side->edges.items[i].weak)
			return true;
	}
	return false;
}
