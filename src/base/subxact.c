/*
 * subxact.c
 *		Work in a subtransaction, whose error is a value.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "base/subxact.h"

/*
 * Memory that is set aside while work is done: a rollback needs some, to unlink
 * what was created, and the server has no way out if there is none.
 */
#define RESERVE (1024 * 1024)

/* How often to read catalogs that others change meanwhile. */
#define READ_ATTEMPTS 20

/*
 * Some commands, ALTER DOMAIN … DROP CONSTRAINT for one, leave invalidations
 * that only the next command that writes would process; until then late minor
 * releases start no subtransaction.
 */
static void
process_invalidations(void)
{
	if (XactReadOnly || IsInParallelMode())
		return;
	(void) GetCurrentCommandId(true);
	CommandCounterIncrement();
}

void
migr_subxact_begin(void)
{
	process_invalidations();
	/* A subtransaction that is half begun can't be rolled back. */
	pfree(palloc(RESERVE));
	BeginInternalSubTransaction(NULL);
}

/* What stands for an error that there was no memory to copy. */
static ErrorData out_of_memory = {
	.elevel = ERROR,
	.output_to_server = true,
	.output_to_client = true,
	.sqlerrcode = ERRCODE_OUT_OF_MEMORY,
	.message = "out of memory",
	.message_id = "out of memory"
};

ErrorData *
migr_subxact_take_error(void)
{
	ErrorData  *volatile error = &out_of_memory;

	PG_TRY();
	{
		error = CopyErrorData();
	}
	PG_CATCH();
	{
		/* The one that was caught goes with the one that was raised here. */
	}
	PG_END_TRY();
	FlushErrorState();
	return error;
}

/*
 * The error waits in its own context, which survives the rollback, and is
 * copied when the subtransaction and its memory have gone: were that done
 * first, and failed, nobody would end the subtransaction.
 */
ErrorData *
migr_subxact_run(MigrWork work, void *arg, bool keep)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	void	   *volatile reserve = NULL;
	volatile bool failed = false;

	migr_subxact_begin();
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		reserve = palloc(RESERVE);
		work(arg);
	}
	PG_CATCH();
	{
		failed = true;
	}
	PG_END_TRY();
	if (reserve)
		pfree(reserve);
	if (keep && !failed)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	return failed ? migr_subxact_take_error() : NULL;
}

bool
migr_subxact_is_foreign(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_T_R_SERIALIZATION_FAILURE) ||
		error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE;
}

/*
 * May the error come of something that has gone while the work looked at it, or
 * of a wait for who drops it?
 */
static bool
may_have_gone(const ErrorData *error)
{
	switch (error->sqlerrcode)
	{
		case ERRCODE_INTERNAL_ERROR:
		case ERRCODE_T_R_DEADLOCK_DETECTED:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_SCHEMA:
		case ERRCODE_UNDEFINED_TABLE:
			return true;
		default:
			return false;
	}
}

/*
 * The functions that print definitions look with a newer snapshot than the
 * query that calls them, and complain of what is no longer there.  They also lock
 * what views are made of: rolled back, so that nobody waits for a reader who goes
 * on to build something.
 */
void
migr_subxact_read(MigrWork work, void *arg)
{
	for (int attempt = 1;; attempt++)
	{
		ErrorData  *error = migr_subxact_run(work, arg, false);

		if (error == NULL)
			return;
		if (!may_have_gone(error) ||
			(attempt == READ_ATTEMPTS && error->sqlerrcode != ERRCODE_INTERNAL_ERROR))
			ReThrowError(error);
		if (attempt == READ_ATTEMPTS)
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("could not read the schema"),
					 errdetail_internal("%s", error->message),
					 errhint("Another session may be changing the schema: run it again.")));
		FreeErrorData(error);
		CHECK_FOR_INTERRUPTS();
		pg_usleep(attempt * 1000L);
		AcceptInvalidationMessages();
	}
}
