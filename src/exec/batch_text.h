/*
 * batch_text.h
 *		A statement as what takes a batch of its rows.
 *
 * Pure: text and parse tree, no catalogs.
 * Private to exec.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_BATCH_TEXT_H
#define MIGR_BATCH_TEXT_H

#include "nodes/primnodes.h"

typedef struct MigrBatchText
{
	const char *change;			/* what is run, again and again */
	const char *find;			/* NULL: change says itself which rows it takes; else */
								/* it takes those of $1, tid[], which this has found */
								/* from $1, tid, on */
	RangeVar   *target;			/* whose rows these are */
	bool		joined;			/* found together with rows of other tables */
} MigrBatchText;

/*
 * UPDATE, DELETE or INSERT … SELECT with at most size rows at a time; as it is, if
 * it is limited by itself.
 */
extern MigrBatchText migr_batch_text(const char *sql, bool limited, int size);

#endif							/* MIGR_BATCH_TEXT_H */
