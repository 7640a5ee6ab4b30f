/*
 * scratch_locks.c
 *		How much of the cluster's lock table a build has taken.
 *
 * The lock table is shared by all databases: a build that fills it would fail
 * others, who have nothing to do with it.  It may have half.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/twophase.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "storage/proc.h"

#include "base/compat.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"

/* Count again when so many relations have been created since. */
#define COUNT_INTERVAL 64

/* And after so many sections that have created none. */
#define SKIPPED_SECTIONS 32

static object_access_hook_type previous_hook;
static int	created;			/* since they were counted */
static int	skipped;			/* sections that have created none */

static int
count_locks(void)
{
	int			count = 0;

	for (int i = 0; i < NUM_LOCK_PARTITIONS; i++)
	{
		LWLock	   *lock = LockHashPartitionLockByIndex(i);

		LWLockAcquire(lock, LW_SHARED);
		count += migr_compat_count_locks(MyProc, i);
		LWLockRelease(lock);
	}
	return count;
}

/* What a build may hold. */
static int
most_locks(void)
{
	return max_locks_per_xact * (MaxBackends + max_prepared_xacts) / 2;
}

bool
migr_scratch_locks_many(void)
{
	return created >= COUNT_INTERVAL / 2 && count_locks() > most_locks() / 2;
}

static void
check(void)
{
	int			most = most_locks();
	int			count = count_locks();

	created = skipped = 0;
	if (count > most)
	{
		migr_worker_reply(MIGR_BUILT_ENDLESS, NULL);
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("the scratch build needs more than half of the lock table"),
				 errdetail("It holds %d locks of %d that the whole server has.", count, most * 2),
				 errhint("Raise max_locks_per_transaction, which is %d now, or set migr.scratch_throwaway.",
						 max_locks_per_xact)));
	}
}

/* What creates no relation takes few locks, and to count them takes as long as there are many. */
void
migr_scratch_locks_check(void)
{
	if (created > 0 || ++skipped >= SKIPPED_SECTIONS)
		check();
}

/* One statement can create any number of relations. */
static void
watch_creation(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if (previous_hook)
		previous_hook(access, classid, objid, subid, arg);
	if (access == OAT_POST_CREATE && classid == RelationRelationId && subid == 0 &&
		++created >= COUNT_INTERVAL)
		check();
}

void
migr_scratch_locks_begin(void)
{
	static bool installed;

	created = skipped = 0;
	if (installed)
		return;
	previous_hook = object_access_hook;
	object_access_hook = watch_creation;
	installed = true;
}
