/*
 * pending_near.c
 *		The state around what is pending, without the rest of the graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/ident.h"
#include "store/pending_near.h"

bool
migr_pending_is_near(const MigrStanding *standing, const char *target)
{
	if (standing == NULL || !standing->plain || !standing->has_waiting ||
		standing->unknown != NIL || standing->due > 0 || standing->pending == 0)
		return false;
	return strcmp(target, "heads") == 0 ||
		(strcmp(target, "head") == 0 && list_length(standing->heads) <= 1);
}

static const MigrNode *
find_node(const MigrNode *nodes, int count, const char *id)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(nodes[i].id, id) == 0)
			return &nodes[i];
	}
	return NULL;
}

/* What pending revisions name, and is none of them. */
static List *
names_below(const MigrNode *nodes, int count)
{
	List	   *names = NIL;

	for (int i = 0; i < count; i++)
	{
		ListCell   *lc;

		foreach(lc, list_concat(list_copy(nodes[i].revises), nodes[i].depends))
		{
			if (find_node(nodes, count, lfirst(lc)) == NULL && !migr_ident_is_in(names, lfirst(lc)))
				names = lappend(names, lfirst(lc));
		}
	}
	return names;
}

/*
 * Add the applied ones.  What is named and no head is below some head: below which one
 * does not matter to who goes up.
 */
static int
add_applied(MigrNode *nodes, int pending, const MigrStanding *standing, const List *below)
{
	List	   *others = NIL;
	int			count = pending;
	ListCell   *lc;

	foreach(lc, below)
	{
		if (!migr_ident_is_in(standing->current, lfirst(lc)))
		{
			others = lappend(others, lfirst(lc));
			nodes[count++].id = lfirst(lc);
		}
	}
	foreach(lc, standing->current)
	{
		nodes[count].id = lfirst(lc);
		nodes[count++].depends = lc == list_head(standing->current) ? others : NIL;
	}
	return count;
}

MigrState *
migr_pending_near_state(MigrDb *db, const MigrStanding *standing)
{
	int			pending;
	MigrNode   *read = migr_store_read_nodes_of(db, standing->waiting, &pending);
	List	   *below = names_below(read, pending);
	MigrNode   *nodes;
	MigrGraph  *graph;
	MigrState  *state;
	int			count;

	if (pending != standing->pending)
		return NULL;
	nodes = palloc0((pending + list_length(below) + list_length(standing->current) + 1) *
					sizeof(MigrNode));
	memcpy(nodes, read, pending * sizeof(MigrNode));
	count = add_applied(nodes, pending, standing, below);
	graph = migr_graph_create(nodes, count);
	if (graph->problems != NIL)
		return NULL;
	state = migr_state_create(graph);
	for (int i = 0; i < graph->count; i++)
		state->applied[i] = graph->nodes[i].info == NULL;
	return state;
}

/* --- when it is done -------------------------------------------------------------------- */

/* Has something come upon all that was current? */
static bool
all_are_built_upon(const MigrStanding *before, const MigrState *state)
{
	ListCell   *lc;

	foreach(lc, before->tips)
	{
		const MigrInfo *info = lfirst(lc);
		int			node = migr_graph_find(state->graph,
										   TextDatumGetCString(info->values[MIGR_INFO_REVISION]));

		if (node < 0 || !migr_graph_has_neighbour(state->graph, node, MIGR_UP, NULL))
			return false;
	}
	return before->has_tips;
}

/* What is current then, of the revisions that were pending, newest first. */
static List *
tips_added(MigrDb *db, const MigrState *state)
{
	MigrView	view = migr_view_create(state, NIL);
	bool	   *added = migr_set_create(state->graph);
	List	   *tips = NIL;
	int		   *order;
	int			count;

	for (int i = 0; i < state->graph->count; i++)
		added[i] = view.tips[i] && state->graph->nodes[i].info != NULL;
	migr_view_set_versions(&view,
						   migr_store_read_versions_of(db, migr_set_ids(state->graph, added)));
	count = migr_view_order(&view, added, &order);
	for (int i = 0; i < count; i++)
	{
		MigrInfo   *info = palloc(sizeof(MigrInfo));

		*info = migr_view_info(&view, order[i]);
		tips = lappend(tips, info);
	}
	return tips;
}

void
migr_pending_record_done(MigrGeneration generation, const MigrStanding *before,
						 const MigrState *state)
{
	MigrStanding standing = *before;
	MigrDb		db;

	/* In which order several branches are told, the whole graph says. */
	if (!all_are_built_upon(before, state))
	{
		migr_standing_refresh();
		return;
	}
	standing.applied += standing.pending;
	standing.pending = 0;
	standing.waiting = NIL;
	standing.current = migr_set_ids(state->graph, migr_state_heads(state));
	migr_db_begin(&db, false);
	standing.tips = tips_added(&db, state);
	migr_standing_write(&db, generation, &standing);
	migr_db_end(&db);
}
