/*
 * candidates.h
 *		States that revisions build, held against a schema that is there.
 *
 * Each is looked at once; what is kept of it is how it differs.  What no state
 * has is nobody's work but others'; of the states of which all is there, and of
 * other states nothing, those are the right ones that leave the least over.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CANDIDATES_H
#define MIGR_CANDIDATES_H

#include "diff/fit.h"
#include "graph/resolve.h"

/* What a search found; sets are bool * by node. */
typedef struct MigrMatch
{
	const bool *found;			/* the set that fits; NULL if none does */
	List	   *others;			/* sets that fit as well */
	const bool *doubtful;		/* one that would, if what could not be run made
								 * nothing of what is there; or NULL */
	List	   *strangers;		/* MigrObject *, of what is there: no state has
								 * them; of the found set, else of the nearest */
	MigrFit		fit;			/* of the same set; its drifts are of fits that
								 * are looked at one by one */
	const bool *nearest;		/* that with the fewest differences; NULL if none
								 * could be built */
	MigrSchema *schema;			/* what the nearest builds */
	char	   *failure;		/* of a script that could not be run, or NULL:
								 * what stands on it was not tried */
} MigrMatch;

typedef struct MigrCandidates
{
	MigrSchema *is;
	const MigrGraph *graph;
	MemoryContext context;		/* where all of this lives */
	List	   *states;			/* what has been looked at */
	HTAB	   *absent;			/* what is there: how many states do not have it */
	List	   *made;			/* char *: tables that some state has, looked at
								 * or not */
	MemoryContext nearest_context;	/* of the nearest state's schema, or NULL */
	int			lines;			/* in which it differs */
	const bool *nearest;
	MigrSchema *nearest_schema;
} MigrCandidates;

/* Begin, in the current memory context. */
extern MigrCandidates migr_candidates_begin(MigrSchema *is, const MigrGraph *graph);

/* Has the state of a set been looked at? */
extern bool migr_candidates_have(const MigrCandidates *candidates, const bool *set);

/*
 * Hold a state against what is there; the schema is in a memory context of its
 * own, which is the candidates' from then on.  Of two as near, the later counts.
 */
extern void migr_candidates_add(MigrCandidates *candidates, const bool *set,
								MigrSchema *schema, MemoryContext context);

/* Is all there of one of them, and nothing, or else something (besides), more? */
extern bool migr_candidates_any(const MigrCandidates *candidates, bool besides);

/* Does a state have an object that is there? */
extern bool migr_candidates_make(const MigrCandidates *candidates, const MigrObject *object);

/* What came of it. */
extern MigrMatch migr_candidates_end(MigrCandidates *candidates);

/* How many things are there besides the set that was found? */
extern int	migr_match_besides(const MigrMatch *match);

#endif							/* MIGR_CANDIDATES_H */
