/*
 * mutex.c
 *		One run at a time in a database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/citus.h"
#include "base/db.h"
#include "base/secure.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "base/xact.h"
#include "store/mutex.h"

static int	lock_timeout_ms;

/*
 * Nesting level of the transaction in which revision scripts began to run in
 * this session; 0: none do.  See migr_mutex_enter_run().
 */
static int	run_level;

/* The same for statements that may end the transaction, and begin another. */
static bool runs_alone;

static MigrQuery holder_query = {
	"SELECT pg_catalog.format('Process %s of user %s has run it since %s%s.',"
	"         l.pid, coalesce(a.usename, '(unknown)'),"
	"         coalesce(pg_catalog.date_trunc('second', least(a.xact_start, a.query_start))::text, '(unknown)'),"
	"         CASE WHEN a.application_name ~ '^running ' THEN ': ' || a.application_name END)"
	"  FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
	" WHERE l.locktype IN ('advisory', 'object') AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()"
	"   AND l.database = $1 AND l.classid = $2 AND l.objid = $3"
	"   AND l.mode IN ('RowShareLock', 'ExclusiveLock', 'AccessExclusiveLock')"
	" ORDER BY l.locktype",
	3, {OIDOID, OIDOID, OIDOID}
};

/* Not the greatest id: ids become visible in any order. */
static MigrQuery count_log_query = {
	"SELECT pg_catalog.count(*) FROM migr.log WHERE action <> 'ddl'", 0, {0}
};

void
migr_mutex_enter_run(void)
{
	run_level = GetCurrentTransactionNestLevel();
}

void
migr_mutex_leave_run(void)
{
	run_level = 0;
	runs_alone = false;
}

void
migr_mutex_enter_run_alone(void)
{
	runs_alone = true;
}

bool
migr_mutex_in_run(void)
{
	return run_level > 0 || runs_alone;
}

/* A run ends with the transaction in which it began, or with one that fails. */
static void
follow_xact(XactEvent event, void *arg)
{
	run_level = 0;
	if (event == XACT_EVENT_ABORT)
		runs_alone = false;
}

static void
follow_subxact(SubXactEvent event, SubTransactionId subid,
			   SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB &&
		GetCurrentTransactionNestLevel() <= run_level)
		migr_mutex_leave_run();
}

void
migr_mutex_init(void)
{
	DefineCustomIntVariable("migr.lock_timeout",
							"How long to wait for another migration to finish; 0 waits without limit.",
							NULL, &lock_timeout_ms, 60 * 1000, 0, INT_MAX,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	RegisterXactCallback(follow_xact, NULL);
	RegisterSubXactCallback(follow_subxact, NULL);
}

int
migr_mutex_timeout(void)
{
	return lock_timeout_ms;
}

void
migr_mutex_check_outside(void)
{
	if (migr_mutex_in_run())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a revision script can't call migr itself"),
				 errdetail("A migration is already running in this session.")));
}

void
migr_mutex_check_writable(void)
{
	migr_mutex_check_outside();
	if (!migr_db_active() && InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot run migrations within a security-restricted operation")));
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot run migrations during recovery"),
				 errhint("Connect to the primary server.")));
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot run migrations in a read-only transaction"),
				 errhint("Look at transaction_read_only and default_transaction_read_only.")));
}

/* Who holds the mutex, as a sentence; NULL if nobody does any more. */
static char *
describe_holder(Oid extension)
{
	Datum		values[3];
	MigrDb		db;
	char	   *holder = NULL;

	values[0] = ObjectIdGetDatum(MyDatabaseId);
	values[1] = ObjectIdGetDatum(ExtensionRelationId);
	values[2] = ObjectIdGetDatum(extension);
	migr_db_begin_observing(&db);
	if (migr_db_run(&db, &holder_query, values, NULL) > 0)
		holder = migr_db_text(0, 1);
	migr_db_end(&db);
	return holder;
}

static void
raise_locked(const char *holder)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("another migration is running"),
			 holder ? errdetail("%s", holder) : 0,
			 errhint("Try again when it is done. migr.lock_timeout says how long to wait.")));
}

/* A lock to wait for. */
typedef struct Waiting
{
	const LOCKTAG *tag;
	LOCKMODE	mode;
	ErrorData  *error;			/* NULL: it was taken */
} Waiting;

static void
take_lock(void *arg)
{
	const Waiting *waiting = arg;

	(void) LockAcquire(waiting->tag, waiting->mode, false, false);
}

static void
try_lock(void *arg)
{
	Waiting    *waiting = arg;

	waiting->error = migr_subxact_run(take_lock, waiting, true);
}

/*
 * Wait for the lock with migr.lock_timeout in place of lock_timeout; false if
 * it ran out.  In a subtransaction, so that this can be told in our own words.
 */
static bool
wait_for_lock(const LOCKTAG *tag, LOCKMODE mode)
{
	MigrSetting timeout = {"lock_timeout", psprintf("%d", lock_timeout_ms)};
	Waiting		waiting = {.tag = tag, .mode = mode};

	migr_settings_run(&timeout, 1, try_lock, &waiting);
	if (waiting.error && waiting.error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
		ReThrowError(waiting.error);
	return waiting.error == NULL;
}

/* How many log rows a snapshot sees. */
static int64
count_log(Snapshot snapshot)
{
	MigrDb		db;
	int64		count;

	migr_db_begin(&db, true);
	PushActiveSnapshot(snapshot);
	(void) migr_db_run(&db, &count_log_query, NULL, NULL);
	count = migr_db_int64(0, 1);
	PopActiveSnapshot();
	migr_db_end(&db);
	return count;
}

/*
 * A transaction that keeps its first snapshot would plan from a state that is
 * gone; every run and load leaves a row in the log, so the log tells.
 */
static void
check_snapshot(void)
{
	if (!IsolationUsesXactSnapshot())
		return;
	if (count_log(GetTransactionSnapshot()) != count_log(GetLatestSnapshot()))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to a concurrent migration"),
				 errhint("Run it again in a new transaction.")));
}

/*
 * Has this transaction changed the store?  Who waits for the store may hold
 * the mutex, so then we can't wait for that.
 */
static bool
holds_store(void)
{
	LOCKTAG		tag;

	SET_LOCKTAG_RELATION(tag, MyDatabaseId, migr_secure_table("revision"));
	return migr_compat_lock_held(&tag, ShareRowExclusiveLock);
}

/*
 * The mutex is two locks, taken in this order.  Of the two, a rollback takes away
 * the one that a session holds on the extension, and pg_advisory_unlock_all() the
 * other, which no SQL can name.
 */
typedef struct Mutex
{
	Oid			extension;
	LOCKTAG		advisory;
	LOCKTAG		object;
} Mutex;

/* The last number of an advisory lock that SQL takes is 1 or 2. */
#define MUTEX_FIELD 7

static Mutex
find_mutex(void)
{
	Mutex		mutex = {.extension = migr_secure_extension()};

	SET_LOCKTAG_ADVISORY(mutex.advisory, MyDatabaseId, ExtensionRelationId, mutex.extension,
						 MUTEX_FIELD);
	SET_LOCKTAG_OBJECT(mutex.object, MyDatabaseId, ExtensionRelationId, mutex.extension, 0);
	return mutex;
}

/* What runs of tenants take, side by side. */
#define SHARED_MODE RowShareLock

/* Of the lock on the extension, there are two modes. */
static LOCKMODE
object_mode(LOCKMODE advisory)
{
	return advisory == SHARED_MODE ? SHARED_MODE : ExclusiveLock;
}

static bool
try_mutex(const Mutex *mutex, LOCKMODE advisory, bool of_session)
{
	LOCKMODE	object = object_mode(advisory);

	return (migr_compat_lock_held(&mutex->advisory, advisory) ||
			LockAcquire(&mutex->advisory, advisory, of_session, true) != LOCKACQUIRE_NOT_AVAIL) &&
		(migr_compat_lock_held(&mutex->object, object) ||
		 LockAcquire(&mutex->object, object, of_session, true) != LOCKACQUIRE_NOT_AVAIL);
}

/* Does a run hold the mutex that commits on its way, or wait for it? */
static bool
is_deploying(const Mutex *mutex)
{
	if (LockAcquire(&mutex->advisory, AccessShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return true;
	(void) LockRelease(&mutex->advisory, AccessShareLock, false);
	return false;
}

/* The holder may have dropped the extension, and us with it. */
static void
check_same_extension(const Mutex *mutex)
{
	AcceptInvalidationMessages();
	if (migr_secure_extension() != mutex->extension)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"migr\" has been created anew by another session"),
				 errhint("Run the command again.")));
}

static void
tell_waiting(const char *holder)
{
	ereport(NOTICE,
			(errmsg("waiting for another migration to finish"),
			 holder ? errdetail("%s", holder) : 0));
}

static void
acquire(LOCKMODE mode, bool wait)
{
	Mutex		mutex;

	migr_mutex_check_writable();
	migr_citus_check_coordinator();
	mutex = find_mutex();
	/* Building an index concurrently would wait for our snapshot, and we for that. */
	if (holds_store() || is_deploying(&mutex))
		wait = false;
	if (!try_mutex(&mutex, mode, false))
	{
		char	   *holder = describe_holder(mutex.extension);

		if (!wait)
			raise_locked(holder);
		tell_waiting(holder);
		if (!wait_for_lock(&mutex.advisory, mode) || !wait_for_lock(&mutex.object, mode))
			raise_locked(describe_holder(mutex.extension));
	}
	check_same_extension(&mutex);
	check_snapshot();
}

void
migr_mutex_acquire(void)
{
	acquire(ExclusiveLock, true);
}

void
migr_mutex_acquire_shared(void)
{
	acquire(SHARED_MODE, true);
}

void
migr_mutex_acquire_now(void)
{
	acquire(ExclusiveLock, false);
}

void
migr_mutex_lock_store(void)
{
	migr_mutex_check_writable();
	LockRelationOid(migr_secure_table("revision"), ShareRowExclusiveLock);
	check_snapshot();
}

/* --- a run that commits on its way ---------------------------------------- */

/* An attempt to hold the mutex for the session. */
typedef struct Holding
{
	Mutex		mutex;
	LOCKMODE	mode;
	bool		held;
	char	   *holder;			/* who has it, if somebody has; or NULL */
	MemoryContext context;		/* that outlasts the transaction */
} Holding;

static void
try_hold(void *arg)
{
	Holding    *holding = arg;

	migr_mutex_check_writable();
	migr_citus_check_coordinator();
	holding->mutex = find_mutex();
	holding->held = try_mutex(&holding->mutex, holding->mode, true);
}

/* Who waits holds no snapshot, for which building an index would wait. */
static void
wait_hold(void *arg)
{
	Holding    *holding = arg;

	(void) set_config_option("lock_timeout", psprintf("%d", lock_timeout_ms), PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	if (!migr_compat_lock_held(&holding->mutex.advisory, holding->mode))
		(void) LockAcquire(&holding->mutex.advisory, holding->mode, true, false);
	(void) LockAcquire(&holding->mutex.object, object_mode(holding->mode), true, false);
	check_same_extension(&holding->mutex);
}

static void
find_holder(void *arg)
{
	Holding    *holding = arg;
	char	   *holder = describe_holder(holding->mutex.extension);

	holding->holder = holder ? MemoryContextStrdup(holding->context, holder) : NULL;
}

static void
hold(LOCKMODE mode)
{
	Holding		holding = {.mode = mode, .context = CurrentMemoryContext};
	ErrorData  *error;

	migr_xact_do(try_hold, &holding);
	if (holding.held)
		return;
	migr_xact_do(find_holder, &holding);
	tell_waiting(holding.holder);
	error = migr_xact_run_alone(wait_hold, &holding);
	if (error == NULL)
		return;
	if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
		ReThrowError(error);
	migr_xact_do(find_holder, &holding);
	raise_locked(holding.holder);
}

void
migr_mutex_hold(void)
{
	hold(AccessExclusiveLock);
}

void
migr_mutex_hold_shared(void)
{
	hold(SHARED_MODE);
}

static bool
hold_again(LOCKMODE mode)
{
	Mutex		mutex = find_mutex();
	bool		kept = migr_compat_lock_held(&mutex.advisory, mode);

	hold(mode);
	return kept;
}

bool
migr_mutex_hold_again(void)
{
	return hold_again(AccessExclusiveLock);
}

bool
migr_mutex_hold_shared_again(void)
{
	return hold_again(SHARED_MODE);
}

static void
release(LOCKMODE mode)
{
	Mutex		mutex = find_mutex();

	if (migr_compat_lock_held(&mutex.object, object_mode(mode)))
		(void) LockRelease(&mutex.object, object_mode(mode), true);
	if (migr_compat_lock_held(&mutex.advisory, mode))
		(void) LockRelease(&mutex.advisory, mode, true);
}

void
migr_mutex_release(void)
{
	release(AccessExclusiveLock);
}

void
migr_mutex_release_shared(void)
{
	release(SHARED_MODE);
}

/* --- tenants -------------------------------------------------------------------- */

/* The lock of a tenant that has no schema yet. */
#define NAME_FIELD 8

static LOCKTAG
tenant_tag(Oid schema, const char *name)
{
	LOCKTAG		tag;

	if (OidIsValid(schema))
		SET_LOCKTAG_OBJECT(tag, MyDatabaseId, NamespaceRelationId, schema, 0);
	else
		SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, NamespaceRelationId,
							 DatumGetUInt32(hash_any((const unsigned char *) name, strlen(name))),
							 NAME_FIELD);
	return tag;
}

bool
migr_mutex_try_tenant(const char *name, Oid *schema)
{
	for (;;)
	{
		LOCKTAG		tag;

		*schema = get_namespace_oid(name, true);
		tag = tenant_tag(*schema, name);
		if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
			return false;
		AcceptInvalidationMessages();
		if (get_namespace_oid(name, true) == *schema)
			return true;
	}
}

void
migr_mutex_acquire_tenant(const char *name, Oid *schema)
{
	while (!migr_mutex_try_tenant(name, schema))
	{
		LOCKTAG		tag = tenant_tag(*schema, name);

		ereport(NOTICE, (errmsg("waiting for another migration of tenant \"%s\" to finish", name)));
		if (!wait_for_lock(&tag, ExclusiveLock))
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("another migration of tenant \"%s\" is running", name),
					 errhint("Try again when it is done. migr.lock_timeout says how long to wait.")));
	}
}
