/*
 * tenant_offline.h
 *		What a run of one tenant would do, as SQL for an operator to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_OFFLINE_H
#define MIGR_TENANT_OFFLINE_H

#include "graph/plan.h"

/*
 * The script from where the tenant stands to the end of a range, which begins with "current" or
 * has no beginning: 22023 else.  Raises what the run would raise before its first statement,
 * and 55000 if what all share has to be applied first.
 */
extern char *migr_tenant_script(MigrDirection direction, const char *range, const char *tenant);

#endif							/* MIGR_TENANT_OFFLINE_H */
