/*
 * tenant_plan.h
 *		What runs for a tenant: planned for all that stand at the same place, run for one.
 *
 * The steps are those of any run (steps.h), under a search_path that begins with the
 * tenant's schema; what they leave is written into the tenant's row.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_PLAN_H
#define MIGR_TENANT_PLAN_H

#include "base/subxact.h"
#include "run/steps.h"
#include "store/kept.h"
#include "store/tenant_view.h"

typedef struct MigrTenantPlan
{
	MigrGraph  *all;			/* of all that is stored */
	MigrTenantState where;		/* before it */
	MigrRun		run;			/* prepared; without steps: there is nothing to do */
	List	   *shared;			/* char *: ids of what all share that it needs, and that is pending */
} MigrTenantPlan;

/*
 * Plan the way to a target from where a tenant stands; kept is what is stored, and has to
 * outlast the plan.  The database is not open.  Raises what names raise, 42501 if the caller
 * does not run the scripts; MG004 for a downgrade that would undo what
 * all share, 0A000 for what no transaction block holds.
 */
extern MigrTenantPlan *migr_tenant_plan(const MigrKept *kept, const MigrTenant *tenant,
										MigrDirection direction, const char *target);

/*
 * Run a plan for a tenant that stands where it begins, and whose lock is held: make its
 * schema, if there is none, run the steps, write its row and that of the log, of which action,
 * target and tag are set.
 */
extern void migr_tenant_plan_run(const MigrTenantPlan *plan, MigrTenant *tenant, MigrAudit *audit);

/* Run work(arg) where unqualified names are those of a tenant. */
extern void migr_tenant_path_run(const char *tenant, MigrWork work, void *arg);

#endif							/* MIGR_TENANT_PLAN_H */
