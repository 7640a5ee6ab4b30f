/*
 * repeatable.h
 *		Scripts that run again whenever their text has changed.
 *
 * They are no revisions: they stand in no graph, have no place in the version,
 * and no way back.  Each has a row with the text that was loaded and the one
 * that ran last; where these differ it is due.  Their names are told apart from
 * ids and labels.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPEATABLE_H
#define MIGR_REPEATABLE_H

#include "base/db.h"
#include "graph/resolve.h"
#include "script/script.h"

typedef struct MigrRepeatable
{
	const char *name;
	List	   *depends;		/* char *: ids, labels, names of others */
	const char *message;
	const char *checksum;
	const char *applied;		/* checksum of the text that ran last, or NULL */
	MigrLoader	loader;
} MigrRepeatable;

/* All of them (MigrRepeatable *), by name. */
extern List *migr_repeatable_read(MigrDb *db);

/*
 * Those (MigrRepeatable *) whose turn it is when the members of a set are
 * applied, each behind the others that it depends on: all that they depend on is
 * applied, or nothing is pending at all.
 */
extern List *migr_repeatable_ready(const List *all, const MigrState *state,
								   const bool *applied);

/* Of these, those whose text is not the one that ran last. */
extern List *migr_repeatable_due(const List *ready);

/* Is there one whose text is not the one that ran last? */
extern bool migr_repeatable_any_due(MigrDb *db);

/* The script of one, parsed, with who has loaded it; NULL if there is none. */
extern MigrScript *migr_repeatable_parse(MigrDb *db, const char *name);

/* The texts (char *) that ran last, by name; NIL if none did. */
extern List *migr_repeatable_applied(MigrDb *db, List **names);

/* Its text, or NULL. */
extern char *migr_repeatable_script(MigrDb *db, const char *name);

/* Write one: a new row, or another text and who vouches for it. */
extern void migr_repeatable_put(MigrDb *db, const MigrScript *script);

extern void migr_repeatable_delete(MigrDb *db, const char *name);

/* Note that its text has run. */
extern void migr_repeatable_sign(MigrDb *db, const char *name, const char *user,
								 int64 microseconds);

/* Note that nothing of them is there any more. */
extern void migr_repeatable_forget_runs(MigrDb *db);

#endif							/* MIGR_REPEATABLE_H */
