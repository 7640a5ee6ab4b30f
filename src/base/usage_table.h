/*
 * usage_table.h
 *		Who has last used what, in shared memory, since the server started.
 *
 * There is a table only where the library is preloaded (shared_preload_libraries), as
 * memory can't be had later.  It is of a fixed size.  Noting a use takes no lock, and
 * writes at most once a second for each thing that is used.  What finds no room is not
 * lost silently: since then, nothing counts as observed.
 *
 * Times are whole seconds, rounded down.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_USAGE_TABLE_H
#define MIGR_USAGE_TABLE_H

#include "datatype/timestamp.h"

/* What is used, besides columns, whose code is MIGR_USAGE_COLUMN and their number. */
#define MIGR_USAGE_RELATION 1
#define MIGR_USAGE_WHOLE_ROW 2
#define MIGR_USAGE_FUNCTION 3	/* by its OID */
#define MIGR_USAGE_FUNCTION_HASH 4	/* by the hash value that plans know it by */
#define MIGR_USAGE_COLUMN 16

typedef enum MigrUsageSort
{
	MIGR_USAGE_READ,			/* of a function or an index: any use */
	MIGR_USAGE_WRITTEN
} MigrUsageSort;

#define MIGR_USAGE_SORTS 2

/* A use. */
typedef struct MigrUse
{
	TimestampTz at;				/* 0: none is known */
	Oid			role;			/* invalid: not known */
	const char *application;	/* "": it gave no name; NULL: not known */
} MigrUse;

/* Define migr.usage_entries, and ask for memory if it can still be had. */
extern void migr_usage_table_init(void);

/* Is there a table? */
extern bool migr_usage_is_observed(void);

/* The second that is now, from the epoch that TimestampTz has. */
extern uint32 migr_usage_now(void);

/*
 * Note that the session uses something of its database, now.  Cheap when that has been
 * noted in this second.
 */
extern void migr_usage_note(Oid object, int code, MigrUsageSort sort, uint32 now);

/* What the session has to do with a thing. */
typedef enum MigrUsageSession
{
	MIGR_USAGE_NEW,				/* it has not come across it, or has forgotten that it has */
	MIGR_USAGE_IGNORED,
	MIGR_USAGE_NOTED
} MigrUsageSession;

/* Note it, if it is neither new nor to be ignored: in one look, what most uses take. */
extern MigrUsageSession migr_usage_note_known(Oid object, int code, MigrUsageSort sort, uint32 now);

/* From now on, the session is to ignore it. */
extern void migr_usage_ignore(Oid object, int code);

/* Add to the uses of a thing, by sort, what is known of it: the later one stays. */
extern void migr_usage_find(Oid object, int code, MigrUse uses[MIGR_USAGE_SORTS]);

/* Since when all uses in this database have been noted; 0: never. */
extern TimestampTz migr_usage_since(void);

/* Give back what is noted of relations and functions (OIDs) that are gone for good. */
extern void migr_usage_forget(const Oid *objects, int count);

#endif							/* MIGR_USAGE_TABLE_H */
