/*
 * replace_view.h
 *		What is in force of squashes and what they replace.
 *
 * Private to graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPLACE_VIEW_H
#define MIGR_REPLACE_VIEW_H

#include "graph/replace.h"

/* Squashes of a graph, and which of them are in force. */
typedef struct MigrSquashes
{
	const MigrGraph *all;
	int			count;
	int		   *nodes;			/* each behind those that it replaces */
	bool	   *is_squash;		/* by node */
	bool	   *in_force;		/* by node, of squashes */
	int		   *owner;			/* by node: the squash in force that replaces it, or -1 */
	bool		looped;			/* a squash replaces itself: those are left out */
} MigrSquashes;

/* The squashes of a graph, none of them in force. */
extern MigrSquashes migr_squashes_find(const MigrGraph *all);

/* Put a squash in force: what it replaces is not. */
extern void migr_squashes_enforce(MigrSquashes *squashes, int squash);

/* Is a node in the view: in force, and not replaced? */
extern bool migr_squashes_is_there(const MigrSquashes *squashes, int node);

/* All that a squash replaces, by node, through other squashes too. */
extern bool *migr_squashes_members(const MigrSquashes *squashes, int squash);

/*
 * The nodes in force that a squash stands for, which is not in force itself;
 * with heads_only, those that none of the others stands on.
 */
extern bool *migr_squashes_inside(const MigrSquashes *squashes, int squash, bool heads_only);

/* The graph of what is in force. */
extern MigrGraph *migr_squashes_view(const MigrSquashes *squashes);

/* Add what is wrong with the squashes to the problems of the graph. */
extern void migr_squashes_check(MigrGraph *all);

#endif							/* MIGR_REPLACE_VIEW_H */
