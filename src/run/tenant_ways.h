/*
 * tenant_ways.h
 *		What runs for tenants, by where they stand: what is stored is read and parsed once.
 *
 * Between transactions it is kept; it is read anew when something else is stored.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_WAYS_H
#define MIGR_TENANT_WAYS_H

#include "run/tenant_plan.h"

typedef struct MigrTenantWays
{
	const char *target;
	MemoryContext memory;		/* of all that follows */
	const MigrKept *kept;		/* what is stored */
	const char *generation;		/* its name; NULL: not known, so it is read each time */
	List	   *ways;			/* its own */
} MigrTenantWays;

/* Begin, in the current memory context. */
extern void migr_tenant_ways_begin(MigrTenantWays *ways, const char *target);

/* Read what is stored, unless it is as it was read; all that was planned is forgotten then. */
extern void migr_tenant_ways_read(MigrTenantWays *ways, MigrDb *db);

/* What runs for a tenant, if that is planned; else NULL. */
extern MigrTenantPlan *migr_tenant_ways_known(const MigrTenantWays *ways, const MigrTenant *tenant);

/* The same, planned if it is not yet, for which the database is not open. */
extern MigrTenantPlan *migr_tenant_ways_find(MigrTenantWays *ways, const MigrTenant *tenant);

#endif							/* MIGR_TENANT_WAYS_H */
