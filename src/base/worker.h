/*
 * worker.h
 *		A background worker that serves one session, and the talk with it.
 *
 * The session starts a worker as a role in some database of the server, sends
 * it requests and reads replies.  What the worker raises and notes reaches the
 * session as if it had happened there.  Neither outlives the other but to clean
 * up: the worker goes when the statement that started it ends, by an error,
 * cancel or termination too, and a worker that goes is an error of the session.  No
 * library has to be preloaded for it.
 *
 * A worker that waits for a lock is given MIGR_WORKER_PATIENCE; one that waits
 * for its own session, which the server can't see, is a deadlock at once.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WORKER_H
#define MIGR_WORKER_H

#include "lib/stringinfo.h"

/* What pg_stat_activity shows of a worker that has outlived its session. */
#define MIGR_WORKER_CLEANS "migr scratch vacuum"

/* How long a worker may wait for a lock of somebody else, in milliseconds. */
#define MIGR_WORKER_PATIENCE 1000

/* --- the session's end ---------------------------------------------------- */

/* What to start. */
typedef struct MigrWorkerStart
{
	const char *entry;			/* the function that the worker begins with */
	const char *purpose;		/* how pg_stat_activity calls it */
	Oid			database;
	Oid			role;			/* whose rights it has */
	bool		closed;			/* the database may admit nobody else */
} MigrWorkerStart;

typedef struct MigrWorker MigrWorker;

/* Define migr.max_scratch_workers. */
extern void migr_worker_init(void);

/*
 * Start a worker, which lives no longer than the statement that runs.  Raises
 * 53400 if the server has no worker to spare, or migr none; 42501 in a
 * security-restricted operation; 0A000 if this server lets no worker be that
 * role.
 */
extern MigrWorker *migr_worker_start(const MigrWorkerStart *start);

/* Call forget(arg) when the worker is gone, for whatever reason. */
extern void migr_worker_on_end(MigrWorker *worker, void (*forget) (void *arg), void *arg);

/* Is it in the middle of a request, so that nothing can be asked of it? */
extern bool migr_worker_is_busy(const MigrWorker *worker);

/* How many requests have failed by now. */
extern int	migr_worker_failures(const MigrWorker *worker);

/*
 * From now on, count what workers warn of, and tell nothing of it; or no more.  For who
 * sees to it that this ends with an error, too.
 */
extern void migr_worker_hush(bool hushed);

/* Of how much it has warned by now. */
extern int	migr_worker_warnings(const MigrWorker *worker);

/* Send a request: its kind, and what goes with it (may be NULL). */
extern void migr_worker_send(MigrWorker *worker, char kind, StringInfo content);

/*
 * The next message of the worker, in reply, which is reset; returns its kind.
 * The kind MIGR_REPLY_DONE ends what a request asked for.  Raises what the
 * worker raises, which ends it as well.
 */
extern char migr_worker_receive(MigrWorker *worker, StringInfo reply);

/* Wait for the end of a request that is answered by nothing else. */
extern void migr_worker_finish(MigrWorker *worker);

/* End the worker. */
extern void migr_worker_end(MigrWorker *worker);

/* --- the worker's end ----------------------------------------------------- */

#define MIGR_REPLY_DONE 'z'

/*
 * Connect as the session wanted.  The process ends when the session does, or
 * when it raises an error outside of migr_worker_serve().
 */
extern void migr_worker_connect(Datum main_arg);

/* Process id of the session that this worker serves. */
extern int	migr_worker_session(void);

/* Whose rights it is to have, and whether it has authenticated as that role. */
extern Oid	migr_worker_role(void);
extern bool migr_worker_is_itself(void);

/* Does one request, and raises what is wrong with it. */
typedef void (*MigrWorkerServe) (char kind, StringInfo content);

/* An error has been sent to the session: clean up what the request began. */
typedef void (*MigrWorkerRecover) (void);

/* Serve requests until the session has no more of them. */
extern void migr_worker_serve(MigrWorkerServe serve, MigrWorkerRecover recover);

/* Send a message to the session; content may be NULL. */
extern void migr_worker_reply(char kind, StringInfo content);

#endif							/* MIGR_WORKER_H */
