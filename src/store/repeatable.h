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
#include "graph/plan.h"
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

/* Raise MG005 for one that depends on what is for each tenant: it runs once, for all. */
extern void migr_repeatable_raise_on_tenants(const char *name, const char *on);

/*
 * Those (MigrRepeatable *) of all that an upgrade runs behind a plan: whose turn it is
 * then, and whose text is not the one that ran last.
 */
extern List *migr_repeatable_due_behind(const List *all, const MigrState *state,
										MigrPlan plan);

/*
 * Scripts (MigrScript *) as they would stand behind the members of a set; and
 * those that have run, as they did.  Each opens the database by itself.
 */
extern List *migr_repeatable_scripts(const MigrState *state, const bool *set);
extern List *migr_repeatable_scripts_applied(const MigrState *state);

/* Raise MG009 if there is one that an upgrade to the heads would run. */
extern void migr_repeatable_check_done(const List *all, const MigrState *state);

/* Is there one whose text is not the one that ran last? */
extern bool migr_repeatable_any_due(MigrDb *db);

/*
 * The script of one that has been read, parsed, with who has loaded it; raises 55000
 * if it is there no more.
 */
extern MigrScript *migr_repeatable_parse(MigrDb *db, const char *name);

/* The same for the text that ran last. */
extern MigrScript *migr_repeatable_parse_applied(MigrDb *db, const char *name);

/* Its text, or NULL. */
extern char *migr_repeatable_script(MigrDb *db, const char *name);

/* Write one: a new row, or another text and who vouches for it. */
extern void migr_repeatable_put(MigrDb *db, const MigrScript *script);

extern void migr_repeatable_delete(MigrDb *db, const char *name);

/* Note that its text has run. */
extern void migr_repeatable_sign(MigrDb *db, const char *name, const char *user,
								 int64 microseconds);

/*
 * Note that nothing of these (char *), or with NIL of any, is there any more: they
 * are due again.
 */
extern void migr_repeatable_forget_runs(MigrDb *db, const List *names);

/*
 * The same for those that stand on what is not applied any more: it was undone,
 * and what they have made with it, or it is not what it was.
 */
extern void migr_repeatable_forget_undone(MigrDb *db, const MigrState *state);

#endif							/* MIGR_REPEATABLE_H */
