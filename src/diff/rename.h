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
} MigrRenaming;

/* Of names in turn, old and new (char *). */
extern List *migr_rename_list(const List *pairs);

/*
 * The statements that rename (MigrRenaming *) what a schema has, each with a
 * semicolon; and those that take it back.  A name is given up before another
 * object gets it.  Raises 22023 for what is not there or is not clear.
 */
extern char *migr_rename_forward(const MigrSchema *schema, const List *renamings);
extern char *migr_rename_back(const MigrSchema *schema, const List *renamings);

/* Raise 22023 if the desired schema has nothing that gets one of the names. */
extern void migr_rename_check(const MigrSchema *schema, const MigrSchema *desired,
							  const List *renamings);

#endif							/* MIGR_RENAME_H */
