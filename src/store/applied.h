/*
 * applied.h
 *		What is applied, by revision, and whether a script is still what ran.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_APPLIED_H
#define MIGR_APPLIED_H

#include "store/store.h"

typedef struct MigrApplied MigrApplied;

/* Rows of the version table (MigrVersion *), to be found by revision. */
extern const MigrApplied *migr_applied_index(const List *versions);

/*
 * Raise MG007 if the script would replace one that is applied and was another one;
 * stored is what the store has of it, or NULL; file, where it stands, or NULL.
 */
extern void migr_applied_check(const MigrApplied *applied, const MigrScript *script,
							   const MigrNode *stored, const char *file);

#endif							/* MIGR_APPLIED_H */
