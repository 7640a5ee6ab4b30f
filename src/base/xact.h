/*
 * xact.h
 *		The transactions of a procedure that is the client's own statement.
 *
 * Between them nothing is held but locks of the session: no snapshot, no
 * transaction id.  What has to last beyond one of them is in a memory context
 * that does not belong to it, as migr_xact_memory() makes one.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_XACT_H
#define MIGR_XACT_H

#include "fmgr.h"

#include "base/subxact.h"

/*
 * Raise 25001 unless the procedure is called by a statement of the client's, in
 * no transaction block; name is for the message.
 */
extern void migr_xact_check_top(FunctionCallInfo fcinfo, const char *name);

/* A memory context that lasts as long as the client's statement, made current. */
extern MemoryContext migr_xact_memory(void);

/*
 * Run work(arg) in the current transaction, with a snapshot, and commit.  If it
 * fails, or the commit does, all is rolled back, and the error returned.  Another
 * transaction has begun in both cases.
 */
extern ErrorData *migr_xact_run(MigrWork work, void *arg);

/* The same, and raise the error. */
extern void migr_xact_do(MigrWork work, void *arg);

/*
 * As migr_xact_run(), for what is not to be left undone whatever has happened: it is not
 * cancelled, and its errors are passed over.  For what waits for nobody.
 */
extern void migr_xact_finish(MigrWork work, void *arg);

/*
 * As migr_xact_run() without a snapshot: for what needs to be alone in a transaction, and
 * may commit on its way.
 */
extern ErrorData *migr_xact_run_alone(MigrWork work, void *arg);

/*
 * Run work(arg), which goes through transactions itself.  If it fails, the one in
 * which it does is rolled back, and the error returned.
 */
extern ErrorData *migr_xact_catch(MigrWork work, void *arg);

/* Wait so many milliseconds with nothing held, or until interrupted. */
extern void migr_xact_sleep(long milliseconds);

/* Drop what a wait must not hold: the snapshots of queries and of the catalogs. */
extern void migr_xact_rest(void);

#endif							/* MIGR_XACT_H */
