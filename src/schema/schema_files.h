/*
 * schema_files.h
 *		The live schema as files, one for each object.
 *
 * Read together, by migr.schema_location or in one text, they build the schema
 * again.  Equal schemas give equal files, and a file changes only with its object
 * and with what this needs.  Names are of a-z, 0-9, "_", "-", "." and "%", so no
 * file system takes two of them for one.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCHEMA_FILES_H
#define MIGR_SCHEMA_FILES_H

#include "nodes/pg_list.h"

typedef struct MigrSchemaFile
{
	char	   *path;			/* its name; no directories */
	char	   *ddl;
} MigrSchemaFile;

/* The files (MigrSchemaFile *), in the order of their names. */
extern List *migr_schema_split(void);

#endif							/* MIGR_SCHEMA_FILES_H */
