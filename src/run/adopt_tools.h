/*
 * adopt_tools.h
 *		The tools whose databases can be taken over: what their version tables look like.
 *
 * One entry for each tool says all that is true of it.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ADOPT_TOOLS_H
#define MIGR_ADOPT_TOOLS_H

#include "base/db.h"

#define MIGR_ADOPT_COLUMNS 4

typedef struct MigrAdoptTool
{
	const char *name;			/* as the argument has it */
	const char *title;			/* as people call it */
	const char *schema;			/* where its table is, or NULL: anywhere */
	const char *table;			/* what its table is called, unless somebody has chosen */

	/* The columns that are read; they are also what the table is known by. */
	const char *columns[MIGR_ADOPT_COLUMNS];

	/* A row stands for a revision with all below it; else for itself. */
	bool		heads;

	/*
	 * What the rows say.  $1 to $4 are the columns (text[]), $5 the ids that are
	 * loaded; of each applied revision its name, and what is wrong with it, or NULL.  Of
	 * migr's own rows also the checksum of the script, and whether it was stamped; in the
	 * order of application.
	 */
	MigrQuery	query;

	/* A table beside it that says what has begun and not ended, or NULL. */
	const struct MigrAdoptTool *begun;
} MigrAdoptTool;

/* All of them, in the order in which a table is compared with them; NULL behind the last. */
extern const MigrAdoptTool *migr_adopt_tool(int n);

/* The one of this name; 22023 if there is none. */
extern const MigrAdoptTool *migr_adopt_tool_by_name(const char *name);

/*
 * The id that a tool's own name of a version becomes: what may not stand in an id is
 * "_", and a word that is reserved has "_2" behind it.  "migr convert" makes the same of it.
 */
extern char *migr_adopt_id(const char *name);

#endif							/* MIGR_ADOPT_TOOLS_H */
