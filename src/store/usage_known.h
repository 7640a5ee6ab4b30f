/*
 * usage_known.h
 *		What is known of the last use of a table, column, index or function.
 *
 * From the table in shared memory where there is one, else from the server's own
 * statistics, which know when a table was scanned since 16, and before only how often,
 * know nothing of columns, and of functions only with track_functions.  What they count
 * without a time may have been a moment ago.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_USAGE_KNOWN_H
#define MIGR_USAGE_KNOWN_H

#include "base/usage_table.h"

typedef struct MigrUsed
{
	MigrUse		uses[MIGR_USAGE_SORTS];
	bool		counted[MIGR_USAGE_SORTS];	/* used since then, nobody knows when */
	TimestampTz since;			/* all uses are known since then; 0: since no time */
	bool		has_rows;		/* else it is used, not read or written: index, function */
	bool		observed;		/* by migr, not by the server's statistics */
	bool		shown;			/* the caller may be told who it was */
} MigrUsed;

typedef enum MigrUsedVerdict
{
	MIGR_USED_NOT,				/* for as long as is asked */
	MIGR_USED_WITHIN,
	MIGR_USED_UNKNOWN			/* not observed for so long */
} MigrUsedVerdict;

/* Find out about a relation (subid 0), a column or a function that is there. */
extern void migr_used_find(Oid classid, Oid objid, int subid, MigrUsed *used);

/* Has it been used in the last so many seconds? */
extern MigrUsedVerdict migr_used_within(const MigrUsed *used, int seconds);

/* Sentences that say when and by whom, and since when that is known. */
extern char *migr_used_describe(const MigrUsed *used);

#endif							/* MIGR_USAGE_KNOWN_H */
