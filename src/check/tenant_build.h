/*
 * tenant_build.h
 *		What the scripts for tenants build, in a schema with a name of its own.
 *
 * In a scratch database: what all share, as far as it is applied, then a schema that search_path
 * begins with, as it does where a tenant's revisions run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_BUILD_H
#define MIGR_TENANT_BUILD_H

#include "base/subxact.h"
#include "model/model.h"
#include "scratch/scratch.h"
#include "store/tenant_state.h"

/* What a tenant is called where it is built. */
#define MIGR_TENANT_BUILT "migr_tenant"

typedef struct MigrTenantBuild
{
	const MigrState *state;		/* as of MigrTenantState, these both; NULL: the scripts are there */
	const bool *members;
	List	   *shared;			/* MigrScript *, in order; else these are set */
	List	   *own;			/* of the tenants' branch, applied or not */
	List	   *nodes;			/* int: of these */
	MigrScratchJob job;
	MigrWork	work;			/* when what is shared is there, and the schema, which is empty */
	void	   *arg;
} MigrTenantBuild;

/* Read the scripts, and do work(arg) where they can be run (scratch.h). */
extern void migr_tenant_build_run(MigrTenantBuild *build);

/* Within that: what is in the schema now. */
extern MigrSchema *migr_tenant_build_look(void);

/* In a scratch database, under the path of MIGR_TENANT_BUILT: make the schema. */
extern void migr_tenant_build_schema(void);

/* Run SQL there; what messages call it. */
extern void migr_tenant_build_sql(const char *name, const char *sql);

#endif							/* MIGR_TENANT_BUILD_H */
