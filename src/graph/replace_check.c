/*
 * replace_check.c
 *		What a squash may replace.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "graph/replace_view.h"

/* A squash being looked at. */
typedef struct Shape
{
	MigrGraph  *all;
	const MigrNode *squash;
	const MigrGraph *view;		/* where it is not, and what it replaces is */
	bool	   *members;		/* what it replaces, by node of the view, as are: */
	bool	   *heads;			/* those of them that no other stands on */
	int			entry;			/* the one through which they are come to */
} Shape;

#define problem(shape, ...) \
	migr_graph_add_problem((shape)->all, MIGR_PROBLEM_SQUASH, (shape)->squash->id, \
						   psprintf(__VA_ARGS__), NULL)

static const char *
id_of(const Shape *shape, int node)
{
	return shape->view->nodes[node].id;
}

static bool *
copy_set(const MigrGraph *graph, const bool *set)
{
	bool	   *copy = palloc((graph->count + 1) * sizeof(bool));

	memcpy(copy, set, (graph->count + 1) * sizeof(bool));
	return copy;
}

/* Nothing that it leaves out may stand between. */
static bool
check_convex(Shape *shape)
{
	bool	   *above = copy_set(shape->view, shape->members);
	bool	   *below = copy_set(shape->view, shape->members);

	migr_graph_close(shape->view, above, MIGR_UP_ALL);
	migr_graph_close(shape->view, below, MIGR_DOWN_ALL);
	for (int i = 0; i < shape->view->count; i++)
	{
		if (!above[i] || !below[i] || shape->members[i])
			continue;
		problem(shape, "squash \"%s\" leaves out revision \"%s\", which stands between those that it replaces",
				shape->squash->id, id_of(shape, i));
		return false;
	}
	return true;
}

/* Does a member revise what is no member, or nothing? */
static bool
is_entry(const Shape *shape, int node)
{
	MigrNeighbours near = migr_graph_neighbours(shape->view, node, MIGR_DOWN);

	for (int i = 0; i < near.count; i++)
	{
		if (!shape->members[near.nodes[i]])
			return true;
	}
	return near.count == 0;
}

static bool
check_entry(Shape *shape)
{
	shape->entry = -1;
	for (int i = 0; i < shape->view->count; i++)
	{
		if (!shape->members[i] || !is_entry(shape, i))
			continue;
		if (shape->entry >= 0)
		{
			problem(shape, "what squash \"%s\" replaces has more than one way in: \"%s\" and \"%s\"",
					shape->squash->id, id_of(shape, shape->entry), id_of(shape, i));
			return false;
		}
		shape->entry = i;
	}
	return true;
}

/* The nodes of the view that names lead to. */
static bool *
targets_of(const Shape *shape, const List *names)
{
	bool	   *targets = palloc0((shape->view->count + 1) * sizeof(bool));
	ListCell   *lc;

	foreach(lc, names)
	{
		int			node = migr_graph_find(shape->view, lfirst(lc));

		if (node < 0)
			node = migr_graph_find_label(shape->view, lfirst(lc));
		if (node < 0)
			node = migr_graph_find_alias(shape->view, lfirst(lc));
		if (node >= 0)
			targets[node] = true;
	}
	return targets;
}

/* The squash revises what its way in does. */
static void
check_parents(Shape *shape)
{
	const MigrNode *entry = &shape->view->nodes[shape->entry];
	bool	   *wanted = targets_of(shape, entry->revises);
	bool	   *is = targets_of(shape, shape->squash->revises);

	for (int i = 0; i < shape->view->count; i++)
	{
		if (wanted[i] == is[i])
			continue;
		problem(shape, "squash \"%s\" revises %s, and \"%s\", with which what it replaces begins, revises %s",
				shape->squash->id,
				shape->squash->revises ? migr_ident_join(shape->squash->revises) : "nothing",
				entry->id, entry->revises ? migr_ident_join(entry->revises) : "nothing");
		return;
	}
}

/* The squash stands on all that its members stand on, and on none of them. */
static void
check_dependencies(Shape *shape)
{
	bool	   *below = targets_of(shape, list_concat_copy(shape->squash->revises,
														   shape->squash->depends));

	migr_graph_close(shape->view, below, MIGR_DOWN_ALL);
	for (int i = 0; i < shape->view->count; i++)
	{
		MigrNeighbours near = migr_graph_neighbours(shape->view, i, MIGR_DOWN_ALL);

		if (!shape->members[i])
			continue;
		if (below[i])
			problem(shape, "squash \"%s\" stands on \"%s\", which it replaces",
					shape->squash->id, id_of(shape, i));
		for (int j = 0; j < near.count; j++)
		{
			if (shape->members[near.nodes[j]] || below[near.nodes[j]])
				continue;
			problem(shape, "squash \"%s\" does not depend on \"%s\", as \"%s\" does, which it replaces",
					shape->squash->id, id_of(shape, near.nodes[j]), id_of(shape, i));
		}
	}
}

/* Only on heads may anything stand that is no member. */
static void
check_children(Shape *shape)
{
	for (int i = 0; i < shape->view->count; i++)
	{
		MigrNeighbours near = migr_graph_neighbours(shape->view, i, MIGR_UP_ALL);

		if (!shape->members[i] || shape->heads[i])
			continue;
		for (int j = 0; j < near.count; j++)
		{
			if (shape->members[near.nodes[j]])
				continue;
			problem(shape, "revision \"%s\" stands on \"%s\", which squash \"%s\" replaces, and which is no head of that",
					id_of(shape, near.nodes[j]), id_of(shape, i), shape->squash->id);
			return;
		}
	}
}

/* Does all of it that others can stand on stand on this node? */
static bool
is_below_heads(const Shape *shape, int node)
{
	bool	   *above = palloc0((shape->view->count + 1) * sizeof(bool));
	bool		result = true;

	above[node] = true;
	migr_graph_close(shape->view, above, MIGR_UP);
	for (int i = 0; i < shape->view->count; i++)
		result = result && (!shape->heads[i] || above[i]);
	pfree(above);
	return result;
}

/* A label of a head goes over to the squash; others it must have itself. */
static void
check_labels(Shape *shape)
{
	for (int i = 0; i < shape->view->count; i++)
	{
		ListCell   *lc;

		if (!shape->members[i] || shape->heads[i])
			continue;
		foreach(lc, shape->view->nodes[i].labels)
		{
			const char *label = lfirst(lc);

			if (!migr_ident_is_in(shape->squash->labels, label))
				problem(shape, "squash \"%s\" does not have label \"%s\" of revision \"%s\", which it replaces",
						shape->squash->id, label, id_of(shape, i));
			else if (!is_below_heads(shape, i))
				problem(shape, "label \"%s\" of revision \"%s\" names one of several lines that squash \"%s\" replaces",
						label, id_of(shape, i), shape->squash->id);
		}
	}
}

/* The members and heads by node of the view; false if not all of it is there. */
static bool
find_members(Shape *shape)
{
	const MigrGraph *view = shape->view;
	ListCell   *lc;

	shape->members = palloc0((view->count + 1) * sizeof(bool));
	shape->heads = palloc0((view->count + 1) * sizeof(bool));
	foreach(lc, shape->squash->replaces)
	{
		int			node = migr_graph_find(view, lfirst(lc));

		if (node < 0)
			return false;
		shape->members[node] = true;
	}
	for (int i = 0; i < view->count; i++)
		shape->heads[i] = shape->members[i] &&
			!migr_graph_has_neighbour(view, i, MIGR_UP_ALL, shape->members);
	return true;
}

/* A squash against what it replaces, where others have taken their place. */
static void
check_shape(MigrGraph *all, int squash)
{
	MigrSquashes squashes = migr_squashes_find(all);
	Shape		shape = {.all = all, .squash = &all->nodes[squash]};

	for (int i = squashes.count - 1; i >= 0; i--)
	{
		int			node = squashes.nodes[i];

		if (squashes.owner[node] < 0 && node != squash &&
			!migr_squashes_members(&squashes, node)[squash])
			migr_squashes_enforce(&squashes, node);
	}
	shape.view = migr_squashes_view(&squashes);
	/* Where scripts are gone, it was looked at when they were there. */
	if (shape.view->problems != NIL || !find_members(&shape))
		return;
	if (!check_convex(&shape) || !check_entry(&shape))
		return;
	check_parents(&shape);
	check_dependencies(&shape);
	check_children(&shape);
	check_labels(&shape);
}

static int
compare_names(const void *a, const void *b)
{
	int			order = strcmp(((const MigrAlias *) a)->name, ((const MigrAlias *) b)->name);

	return order != 0 ? order : ((const MigrAlias *) a)->node - ((const MigrAlias *) b)->node;
}

/* Each revision is replaced by one squash, and once. */
static void
check_single(MigrGraph *all)
{
	MigrAlias  *sorted = palloc(all->naliases * sizeof(MigrAlias));

	memcpy(sorted, all->aliases, all->naliases * sizeof(MigrAlias));
	qsort(sorted, all->naliases, sizeof(MigrAlias), compare_names);
	for (int i = 1; i < all->naliases; i++)
	{
		const char *name = sorted[i].name;
		const char *first = all->nodes[sorted[i - 1].node].id;
		const char *second = all->nodes[sorted[i].node].id;

		if (strcmp(sorted[i - 1].name, name) == 0)
			migr_graph_add_problem(all, MIGR_PROBLEM_SQUASH, second,
				strcmp(first, second) == 0
				? psprintf("squash \"%s\" names revision \"%s\" more than once", first, name)
				: psprintf("revision \"%s\" is replaced by squash \"%s\" and by squash \"%s\"",
						   name, first, second), NULL);
	}
	pfree(sorted);
}

/* Squashes that replace one another, so that none of them has a beginning. */
static void
check_loops(MigrGraph *all, const MigrSquashes *squashes)
{
	bool	   *sound = palloc0((all->count + 1) * sizeof(bool));

	for (int i = 0; i < squashes->count; i++)
		sound[squashes->nodes[i]] = true;
	for (int i = 0; i < all->count; i++)
	{
		if (squashes->is_squash[i] && !sound[i])
			migr_graph_add_problem(all, MIGR_PROBLEM_SQUASH, all->nodes[i].id,
								   psprintf("squash \"%s\" replaces itself, or what replaces itself",
											all->nodes[i].id), NULL);
	}
}

/* With all squashes in force, there may be a cycle that was none before. */
static void
check_together(MigrGraph *all)
{
	ListCell   *lc;

	foreach(lc, migr_replace_view(all, NIL)->problems)
	{
		const MigrProblem *found = lfirst(lc);

		migr_graph_add_problem(all, MIGR_PROBLEM_SQUASH, found->revision,
							   psprintf("with squashes in place of what they replace: %s",
										found->message), found->detail);
	}
}

void
migr_squashes_check(MigrGraph *all)
{
	MigrSquashes squashes;

	if (all->problems != NIL)
		return;
	squashes = migr_squashes_find(all);
	check_single(all);
	if (squashes.looped)
		check_loops(all, &squashes);
	if (all->problems != NIL)
		return;
	for (int i = 0; i < squashes.count; i++)
		check_shape(all, squashes.nodes[i]);
	if (all->problems == NIL)
		check_together(all);
}
