/*
 * trial_script.h
 *		One script tried out in a scratch build: up, down, up again.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TRIAL_SCRIPT_H
#define MIGR_TRIAL_SCRIPT_H

#include "check/trial_state.h"
#include "model/model.h"
#include "script/script.h"

/* What came of it. */
typedef struct MigrTried
{
	bool		failed;			/* it did not run: it is not there for others */
	const char *status;			/* ok, fail, skipped */
	const char *detail;			/* or NULL */
} MigrTried;

/*
 * Run the upgrade, which stays; then, to be taken back, the downgrade and the upgrade
 * again.  A repeatable script runs twice instead.
 */
extern MigrTried migr_trial_script(MigrTrialState *state, const MigrScript *script,
								   bool is_repeatable);

/*
 * How one schema differs from another one: the objects, and the SQL that would
 * make them equal; NULL if nothing but the order of columns does.
 */
extern char *migr_trial_difference(MigrSchema *is, MigrSchema *wanted);

#endif							/* MIGR_TRIAL_SCRIPT_H */
