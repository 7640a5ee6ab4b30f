/*
 * trial_example.h
 *		A script tried out with the rows of its example, in a scratch build.
 *
 * The rows are put in where the revision is to be applied, in a subtransaction of their
 * own: up, the assertions, down, and the rows have to be back.  Of all that, nothing
 * stays, sequences included: what other revisions are tried on is without it.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TRIAL_EXAMPLE_H
#define MIGR_TRIAL_EXAMPLE_H

#include "script/script.h"

/* What came of it. */
typedef struct MigrExample
{
	const char *status;			/* ok, fail, skipped */
	const char *detail;			/* never NULL */
} MigrExample;

/*
 * Try the example of a script that has one, before the script itself has run.  What is
 * wrong with it is a result; raises what is not the script's.
 */
extern MigrExample migr_trial_example(const MigrScript *script);

#endif							/* MIGR_TRIAL_EXAMPLE_H */
