/*
 * tenant_run.h
 *		Upgrade, downgrade and stamp of one tenant, in the caller's transaction.
 *
 * What all share and the tenant needs is applied first, which takes the database's mutex
 * alone; else runs of other tenants go on at the same time.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_RUN_H
#define MIGR_TENANT_RUN_H

#include "graph/plan.h"

typedef struct MigrTenantRequest
{
	const char *tenant;
	MigrDirection direction;
	const char *target;
	const char *tag;			/* or NULL */
	bool		dry;			/* all of it is taken back */
	bool		create;			/* the schema, if there is none */
} MigrTenantRequest;

/* Returns the ids run (char *), in order; NIL and a notice when there is nothing to do. */
extern List *migr_tenant_run(const MigrTenantRequest *request);

/* Set where a tenant stands, and run nothing; returns its heads (char *). */
extern List *migr_tenant_stamp(const char *tenant, const char *targets, bool purge, const char *tag);

#endif							/* MIGR_TENANT_RUN_H */
