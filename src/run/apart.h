/*
 * apart.h
 *		A script that says "transaction off": its statements one by one.
 *
 * Each is in a transaction of its own, or in several that it makes itself, and the
 * log knows of each whether it ran (log_steps.h).  What an earlier run has done is
 * not done again; what it was at is looked at, and finished or done anew.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_APART_H
#define MIGR_APART_H

#include "run/retry.h"
#include "run/steps.h"

/*
 * Run the statements of a step's section, and its verify section; then record it,
 * and log it as audit says, in one transaction.  The settings of the session stay
 * as the statements have left them.
 */
extern void migr_apart_run(MigrRun *run, int i, const MigrRetry *retry, MigrAudit *audit);

#endif							/* MIGR_APART_H */
