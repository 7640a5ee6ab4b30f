/*
 * log_id.h
 *		Ids for the rows of migr.log, which no other row ever has.
 *
 * A new row's id is greater than all that there are, whatever its sequence says:
 * a dump that was restored over a used database has set that back, and rows that
 * replication brings do not move it.  Where the log is replicated, new ids are
 * also far from those that another database may be giving out now.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOG_ID_H
#define MIGR_LOG_ID_H

#include "base/db.h"

/* The id for a row to which the sequence, or who writes it, has given one. */
extern int64 migr_log_id(MigrDb *db, int64 given);

/* Have what gives an id planned (migr_db_plan()). */
extern void migr_log_id_ready(void);

#endif							/* MIGR_LOG_ID_H */
