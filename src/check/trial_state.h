/*
 * trial_state.h
 *		What a scratch build has made, object by object, as its steps go.
 *
 * Of each object and what stands on it, a digest of the text is kept; a step reads
 * anew what it has touched, and so costs what it changes.  What two states have the
 * same digests of is equal, whatever is compared; what has not may yet be: in
 * what migr.compare leaves out, for one.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TRIAL_STATE_H
#define MIGR_TRIAL_STATE_H

#include "utils/hsearch.h"

typedef struct MigrTrialState
{
	MemoryContext context;
	HTAB	   *before;			/* a digest by address: the state that is kept */
	HTAB	   *step;			/* the same of what a step has touched, or of all */
	MemoryContext step_context;
	bool		step_is_all;
	int			mark;			/* which mark is that of the state before */
	bool		is_partial;		/* the last look has not told all */
} MigrTrialState;

/* Read all that is there now, in a scratch build. */
extern void migr_trial_state_begin(MigrTrialState *state);

/* A step has been done: read what it has left. */
extern void migr_trial_state_step(MigrTrialState *state);

/* Is all as it was before the step, or behind it, after more has been done? */
extern bool migr_trial_state_is_before(MigrTrialState *state);
extern bool migr_trial_state_is_after(MigrTrialState *state);

/* The step stays, and all that came behind it has been taken back. */
extern void migr_trial_state_keep(MigrTrialState *state);

#endif							/* MIGR_TRIAL_STATE_H */
