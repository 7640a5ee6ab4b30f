/*
 * log_chain.h
 *		The chain of hashes over the rows of migr.log.
 *
 * Each row has the ids of rows that it follows, and a hash of itself and of
 * their hashes.  migr.log_end has the rows that none follows yet.  So every
 * row is followed by one, or is an end: one that is missing, or was changed,
 * leaves a gap.  Sessions that write at once follow different rows, and wait
 * for nobody.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOG_CHAIN_H
#define MIGR_LOG_CHAIN_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"

/*
 * A row that is about to be written, with an id that is greater than all there
 * are, what it follows and its hash.  One that has a hash, as from a dump or by
 * replication, stays as it is; NULL if it is there already; 23505 if another one
 * is.  Opens the database by itself, and changes migr.log_end.
 */
extern HeapTuple migr_chain_link(HeapTuple row, TupleDesc desc);

/*
 * The same for a row of migr.log_end: NULL if it is there, or some row follows
 * it here, which was written after the dump was.
 */
extern HeapTuple migr_chain_link_end(HeapTuple end, TupleDesc desc);

/*
 * The hash of a row; parents: those (char *) of the rows that it follows, by
 * id.  Columns whose names begin with an underscore are no part of the row.
 */
extern char *migr_chain_hash(HeapTuple row, TupleDesc desc, const List *parents);

/* Have what links a row planned (migr_db_plan()). */
extern void migr_chain_ready(void);

#endif							/* MIGR_LOG_CHAIN_H */
