/*
 * state.h
 *		Sets of revisions, and which are applied.
 *
 * Applied is what has a row in the version table, and nothing else: a revision
 * that has none is pending, even if one that stands on it is applied (a gap).
 * Pure, as the graph is.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STATE_H
#define MIGR_STATE_H

#include "graph/graph.h"

/* "Nothing", the place below the first revision. */
#define MIGR_BASE (-1)

typedef struct MigrState
{
	MigrGraph  *graph;
	bool	   *applied;		/* by node: has a row */
	int64	   *ordinal;		/* of that row: place in order of application */
	List	   *unknown;		/* char *: recorded as applied, but no script */
	int64		newest_unknown; /* the greatest of their ordinals */
} MigrState;

/* A state in which nothing is applied. */
extern MigrState *migr_state_create(MigrGraph *graph);

/* Note a row of the version table. */
extern void migr_state_add(MigrState *state, const char *revision, int64 ordinal);

/* The applied revisions that no applied one stands on, however far above. */
extern bool *migr_state_heads(const MigrState *state);

/* The gaps: what is not applied, though something that stands on it is. */
extern bool *migr_state_gaps(const MigrState *state);

/* An applied revision that stands on this one, the first by id, or MIGR_BASE. */
extern int	migr_state_applied_above(const MigrState *state, int node);

/* A set with no members, with one, or with those of another one. */
extern bool *migr_set_create(const MigrGraph *graph);
extern bool *migr_set_of(const MigrGraph *graph, int node);
extern bool *migr_set_copy(const MigrGraph *graph, const bool *set);

/* set |= with */
extern void migr_set_unite(const MigrGraph *graph, bool *set, const bool *with);

/* set &= with, or &= not with */
extern void migr_set_restrict(const MigrGraph *graph, bool *set, const bool *with,
							  bool wanted);

extern int	migr_set_count(const MigrGraph *graph, const bool *set);

/* Some member of a set, the last by id, or MIGR_BASE. */
extern int	migr_set_member(const MigrGraph *graph, const bool *set);

/* The members that no other one is above, by these edges. */
extern bool *migr_set_topmost(const MigrGraph *graph, const bool *set,
							  MigrEdges down);

/* The ids of a set, in order of ids.  A list of char *. */
extern List *migr_set_ids(const MigrGraph *graph, const bool *set);

#endif							/* MIGR_STATE_H */
