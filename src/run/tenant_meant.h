/*
 * tenant_meant.h
 *		A search_path set by hand, where a tenant may have been meant.
 *
 * The version is the database's, or the tenant's that is named; search_path chooses
 * neither.  Who sets it for a schema that is empty gets no "nothing to do" for an answer.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_MEANT_H
#define MIGR_TENANT_MEANT_H

/*
 * For who is about to run what all share, or to say that there is nothing to do.  Where
 * there are tenants, raise 55000 if the path begins with one, or with an empty schema that
 * migr.tenant_shared does not name; where there are none, warn of an empty one if there is
 * nothing to do.
 */
extern void migr_tenant_check_meant(bool nothing);

#endif							/* MIGR_TENANT_MEANT_H */
