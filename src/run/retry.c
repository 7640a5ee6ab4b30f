/*
 * retry.c
 *		Work in a transaction of its own, tried again when it did not get its locks.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/display.h"
#include "base/xact.h"
#include "run/blockers.h"
#include "run/retry.h"
#include "store/mutex.h"

/* The first wait, and the longest, in milliseconds. */
#define FIRST_WAIT 100
#define LONGEST_WAIT 30000

/* Work with the settings that it needs, which its transaction takes back. */
typedef struct Guarded
{
	const MigrRetry *retry;
	MigrWork	work;
	void	   *arg;
	bool		alone;
	bool		limits;			/* the script has set no lock_timeout of its own */
} Guarded;

static void
set_lock_timeout(int milliseconds, GucAction action)
{
	(void) set_config_option("lock_timeout", psprintf("%d", milliseconds), PGC_USERSET,
							 PGC_S_SESSION, action, true, 0, false);
}

static void
run_guarded(void *arg)
{
	Guarded    *guarded = arg;

	if (guarded->limits && !guarded->alone)
		set_lock_timeout(guarded->retry->lock_timeout, GUC_ACTION_LOCAL);
	migr_blockers_watch();
	guarded->work(guarded->arg);
	migr_blockers_ignore();
}

static void
set_limit(void *arg)
{
	set_lock_timeout(((Guarded *) arg)->retry->lock_timeout, GUC_ACTION_SET);
}

/* Unless the work has set its own. */
static void
lift_limit(void *arg)
{
	if (LockTimeout == ((Guarded *) arg)->retry->lock_timeout)
		set_lock_timeout(0, GUC_ACTION_SET);
}

/* A limit for what commits on its way is one of the session, for as long. */
static ErrorData *
try(Guarded *guarded)
{
	ErrorData  *error;

	if (!guarded->alone)
		error = migr_xact_run(run_guarded, guarded);
	else
	{
		if (guarded->limits)
			migr_xact_do(set_limit, guarded);
		error = migr_xact_run_alone(run_guarded, guarded);
	}
	migr_blockers_ignore();
	return error;
}

static bool
is_passing(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE;
}

/* Twice as long each time, and not when others wake up that wait as we do. */
static long
wait_after(int attempt)
{
	long		wait = FIRST_WAIT << Min(attempt - 1, 20);

	return Min(wait, LONGEST_WAIT) * (0.5 + migr_compat_random());
}

typedef struct Blockers
{
	char	   *lines;
	MemoryContext context;
} Blockers;

static void
find_blockers(void *arg)
{
	Blockers   *blockers = arg;
	char	   *lines = migr_blockers_describe();

	blockers->lines = lines ? MemoryContextStrdup(blockers->context, lines) : NULL;
}

/* Who is in the way; not to know is no reason to stop. */
static char *
blockers(void)
{
	Blockers	found = {.context = CurrentMemoryContext};

	(void) migr_xact_run(find_blockers, &found);
	return found.lines;
}

static void
tell(const MigrRetry *retry, const ErrorData *error, const char *blockers, int attempt, long wait)
{
	ereport(NOTICE,
			(errmsg("%s was rolled back, try %d of %d: %s", retry->what, attempt, retry->attempts,
					error->message),
			 errdetail("%s", blockers ? blockers
					   : error->detail ? error->detail : "Nobody is in the way any more."),
			 errhint("It is tried again in %s.", migr_display_duration(wait * 1000))));
}

static void
raise_last(const MigrRetry *retry, ErrorData *error, const char *blockers)
{
	if (blockers)
		error->detail = error->detail ? psprintf("%s\n%s", error->detail, blockers)
			: pstrdup(blockers);
	error->context = psprintf("%s%s%s, try %d of %d", error->context ? error->context : "",
							  error->context ? "\n" : "", retry->what, retry->attempts,
							  retry->attempts);
	ReThrowError(error);
}

/* Nobody may have run meanwhile, or what was planned is not what is to be done. */
static void
hold_again(bool beside)
{
	if (!(beside ? migr_mutex_hold_shared_again() : migr_mutex_hold_again()))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("another migration may have run meanwhile"),
				 errdetail("A script has released the lock that keeps others out, with pg_advisory_unlock_all()."),
				 errhint("Run the command again.")));
}

void
migr_retry_run(const MigrRetry *retry, MigrWork work, void *arg, bool alone)
{
	Guarded		guarded = {.retry = retry, .work = work, .arg = arg, .alone = alone};

	guarded.limits = retry->lock_timeout > 0 && LockTimeout == 0;

	for (int attempt = 1;; attempt++)
	{
		ErrorData  *error = try(&guarded);
		char	   *in_the_way;
		long		wait;

		if (error == NULL)
			break;
		hold_again(retry->beside);
		if (!is_passing(error))
			ReThrowError(error);
		in_the_way = blockers();
		if (attempt >= retry->attempts)
			raise_last(retry, error, in_the_way);
		wait = wait_after(attempt);
		tell(retry, error, in_the_way, attempt, wait);
		migr_xact_sleep(wait);
		if (retry->before)
			retry->before(arg);
		FreeErrorData(error);
	}
	if (guarded.alone && guarded.limits)
		migr_xact_do(lift_limit, &guarded);
}
