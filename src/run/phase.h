/*
 * phase.h
 *		What has to wait for the rollout of the application.
 *
 * A script that says "phase after" takes away what the application that is still
 * out uses.  A run can stop before it, and before all that stands on it.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PHASE_H
#define MIGR_PHASE_H

#include "base/db.h"
#include "graph/plan.h"

/* The steps of a plan that need not wait; adds the ids (char *) of the others to *waiting. */
extern MigrPlan migr_phase_before(MigrDb *db, const MigrState *state, MigrPlan plan, List **waiting);

/* Say which wait, if any. */
extern void migr_phase_tell(const List *waiting);

#endif							/* MIGR_PHASE_H */
