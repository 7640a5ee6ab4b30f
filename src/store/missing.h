/*
 * missing.h
 *		What the store does not have, and should: told, never passed over.
 *
 * An applied revision without a script can be neither undone nor checked, and a
 * store without any script says nothing of what is up to date.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MISSING_H
#define MIGR_MISSING_H

#include "base/db.h"
#include "graph/resolve.h"

#define MIGR_LOAD_FIRST "Load your scripts first, with migr_load() or migr_load_directory()."

/* Warn of applied revisions (char *) that have no script. */
extern void migr_missing_warn(const List *revisions);

/* The same, of those that the tables say there are. */
extern void migr_missing_warn_stored(MigrDb *db);

/* Warn of those that a stamp has left as they were. */
extern void migr_missing_warn_kept(const List *revisions);

/* Raise MG009 if there is no revision at all. */
extern void migr_missing_check_any(const MigrState *state);

/* Is there no revision at all?  Then a notice says what to do. */
extern bool migr_missing_is_empty(MigrDb *db);
extern void migr_missing_tell_empty(void);

#endif							/* MIGR_MISSING_H */
