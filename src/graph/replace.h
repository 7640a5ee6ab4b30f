/*
 * replace.h
 *		Squashes: revisions that take the place of others.
 *
 * Of a squash and what it replaces, one side is in force, and the other is as
 * if it were not there.  It depends on what is applied.  The squash is in
 * force if it is applied itself, if all of what it replaces is, and if none of
 * that is; the others, as long as only some of them are applied.  A squash may
 * replace others: what is said of a revision holds for it as well.
 *
 * Whoever names what is not in force means what is: as parent or dependency,
 * any of what a squash replaces stands for the squash, and the squash for the
 * heads of what it replaces.  So scripts need not be changed for a squash, nor
 * do those that it replaces have to be there where none of them is needed.
 *
 * What is replaced is convex and has one way in, and only its heads have
 * revisions on them from outside.  All that is pure, as graph.h is.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPLACE_H
#define MIGR_REPLACE_H

#include "graph/graph.h"

/* A revision that is needed, and has no script. */
typedef struct MigrLost
{
	const char *revision;
	const char *squash;			/* that replaces it, and is not in force */
} MigrLost;

/*
 * A graph of all nodes, squashes and what they replace side by side; names of
 * revisions that are gone lead to the squash.  Its problems are those of the
 * graph, then those of squashes (MIGR_PROBLEM_SQUASH).
 */
extern MigrGraph *migr_replace_create(MigrNode *nodes, int count);

/*
 * The graph of what is in force of all nodes where these revisions (char *)
 * have a row in the version table.  The same graph if there is no squash or if
 * it has problems.
 */
extern MigrGraph *migr_replace_view(MigrGraph *all, const List *applied);

/*
 * The graph of all nodes but squashes, as if there were none; NULL if there is
 * none, or if a script is missing for it.
 */
extern MigrGraph *migr_replace_none(MigrGraph *all);

/* Of a graph of all nodes: what is in force and a head where nothing is applied. */
extern bool *migr_replace_heads(MigrGraph *all);

/*
 * In a graph of what is in force: the node for a revision that is not.  -1 if
 * there is none; MG001 for one that is no head of what was replaced, and for
 * one whose script is needed.
 */
extern int	migr_replace_find(const MigrGraph *graph, const char *name);

/*
 * Before nodes are taken out of a graph of all of them: add to those that are
 * kept what is needed where these revisions have a row.  That is a squash that
 * stands for some of them; and of what a kept squash replaces, what is in force.
 */
extern void migr_replace_keep(const MigrGraph *all, const List *applied, bool *kept);

/*
 * Raise MG001 if one of these (NULL: everything) needs a script that is not
 * there.
 */
extern void migr_replace_check_lost(const MigrGraph *graph, const bool *needed);

/*
 * The ids in place of ranges among the names that a squash replaces, in order.
 * MG005 if the ends of a range are not in the graph.
 */
extern List *migr_replace_expand(MigrGraph *all, const MigrNode *squash);

#endif							/* MIGR_REPLACE_H */
