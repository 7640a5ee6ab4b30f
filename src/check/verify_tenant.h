/*
 * verify_tenant.h
 *		What can be known to be wrong with one tenant.
 *
 * Where it stands, the verify sections of what is applied to it, with its schema in front, and
 * whether its schema is what its last run left.  Nothing is changed; what a check finds is a
 * verdict and no error.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERIFY_TENANT_H
#define MIGR_VERIFY_TENANT_H

#include "check/verdicts.h"

/*
 * Make the checks named (NIL: all that are about a tenant); of others, say that they are about
 * the database.
 */
extern void migr_check_run_tenant(MigrReport *report, const List *names, const char *tenant);

#endif							/* MIGR_VERIFY_TENANT_H */
