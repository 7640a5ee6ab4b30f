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
	const char *revision;		/* or the name of a repeatable script */
	const char *action;			/* added, updated, unchanged, removed, missing */
} MigrLoaded;

/*
 * How text is loaded.  With REPLACE, applied scripts may be others than ran; with
 * REBASE, too, they may come to stand on what is not applied.  With PRUNE, the
 * text is the whole project: what it lacks is forgotten if it is not applied.
 */
#define MIGR_LOAD_REPLACE	0x1
#define MIGR_LOAD_PRUNE		0x2
#define MIGR_LOAD_REBASE	0x4

/* There is room for a varlena's header in front of the text: it need not be copied. */
#define MIGR_LOAD_HEADED	0x8

/*
 * Load scripts from text.  A list of MigrLoaded *, in the order of the text,
 * and then what it lacks.  Raises 22023 for a project without a revision, and
 * 42501 where the caller may not unload.
 */
extern List *migr_loader_load_text(const char *text, int options);

/* Load the *.sql files of directories; NULL: of those of migr.script_location. */
extern List *migr_loader_load_directory(const char *path, bool prune);

/*
 * Before a run: load those of migr.script_location, if that is set, and forget
 * what they had brought and no longer hold.
 */
extern void migr_loader_load_location(void);

/*
 * The state as it is for a reader: the store, as migr_loader_load_location()
 * would make it, with the rows of migr.version and of migr.repeatable, where asked
 * for.  Writes nothing.
 */
extern MigrState *migr_loader_read_state(List **versions, List **repeatables);

#endif							/* MIGR_LOADER_H */
