/*
 * rename.h
 *		Renamed objects: what somebody says got another name, as SQL.
 *
 * Nothing is guessed: a renaming is named by whoever wants a difference of two
 * schemas.  Pure.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RENAME_H
#define MIGR_RENAME_H

#include "model/model.h"

/*
 * As somebody wrote it: [schema.]object or [schema.]table.part, or a function's
 * identity with its arguments; and a name.
 */
typedef struct MigrRenaming
{
	char	   *old;
	char	   *new;
	const MigrObject *object;	/* what is meant, once it is found; NULL */
	const char *part;			/* and of a type: its label or attribute; NULL */
} MigrRenaming;

/* Of names in turn, old and new (char *). */
extern List *migr_rename_list(const List *pairs);

/*
 * Find what renamings (MigrRenaming *) mean in a schema.  Raises 22023 for what
 * is not there or is not clear.
 */
extern void migr_rename_find(const MigrSchema *schema, const List *renamings);

/* The identifiers of a dotted name (char *), folded as in SQL; NIL if it is none. */
extern List *migr_rename_split(const char *name);

/* The new name as an identifier, which it has to be (22023). */
extern char *migr_rename_new(const MigrRenaming *renaming);

/*
 * The sequences of columns as renamings too: one that belongs to what gets
 * another name, or not, and has another name in the desired schema.  Those that
 * somebody renames are left out.
 */
extern List *migr_rename_owned(const MigrSchema *schema, const MigrSchema *desired,
							   const List *renamings);

/*
 * The statements that rename (MigrRenaming *) what a schema has, each with a
 * semicolon; and those that take it back.  A name is given up before another
 * object gets it; where objects get each other's, one has a third name meanwhile.
 * On the way back, what is new and has an old name is put aside under a third one.
 * Raises 22023 for what is not there or is not clear.
 */
extern char *migr_rename_forward(const MigrSchema *schema, const List *renamings);
extern char *migr_rename_back(const MigrSchema *schema, const MigrSchema *desired,
							  const List *renamings);

/* Raise 22023 if the desired schema has nothing that gets one of the names. */
extern void migr_rename_check(const MigrSchema *schema, const MigrSchema *desired,
							  const List *renamings);

#endif							/* MIGR_RENAME_H */
