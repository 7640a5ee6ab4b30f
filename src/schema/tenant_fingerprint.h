/*
 * tenant_fingerprint.h
 *		What a tenant's schema is like, its own name left out.
 *
 * Tenants that are equal but for their names have the same fingerprint.  It is of all
 * that drift is told of, as far as that is in the schema: with comments, with privileges
 * and owners as migr.compare_privileges and migr.compare_owners say, of the sorts that
 * migr.compare names, without what migr.exclude does.  What the name is left out of says
 * tenant_name.h.  What is outside is named, not looked at: tenants that refer to the same
 * shared tables and types refer to them by the same text.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_FINGERPRINT_H
#define MIGR_TENANT_FINGERPRINT_H

#include "model/model.h"

/*
 * The fingerprint of one schema, as it is now, in the transaction too: SHA-256 in hex.  The
 * time depends on this schema alone, however many there are.  NULL if there is none with
 * that oid, or migr.exclude names it.  40001 if others go on changing it.
 */
extern char *migr_tenant_fingerprint(Oid schema);

/* A tenant whose fingerprint is asked for. */
typedef struct MigrTenantPrint
{
	Oid			schema;
	const char *name;			/* of the schema */
	const char *fingerprint;	/* what comes of it; NULL if there is nothing to be seen, see below */
	bool		is_excluded;	/* it is there, and migr.exclude names it */
} MigrTenantPrint;

/*
 * The fingerprints of many (MigrTenantPrint *), some hundreds at once: with memory for so
 * many and no more, whatever their number.
 */
extern void migr_tenant_fingerprints(const List *prints);

/*
 * One tenant's objects and what they need of each other, as if it were called as: a model
 * that another one's can be compared with.  NULL if there is no schema with that oid.
 */
extern MigrSchema *migr_tenant_model(Oid schema, const char *as);

#endif							/* MIGR_TENANT_FINGERPRINT_H */
