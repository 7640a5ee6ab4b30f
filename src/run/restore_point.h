/*
 * restore_point.h
 *		Where a run begins in the write-ahead log, for who has to recover to just before it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RESTORE_POINT_H
#define MIGR_RESTORE_POINT_H

#include "access/xlog_internal.h"

typedef struct MigrRestorePoint
{
	XLogRecPtr	lsn;
	char		name[MAXFNAMELEN];	/* empty: it has none */
} MigrRestorePoint;

/* Define migr.restore_point. */
extern void migr_restore_point_init(void);

/*
 * Take the place where the log is, before anything of a run is written; with
 * migr.restore_point, a name is written there, after the revision that is the first.  A
 * warning says why it can't be.
 */
extern void migr_restore_point_take(MigrRestorePoint *point, const char *revision);

#endif							/* MIGR_RESTORE_POINT_H */
