/*
 * batch.h
 *		A statement that is repeated until it changes no row.
 *
 * A statement that has a LIMIT where it says which rows it takes is repeated as it
 * is.  Else it takes as many rows at a time as its directive says, or
 * MIGR_BATCH_SIZE.  Each time can be in a transaction of its own: what has been
 * done is not done again, whenever it is broken off.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_BATCH_H
#define MIGR_BATCH_H

#include "exec/statement.h"

#define MIGR_BATCH_SIZE 1000

typedef struct MigrBatch MigrBatch;

/*
 * Begin, in CurrentMemoryContext, which has to last until the end; the section and
 * the statement too.
 */
extern MigrBatch *migr_batch_begin(const char *place, const MigrSection *section,
								   const MigrStatement *statement);

/*
 * Run it once, in the transaction that there is, with a snapshot.  Sets *rows to
 * the number of rows that it has changed.  False: it has changed none, and there
 * is none left.
 */
extern bool migr_batch_round(MigrBatch *batch, uint64 *rows);

/*
 * What the last time did is kept: its transaction has committed, or goes on.  Else
 * the next one begins where it did.
 */
extern void migr_batch_keep(MigrBatch *batch);

/* The rows that have been changed so far, and kept. */
extern uint64 migr_batch_rows(const MigrBatch *batch);

#endif							/* MIGR_BATCH_H */
