/*
 * script_files.h
 *		Script files of the server, read safely.
 *
 * Those of migr.script_location, which a superuser has set, for everybody; all
 * else only for members of pg_read_server_files (42501).  Only regular files that
 * lie in the directory named, whatever links lead to them; nothing hangs on a
 * FIFO; what is no text in the database's encoding is refused with file and
 * byte.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRIPT_FILES_H
#define MIGR_SCRIPT_FILES_H

#include "nodes/pg_list.h"

typedef struct MigrFile
{
	char	   *name;			/* in its directory */
	char	   *text;
} MigrFile;

/* Define migr.script_location and migr.schema_location. */
extern void migr_source_init(void);

/* migr.script_location, or NULL if it is not set. */
extern const char *migr_source_location(void);

/* migr.schema_location, or NULL if it is not set. */
extern const char *migr_source_schema_location(void);

/*
 * The *.sql files (MigrFile *) of a directory, or of several separated by
 * commas, in the order of their names; with allow_file, a path may be a file's.
 * NULL: of migr.script_location, which has to be set.
 */
extern List *migr_source_read(const char *path, bool allow_file);

#endif							/* MIGR_SCRIPT_FILES_H */
