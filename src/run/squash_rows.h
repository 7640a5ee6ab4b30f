/*
 * squash_rows.h
 *		The rows of what a squash replaces, and the squash's own.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SQUASH_ROWS_H
#define MIGR_SQUASH_ROWS_H

#include "graph/resolve.h"
#include "store/store.h"

/*
 * Where all that a squash replaces is applied, give it one row in place of
 * theirs: the last of them becomes its own.  Each is a row of the log.  For who
 * holds the mutex.  Raises 42501 if the caller does not run the squash's script.
 */
extern void migr_squash_rows_settle(void);

/* The rows (char *, in the order of application) that stand for a squash; NIL: none does. */
extern List *migr_squash_rows_of(const MigrState *state, const List *versions, int node);

#endif							/* MIGR_SQUASH_ROWS_H */
