/*
 * replace_ranges.c
 *		What nodes replace, before there is a graph of what is in force.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "graph/replace.h"
#include "graph/replace_ranges.h"

bool
migr_replace_ranges_any(const MigrNode *nodes, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (nodes[i].replaces != NIL)
			return true;
	}
	return false;
}

MigrGraph *
migr_replace_ranges_graph(const MigrNode *nodes, int count)
{
	MigrNode   *copy = palloc((count + 1) * sizeof(MigrNode));

	memcpy(copy, nodes, count * sizeof(MigrNode));
	return migr_graph_create(copy, count);
}

void
migr_replace_ranges_expand(MigrNode *nodes, int count, const List *ids)
{
	MigrGraph  *all = NULL;

	for (int i = 0; ids != NIL && i < count; i++)
	{
		if (!migr_ident_is_in(ids, nodes[i].id))
			continue;
		if (all == NULL)
			all = migr_replace_ranges_graph(nodes, count);
		nodes[i].replaces = migr_replace_expand(all, &nodes[i]);
	}
}
