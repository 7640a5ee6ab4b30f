/*
 * blame.h
 *		Who made an object, and who changed it last.
 *
 * What is recorded is told together with what is there, so that no answer is about
 * something else of the same name: what was made, changed, renamed or dropped by no
 * run is said to be.  Reads only; works on a standby.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_BLAME_H
#define MIGR_BLAME_H

#include "store/recorded.h"

/* An object, and what is known of it. */
typedef struct MigrBlamed
{
	const MigrRecordedObject *row;	/* as it was recorded; or NULL: no run has made it */
	const MigrRecordedObject *live; /* as it is; or NULL: it is not there, or nobody looked */
	const struct MigrBlamed *root;	/* what it stands on, or itself */
	const char *message;		/* of the script that changed it last, or else made it; or NULL */
	const char *by_hand;		/* what has been done to it by no run, in one word; or NULL */
} MigrBlamed;

/*
 * What a pattern (blame_pattern.h) names, with all that stands on it: MigrBlamed *,
 * table by table.  A warning says so if what is recorded is not what the last run left,
 * and a notice if nothing is called like that.
 */
extern List *migr_blame_find(const char *pattern);

/* What it is called now, or was. */
extern const MigrRecordedObject *migr_blamed_object(const MigrBlamed *blamed);

#endif							/* MIGR_BLAME_H */
