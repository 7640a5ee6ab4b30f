/*
 * subxact.h
 *		Work in a subtransaction, whose error is a value.
 *
 * However the work ends, its subtransaction has ended, and memory context and
 * resource owner are the caller's again.  Out of memory is an error like
 * others: what a rollback needs has been set aside before.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SUBXACT_H
#define MIGR_SUBXACT_H

#include "utils/elog.h"

typedef void (*MigrWork) (void *arg);

/*
 * Run work(arg) in a subtransaction, in the caller's memory context.  It is
 * kept if keep is set and nothing failed, and rolled back otherwise.  Returns
 * the error that ended the work, or NULL; the caller decides what it means.
 * Where there is no memory for it, that is 53200, and not for FreeErrorData().
 */
extern ErrorData *migr_subxact_run(MigrWork work, void *arg, bool keep);

/*
 * Take the error that was caught, in the current memory context, and leave none:
 * for who has rolled back what it ended.  Never fails.
 */
extern ErrorData *migr_subxact_take_error(void);

/* Begin an internal subtransaction; for who ends it in a call of its own. */
extern void migr_subxact_begin(void);

/*
 * Run work(arg), which reads catalogs, and do so again if it failed because
 * something that it had found was dropped by another session.  Raises 40001 if
 * it never succeeds. No lock that it takes is kept.
 */
extern void migr_subxact_read(MigrWork work, void *arg);

/*
 * Is an error about the server or the session (cancelled, out of memory,
 * locked out …), and so not about what was being tried?
 */
extern bool migr_subxact_is_foreign(const ErrorData *error);

#endif							/* MIGR_SUBXACT_H */
