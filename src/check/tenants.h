/*
 * tenants.h
 *		Which tenants are alike, and which are not as the others.
 *
 * Tenants that are at the same revisions should be alike.  Of those at the same ones, the
 * form that most have is the first; where two are as frequent, that of the tenant whose
 * name comes first.  A tenant at other revisions is compared with those there.
 *
 * All are read in one pass, in memory that does not grow with what they consist of
 * (tenant_fingerprint.h).  Nothing is written: it works on a standby, and in a transaction
 * that is read-only.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANTS_H
#define MIGR_TENANTS_H

#include "schema/tenant_fingerprint.h"
#include "store/tenant.h"

/* What has been seen of a tenant. */
typedef struct MigrTenantSeen
{
	const MigrTenant *tenant;
	MigrTenantPrint print;		/* no fingerprint: it could not be taken, see below */
	const char *heads;			/* as one text; "base" for none */
	int			form;			/* from 1, by how many have it, of those at these heads; or 0 */
	int			alike;			/* how many have it, itself included */
	bool		is_gone;		/* its schema is not there */
	bool		is_excluded;	/* migr.exclude names it */
	bool		is_busy;		/* runs went on with it while it was looked at */
} MigrTenantSeen;

/* Is it not as most at the same revisions are? */
static inline bool
migr_tenant_is_odd(const MigrTenantSeen *seen)
{
	return seen->form > 1;
}

/*
 * Look at all: MigrTenantSeen *, by heads, those at which most are first, then by form,
 * then by name.  Those of which there is no form come last of their heads.
 */
extern List *migr_tenants_look(void);

#endif							/* MIGR_TENANTS_H */
