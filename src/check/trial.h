/*
 * trial.h
 *		Revisions tried out in a scratch database: up, down, up again.
 *
 * All of it happens in a scratch database; of the live one, nothing is
 * changed.  What is wrong with a script is a result and no error.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TRIAL_H
#define MIGR_TRIAL_H

#include "graph/resolve.h"

typedef struct MigrTrial
{
	const char *revision;
	const char *status;			/* ok, fail, skipped */
	const char *detail;			/* or NULL */
} MigrTrial;

/*
 * Try the revisions that a name means and all below them, in order: does the
 * downgrade restore the schema, does the second upgrade give what the first
 * one gave, and do the branches of a merge point give the same schema in
 * whichever order they are applied?  MigrTrial *, one for each revision.
 */
extern List *migr_trial_run(const char *target);

/*
 * The branches that end in these revisions: NULL if they can be applied in
 * any order, or what depends on it.  Raises what a scratch build raises,
 * but not what is wrong with the scripts.
 */
extern char *migr_trial_branches(const MigrState *state, const bool *parents);

#endif							/* MIGR_TRIAL_H */
