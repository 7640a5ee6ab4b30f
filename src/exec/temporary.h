/*
 * temporary.h
 *		What a commit would do to the temporary tables of a section.
 *
 * Several sections run in one transaction; each ends as if it had one of its own.
 * What the session had before is left for the commit that is to come.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TEMPORARY_H
#define MIGR_TEMPORARY_H

#include "nodes/pg_list.h"

/* The temporary tables of the session (OIDs), before anything has run. */
extern List *migr_temporary_note(void);

/*
 * Drop the temporary tables that are ON COMMIT DROP, and empty those that are ON
 * COMMIT DELETE ROWS, but for those that were noted.
 */
extern void migr_temporary_end(List *noted);

#endif							/* MIGR_TEMPORARY_H */
