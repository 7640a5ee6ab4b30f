/*
 * renamed_from.h
 *		What got another name, as the desired DDL says it.
 *
 * A comment line "-- migr:renamed_from OLD" stands before CREATE, before a
 * column, an attribute or a label in the list of these, or before CONSTRAINT.
 * What it says holds as long as the old name is there and the new one is not:
 * it may stay in the file.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RENAMED_FROM_H
#define MIGR_RENAMED_FROM_H

#include "diff/rename.h"

typedef struct MigrRenamedFrom
{
	const char *old;			/* as it is written */
	const char *noun;			/* what is named: TABLE, MATERIALIZED VIEW … */
	List	   *names;			/* its identifiers (char *) */
	const char *part;			/* a column, label, constraint … of it; or NULL */
	const char *part_noun;		/* CONSTRAINT, TRIGGER, POLICY, RULE, or NULL for
								 * what is in a list */
} MigrRenamedFrom;

/*
 * The lines of a text (MigrRenamedFrom *), which are blanked out in it; messages
 * call the text by name.  Pure.  Raises MG006 for one that stands before nothing
 * that it could be about, or has no value.
 */
extern List *migr_renamed_from_read(char *sql, const char *name);

/*
 * All that gets another name (MigrRenaming *) on the way from a schema to the
 * desired one: those given, which win, what the lines say, and what follows from
 * both.  22023 for those given that can't be; a NOTICE names the lines that do not
 * apply.
 */
extern List *migr_renamed_from_find(MigrSchema *schema, const MigrSchema *desired,
									const List *marks, List *renamings);

#endif							/* MIGR_RENAMED_FROM_H */
