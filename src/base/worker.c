/*
 * worker.c
 *		A background worker that serves one session: the session's end.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "libpq/pqmq.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/worker.h"
#include "base/worker_segment.h"

#define REQUEST_QUEUE (64 * 1024)
#define REPLY_QUEUE (256 * 1024)

/* How often to look whether a worker waits for somebody, in milliseconds. */
#define LOOK_INTERVAL 200L

/* How often to ask for a background worker while there is none, in microseconds. */
#define SLOT_INTERVAL 20000L

struct MigrWorker
{
	MemoryContext context;		/* all this is in it, and ends with it */
	dsm_segment *segment;
	BackgroundWorkerHandle *handle;
	shm_mq_handle *requests;
	shm_mq_handle *replies;
	bool		busy;
	int			failures;
	int			warnings;		/* that were passed on */
	bool		gone;
	TimestampTz waiting_since;	/* for a lock; 0 if it does not */
	void		(*forget) (void *arg);
	void	   *forget_arg;
};

static int	max_workers;

/* Are only errors told? */
static bool hushed;

void
migr_worker_init(void)
{
	DefineCustomIntVariable("migr.max_scratch_workers",
							"How many background workers may work on scratch databases at the same time, in the whole cluster.",
							NULL, &max_workers, 8, 0, 1024,
							PGC_SUSET, 0, NULL, NULL, NULL);
}

/* --- start ---------------------------------------------------------------- */

/*
 * Background workers of migr that serve sessions, in the whole cluster; not asked
 * of pg_stat_activity, which tells a role only of its own.
 */
static int
count_running(void)
{
	int			running = 0;

	for (uint32 i = 0; i < ProcGlobal->allProcCount; i++)
	{
		int			pid = ProcGlobal->allProcs[i].pid;
		const char *type = pid != 0 ? GetBackgroundWorkerTypeByPid(pid) : NULL;

		if (type && strcmp(type, MIGR_WORKER_TYPE) == 0)
			running++;
	}
	return running;
}

static void
check_permitted(void)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot start a background worker within a security-restricted operation")));
	if (count_running() >= max_workers)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("too many scratch builds are running"),
				 errdetail("migr.max_scratch_workers is %d.", max_workers),
				 errhint("Try again when one of them is done.")));
}

/*
 * As whom the worker authenticates.  Since 17 that is the role itself; before,
 * a role that can't log in is put on by a session of who called, which must not
 * be one that has more to give than the role has.
 */
static Oid
session_user_for(Oid role)
{
	Oid			user = GetSessionUserId();

	if (migr_compat_worker_may_be(role))
		return role;
	if ((superuser_arg(user) && !superuser_arg(role)) || !migr_compat_worker_may_be(user))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("role \"%s\" can't build a schema in this session",
						GetUserNameFromId(role, false)),
				 errdetail("It has no LOGIN, and before PostgreSQL 17 a background worker needs one that has, and is no superuser."),
				 errhint("Connect as a member of the role that is no superuser, or give the role LOGIN; it needs no password for this.")));
	return user;
}

static void
create_segment(MigrWorker *worker, const MigrWorkerStart *start)
{
	shm_toc_estimator estimator;
	shm_toc    *toc;
	shm_mq	   *queue;
	Size		size;
	MigrWorkerHeader *header;

	shm_toc_initialize_estimator(&estimator);
	shm_toc_estimate_chunk(&estimator, sizeof(MigrWorkerHeader));
	shm_toc_estimate_chunk(&estimator, REQUEST_QUEUE);
	shm_toc_estimate_chunk(&estimator, REPLY_QUEUE);
	shm_toc_estimate_keys(&estimator, MIGR_WORKER_KEYS);
	size = shm_toc_estimate(&estimator);
	worker->segment = dsm_create(size, 0);
	dsm_pin_mapping(worker->segment);
	toc = shm_toc_create(migr_worker_magic(), dsm_segment_address(worker->segment), size);

	header = shm_toc_allocate(toc, sizeof(MigrWorkerHeader));
	header->database = start->database;
	header->session_user = session_user_for(start->role);
	header->role = start->role;
	header->closed = start->closed;
	header->session = MyProcPid;
	strlcpy(header->purpose, start->purpose, sizeof(header->purpose));
	shm_toc_insert(toc, MIGR_WORKER_KEY_HEADER, header);

	queue = shm_mq_create(shm_toc_allocate(toc, REQUEST_QUEUE), REQUEST_QUEUE);
	shm_mq_set_sender(queue, MyProc);
	shm_toc_insert(toc, MIGR_WORKER_KEY_REQUESTS, queue);
	worker->requests = shm_mq_attach(queue, worker->segment, NULL);
	queue = shm_mq_create(shm_toc_allocate(toc, REPLY_QUEUE), REPLY_QUEUE);
	shm_mq_set_receiver(queue, MyProc);
	shm_toc_insert(toc, MIGR_WORKER_KEY_REPLIES, queue);
	worker->replies = shm_mq_attach(queue, worker->segment, NULL);
}

/*
 * One that has done its work keeps its slot until the postmaster has seen it
 * end: wait a little for that.
 */
static void
register_worker(MigrWorker *worker, const MigrWorkerStart *start)
{
	TimestampTz begin = GetCurrentTimestamp();
	BackgroundWorker background;

	memset(&background, 0, sizeof(background));
	snprintf(background.bgw_name, BGW_MAXLEN, "%s for process %d", start->purpose, MyProcPid);
	strlcpy(background.bgw_type, MIGR_WORKER_TYPE, BGW_MAXLEN);
	background.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	background.bgw_start_time = BgWorkerStart_RecoveryFinished;
	background.bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(background.bgw_library_name, sizeof(background.bgw_library_name), "migr");
	strlcpy(background.bgw_function_name, start->entry, BGW_MAXLEN);
	background.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(worker->segment));
	background.bgw_notify_pid = MyProcPid;
	while (!RegisterDynamicBackgroundWorker(&background, &worker->handle))
	{
		if (TimestampDifferenceExceeds(begin, GetCurrentTimestamp(), MIGR_WORKER_PATIENCE))
			ereport(ERROR,
					(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
					 errmsg("the server has no background worker to spare"),
					 errhint("Try again later, or raise max_worker_processes.")));
		CHECK_FOR_INTERRUPTS();
		pg_usleep(SLOT_INTERVAL);
	}
	shm_mq_set_handle(worker->requests, worker->handle);
	shm_mq_set_handle(worker->replies, worker->handle);
}

/*
 * One that has nothing to do sees that its session has left, and ends by itself;
 * one that is busy has to be told.
 */
static void
dismiss(MigrWorker *worker)
{
	if (worker->handle && worker->busy && !worker->gone)
		TerminateBackgroundWorker(worker->handle);
}

/* The worker's context goes: with its statement, or by migr_worker_end(). */
static void
leave(void *arg)
{
	MigrWorker *worker = arg;

	dismiss(worker);
	if (worker->segment)
		dsm_detach(worker->segment);
	if (worker->forget)
		worker->forget(worker->forget_arg);
}

/* A session that is terminated runs this, and not the other. */
static void
terminate_with_session(dsm_segment *segment, Datum arg)
{
	MigrWorker *worker = (MigrWorker *) DatumGetPointer(arg);

	dismiss(worker);
	worker->gone = true;
	worker->segment = NULL;
}

MigrWorker *
migr_worker_start(const MigrWorkerStart *start)
{
	MemoryContext parent = ActivePortal ? ActivePortal->portalContext : TopTransactionContext;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	MemoryContextCallback *callback;
	MigrWorker *worker;

	check_permitted();
	context = AllocSetContextCreate(parent, "migr worker", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(context);
	worker = palloc0(sizeof(MigrWorker));
	worker->context = context;
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = leave;
	callback->arg = worker;
	MemoryContextRegisterResetCallback(context, callback);
	create_segment(worker, start);
	on_dsm_detach(worker->segment, terminate_with_session, PointerGetDatum(worker));
	register_worker(worker, start);
	MemoryContextSwitchTo(caller);
	return worker;
}

void
migr_worker_on_end(MigrWorker *worker, void (*forget) (void *arg), void *arg)
{
	worker->forget = forget;
	worker->forget_arg = arg;
}

void
migr_worker_end(MigrWorker *worker)
{
	MemoryContextDelete(worker->context);
}

bool
migr_worker_is_busy(const MigrWorker *worker)
{
	return worker->busy || worker->gone;
}

int
migr_worker_failures(const MigrWorker *worker)
{
	return worker->failures;
}

void
migr_worker_hush(bool is_hushed)
{
	hushed = is_hushed;
}

int
migr_worker_warnings(const MigrWorker *worker)
{
	return worker->warnings;
}

/* --- waiting -------------------------------------------------------------- */

/* Does a process wait for us, by whatever detour? */
static bool
waits_for_us(int pid, int depth, int *blocker)
{
	ArrayType  *pids = DatumGetArrayTypeP(DirectFunctionCall1(pg_blocking_pids,
															  Int32GetDatum(pid)));
	int			count = ArrayGetNItems(ARR_NDIM(pids), ARR_DIMS(pids));
	const int  *values = (int *) ARR_DATA_PTR(pids);

	for (int i = 0; i < count; i++)
	{
		int			other;

		*blocker = values[i];
		if (values[i] == MyProcPid)
			return true;
		if (values[i] != 0 && depth > 0 && waits_for_us(values[i], depth - 1, &other))
			return true;
	}
	return false;
}

/*
 * The server finds deadlocks among those who wait for locks; we wait for a
 * message.
 */
static void
check_waiting(MigrWorker *worker)
{
	pid_t		pid;
	PGPROC	   *process;
	int			blocker = 0;

	if (GetBackgroundWorkerPid(worker->handle, &pid) != BGWH_STARTED)
		return;
	process = BackendPidGetProc(pid);
	if (process == NULL || process->waitLock == NULL)
	{
		worker->waiting_since = 0;
		return;
	}
	if (waits_for_us(pid, 8, &blocker))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_DEADLOCK_DETECTED),
				 errmsg("a scratch build waits for the transaction that has asked for it"),
				 errdetail("Process %d, which builds, waits for a lock that process %d holds.",
						   (int) pid, blocker),
				 errhint("Commit what this transaction has done to roles, databases or tablespaces before.")));
	if (worker->waiting_since == 0)
		worker->waiting_since = GetCurrentTimestamp();
	else if (TimestampDifferenceExceeds(worker->waiting_since, GetCurrentTimestamp(),
										MIGR_WORKER_PATIENCE))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("a scratch build waits for another session"),
				 errdetail("Process %d, which builds, waits for a lock that process %d holds.",
						   (int) pid, blocker),
				 errhint("Only what the databases of a cluster share is locked so: roles, databases and tablespaces.")));
}

/*
 * What the worker waits for, if it does: the session waits for the same, and
 * pg_stat_activity is to say so.
 */
static uint32
worker_wait_event(const MigrWorker *worker)
{
	pid_t		pid;
	PGPROC	   *process = GetBackgroundWorkerPid(worker->handle, &pid) == BGWH_STARTED
		? BackendPidGetProc(pid) : NULL;
	uint32		event = process ? process->wait_event_info : 0;

	return event ? event : PG_WAIT_EXTENSION;
}

/* Wait until the worker has written, read, or gone. */
static void
wait_for_news(MigrWorker *worker)
{
	int			events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
								   LOOK_INTERVAL, worker_wait_event(worker));

	if (events & WL_LATCH_SET)
		ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	if (events & WL_TIMEOUT)
		check_waiting(worker);
}

static void
raise_gone(MigrWorker *worker)
{
	worker->gone = true;
	ereport(ERROR,
			(errcode(ERRCODE_CONNECTION_FAILURE),
			 errmsg("the background worker of a scratch build has ended"),
			 errhint("The server's log says why.")));
}

void
migr_worker_send(MigrWorker *worker, char kind, StringInfo content)
{
	shm_mq_iovec parts[2];

	parts[0].data = &kind;
	parts[0].len = 1;
	parts[1].data = content ? content->data : NULL;
	parts[1].len = content ? content->len : 0;
	worker->busy = true;
	for (;;)
	{
		shm_mq_result result = migr_compat_mq_sendv(worker->requests, parts, 2);

		if (result == SHM_MQ_SUCCESS)
			return;
		if (result == SHM_MQ_DETACHED)
			break;
		wait_for_news(worker);
	}
	/* What it had to say before it went is the better message. */
	{
		StringInfoData last;

		initStringInfo(&last);
		(void) migr_worker_receive(worker, &last);
		raise_gone(worker);
	}
}

/* The next message, with its kind in front. */
static void
receive(MigrWorker *worker, StringInfo message)
{
	for (;;)
	{
		Size		size;
		void	   *data;
		shm_mq_result result = shm_mq_receive(worker->replies, &size, &data, true);

		if (result == SHM_MQ_SUCCESS)
		{
			resetStringInfo(message);
			appendBinaryStringInfo(message, data, size);
			message->cursor = 1;
			return;
		}
		if (result == SHM_MQ_DETACHED)
			raise_gone(worker);
		wait_for_news(worker);
	}
}

/* Raise an error, or pass on a notice, of the worker. */
static void
pass_on(MigrWorker *worker, StringInfo message)
{
	ErrorData	error;

	pq_parse_errornotice(message, &error);
	if (error.elevel >= FATAL)
		worker->gone = true;
	if (error.elevel >= ERROR)
	{
		worker->busy = false;
		worker->failures++;
		error.elevel = ERROR;
	}
	else if (error.elevel >= WARNING)
		worker->warnings++;
	if (error.elevel < ERROR && hushed)
		return;
	ThrowErrorData(&error);
}

char
migr_worker_receive(MigrWorker *worker, StringInfo reply)
{
	for (;;)
	{
		receive(worker, reply);
		switch (reply->data[0])
		{
			case 'E':
			case 'N':
				pass_on(worker, reply);
				break;
			case MIGR_REPLY_DONE:
				worker->busy = false;
				return MIGR_REPLY_DONE;
			default:
				return reply->data[0];
		}
	}
}

void
migr_worker_finish(MigrWorker *worker)
{
	StringInfoData reply;

	initStringInfo(&reply);
	while (migr_worker_receive(worker, &reply) != MIGR_REPLY_DONE)
		;
	pfree(reply.data);
}
