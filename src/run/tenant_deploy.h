/*
 * tenant_deploy.h
 *		Upgrade of many tenants: a transaction for each.
 *
 * What fails is rolled back for its tenant, noted in its row, and the others go on.  Who
 * works on a tenant holds its lock, so several sessions share the work without waiting
 * for each other, and what a killed session had taken is free again.  Wherever it ends, the
 * next call takes what is not at the target.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_DEPLOY_H
#define MIGR_TENANT_DEPLOY_H

typedef struct MigrTenantDeploy
{
	const char *pattern;		/* a shell's */
	const char *target;
	int			lock_timeout;	/* of each statement, in milliseconds */
	int			attempts;		/* for each tenant */
	int			stop_after;		/* so many failures; 0: never */
	const char *canary;			/* pattern of tenants that come first, and have to succeed; or NULL */
	const char *tag;			/* or NULL */
} MigrTenantDeploy;

/* Called by a procedure that xact.h has let through, in its memory context. */
extern void migr_tenant_deploy_run(const MigrTenantDeploy *deploy);

#endif							/* MIGR_TENANT_DEPLOY_H */
