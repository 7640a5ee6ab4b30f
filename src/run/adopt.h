/*
 * adopt.h
 *		A database that another tool runs, taken over: what its version table says.
 *
 * Runs nothing, and leaves that table as it was.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ADOPT_H
#define MIGR_ADOPT_H

#include "nodes/pg_list.h"

typedef struct MigrAdopt
{
	Oid			relation;		/* the table; InvalidOid: the one that is there */
	const char *tool;			/* NULL: the one that it looks like */
	bool		skip_lost;		/* pass over rows that name what is not loaded */
	bool		check_only;		/* only say what would be done */
	const char *tag;			/* of the user's, for the log; or NULL */
} MigrAdopt;

typedef struct MigrAdopted
{
	const char *revision;
	const char *action;
} MigrAdopted;

/*
 * Record as applied what the table says: MigrAdopted *, in the order of application.  Raises
 * what finding and reading the table raises, MG001 for revisions that are not loaded, and
 * 55000 for those that have failed.
 */
extern List *migr_adopt_table(const MigrAdopt *adopt);

#endif							/* MIGR_ADOPT_H */
