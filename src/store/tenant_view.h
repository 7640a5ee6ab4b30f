/*
 * tenant_view.h
 *		Where a tenant stands, for those who look.  Reads only.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_VIEW_H
#define MIGR_TENANT_VIEW_H

#include "graph/plan.h"
#include "store/tenant_state.h"
#include "store/view.h"

typedef struct MigrTenantView
{
	const MigrTenant *tenant;
	MigrView	view;			/* of all revisions: what all share, and its own */
	const char *label;
	const bool *members;		/* by node: is it for tenants? */
	const List *due;			/* MigrRepeatable *: repeatable scripts that an upgrade would run */
} MigrTenantView;

/*
 * A tenant, or an empty schema that would be one.  Raises what migr_tenant_state() raises;
 * 3F000 if there is none of that name, 55000 if it is not known where it stands.
 */
extern const MigrTenantView *migr_tenant_look(const char *name);

/* Is what all share to be brought to its heads before, for a target? */
extern bool migr_tenant_wants_shared(const char *target);

/* What an upgrade of it would run: of what all share, then of its own. */
extern MigrPlan migr_tenant_pending(const MigrTenantView *tenant, const char *target);

/*
 * Raise unless the schema of a tenant is there, or can be made, and is what its row says:
 * 3F000, 55000.  Create: it may be one that is not there yet.
 */
extern void migr_tenant_check(MigrDb *db, const MigrTenant *tenant, bool create);

/* Warn of one that has revisions applied, and nothing in its schema. */
extern void migr_tenant_warn_empty(MigrDb *db, const MigrTenant *tenant);

#endif							/* MIGR_TENANT_VIEW_H */
