/*
 * retry.h
 *		Work in a transaction of its own, tried again when it did not get its locks.
 *
 * Between two tries nothing is held but the mutex: what waits behind goes on.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RETRY_H
#define MIGR_RETRY_H

#include "base/subxact.h"

typedef struct MigrRetry
{
	int			attempts;		/* how often at most, from 1 */
	int			lock_timeout;	/* of each statement, in milliseconds; 0: none */
	const char *what;			/* for messages: revision "…" */
	bool		beside;			/* the mutex is held beside others */
	MigrWork	before;			/* another transaction before each try but the first, or NULL */
} MigrRetry;

/*
 * Run work(arg), and again if it fails for a lock (55P03), a deadlock (40P01) or a
 * conflict of snapshots (40001).  alone: without a snapshot (xact.h).  Raises the
 * error of the last try, with who was in the way in its DETAIL.
 */
extern void migr_retry_run(const MigrRetry *retry, MigrWork work, void *arg, bool alone);

#endif							/* MIGR_RETRY_H */
