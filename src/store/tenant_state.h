/*
 * tenant_state.h
 *		What is for tenants of what is stored, and what of it is applied to one.
 *
 * A tenant's state has the whole graph: what all share is applied as the version table
 * says, and of the tenants' branch the tenant's heads with what they stand on.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_STATE_H
#define MIGR_TENANT_STATE_H

#include "store/store.h"
#include "store/tenant.h"

typedef struct MigrTenantState
{
	MigrState  *state;
	const char *label;
	bool	   *members;		/* by node: is it for tenants? */
} MigrTenantState;

/* The state of a graph of all that is stored, without what is for tenants. */
extern MigrState *migr_tenant_shared_state(MigrGraph *all, const List *versions);

/* The same as migr_store_read_state() reads it. */
extern MigrState *migr_tenant_read_shared_state(MigrDb *db);
extern MigrState *migr_tenant_read_shared_state_as(MigrDb *db, const List *versions);

/*
 * Where a tenant stands; all: of all that is stored.  Raises 55000 if migr.tenant_label is
 * not set, MG001 if no revision bears it, or if the tenant is at one that has no script;
 * and 55000 if revisions have come in below what the tenant is at, of which nobody knows
 * whether they are applied.
 */
extern MigrTenantState migr_tenant_state(MigrGraph *all, const List *versions, const MigrTenant *tenant);

/* Put into the tenant's row where it stands now. */
extern void migr_tenant_note(const MigrTenantState *where, MigrGraph *all, MigrTenant *tenant);

/* The applied heads (char *) of the tenants' branch. */
extern List *migr_tenant_heads(const MigrTenantState *where);

/* What a name means where it is said of a tenant: "head" is the tenants' branch's. */
extern const char *migr_tenant_target(const MigrTenantState *where, const char *target);

#endif							/* MIGR_TENANT_STATE_H */
