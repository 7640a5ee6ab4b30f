/*
 * notify.h
 *		Who listens on channel migr learns what a deploy has done.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_NOTIFY_H
#define MIGR_NOTIFY_H

#include "store/log.h"

/*
 * Send what a row of the log says as JSON, when the transaction commits: action,
 * target, tag, revisions, heads.  Other keys may come.
 */
extern void migr_notify_send(const MigrAudit *audit);

#endif							/* MIGR_NOTIFY_H */
