/*
 * state.c
 *		Sets of revisions, and which are applied.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "graph/state.h"

MigrState *
migr_state_create(MigrGraph *graph)
{
	MigrState  *state = palloc0(sizeof(MigrState));

	state->graph = graph;
	state->applied = migr_set_create(graph);
	state->ordinal = palloc0((graph->count + 1) * sizeof(int64));
	return state;
}

void
migr_state_add(MigrState *state, const char *revision, int64 ordinal)
{
	int			node = migr_graph_find(state->graph, revision);

	if (node < 0)
		node = migr_graph_find_alias(state->graph, revision);
	if (node < 0)
	{
		state->newest_unknown = state->unknown == NIL ? ordinal
			: Max(state->newest_unknown, ordinal);
		state->unknown = lappend(state->unknown, pstrdup(revision));
	}
	else
	{
		/* Of what stands for a squash, the last one counts. */
		state->ordinal[node] = state->applied[node]
			? Max(state->ordinal[node], ordinal) : ordinal;
		state->applied[node] = true;
	}
}

bool *
migr_state_heads(const MigrState *state)
{
	return migr_set_topmost(state->graph, state->applied, MIGR_DOWN_ALL);
}

bool *
migr_state_gaps(const MigrState *state)
{
	bool	   *gaps = migr_set_copy(state->graph, state->applied);

	migr_graph_close(state->graph, gaps, MIGR_DOWN_ALL);
	migr_set_restrict(state->graph, gaps, state->applied, false);
	return gaps;
}

int
migr_state_applied_above(const MigrState *state, int node)
{
	bool	   *above = migr_set_of(state->graph, node);
	int			result = MIGR_BASE;

	migr_graph_close(state->graph, above, MIGR_UP_ALL);
	above[node] = false;
	for (int i = 0; i < state->graph->count && result == MIGR_BASE; i++)
	{
		if (above[i] && state->applied[i])
			result = i;
	}
	pfree(above);
	return result;
}

bool *
migr_set_create(const MigrGraph *graph)
{
	return palloc0((graph->count + 1) * sizeof(bool));
}

bool *
migr_set_of(const MigrGraph *graph, int node)
{
	bool	   *set = migr_set_create(graph);

	if (node != MIGR_BASE)
		set[node] = true;
	return set;
}

bool *
migr_set_copy(const MigrGraph *graph, const bool *set)
{
	bool	   *copy = migr_set_create(graph);

	migr_set_unite(graph, copy, set);
	return copy;
}

void
migr_set_unite(const MigrGraph *graph, bool *set, const bool *with)
{
	for (int i = 0; i < graph->count; i++)
		set[i] = set[i] || with[i];
}

void
migr_set_restrict(const MigrGraph *graph, bool *set, const bool *with, bool wanted)
{
	for (int i = 0; i < graph->count; i++)
		set[i] = set[i] && with[i] == wanted;
}

int
migr_set_count(const MigrGraph *graph, const bool *set)
{
	int			count = 0;

	for (int i = 0; i < graph->count; i++)
		count += set[i];
	return count;
}

int
migr_set_member(const MigrGraph *graph, const bool *set)
{
	int			node = graph->count - 1;

	while (node >= 0 && !set[node])
		node--;
	return node >= 0 ? node : MIGR_BASE;
}

bool *
migr_set_topmost(const MigrGraph *graph, const bool *set, MigrEdges down)
{
	bool	   *below = migr_set_create(graph);
	bool	   *top = migr_set_copy(graph, set);

	for (int i = 0; i < graph->count; i++)
	{
		MigrNeighbours near = migr_graph_neighbours(graph, i, down);

		for (int j = 0; set[i] && j < near.count; j++)
			below[near.nodes[j]] = true;
	}
	migr_graph_close(graph, below, down);
	migr_set_restrict(graph, top, below, false);
	pfree(below);
	return top;
}

List *
migr_set_ids(const MigrGraph *graph, const bool *set)
{
	List	   *ids = NIL;

	for (int i = 0; i < graph->count; i++)
	{
		if (set[i])
			ids = lappend(ids, unconstify(char *, graph->nodes[i].id));
	}
	return ids;
}
