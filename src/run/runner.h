/*
 * runner.h
 *		Upgrade and downgrade in the caller's transaction.
 *
 * All or nothing.  What can be known to fail is found before the first
 * statement runs; the scripts run with the caller's rights and settings.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RUNNER_H
#define MIGR_RUNNER_H

#include "graph/plan.h"

/*
 * Go to the target; tag may be NULL.  Returns the ids run (char *), in order;
 * NIL and a notice when there is nothing to do.
 */
extern List *migr_runner_run(MigrDirection direction, const char *target,
							 bool dry_run, const char *tag);

/*
 * For redo.h, which has taken the mutex: undo one applied revision on which
 * nothing applied stands, as the script says that is stored; and upgrade to a
 * revision with the scripts as they are stored, whatever is in the files.
 */
extern void migr_runner_undo(const char *revision);
extern List *migr_runner_upgrade_stored(const char *revision);

#endif							/* MIGR_RUNNER_H */
