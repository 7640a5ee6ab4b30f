/*
 * which_revisions.h
 *		Which revisions' scripts build a given schema?
 *
 * Builds, in a scratch database, what the scripts of sets of revisions say,
 * and compares the result with a model.  The order of columns is no
 * difference.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WHICH_REVISIONS_H
#define MIGR_WHICH_REVISIONS_H

#include "graph/resolve.h"
#include "model/model.h"

/* What a search found; sets are bool * by node. */
typedef struct MigrMatch
{
	List	   *exact;			/* sets that build the schema, in the order in
								 * which they were tried */
	bool	   *nearest;		/* that with the fewest differences; NULL if
								 * none could be built */
	int			differences;	/* of the nearest */
	MigrSchema *schema;			/* what the nearest builds */
	char	   *failure;		/* of a script that could not be run, or NULL:
								 * what stands on it was not tried */
} MigrMatch;

/*
 * Try one set, in the order of the graph.  Behind it, as behind all that are
 * tried, stand the repeatable scripts that have run.
 */
extern MigrMatch migr_match_set(MigrSchema *wanted, const MigrState *state,
								const bool *set);

/*
 * Try no revision at all, each revision with all below it, and all together.
 */
extern MigrMatch migr_match_all(MigrSchema *wanted, const MigrState *state);

#endif							/* MIGR_WHICH_REVISIONS_H */
