/*
 * paths.c
 *		In which order scripts are run to come to the states of revisions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <limits.h>

#include "check/paths.h"

#define NEAR_STATES 16

/* A path that looks at what a set builds, with room to go on. */
MigrPath
migr_path_to(const MigrGraph *graph, const bool *set)
{
	MigrPath	path;

	path.nodes = palloc((graph->count + 1) * sizeof(int));
	path.count = migr_graph_order_steps(graph, set, MIGR_DOWN_ALL, path.nodes);
	path.look_from = path.count;
	path.others = NULL;
	return path;
}

/* Does a node stand on members of the set only? */
static bool
stands_on(const MigrGraph *graph, int node, const bool *set)
{
	MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);

	for (int i = 0; i < below.count; i++)
	{
		if (!set[below.nodes[i]])
			return false;
	}
	return true;
}

/*
 * One that stands on the node, and on nothing else that is not below it; -1 if
 * there is none that was not tried.
 */
static int
next_in_line(const MigrGraph *graph, int node, const bool *set, const bool *tried)
{
	MigrNeighbours above = migr_graph_neighbours(graph, node, MIGR_UP_ALL);

	for (int i = 0; i < above.count; i++)
	{
		if (!tried[above.nodes[i]] && stands_on(graph, above.nodes[i], set))
			return above.nodes[i];
	}
	return -1;
}

/* The path to a revision and on, as long as a line of new ones leads on. */
static MigrPath
path_through(const MigrGraph *graph, int node, bool *tried)
{
	bool	   *set = migr_set_of(graph, node);
	MigrPath	path;

	migr_graph_close(graph, set, MIGR_DOWN_ALL);
	path = migr_path_to(graph, set);
	for (;;)
	{
		tried[node] = true;
		node = next_in_line(graph, node, set, tried);
		if (node < 0)
			return path;
		set[node] = true;
		path.nodes[path.count++] = node;
	}
}

/* Does a revision of a set stand on all others of it? */
static bool
has_single_head(const MigrGraph *graph, const bool *set)
{
	int			heads = 0;

	for (int i = 0; i < graph->count; i++)
		heads += (set == NULL || set[i]) &&
			!migr_graph_has_neighbour(graph, i, MIGR_UP_ALL, set);
	return heads <= 1;
}

/* Is it what a revision stands for, or nothing: is it on a path of migr_paths_all()? */
static bool
is_usual(const MigrGraph *graph, const bool *set)
{
	bool	   *closed = migr_set_copy(graph, set);

	migr_graph_close(graph, closed, MIGR_DOWN_ALL);
	return has_single_head(graph, set) && memcmp(closed, set, graph->count * sizeof(bool)) == 0;
}

/* Add a path whose states' tables are to be counted. */
static List *
add_path(List *paths, MigrPath path, int look_from)
{
	MigrPath	   *added = palloc(sizeof(MigrPath));

	*added = path;
	added->look_from = look_from;
	added->others = palloc((path.count + 1) * sizeof(int));
	for (int i = 0; i <= path.count; i++)
		added->others[i] = INT_MAX;
	if (path.nodes)
		added->nodes = repalloc(path.nodes, (path.count + 1) * sizeof(int));
	return lappend(paths, added);
}

/*
 * Paths on which each revision with all below it comes about, all together, and
 * what is applied.
 */
List *
migr_paths_all(const MigrState *state)
{
	const MigrGraph *graph = state->graph;
	bool	   *tried = migr_set_create(graph);
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, NULL, MIGR_DOWN_ALL, order);
	List	   *paths = NIL;
	MigrPath	path = {0};

	if (count == 0)
		return add_path(NIL, path, 0);
	for (int i = 0; i < count; i++)
	{
		if (tried[order[i]])
			continue;
		path = path_through(graph, order[i], tried);
		/* The first one begins with nothing. */
		paths = add_path(paths, path, i == 0 ? 0 : path.look_from);
	}
	if (!has_single_head(graph, NULL))
	{
		path = migr_path_to(graph, NULL);
		paths = add_path(paths, path, path.look_from);
	}
	if (!is_usual(graph, state->applied))
	{
		path = migr_path_to(graph, state->applied);
		paths = add_path(paths, path, path.look_from);
	}
	return paths;
}

static int
compare_ints(const ListCell *a, const ListCell *b)
{
	return (lfirst_int(a) > lfirst_int(b)) - (lfirst_int(a) < lfirst_int(b));
}

/*
 * How many other tables may a state have to be among the nearest ones, of
 * which there are NEAR_STATES, or all of the very nearest?  -1: none was built.
 */
int
migr_paths_limit(const List *paths)
{
	List	   *counts = NIL;
	ListCell   *lc;
	int			limit;

	foreach(lc, paths)
	{
		const MigrPath *path = lfirst(lc);

		for (int i = path->look_from; i <= path->count; i++)
		{
			if (path->others[i] != INT_MAX)
				counts = lappend_int(counts, path->others[i]);
		}
	}
	if (counts == NIL)
		return -1;
	list_sort(counts, compare_ints);
	limit = linitial_int(counts);
	for (int i = 1; i <= NEAR_STATES; i++)
	{
		if (i == list_length(counts))
			return INT_MAX - 1;
		if (list_nth_int(counts, i) > list_nth_int(counts, i - 1))
			limit = list_nth_int(counts, i - 1);
	}
	return limit;
}

/* Cut off what leads to no state that is to be looked at; is any left? */
bool
migr_path_shorten(MigrPath *path, int most)
{
	while (path->count > path->look_from && path->others[path->count] > most)
		path->count--;
	return path->others[path->count] <= most;
}
