/*
 * tenant_revision.h
 *		New revisions for tenants: where they stand, and what a tenant's schema has of its own.
 *
 * Private to author.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_REVISION_H
#define MIGR_TENANT_REVISION_H

#include "author/author.h"

/*
 * Raise 22023 if the draft's sections are to be what the schemas of the database differ in,
 * and it would stand on a revision for tenants.
 */
extern void migr_tenant_revision_check(const MigrDraft *draft);

/*
 * The way from what the scripts make of a tenant to what the draft's has in its schema, and
 * back; what the draft stands on is put in words that mean the tenants' branch.  False, and a
 * NOTICE, if nothing differs.
 */
extern bool migr_tenant_revision_generate(MigrDraft *draft, char **upgrade, char **downgrade);

/*
 * Raise 22023 if it is to stand on one for tenants and on one that is not; tell it in a NOTICE
 * if it is for tenants, and nobody has said so.
 */
extern void migr_tenant_revision_look(const MigrDraft *draft);

#endif							/* MIGR_TENANT_REVISION_H */
