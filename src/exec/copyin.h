/*
 * copyin.h
 *		COPY … FROM stdin with data from memory.
 *
 * The rights, the row security and the errors are those of the command that a
 * client sends.
 *
 * Private to exec.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_COPYIN_H
#define MIGR_COPYIN_H

#include "nodes/parsenodes.h"

/*
 * Run a COPY FROM stdin with the given data, in the database's encoding, with
 * the current user's rights.  sql is its text, for messages.  Needs an active
 * snapshot.  Returns the number of rows.
 */
extern uint64 migr_copyin_run(CopyStmt *copy, const char *sql, const char *data,
							  int len);

#endif							/* MIGR_COPYIN_H */
