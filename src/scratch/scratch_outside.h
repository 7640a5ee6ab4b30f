/*
 * scratch_outside.h
 *		What a live database has besides what its scripts make.
 *
 * Extensions, schemas and publications of others, what migr.exclude names: none
 * of it is the scripts' work, and all of it may be what they refer to.  A build
 * has it as far as that goes, and a comparison leaves it alone.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_OUTSIDE_H
#define MIGR_SCRATCH_OUTSIDE_H

#include "base/db.h"
#include "model/model.h"
#include "scratch/scratch.h"

/* Extensions (MigrScratchExtension *) that only a superuser can create. */
extern List *migr_outside_untrusted_extensions(void);

/*
 * Those of the live database that a build is to have although it does not create
 * them: all, but for a desired schema those that stored scripts create.
 */
extern List *migr_outside_extensions(const MigrScratchJob *job);

/*
 * Statements (char *) that make hollow stand-ins (scratch_hollow.h) for schemas
 * that migr.exclude names, or that others own, as far as what is built mentions
 * them and does not create them.  Sets the names of these schemas (char *).
 */
extern List *migr_outside_stand_ins(const MigrScratchJob *job, List **schemas);

/*
 * Complete what was built: schema public is that of the live database if nothing
 * has changed it (untouched) or was to; what the role may not create (denied: kinds
 * and names by turns) is that of the live database, or else 42501.
 */
extern void migr_outside_complete(MigrSchema *built, bool untouched, const List *denied,
								  Oid role);

/* Does an object belong to a role whose rights the user of an open MigrDb has not? */
extern bool migr_outside_is_of_others(MigrDb *db, const MigrObject *object);

/*
 * Take out of the live schema what others own and what was built does not have;
 * without what was built (NULL), what no stored script creates.  Returns what
 * that is, in words (char *).
 */
extern List *migr_outside_leave_alone(MigrSchema *live, const MigrSchema *built);

/*
 * The same of extensions, whoever owns them, that are not desired and that no stored
 * script creates: with an extension goes what it holds.
 */
extern List *migr_outside_leave_extensions(MigrSchema *live, const MigrSchema *desired);

#endif							/* MIGR_SCRATCH_OUTSIDE_H */
