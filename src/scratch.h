/*
 * scratch.h
 *		A database within the database, empty, and gone afterwards.
 *
 * In a subtransaction that is always rolled back the user's schemas are set
 * aside (aside.h), and an empty "public" takes their place.  Scripts run there
 * as the caller, in plain form: CREATE INDEX without CONCURRENTLY, no VACUUM.
 * Extensions come along when a script creates them.  What a rollback can't
 * take back is refused with MG012.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_H
#define MIGR_SCRATCH_H

#include "script.h"
#include "snap.h"
#include "stmt.h"
#include "subxact.h"

/* Follow subtransactions. */
extern void migr_scratch_init(void);

/* Do the work in an empty database. */
extern void migr_scratch_do(MigrWork work, void *arg);

/*
 * Raise 42501 unless the caller runs these scripts (MigrScript *) himself: what
 * is built in place is built as the caller.
 */
extern void migr_scratch_admit(const List *scripts);

/* Run a section of a script; only for work in a scratch database. */
extern void migr_scratch_run_section(const MigrScript *script,
									 MigrSectionKind kind);

/* Run one statement of it; only for work in a scratch database. */
extern void migr_scratch_run_statement(const MigrScript *script,
									   MigrSectionKind kind,
									   const MigrStatement *statement);

/*
 * Labels of enums that have been added can be used from now on; only for work
 * in a scratch database, where a section ends as if it were committed.
 */
extern void migr_scratch_commit_labels(void);

/*
 * Run the upgrade sections of scripts (MigrScript *) in an empty database, then
 * do the work, which looks at it with the scope of migr_scratch_scope().
 */
extern void migr_scratch_run(const List *scripts, MigrWork work, void *arg);

/* What belongs to the scratch database, for snapshots taken in it. */
extern const MigrSnapScope *migr_scratch_scope(void);

#endif							/* MIGR_SCRATCH_H */
