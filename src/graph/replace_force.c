/*
 * replace_force.c
 *		Squash or what it replaces: which is in force?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "graph/replace_view.h"

/* What the rows of the version table say of squashes. */
typedef struct Rows
{
	char	  **ids;			/* sorted */
	int			count;
	bool	   *complete;		/* by node, of squashes: all that it replaces is applied */
	bool	   *touched;		/* some of it is */
} Rows;

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static Rows
sort_rows(const MigrGraph *all, const List *applied)
{
	Rows		rows = {0};
	ListCell   *lc;

	rows.ids = palloc((list_length(applied) + 1) * sizeof(char *));
	foreach(lc, applied)
		rows.ids[rows.count++] = lfirst(lc);
	if (rows.count > 0)
		qsort(rows.ids, rows.count, sizeof(char *), compare_strings);
	rows.complete = palloc0((all->count + 1) * sizeof(bool));
	rows.touched = palloc0((all->count + 1) * sizeof(bool));
	return rows;
}

static bool
has_row(const Rows *rows, const char *id)
{
	return rows->count > 0 &&
		bsearch(&id, rows->ids, rows->count, sizeof(char *), compare_strings);
}

/* How much of what a squash replaces is applied? */
static void
count_applied(const MigrGraph *all, Rows *rows, int squash)
{
	ListCell   *lc;

	rows->complete[squash] = true;
	foreach(lc, all->nodes[squash].replaces)
	{
		int			node = migr_graph_find(all, lfirst(lc));
		bool		row = has_row(rows, lfirst(lc));

		if (!row && (node < 0 || !rows->complete[node]))
			rows->complete[squash] = false;
		if (row || (node >= 0 && rows->touched[node]))
			rows->touched[squash] = true;
	}
}

/* Note what has no script and will be needed: some of it is applied, and not this. */
static List *
add_lost(const MigrSquashes *squashes, const Rows *rows, int squash, List *lost)
{
	const MigrNode *node = &squashes->all->nodes[squash];
	ListCell   *lc;

	foreach(lc, node->replaces)
	{
		MigrLost   *entry;

		if (migr_graph_find(squashes->all, lfirst(lc)) >= 0 || has_row(rows, lfirst(lc)))
			continue;
		entry = palloc(sizeof(MigrLost));
		entry->revision = lfirst(lc);
		entry->squash = node->id;
		lost = lappend(lost, entry);
	}
	return lost;
}

static bool
names_lost(const List *names, const List *lost)
{
	ListCell   *lc;

	foreach(lc, lost)
	{
		const MigrLost *entry = lfirst(lc);

		if (migr_ident_is_in(names, entry->revision) || migr_ident_is_in(names, entry->squash))
			return true;
	}
	return false;
}

/* Of a view, the nodes that stand on what is lost. */
static bool *
find_dangling(const MigrGraph *all, const MigrGraph *view, const List *lost)
{
	bool	   *dangling = palloc0((view->count + 1) * sizeof(bool));

	for (int i = 0; i < view->count; i++)
	{
		const MigrNode *node = &all->nodes[migr_graph_find(all, view->nodes[i].id)];

		dangling[i] = names_lost(node->revises, lost) || names_lost(node->depends, lost);
	}
	return dangling;
}

/* The squashes of a graph, those in force that are so by these rows; fills in what is of squashes. */
static MigrSquashes
decide(const MigrGraph *all, Rows *rows)
{
	MigrSquashes squashes = migr_squashes_find(all);

	for (int i = 0; i < squashes.count; i++)
		count_applied(all, rows, squashes.nodes[i]);
	for (int i = squashes.count - 1; i >= 0; i--)
	{
		int			node = squashes.nodes[i];

		if (squashes.owner[node] < 0 &&
			(has_row(rows, all->nodes[node].id) || rows->complete[node] ||
			 !rows->touched[node]))
			migr_squashes_enforce(&squashes, node);
	}
	return squashes;
}

MigrGraph *
migr_replace_view(MigrGraph *all, const List *applied)
{
	MigrSquashes squashes;
	MigrGraph  *view;
	List	   *lost = NIL;
	Rows		rows;

	if (all->naliases == 0 || all->problems != NIL)
		return all;
	rows = sort_rows(all, applied);
	squashes = decide(all, &rows);
	for (int i = squashes.count - 1; i >= 0; i--)
	{
		int			node = squashes.nodes[i];

		if (squashes.owner[node] < 0 && !squashes.in_force[node])
			lost = add_lost(&squashes, &rows, node, lost);
	}
	view = migr_squashes_view(&squashes);
	view->lost = lost;
	if (lost != NIL)
		view->dangling = find_dangling(all, view, lost);
	return view;
}

void
migr_replace_keep(const MigrGraph *all, const List *applied, bool *kept)
{
	Rows		rows = sort_rows(all, applied);
	MigrSquashes squashes = decide(all, &rows);

	for (int i = squashes.count - 1; i >= 0; i--)
	{
		int			squash = squashes.nodes[i];
		ListCell   *lc;

		if (squashes.in_force[squash] && rows.touched[squash])
			kept[squash] = true;
		foreach(lc, all->nodes[squash].replaces)
		{
			int			node = migr_graph_find(all, lfirst(lc));

			/* Of a squash within, the rows of what it replaces count by way of it. */
			if (node >= 0 && kept[squash] &&
				(migr_squashes_is_there(&squashes, node) ||
				 (squashes.is_squash[node] && rows.touched[node])))
				kept[node] = true;
		}
	}
}
