/*
 * online.h
 *		A difference as a chain of revisions that keep nobody waiting.
 *
 * What the one script would do under a lock that lasts is done in parts: indexes
 * concurrently; constraints NOT VALID, and validated later; NOT NULL by a check
 * that proves it; values of new columns in batches; a column that gets another
 * type beside the old one, until they are exchanged.  All else is in the first part.
 *
 * The parts together lead where the script leads, but that a column that gets
 * another type comes last in its table.  Each has its way back.  What stands on a
 * table that is made in the same script is made with it.  What has no such form
 * is as it was, with a comment that says so.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ONLINE_H
#define MIGR_ONLINE_H

#include "diff/guard.h"

/* A part: what one revision does. */
typedef struct MigrOnlinePart
{
	const char *title;			/* in a few words */
	const char *upgrade;
	const char *downgrade;
	bool		apart;			/* its statements run one by one */
} MigrOnlinePart;

/*
 * The parts (MigrOnlinePart *) of the difference of two models, in order; NIL if
 * nothing of it has a form of its own.  plain is what its script was made with.
 */
extern List *migr_online_parts(const MigrDiffGuard *plain, MigrSchema *from, MigrSchema *to);

#endif							/* MIGR_ONLINE_H */
