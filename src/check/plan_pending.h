/*
 * plan_pending.h
 *		The scripts that an upgrade would run.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PLAN_PENDING_H
#define MIGR_PLAN_PENDING_H

#include "nodes/pg_list.h"

/* MigrScript *, in order, the repeatable ones behind the revisions.  MG001 to MG005. */
extern List *migr_plan_pending(const char *target, bool read_only);

#endif							/* MIGR_PLAN_PENDING_H */
