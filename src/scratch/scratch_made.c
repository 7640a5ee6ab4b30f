/*
 * scratch_made.c
 *		Which statement of a build has made what.
 *
 * The server tells of each object that comes to be, whatever it comes with: the
 * sequence of a serial column, the index of a key.  What is gone again by the end is
 * told as well; who asks looks up what is there.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/objectaccess.h"
#include "utils/memutils.h"

#include "base/wire.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"

/* So many are sent at a time. */
#define PIECE_COUNT 10000

static object_access_hook_type next_hook;
static MemoryContext context;
static MigrScratchMade *made;
static int	count;
static int	room;

/* The one that runs. */
static int	script;
static int	statement;

static void
grow(void)
{
	MemoryContext caller;

	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "migr made", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	room = Max(1024, 2 * room);
	made = made == NULL ? palloc_extended(room * sizeof(MigrScratchMade), MCXT_ALLOC_HUGE)
		: repalloc_huge(made, room * sizeof(MigrScratchMade));
	MemoryContextSwitchTo(caller);
}

static void
note(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if (next_hook)
		next_hook(access, classid, objid, subid, arg);
	if (access != OAT_POST_CREATE || subid != 0 || statement < 0)
		return;
	if (count == room)
		grow();
	made[count].address.classid = classid;
	made[count].address.objid = objid;
	made[count].script = script;
	made[count].statement = statement;
	count++;
}

void
migr_scratch_made_install(void)
{
	next_hook = object_access_hook;
	object_access_hook = note;
	statement = -1;
}

void
migr_scratch_made_by(int number, int place)
{
	script = number;
	statement = place;
}

void
migr_scratch_made_forget(void)
{
	if (context)
		MemoryContextDelete(context);
	context = NULL;
	made = NULL;
	count = room = 0;
	statement = -1;
}

void
migr_scratch_made_reply(void)
{
	StringInfoData message;

	initStringInfo(&message);
	for (int i = 0; i < count; i++)
	{
		migr_wire_put_oid(&message, made[i].address.classid);
		migr_wire_put_oid(&message, made[i].address.objid);
		migr_wire_put_int(&message, made[i].script);
		migr_wire_put_int(&message, made[i].statement);
		if (i % PIECE_COUNT == PIECE_COUNT - 1 || i == count - 1)
		{
			migr_worker_reply(MIGR_BUILT_MADE, &message);
			resetStringInfo(&message);
		}
	}
	pfree(message.data);
}

void
migr_scratch_get_made(StringInfo message, MigrScratchSeen *seen)
{
	int			more = (message->len - message->cursor) / (int) sizeof(MigrScratchMade);
	Size		size = (seen->made_count + more) * sizeof(MigrScratchMade);

	seen->made = seen->made == NULL ? palloc_extended(size, MCXT_ALLOC_HUGE)
		: repalloc_huge(seen->made, size);
	for (; more > 0; more--)
	{
		MigrScratchMade *one = &seen->made[seen->made_count++];

		one->address.classid = migr_wire_get_oid(message);
		one->address.objid = migr_wire_get_oid(message);
		one->script = migr_wire_get_int(message);
		one->statement = migr_wire_get_int(message);
	}
}
