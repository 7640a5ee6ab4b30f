/*
 * file_memory.c
 *		What this session has read in files that have not changed since.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <time.h>

#include "parser/parser.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/text.h"
#include "script/file_memory.h"
#include "script/script.h"

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

#define NANOSECONDS INT64CONST(1000000000)

/* The coarsest clock of a file system, FAT's. */
#define CLOCK_GRAIN (2 * NANOSECONDS)

/* So much is remembered: some hundred thousand files. */
#define MEMORY_LIMIT ((Size) 64 * 1024 * 1024)

/* A script of a file. */
typedef struct Remembered
{
	bool		repeatable;
	int			input_line;
	int			text_len;
	char		checksum[65];
	char		name[FLEXIBLE_ARRAY_MEMBER];
} Remembered;

/* Of which file. */
typedef struct Key
{
	uint64		device;
	uint64		inode;
} Key;

typedef struct Entry
{
	Key			key;			/* first */
	MigrFileStamp stamp;
	bool		escapes;		/* how strings were read */
	int			longest;		/* bytes of a script */
	uint64		mark;			/* the last set that it was in */
	uint64		asked;			/* when it was last asked whether it is in it */
	List	   *scripts;		/* Remembered * */
} Entry;

static MemoryContext memory;	/* of all that is remembered, or NULL */
static HTAB *entries;
static uint64 last_mark;		/* the set that is put down; 0: none */
static int	marked;				/* files in it */
static uint64 last_asked;

MigrFileStamp
migr_file_stamp(const struct stat *status)
{
	MigrFileStamp stamp = {0};

	stamp.device = status->st_dev;
	stamp.inode = status->st_ino;
	stamp.size = status->st_size;
	stamp.modified = status->st_mtim.tv_sec * NANOSECONDS + status->st_mtim.tv_nsec;
	stamp.changed = status->st_ctim.tv_sec * NANOSECONDS + status->st_ctim.tv_nsec;
	return stamp;
}

static void
forget(void)
{
	if (memory)
		MemoryContextDelete(memory);
	memory = NULL;
	entries = NULL;
	marked = 0;
}

void
migr_file_memory_begin(void)
{
	HASHCTL		control = {.keysize = sizeof(Key), .entrysize = sizeof(Entry)};

	if (memory && (entries == NULL || MemoryContextMemAllocated(memory, true) > MEMORY_LIMIT))
		forget();
	if (memory)
		return;
	memory = AllocSetContextCreate(TopMemoryContext, "migr script files", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = memory;
	entries = hash_create("migr script files", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static Entry *
find(const MigrFileStamp *stamp, HASHACTION action)
{
	Key			key = {.device = stamp->device, .inode = stamp->inode};

	return entries ? hash_search(entries, &key, action, NULL) : NULL;
}

/* What is remembered of a file that is as it was, or NULL. */
static Entry *
find_same(const MigrFileStamp *stamp)
{
	Entry	   *entry = find(stamp, HASH_FIND);

	return entry && memcmp(&entry->stamp, stamp, sizeof(MigrFileStamp)) == 0 &&
		entry->escapes == !standard_conforming_strings ? entry : NULL;
}

bool
migr_file_memory_has(const MigrFileStamp *stamp)
{
	const Entry *entry = find_same(stamp);

	return entry && migr_text_is_allowed(entry->longest);
}

List *
migr_file_memory_scripts(const MigrFileStamp *stamp)
{
	const Entry *entry = find_same(stamp);
	List	   *scripts = NIL;
	ListCell   *lc;

	if (entry == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a script file was changed while it was read"),
				 errhint("Run it again.")));
	foreach(lc, entry->scripts)
	{
		const Remembered *one = lfirst(lc);
		MigrScript *script = palloc0(sizeof(MigrScript));

		script->revision = pstrdup(one->name);
		script->repeatable = one->repeatable;
		script->input_line = one->input_line;
		script->text_len = one->text_len;
		script->checksum = pstrdup(one->checksum);
		script->message = "";
		script->remembered = true;
		scripts = lappend(scripts, script);
	}
	return scripts;
}

bool
migr_file_stamp_tells(const MigrFileStamp *stamp)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return false;
	return Max(stamp->modified, stamp->changed) <
		now.tv_sec * NANOSECONDS + now.tv_nsec - CLOCK_GRAIN;
}

static Remembered *
remember(const MigrScript *script)
{
	Size		len = strlen(script->revision) + 1;
	Remembered *one = palloc(offsetof(Remembered, name) + len);

	one->repeatable = script->repeatable;
	one->input_line = script->input_line;
	one->text_len = script->text_len;
	strlcpy(one->checksum, script->checksum, sizeof(one->checksum));
	memcpy(one->name, script->revision, len);
	return one;
}

void
migr_file_memory_keep(const MigrFileStamp *stamp, const List *scripts)
{
	List	   *kept = NIL;
	int			longest = 0;
	Entry	   *entry = find(stamp, HASH_FIND);
	MemoryContext caller;
	ListCell   *lc;

	if (entry)
	{
		list_free_deep(entry->scripts);
		(void) find(stamp, HASH_REMOVE);
	}
	caller = MemoryContextSwitchTo(memory);
	foreach(lc, scripts)
	{
		const MigrScript *script = lfirst(lc);

		kept = lappend(kept, remember(script));
		longest = Max(longest, script->text_len);
	}
	MemoryContextSwitchTo(caller);

	/* Memory can be short: what is entered is whole from the first. */
	entry = find(stamp, HASH_ENTER);
	entry->stamp = *stamp;
	entry->escapes = !standard_conforming_strings;
	entry->longest = longest;
	entry->mark = entry->asked = 0;
	entry->scripts = kept;
}

bool
migr_file_memory_mark(const List *stamps)
{
	ListCell   *lc;

	marked = 0;
	last_mark++;
	foreach(lc, stamps)
	{
		Entry	   *entry = find_same(lfirst(lc));

		/* Two names of one file are no set. */
		if (entry == NULL || entry->mark == last_mark)
			return false;
		entry->mark = last_mark;
	}
	marked = list_length(stamps);
	return true;
}

bool
migr_file_memory_is_marked(const List *stamps)
{
	ListCell   *lc;

	if (marked == 0 || list_length(stamps) != marked)
		return false;
	last_asked++;
	foreach(lc, stamps)
	{
		Entry	   *entry = find_same(lfirst(lc));

		if (entry == NULL || entry->mark != last_mark || entry->asked == last_asked)
			return false;
		entry->asked = last_asked;
	}
	return true;
}
