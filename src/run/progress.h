/*
 * progress.h
 *		What runs: told to the client, the server's log and pg_stat_activity.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PROGRESS_H
#define MIGR_PROGRESS_H

#include "utils/guc.h"

#include "graph/plan.h"
#include "script/script.h"

/* Tell that a script begins, which is one of so many; application_name has it. */
extern void migr_progress_tell(MigrDirection direction, const MigrScript *script,
							   int number, int total,
							   GucAction action);

#endif							/* MIGR_PROGRESS_H */
