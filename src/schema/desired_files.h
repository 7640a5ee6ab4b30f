/*
 * desired_files.h
 *		The files of a desired schema, and the order that they ask for.
 *
 * A file may begin with "-- migr:file NAME", as those of migr_schema_files()
 * do: then it may stand in one text with others.  "-- migr:after NAME" says which
 * one has to be complete before; "-- migr:after *": all that do not say so.
 *
 * Pure.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DESIRED_FILES_H
#define MIGR_DESIRED_FILES_H

#include "nodes/pg_list.h"

/* The two directives, which schema_files.c writes. */
#define MIGR_FILE_DIRECTIVE "file"
#define MIGR_AFTER_DIRECTIVE "after"
#define MIGR_AFTER_ALL "*"

/* A line that says that nothing is desired. */
#define MIGR_EMPTY_DIRECTIVE "empty"

typedef struct MigrDesiredFile
{
	const char *file;			/* as others call it; NULL: they can't */
	const char *name;			/* as messages call it */
	char	   *sql;			/* without the directives, line for line */
	List	   *after;			/* char * */
	bool		is_last;
	bool		says_empty;		/* it holds the line that nothing is desired */
	List	   *waits;			/* int: places in the list of those that are to be
								 * complete before */
} MigrDesiredFile;

/* How messages call a file. */
extern char *migr_desired_file_name(const char *file);

/*
 * The files (MigrDesiredFile *) that a text holds.  What stands before the first
 * one is another, by the name given; file is what others call that, or NULL.
 */
extern List *migr_desired_files_split(const char *text, const char *file,
									  const char *name);

/*
 * Files in an order in which each is behind those that it comes after, and with
 * its waits set.  Files that come after each other don't wait for each other.
 * Names that no file has are passed over.
 */
extern List *migr_desired_files_sort(const List *files);

#endif							/* MIGR_DESIRED_FILES_H */
