/*
 * file_memory.h
 *		What this session has read in files that have not changed since.
 *
 * A file is known by its device and inode, and is as it was if its size and both its
 * times are: what writes to a file, or puts another one in its place, changes when
 * its inode was changed, which nobody can set.  Two changes within one tick of the
 * clock can't be told apart, so what was changed just before it was read is
 * not remembered.  What is remembered of a file are the names and checksums of
 * its scripts, never what they say: whoever uses them looks for that in the store,
 * and reads the file again if it is not there.
 *
 * Private to script.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_FILE_MEMORY_H
#define MIGR_FILE_MEMORY_H

#include <sys/stat.h>

#include "nodes/pg_list.h"

/* A file, and all that changes when it does. */
typedef struct MigrFileStamp
{
	uint64		device;
	uint64		inode;
	int64		size;
	int64		modified;		/* in nanoseconds */
	int64		changed;
} MigrFileStamp;

extern MigrFileStamp migr_file_stamp(const struct stat *status);

/* Would the next change of a file that has this stamp now give it another one? */
extern bool migr_file_stamp_tells(const MigrFileStamp *stamp);

/* Begin to look at files: of those that are remembered too many are forgotten. */
extern void migr_file_memory_begin(void);

/* Is the file as it was when it was read, and so would be what is read in it? */
extern bool migr_file_memory_has(const MigrFileStamp *stamp);

/* The scripts of one that is: MigrScript *, with nothing but what is remembered. */
extern List *migr_file_memory_scripts(const MigrFileStamp *stamp);

/*
 * Remember the scripts (MigrScript *) that were read in a file, which had this stamp
 * before it was read, and it told of changes.
 */
extern void migr_file_memory_keep(const MigrFileStamp *stamp, const List *scripts);

/* The same as migr_source_mark() and migr_source_is_marked(), of stamps (MigrFileStamp *). */
extern bool migr_file_memory_mark(const List *stamps);
extern bool migr_file_memory_is_marked(const List *stamps);

#endif							/* MIGR_FILE_MEMORY_H */
