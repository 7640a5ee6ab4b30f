/*
 * rebase.c
 *		Applied revisions that get another place in the graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/ident.h"
#include "store/rebase.h"
#include "store/store.h"

bool
migr_rebase_moves(const MigrNode *stored, const MigrScript *script)
{
	ListCell   *lc;

	foreach(lc, script->revises)
	{
		if (!migr_ident_is_in(stored->revises, lfirst(lc)))
			return true;
	}
	return list_length(script->revises) != list_length(stored->revises);
}

/* Did a revision stand directly on another one in this graph? */
static bool
stood_on(const MigrGraph *graph, const char *revision, const char *parent)
{
	int			node = migr_graph_find(graph, revision);
	int			below = migr_graph_find(graph, parent);
	MigrNeighbours near;

	if (node < 0 || below < 0)
		return false;
	near = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);
	for (int i = 0; i < near.count; i++)
	{
		if (near.nodes[i] == below)
			return true;
	}
	return false;
}

/* What a revision newly stands on, though that is not applied, or MIGR_BASE. */
static int
new_parent(const MigrState *state, const MigrGraph *stored, int node)
{
	const MigrNode *nodes = state->graph->nodes;
	MigrNeighbours near = migr_graph_neighbours(state->graph, node, MIGR_DOWN_ALL);

	for (int i = 0; i < near.count; i++)
	{
		if (!state->applied[near.nodes[i]] &&
			!stood_on(stored, nodes[node].id, nodes[near.nodes[i]].id))
			return near.nodes[i];
	}
	return MIGR_BASE;
}

/* What would be a gap, and is none so far. */
static List *
new_gaps(const MigrState *state, const MigrState *before)
{
	const bool *old = migr_state_gaps(before);
	bool	   *gaps = migr_state_gaps(state);

	for (int i = 0; i < state->graph->count; i++)
	{
		int			node = migr_graph_find(before->graph, state->graph->nodes[i].id);

		gaps[i] = gaps[i] && (node < 0 || !old[node]);
	}
	return migr_set_ids(state->graph, gaps);
}

/* Is the script that comes back to a lost store the one that ran? */
static bool
ran_so(const MigrVersion *version, const MigrNode *node)
{
	const MigrRevision *info = node->info;

	return version->checksum == NULL || strcmp(version->checksum, info->checksum) == 0;
}

void
migr_rebase_check(MigrGraph *stored, MigrGraph *merged, const List *versions)
{
	const MigrState *state = migr_store_state(merged, versions);
	const MigrState *before = migr_store_state(stored, versions);
	const MigrNode *nodes = state->graph->nodes;
	ListCell   *lc;

	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(state->graph, version->revision);
		int			parent;

		if (node < 0 ||
			(migr_graph_find(before->graph, version->revision) < 0 && ran_so(version, &nodes[node])))
			continue;
		parent = new_parent(state, before->graph, node);
		if (parent == MIGR_BASE)
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_SCRIPT_MODIFIED),
				 errmsg("revision \"%s\" is applied, and would stand on \"%s\", which is not",
						version->revision, nodes[parent].id),
				 errdetail("Skipped when it was applied: %s.",
						   migr_ident_join(new_gaps(state, before))),
				 errhint("Leave \"%s\" where it was, and join the two heads with migr_merge(); or load with rebase => true, and the next upgrade runs late what was skipped.",
						 version->revision)));
	}
}
