/*
 * adopt_read.h
 *		Finding and reading the version table of another tool.
 *
 * The table may be anybody's, and what is read of it runs nobody's code: it has to be a
 * plain table, its columns of the server's own types, without policies; it is locked, and
 * scanned as it is, with the caller's right to read it.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ADOPT_READ_H
#define MIGR_ADOPT_READ_H

#include "nodes/pg_list.h"

#include "run/adopt_tools.h"

typedef struct MigrAdoptTable
{
	Oid			relation;
	const char *name;			/* quoted, with its schema */
	const MigrAdoptTool *tool;
} MigrAdoptTable;

/* What a table says is applied. */
typedef struct MigrAdoptRow
{
	char	   *revision;		/* as the tool calls it */
	char	   *trouble;		/* why that is not so, or NULL */
	char	   *checksum;		/* of the script that ran, where the table says it; or NULL */
	bool		stamped;		/* it did not run, if there is a checksum */
} MigrAdoptRow;

/*
 * The table of this oid (InvalidOid: the one that is there), of this tool (NULL: of whichever
 * it looks like).  What is found without being named belongs to somebody whom the caller
 * trusts anyway.  Raises 42P01 if there is none, 55000 if there are several, 42809 if it can't
 * be read without running something, or is of no tool, 42501.
 */
extern MigrAdoptTable migr_adopt_find(Oid relation, const MigrAdoptTool *tool);

/*
 * Its rows, and what the table beside it says has begun: MigrAdoptRow *.  Loaded: the
 * ids (char *) that there are.
 */
extern List *migr_adopt_read(const MigrAdoptTable *table, const List *loaded);

#endif							/* MIGR_ADOPT_READ_H */
