/*
 * replace_view.c
 *		What is in force of squashes and what they replace.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/ident.h"
#include "graph/replace_view.h"

/* Are all squashes that this one replaces among those that are done? */
static bool
is_ready(const MigrSquashes *squashes, int node, const bool *done)
{
	ListCell   *lc;

	foreach(lc, squashes->all->nodes[node].replaces)
	{
		int			member = migr_graph_find(squashes->all, lfirst(lc));

		if (member >= 0 && squashes->is_squash[member] && !done[member])
			return false;
	}
	return true;
}

MigrSquashes
migr_squashes_find(const MigrGraph *all)
{
	MigrSquashes squashes = {.all = all};
	bool	   *done = palloc0((all->count + 1) * sizeof(bool));
	int		   *found = palloc((all->count + 1) * sizeof(int));
	int			total = 0;
	int			before;

	squashes.is_squash = palloc0((all->count + 1) * sizeof(bool));
	squashes.in_force = palloc0((all->count + 1) * sizeof(bool));
	squashes.owner = palloc((all->count + 1) * sizeof(int));
	for (int i = 0; i < all->count; i++)
	{
		squashes.owner[i] = -1;
		squashes.is_squash[i] = all->nodes[i].replaces != NIL;
		if (squashes.is_squash[i])
			found[total++] = i;
	}
	squashes.nodes = palloc((total + 1) * sizeof(int));
	do
	{
		before = squashes.count;
		for (int i = 0; i < total; i++)
		{
			if (done[found[i]] || !is_ready(&squashes, found[i], done))
				continue;
			done[found[i]] = true;
			squashes.nodes[squashes.count++] = found[i];
		}
	} while (squashes.count > before);
	squashes.looped = squashes.count < total;
	return squashes;
}

bool *
migr_squashes_members(const MigrSquashes *squashes, int squash)
{
	const MigrGraph *all = squashes->all;
	bool	   *members = palloc0((all->count + 1) * sizeof(bool));
	List	   *pending = list_make1_int(squash);

	while (pending != NIL)
	{
		int			next = linitial_int(pending);
		ListCell   *lc;

		pending = list_delete_first(pending);
		foreach(lc, all->nodes[next].replaces)
		{
			int			node = migr_graph_find(all, lfirst(lc));

			if (node < 0 || members[node])
				continue;
			members[node] = true;
			if (squashes->is_squash[node])
				pending = lappend_int(pending, node);
		}
	}
	return members;
}

void
migr_squashes_enforce(MigrSquashes *squashes, int squash)
{
	bool	   *members = migr_squashes_members(squashes, squash);

	squashes->in_force[squash] = true;
	for (int i = 0; i < squashes->all->count; i++)
	{
		if (members[i])
			squashes->owner[i] = squash;
	}
	pfree(members);
}

bool
migr_squashes_is_there(const MigrSquashes *squashes, int node)
{
	return squashes->owner[node] < 0 &&
		(!squashes->is_squash[node] || squashes->in_force[node]);
}

/*
 * The node that a name leads to among all, or -1: gone where what replaces it
 * is not in force.
 */
static int
lookup(const MigrSquashes *squashes, const char *name)
{
	int			node = migr_graph_find(squashes->all, name);

	if (node < 0)
		node = migr_graph_find_label(squashes->all, name);
	if (node < 0)
	{
		node = migr_graph_find_alias(squashes->all, name);
		if (node >= 0 && squashes->owner[node] < 0 && !squashes->in_force[node])
			return -1;
	}
	return node >= 0 && squashes->owner[node] >= 0 ? squashes->owner[node] : node;
}

bool *
migr_squashes_inside(const MigrSquashes *squashes, int squash, bool heads_only)
{
	const MigrGraph *all = squashes->all;
	bool	   *members = migr_squashes_members(squashes, squash);
	bool	   *inside = palloc0((all->count + 1) * sizeof(bool));
	bool	   *below = palloc0((all->count + 1) * sizeof(bool));

	for (int i = 0; i < all->count; i++)
		inside[i] = members[i] && migr_squashes_is_there(squashes, i);
	for (int i = 0; heads_only && i < all->count; i++)
	{
		MigrNeighbours near = migr_graph_neighbours(all, i, MIGR_DOWN_ALL);

		/* Of what is replaced by one that is inside, the edges are its own. */
		if (!members[i])
			continue;
		for (int j = 0; j < near.count; j++)
		{
			int			to = near.nodes[j];

			if (squashes->owner[to] >= 0)
				to = squashes->owner[to];
			if (to == i || to == squashes->owner[i] || !members[to])
				continue;
			if (migr_squashes_is_there(squashes, to))
				below[to] = true;
			else
			{
				bool	   *nested = migr_squashes_members(squashes, to);

				for (int k = 0; k < all->count; k++)
					below[k] = below[k] || (nested[k] && !nested[i]);
				pfree(nested);
			}
		}
	}
	for (int i = 0; i < all->count; i++)
		inside[i] = inside[i] && !below[i];
	pfree(members);
	pfree(below);
	return inside;
}

/* Names as they are in the view; those that lead nowhere are left out. */
static List *
translate(const MigrSquashes *squashes, List *names)
{
	const MigrGraph *all = squashes->all;
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		char	   *name = lfirst(lc);
		int			node = lookup(squashes, name);
		bool	   *heads;

		if (node < 0)
			continue;
		if (migr_squashes_is_there(squashes, node))
		{
			/* A label goes over to the squash, and stays what it is. */
			if (migr_graph_find_label(all, name) < 0)
				name = unconstify(char *, all->nodes[node].id);
			if (!migr_ident_is_in(result, name))
				result = lappend(result, name);
			continue;
		}
		heads = migr_squashes_inside(squashes, node, true);
		for (int i = 0; i < all->count; i++)
		{
			if (heads[i] && !migr_ident_is_in(result, all->nodes[i].id))
				result = lappend(result, unconstify(char *, all->nodes[i].id));
		}
		pfree(heads);
	}
	return result;
}

static bool
has_any(const MigrGraph *graph, const bool *set)
{
	for (int i = 0; i < graph->count; i++)
	{
		if (set[i])
			return true;
	}
	return false;
}

/*
 * By which names can a squash be called?  By those of the heads of what it
 * replaces, and of squashes that have one of these.  Of what is gone nothing is
 * known but that the last one was a head.
 */
static List *
names_of(const MigrSquashes *squashes, int squash, const bool *members)
{
	const MigrGraph *all = squashes->all;
	MigrSquashes apart = migr_squashes_find(all);
	List	   *replaces = all->nodes[squash].replaces;
	List	   *names = NIL;
	bool	   *heads;

	for (int i = 0; i < all->count; i++)
		apart.in_force[i] = members[i] && apart.is_squash[i] &&
			!has_any(all, migr_squashes_members(&apart, i));
	heads = migr_squashes_inside(&apart, squash, true);
	for (int i = 0; i < all->count; i++)
	{
		if (members[i] && apart.is_squash[i])
		{
			bool	   *inner = migr_squashes_members(&apart, i);

			for (int j = 0; j < all->count; j++)
				heads[i] = heads[i] || (inner[j] && heads[j]);
		}
		if (heads[i])
			names = lappend(names, unconstify(char *, all->nodes[i].id));
	}
	if (migr_graph_find(all, llast(replaces)) < 0)
		names = lappend(names, llast(replaces));
	return names;
}

/* Add to a squash in force the names for which it stands, and its labels. */
static void
take_over(const MigrSquashes *squashes, int squash, MigrNode *node)
{
	const MigrGraph *all = squashes->all;
	bool	   *members = migr_squashes_members(squashes, squash);

	node->known_as = names_of(squashes, squash, members);
	node->replaces = list_copy(node->replaces);
	node->labels = list_copy(node->labels);
	for (int i = 0; i < all->count; i++)
	{
		ListCell   *lc;

		if (!members[i])
			continue;
		node->replaces = list_concat(node->replaces, all->nodes[i].replaces);
		foreach(lc, all->nodes[i].labels)
		{
			if (!migr_ident_is_in(node->labels, lfirst(lc)))
				node->labels = lappend(node->labels, lfirst(lc));
		}
	}
	pfree(members);
}

/* A node as it is in the view. */
static MigrNode
view_node(const MigrSquashes *squashes, int i)
{
	MigrNode	node = squashes->all->nodes[i];

	node.revises = translate(squashes, node.revises);
	node.depends = translate(squashes, node.depends);
	if (squashes->is_squash[i])
		take_over(squashes, i, &node);
	return node;
}

/* A squash that is not in force can be called by its only head. */
static void
add_name(const MigrSquashes *squashes, int squash, MigrNode *nodes, const int *place)
{
	bool	   *heads = migr_squashes_inside(squashes, squash, true);
	int			head = -1;
	int			count = 0;

	for (int i = 0; i < squashes->all->count; i++)
	{
		if (heads[i])
		{
			head = i;
			count++;
		}
	}
	if (count == 1)
	{
		MigrNode   *node = &nodes[place[head]];
		char	   *name = unconstify(char *, squashes->all->nodes[squash].id);

		node->replaces = lappend(list_copy(node->replaces), name);
		node->known_as = lappend(node->known_as, name);
	}
	pfree(heads);
}

MigrGraph *
migr_squashes_view(const MigrSquashes *squashes)
{
	const MigrGraph *all = squashes->all;
	MigrNode   *nodes = palloc((all->count + 1) * sizeof(MigrNode));
	int		   *place = palloc((all->count + 1) * sizeof(int));
	int			count = 0;

	for (int i = 0; i < all->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!migr_squashes_is_there(squashes, i))
			continue;
		place[i] = count;
		nodes[count++] = view_node(squashes, i);
	}
	for (int i = 0; i < squashes->count; i++)
	{
		if (squashes->owner[squashes->nodes[i]] < 0 &&
			!squashes->in_force[squashes->nodes[i]])
			add_name(squashes, squashes->nodes[i], nodes, place);
	}
	return migr_graph_create(nodes, count);
}
