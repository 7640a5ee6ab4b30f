/*
 * view.c
 *		A state as it is shown: what is true of each revision besides.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "graph/marks.h"
#include "store/view.h"

void
migr_view_set_versions(MigrView *view, const List *versions)
{
	const MigrGraph *graph = view->state->graph;
	ListCell   *lc;

	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(graph, version->revision);

		/* The last of what a squash replaces stands for it, until it has a row. */
		if (node < 0)
			node = migr_graph_find_alias(graph, version->revision);
		if (node >= 0)
			view->versions[node] = version;
	}
}

MigrView
migr_view_create(const MigrState *state, const List *versions)
{
	MigrView	view;

	view.state = state;
	view.current = migr_state_heads(state);
	view.tips = migr_marks_tips(state);
	view.labels = migr_graph_labels(state->graph);
	view.versions = palloc0((state->graph->count + 1) * sizeof(MigrVersion *));
	migr_view_set_versions(&view, versions);
	return view;
}

MigrInfo
migr_view_info(const MigrView *view, int i)
{
	const MigrGraph *graph = view->state->graph;
	const MigrNode *node = &graph->nodes[i];
	const MigrRevision *info = node->info;
	const MigrVersion *version = view->versions[i];
	int			down = migr_graph_neighbours(graph, i, MIGR_DOWN).count;
	int			up = migr_graph_neighbours(graph, i, MIGR_UP).count;
	MigrInfo	row = {{0}};
	int			n = 0;

	row.values[n++] = CStringGetTextDatum(node->id);
	row.values[n++] = migr_db_texts_datum(node->revises);
	row.values[n++] = migr_db_texts_datum(node->depends);
	row.values[n++] = migr_db_texts_datum(view->labels[i]);
	row.values[n++] = CStringGetTextDatum(info->message);
	row.nulls[n] = !info->has_created;
	row.values[n++] = TimestampTzGetDatum(info->created);
	row.values[n++] = BoolGetDatum(down == 0);
	row.values[n++] = BoolGetDatum(up == 0);
	row.values[n++] = BoolGetDatum(up > 1);
	row.values[n++] = BoolGetDatum(down > 1);
	row.values[n++] = BoolGetDatum(view->state->applied[i]);
	row.values[n++] = BoolGetDatum(view->tips[i]);
	row.nulls[n] = version == NULL;
	row.values[n++] = version ? TimestampTzGetDatum(version->applied_at) : (Datum) 0;
	row.nulls[n] = version == NULL;
	row.values[n++] = version ? CStringGetTextDatum(version->applied_by) : (Datum) 0;
	row.values[n++] = BoolGetDatum(info->reversible);
	Assert(n == MIGR_INFO_COLUMNS);
	return row;
}

int
migr_view_order(const MigrView *view, const bool *members, int **order)
{
	const MigrGraph *graph = view->state->graph;
	int			count = members ? migr_set_count(graph, members) : graph->count;

	*order = palloc((graph->count + 1) * sizeof(int));
	if (members && count <= 1)
		(*order)[0] = migr_set_member(graph, members);
	else
		count = migr_graph_order(graph, members, MIGR_DOWN_ALL, *order);
	for (int i = 0; i < count / 2; i++)
	{
		int			older = (*order)[i];

		(*order)[i] = (*order)[count - 1 - i];
		(*order)[count - 1 - i] = older;
	}
	return count;
}
