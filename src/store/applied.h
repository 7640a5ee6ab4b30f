/*
 * applied.h
 *		Is a script still the one that ran?
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_APPLIED_H
#define MIGR_APPLIED_H

#include "store/store.h"

/*
 * Raise MG007 if the script would replace one that is applied, with this row of the version
 * table, and was another one; NULL: it is not applied.  Stored is what the store has of it, or
 * NULL; file, where it stands, or NULL.
 */
extern void migr_applied_check(const MigrVersion *version, const MigrScript *script,
							   const MigrNode *stored, const char *file);

#endif							/* MIGR_APPLIED_H */
