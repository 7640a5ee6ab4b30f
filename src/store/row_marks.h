/*
 * row_marks.h
 *		Which rows the store has: the same as before?
 *
 * By the place and the transaction of each row, as the server's own caches tell
 * whether theirs is the row that it was: a row that is changed, by whatever means,
 * gets another of these, and one that was rolled back is there no more.  It
 * takes a walk through the rows, and reads none of their columns.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ROW_MARKS_H
#define MIGR_ROW_MARKS_H

#include "base/db.h"

#define MIGR_MARKED_TABLES 3

typedef struct MigrRowMarks
{
	bool		known;			/* false: nothing equals it */
	struct
	{
		Oid			table;
		uint32		file;		/* a table that is rewritten gets another one */
		uint64		rows;
		uint64		hash;
	}			tables[MIGR_MARKED_TABLES];
} MigrRowMarks;

/* Of the rows that a query would see now. */
extern MigrRowMarks migr_row_marks_take(const MigrDb *db);

extern bool migr_row_marks_equal(const MigrRowMarks *a, const MigrRowMarks *b);

#endif							/* MIGR_ROW_MARKS_H */
