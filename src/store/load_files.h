/*
 * load_files.h
 *		The files of a load, and whether there can be anything new in them.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOAD_FILES_H
#define MIGR_LOAD_FILES_H

#include "script/script_files.h"
#include "store/generation.h"

typedef struct MigrLoadFiles
{
	const char *path;			/* NULL: those of migr.script_location */
	bool		again;			/* all are being read, whatever is remembered */
	bool		has_empty;		/* one holds no script: set by who looks at them */
	List	   *files;			/* MigrFile * */
} MigrLoadFiles;

/* Look at the files. */
extern MigrLoadFiles migr_load_files_look(const char *path);

/* It takes more than what is remembered: read all of them. */
extern void migr_load_files_read(MigrLoadFiles *files);

/*
 * Note that the files of the location brought no news to a store of which this was the
 * generation before they were compared with it; complete: nor do they lack what
 * they had brought.
 */
extern void migr_load_files_note(MigrDb *db, const MigrLoadFiles *files, bool complete,
								 const char *before);

/* Are files and store as they were then?  Read_only as of a MigrDb, which it opens. */
extern bool migr_load_files_same(const MigrLoadFiles *files, bool complete, bool read_only);

#endif							/* MIGR_LOAD_FILES_H */
