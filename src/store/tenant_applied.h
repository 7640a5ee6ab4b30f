/*
 * tenant_applied.h
 *		What is applied to any tenant, for those who change the scripts.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_APPLIED_H
#define MIGR_TENANT_APPLIED_H

#include "store/store.h"

/* By node of a graph of what is stored; NULL if there is no tenant. */
extern bool *migr_tenant_applied(MigrDb *db, const MigrGraph *graph);

/*
 * Raise MG007 if a script would replace another one that is applied to a tenant; stored: what
 * the store has of it.
 */
extern void migr_tenant_applied_check(const bool *applied, int node, const MigrScript *script,
									  const MigrNode *stored);

#endif							/* MIGR_TENANT_APPLIED_H */
