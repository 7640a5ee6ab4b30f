/*
 * script_files.h
 *		Script files of the server, read safely.
 *
 * Those of migr.script_location, which a superuser has set, for everybody; all
 * else only for members of pg_read_server_files (42501).  Only regular files that
 * lie in the directory named, whatever links lead to them; nothing hangs on a
 * FIFO; what is no text in the database's encoding is refused with file and
 * byte.  What has not changed since this session read it need not be read again.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRIPT_FILES_H
#define MIGR_SCRIPT_FILES_H

#include "nodes/pg_list.h"

#include "script/file_memory.h"

/* What is asked of a list of paths. */
#define MIGR_SOURCE_FILES		0x1 /* a path may be a file's, of a desired schema */
#define MIGR_SOURCE_CHANGED		0x2 /* only of what has changed, the text */

typedef struct MigrFile
{
	char	   *name;			/* in its directory */
	char	   *text;			/* NULL: it is as it was */
	bool		headed;			/* there is room for a varlena's header in front of it */
	MigrFileStamp stamp;
	bool		tells;			/* the stamp would tell of the next change */
} MigrFile;

/* Define migr.script_location and migr.schema_location. */
extern void migr_source_init(void);

/* migr.script_location, or NULL if it is not set. */
extern const char *migr_source_location(void);

/* migr.schema_location, or NULL if it is not set. */
extern const char *migr_source_schema_location(void);

/*
 * The *.sql files (MigrFile *) of a directory, or of several separated by
 * commas, in the order of their names.  NULL: of migr.script_location, which has
 * to be set.
 */
extern List *migr_source_read(const char *path, int options);

/*
 * The scripts (MigrScript *) of a file.  Of one without text they are what
 * is remembered of it (file_memory.h); what a text holds is remembered.
 */
extern List *migr_source_scripts(const MigrFile *file);

/*
 * Put files (MigrFile *) down as a set; false if not all are remembered.  Are these
 * the files of that set, as they were?
 */
extern bool migr_source_mark(const List *files);
extern bool migr_source_is_marked(const List *files);

#endif							/* MIGR_SCRIPT_FILES_H */
