/*
 * scratch.h
 *		A database within the database, empty, and gone afterwards.
 *
 * In a subtransaction that is always rolled back the user's schemas are
 * renamed out of the way, which locks no table, and an empty "public" takes
 * their place.  Scripts run there as the caller, in plain form: CREATE INDEX
 * without CONCURRENTLY, no VACUUM.  Extensions come along when a script
 * creates them.  What a rollback can't take back is refused with MG012.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_H
#define MIGR_SCRATCH_H

#include "snap.h"
#include "subxact.h"

/*
 * Run the upgrade sections of scripts (MigrScript *) in an empty database, then
 * do the work, which looks at it with the scope of migr_scratch_scope().
 */
extern void migr_scratch_run(const List *scripts, MigrWork work, void *arg);

/* What belongs to the scratch database, for snapshots taken in it. */
extern const MigrSnapScope *migr_scratch_scope(void);

/*
 * Let what can't be renamed by SQL be out of the way, until the subtransaction
 * is rolled back; prefix: of names.  Of scratch_hide.c, for scratch.c.
 */
extern void migr_scratch_hide(const char *prefix);

#endif							/* MIGR_SCRATCH_H */
