/*
 * stamp.h
 *		The version without a run: what is applied because somebody says so.
 *
 * Runs no script and leaves the schema alone: writes the table of versions,
 * and migr_stamp_set() the log.  Whoever calls the others holds
 * migr's mutex (mutex.h).
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STAMP_H
#define MIGR_STAMP_H

#include "store/log.h"
#include "store/store.h"

/* Set the version and run nothing.  Returns the heads (char *) it leaves. */
extern List *migr_stamp_set(const char *targets, bool purge, const char *tag);

/*
 * Write the rows of the version table that a set of revisions needs, and delete
 * those of others; with purge all of them are new, and those of unknown
 * revisions go too.  Returns how many changed.
 */
extern int	migr_stamp_apply(MigrDb *db, MigrState *state, const bool *wanted,
							 bool purge);

/* Record the schema: a stamp says that what is there is what the revisions make. */
extern void migr_stamp_record(const MigrAudit *audit);

#endif							/* MIGR_STAMP_H */
