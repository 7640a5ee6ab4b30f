/*
 * load_files.c
 *		The files of a load, and whether there can be anything new in them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "store/load_files.h"

/* The generation of the store to which the files that are put down as a set brought no news. */
static char *without_news;

/* What the location lacks, and would be taken away, was looked for as well. */
static bool was_complete;

MigrLoadFiles
migr_load_files_look(const char *path)
{
	MigrLoadFiles files = {.path = path};

	files.files = migr_source_read(path, MIGR_SOURCE_CHANGED);
	return files;
}

void
migr_load_files_read(MigrLoadFiles *files)
{
	files->again = true;
	files->files = migr_source_read(files->path, 0);
}

/*
 * What is stored may have changed while it was compared; and which files hold
 * nothing is told each time.
 */
void
migr_load_files_note(MigrDb *db, const MigrLoadFiles *files, bool complete,
					 const char *before)
{
	char	   *kept;

	if (files->path || files->has_empty ||
		!migr_generation_equal(before, migr_generation_read(db).now))
		return;
	kept = MemoryContextStrdup(TopMemoryContext, before);
	if (without_news)
		pfree(without_news);
	without_news = kept;
	was_complete = complete;
	(void) migr_source_mark(files->files);
}

/* Who vouches does not depend on who calls, if the location has brought them. */
bool
migr_load_files_same(const MigrLoadFiles *files, bool complete, bool read_only)
{
	bool		same;
	MigrDb		db;

	if (files->path || (complete && !was_complete) || !migr_source_is_marked(files->files))
		return false;
	migr_db_begin(&db, read_only);
	same = migr_generation_equal(without_news, migr_generation_read(&db).now);
	migr_db_end(&db);
	return same;
}
