/*
 * plan.h
 *		Targets to steps.
 *
 * What an upgrade, downgrade or stamp has to do, from the graph and what is
 * applied.  Pure, as resolve is; raises what resolve raises, and MG004 where
 * no way leads to the target.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PLAN_H
#define MIGR_PLAN_H

#include "graph/resolve.h"

typedef enum MigrDirection
{
	MIGR_UPGRADE,
	MIGR_DOWNGRADE
} MigrDirection;

/* Nodes in the order in which to run them. */
typedef struct MigrPlan
{
	int			count;
	int		   *steps;
} MigrPlan;

/* What to apply to have the target (several: separated by commas). */
extern MigrPlan migr_plan_upgrade(const MigrState *state, const char *target);

/* What to undo so that nothing above the target is left. */
extern MigrPlan migr_plan_downgrade(const MigrState *state, const char *target);

/*
 * The set of applied revisions that a stamp leaves: the targets with all below
 * them, and what is applied on lines that no target is on, unless purge.
 */
extern bool *migr_plan_stamp(const MigrState *state, const char *targets,
							 bool purge);

/* Raise MG009 unless every revision is applied. */
extern void migr_plan_check_done(const MigrState *state);

#endif							/* MIGR_PLAN_H */
