/*
 * replace.c
 *		Squashes: revisions that take the place of others.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/ident.h"
#include "graph/replace.h"
#include "graph/replace_view.h"

MigrGraph *
migr_replace_create(MigrNode *nodes, int count)
{
	MigrGraph  *all = migr_graph_create(nodes, count);

	if (all->naliases > 0)
		migr_squashes_check(all);
	return all;
}

MigrGraph *
migr_replace_none(MigrGraph *all)
{
	MigrSquashes squashes;

	if (all->naliases == 0 || all->problems != NIL)
		return NULL;
	for (int i = 0; i < all->naliases; i++)
	{
		if (migr_graph_find(all, all->aliases[i].name) < 0)
			return NULL;
	}
	squashes = migr_squashes_find(all);
	return migr_squashes_view(&squashes);
}

bool *
migr_replace_heads(MigrGraph *all)
{
	const MigrGraph *view = migr_replace_view(all, NIL);
	bool	   *heads = palloc0((all->count + 1) * sizeof(bool));

	for (int i = 0; i < view->count; i++)
	{
		if (!migr_graph_has_neighbour(view, i, MIGR_UP_ALL, NULL))
			heads[migr_graph_find(all, view->nodes[i].id)] = true;
	}
	return heads;
}

static void
raise_lost(const MigrLost *lost, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
			 errmsg("can't locate revision identified by \"%s\"", name),
			 errdetail("Squash \"%s\" can't take the place of what it replaces, because only some of that is applied; revision \"%s\" is not, and its script is not in the store.",
					   lost->squash, lost->revision),
			 errhint("Load the scripts that \"%s\" replaces, and run migr_upgrade(); the next run puts the squash in their place.",
					 lost->squash)));
}

int
migr_replace_find(const MigrGraph *graph, const char *name)
{
	int			node = migr_graph_find_alias(graph, name);
	ListCell   *lc;

	foreach(lc, graph->lost)
	{
		const MigrLost *lost = lfirst(lc);

		if (strcmp(lost->revision, name) == 0 ||
			strcmp(lost->squash, name) == 0)
			raise_lost(lost, name);
	}
	if (node >= 0 && !migr_ident_is_in(graph->nodes[node].known_as, name))
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
				 errmsg("can't locate revision identified by \"%s\"", name),
				 errdetail("Squash \"%s\" has taken its place, with that of others.",
						   graph->nodes[node].id),
				 errhint("Name the squash, \"%s\".", graph->nodes[node].id)));
	return node;
}

void
migr_replace_check_lost(const MigrGraph *graph, const bool *needed)
{
	bool		found = needed == NULL;

	if (graph->lost == NIL)
		return;
	for (int i = 0; !found && i < graph->count; i++)
		found = needed[i] && graph->dangling[i];
	if (found)
	{
		const MigrLost *lost = linitial(graph->lost);

		raise_lost(lost, lost->revision);
	}
}

/* The node for an end of a range; MG005 if there is none. */
static int
range_end(const MigrGraph *view, const MigrNode *squash, const char *range,
		  const char *id)
{
	int			node = migr_graph_find(view, id);

	if (node < 0)
		node = migr_graph_find_alias(view, id);
	if (node < 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
				 errmsg("squash \"%s\" replaces the range \"%s\", and there is no revision \"%s\"",
						squash->id, range, id),
				 errhint("Load the scripts of the range as well, or name what is replaced one by one.")));
	return node;
}

/* The ids between two revisions, both included, in order. */
static List *
range_ids(const MigrGraph *view, const MigrNode *squash, const char *range)
{
	const char *colon = strchr(range, ':');
	bool	   *above = palloc0((view->count + 1) * sizeof(bool));
	bool	   *below = palloc0((view->count + 1) * sizeof(bool));
	int		   *order = palloc((view->count + 1) * sizeof(int));
	List	   *ids = NIL;
	int			count;

	above[range_end(view, squash, range, pnstrdup(range, colon - range))] = true;
	below[range_end(view, squash, range, colon + 1)] = true;
	migr_graph_close(view, above, MIGR_UP_ALL);
	migr_graph_close(view, below, MIGR_DOWN_ALL);
	for (int i = 0; i < view->count; i++)
		above[i] = above[i] && below[i];
	count = migr_graph_order(view, above, MIGR_DOWN_ALL, order);
	for (int i = 0; i < count; i++)
		ids = lappend(ids, unconstify(char *, view->nodes[order[i]].id));
	if (ids == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
				 errmsg("squash \"%s\" replaces the range \"%s\", which does not go from an ancestor to a descendant",
						squash->id, range)));
	return ids;
}

List *
migr_replace_expand(MigrGraph *all, const MigrNode *squash)
{
	MigrSquashes squashes = migr_squashes_find(all);
	const MigrGraph *view = NULL;
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, squash->replaces)
	{
		if (strchr(lfirst(lc), ':') == NULL)
		{
			ids = lappend(ids, lfirst(lc));
			continue;
		}
		for (int i = squashes.count - 1; view == NULL && i >= 0; i--)
		{
			int			node = squashes.nodes[i];

			if (squashes.owner[node] < 0 && strcmp(all->nodes[node].id, squash->id) != 0)
				migr_squashes_enforce(&squashes, node);
		}
		if (view == NULL)
			view = migr_squashes_view(&squashes);
		ids = list_concat(ids, range_ids(view, squash, lfirst(lc)));
	}
	return ids;
}
