/*
 * loader.h
 *		Scripts into the store: all of them or none.
 *
 * Compares with what is stored, checks the graph that results, writes. Raises
 * MG005 for a graph that would be broken, MG007 for an applied script that was
 * edited, and MG010 where that may not be replaced.  Who loads a script that is
 * there already may get to be who vouches for it (vouch.h).
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOADER_H
#define MIGR_LOADER_H

#include "graph/resolve.h"
#include "store/store.h"

typedef struct MigrLoaded
{
	const char *file;			/* or NULL */
	const char *revision;
	const char *action;			/* added, updated, unchanged */
} MigrLoaded;

/*
 * Load scripts from text.  With replace, applied ones may be others than ran;
 * with rebase, too, they may come to stand on what is not applied.  A list of
 * MigrLoaded *, in the order of the text.
 */
extern List *migr_loader_load_text(const char *text, bool replace, bool rebase);

/* Load the *.sql files of directories; NULL: of those of migr.script_location. */
extern List *migr_loader_load_directory(const char *path);

/*
 * The state as it is for a reader: the store, with what migr.script_location
 * would add to it, if that is set.  Writes nothing.
 */
extern MigrState *migr_loader_read_state(List **versions);

/* Forget an unapplied revision that no other names. */
extern void migr_loader_unload(const char *revision);

#endif							/* MIGR_LOADER_H */
