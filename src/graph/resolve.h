/*
 * resolve.h
 *		Names of revisions to revisions.
 *
 * Ids, prefixes, labels, head, heads, base, current and relative steps, with
 * Alembic's rules.  Pure: knows the graph and which revisions are applied.
 * A name that means nothing is raised: MG001, MG002 (several revisions begin
 * so), MG003 (several heads), MG004 (no such step), 22023 (empty).
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RESOLVE_H
#define MIGR_RESOLVE_H

#include "graph/graph.h"

/* "Nothing", the place below the first revision. */
#define MIGR_BASE (-1)

typedef struct MigrState
{
	MigrGraph  *graph;
	bool	   *applied;		/* by node; with a revision, all below it */
	bool	   *recorded;		/* by node: has a row of its own */
	int64	   *ordinal;		/* of that row: place in order of application */
	List	   *unknown;		/* char *: recorded as applied, but no script */
	int64		oldest_unknown; /* the ordinals of those: the least */
	int64		newest_unknown; /* and the greatest */
} MigrState;

/* A name taken apart: label@symbol+offset, each part optional. */
typedef struct MigrName
{
	const char *text;			/* the whole */
	char	   *label;			/* NULL if none */
	char	   *symbol;			/* "" if none */
	bool		relative;
	int			offset;
} MigrName;

/* A state in which nothing is applied. */
extern MigrState *migr_state_create(MigrGraph *graph);

/* Note a row of the version table. */
extern void migr_state_add(MigrState *state, const char *revision, int64 ordinal);

/* With a revision, everything below it counts as applied. */
extern void migr_state_close(MigrState *state);

/* The applied revisions that no applied one revises or depends on. */
extern bool *migr_state_heads(const MigrState *state);

/* A set with no members, or with one. */
extern bool *migr_set_create(const MigrGraph *graph);
extern bool *migr_set_of(const MigrGraph *graph, int node);
extern int	migr_set_count(const MigrGraph *graph, const bool *set);

/* The ids of a set, in order of ids.  A list of char *. */
extern List *migr_set_ids(const MigrGraph *graph, const bool *set);

/* The revisions that revise none, within lineage unless that is NULL. */
extern bool *migr_resolve_bases(const MigrState *state, const bool *lineage);

/* Several names, separated by commas; at least one.  A list of char *. */
extern List *migr_name_split(const char *text);

/* Take a name apart; raises for what can be none. */
extern MigrName migr_name_parse(const char *text);

/* The revisions in a line with the one that label names: MG001 if none. */
extern bool *migr_resolve_lineage(const MigrState *state, const char *label);

/* Revisions that a name without a relative step means; base: no member. */
extern bool *migr_resolve_symbol(const MigrState *state, const MigrName *name);

/* The same where one is needed: a node or MIGR_BASE. */
extern int	migr_resolve_symbol_one(const MigrState *state, const MigrName *name);

/*
 * Walk up (offset > 0, within lineage unless that is NULL) or down from a
 * node.  Raises MG004 at a fork, and off the end unless clip is set.
 */
extern int	migr_resolve_walk(const MigrState *state, const MigrName *name,
							  int node, const bool *lineage, bool clip);

/*
 * Any name, as inspecting commands take it: -N counts down from the heads.
 * With clip, a walk that is too long ends where the graph does.
 */
extern bool *migr_resolve(const MigrState *state, const char *text, bool clip);

/* An id, prefix or label: a node, never MIGR_BASE. */
extern int	migr_resolve_revision(const MigrState *state, const char *text);

#endif							/* MIGR_RESOLVE_H */
