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

#include "graph/state.h"

/* A name taken apart: label@symbol+offset, each part optional. */
typedef struct MigrName
{
	const char *text;			/* the whole */
	char	   *label;			/* NULL if none */
	char	   *symbol;			/* "" if none */
	bool		relative;
	int			offset;
	int			made;			/* steps of it that are made before a walk */
} MigrName;

/* The revisions that revise none, within lineage unless that is NULL. */
extern bool *migr_resolve_bases(const MigrState *state, const bool *lineage);

/* Several names, separated by commas; at least one.  A list of char *. */
extern List *migr_name_split(const char *text);

/* Take a name apart; raises for what can be none. */
extern MigrName migr_name_parse(const char *text);

/* The revisions in a line with the one that label names: MG001 if none. */
extern bool *migr_resolve_lineage(const MigrState *state, const char *label);

/* The revisions of the branch itself, as migr_graph_branch() has it: MG001. */
extern bool *migr_resolve_branch(const MigrState *state, const char *label);

/* Revisions that a name without a relative step means; base: no member. */
extern bool *migr_resolve_symbol(const MigrState *state, const MigrName *name);

/* The same where one is needed: a node or MIGR_BASE. */
extern int	migr_resolve_symbol_one(const MigrState *state, const MigrName *name);

/*
 * Walk up (offset > 0, within lineage unless that is NULL) or down from a
 * node.  Steps onto what is not in counted (NULL: all) are no steps.  Raises
 * MG004 at a fork, and off the end unless clip is set.
 */
extern int	migr_resolve_walk(const MigrState *state, const MigrName *name,
							  int node, const bool *lineage,
							  const bool *counted, bool clip);

/*
 * Any name, as inspecting commands take it: -N counts down from the heads.
 * With clip, a walk that is too long ends where the graph does.
 */
extern bool *migr_resolve(const MigrState *state, const char *text, bool clip);

/*
 * What is applied where a name is current: it, with all it stands on.  Of what
 * is current here, no more than is applied.
 */
extern bool *migr_resolve_applied(const MigrState *state, const char *text);

/* An id, prefix or label: a node, never MIGR_BASE. */
extern int	migr_resolve_revision(const MigrState *state, const char *text);

#endif							/* MIGR_RESOLVE_H */
