/*
 * load_files.c
 *		The files of a load, and whether there can be anything new in them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "store/load_files.h"

/* What was stored when the files that are put down as a set brought no news. */
static MigrRowMarks without_news;

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
migr_load_files_note(MigrDb *db, const MigrLoadFiles *files, const MigrRowMarks *before)
{
	MigrRowMarks now;

	if (files->path || files->has_empty)
		return;
	now = migr_row_marks_take(db);
	if (migr_row_marks_equal(before, &now) &&
		migr_file_memory_mark(migr_source_stamps(files->files)))
		without_news = now;
}

/* Who vouches does not depend on who calls, if the location has brought them. */
bool
migr_load_files_same(MigrDb *db, const MigrLoadFiles *files)
{
	MigrRowMarks now;

	if (files->path || !migr_file_memory_is_marked(migr_source_stamps(files->files)))
		return false;
	now = migr_row_marks_take(db);
	return migr_row_marks_equal(&without_news, &now);
}
