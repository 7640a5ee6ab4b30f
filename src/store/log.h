/*
 * log.h
 *		The append-only log: one row for each run, load, stamp, guarded change.
 *
 * Rows are appended, never changed.  A row is of the transaction that it is
 * about: what is rolled back has none, but for a run that commits on its way,
 * which says in one of their own what failed.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOG_H
#define MIGR_LOG_H

#include "access/xlogdefs.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef struct MigrAudit
{
	const char *action;			/* as migr.log allows */
	const char *target;			/* as the user wrote it, or NULL */
	const char *tag;			/* the user's own, or NULL */
	List	   *from_heads;		/* char * */
	List	   *to_heads;
	List	   *revisions;		/* what was run, loaded … in order */
	const int64 *durations;		/* microseconds that each of them took, or NULL */
	TimestampTz started;
	const char *command;		/* of a schema change outside of migr, or NULL */
	const char *statement;
	List	   *objects;		/* char *; what it changed */
	const char *detail;			/* what else there is to say, or NULL */
	const char *outcome;		/* NULL: done */
	int			step;			/* of a statement that runs by itself: its number from 1 */
	const char *checksum;		/* of its text, then */
	XLogRecPtr	lsn;			/* where it began; invalid: where the row is written */
	const char *restore_point;	/* what that place is called, or NULL */
	const char *tenant;			/* which one it is about, or NULL */
} MigrAudit;

/* The name of the user who is calling, to be recorded with what he does. */
extern char *migr_audit_user(void);

/* Add a line to what else there is to say; NULL adds none. */
extern void migr_audit_add_detail(MigrAudit *entry, const char *line);

/* Append a row.  Opens the database by itself. */
extern void migr_audit_write(const MigrAudit *entry);

/* Have what writes a row planned (migr_db_plan()). */
extern void migr_log_ready(void);

#endif							/* MIGR_LOG_H */
