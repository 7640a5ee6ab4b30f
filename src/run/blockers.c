/*
 * blockers.c
 *		Who holds the lock that a statement did not get in time.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/timeout.h"

#include "base/db.h"
#include "base/text.h"
#include "run/blockers.h"

/* How often to look, in milliseconds: a lock_timeout is longer than that. */
#define INTERVAL 50

/* What was waited for last. */
static LOCKTAG waited_for;
static LOCKMODE waited_mode;
static bool has_waited;

static TimeoutId timer;
static bool has_timer;

static MigrQuery session_query = {
	"SELECT pg_catalog.format('Process %s of user %s%s%s%s%s', a.pid, coalesce(a.usename, '(unknown)'),"
	"         ', application \"' || nullif(a.application_name, '') || '\"',"
	"         ', ' || a.state,"
	"         ' since ' || pg_catalog.date_trunc('second', coalesce(a.xact_start, a.state_change))::text,"
	"         CASE WHEN pg_catalog.pg_has_role($2, a.usesysid, 'USAGE')"
	"                OR pg_catalog.pg_has_role($2, 'pg_read_all_stats', 'USAGE')"
	"              THEN ': ' || pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 200) END)"
	"  FROM pg_catalog.pg_stat_activity a WHERE a.pid = $1",
	2, {INT4OID, OIDOID}
};

/*
 * In a signal handler: reads its own process's entry alone, and the lock in whose
 * queue it stands, which is there as long as it does.
 */
static void
look(void)
{
	const LOCK *lock = MyProc ? MyProc->waitLock : NULL;

	if (lock)
	{
		waited_for = lock->tag;
		waited_mode = MyProc->waitLockMode;
		has_waited = true;
	}
	enable_timeout_after(timer, INTERVAL);
}

void
migr_blockers_watch(void)
{
	if (!has_timer)
	{
		timer = RegisterTimeout(USER_TIMEOUT, look);
		has_timer = true;
	}
	has_waited = false;
	enable_timeout_after(timer, INTERVAL);
}

void
migr_blockers_ignore(void)
{
	if (has_timer)
		disable_timeout(timer, false);
}

static char *
describe_session(MigrDb *db, int pid)
{
	Datum		values[] = {Int32GetDatum(pid), ObjectIdGetDatum(db->secure.user)};

	return migr_db_run(db, &session_query, values, NULL) > 0 ? migr_db_text(0, 1)
		: psprintf("Process %d", pid);
}

char *
migr_blockers_describe(void)
{
	LockData   *locks;
	LOCKMASK	conflicts;
	List	   *lines = NIL;
	MigrDb		db;

	if (!has_waited)
		return NULL;
	conflicts = GetLockTagsMethodTable(&waited_for)->conflictTab[waited_mode];
	locks = GetLockStatusData();
	migr_db_begin_observing(&db);
	for (int i = 0; i < locks->nelements; i++)
	{
		const LockInstanceData *lock = &locks->locks[i];

		if (lock->pid != MyProcPid && (lock->holdMask & conflicts) != 0 &&
			memcmp(&lock->locktag, &waited_for, sizeof(LOCKTAG)) == 0)
			lines = lappend(lines, describe_session(&db, lock->pid));
	}
	migr_db_end(&db);
	return lines != NIL ? migr_text_join(lines, "\n") : NULL;
}
