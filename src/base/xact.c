/*
 * xact.c
 *		The transactions of a procedure that is the client's own statement.
 *
 * Not by way of SPI, whose rollback goes by the level of nesting that happens to
 * be on top when an error is caught.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "tcop/pquery.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"

#include "base/xact.h"

void
migr_xact_check_top(FunctionCallInfo fcinfo, const char *name)
{
	const CallContext *call = (const CallContext *) fcinfo->context;

	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot run migrations within a security-restricted operation")));
	if (call == NULL || !IsA(call, CallContext) || call->atomic || IsTransactionBlock() ||
		SPI_inside_nonatomic_context())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s() must be a statement of its own, outside of a transaction block", name),
				 errdetail("It commits each revision by itself."),
				 errhint("Switch autocommit on, and send nothing but CALL %s(...): not in a function, a procedure or DO, and not behind BEGIN.", name)));
}

MemoryContext
migr_xact_memory(void)
{
	MemoryContext context = AllocSetContextCreate(PortalContext, "migr procedure",
												  ALLOCSET_DEFAULT_SIZES);

	return MemoryContextSwitchTo(context);
}

static void
commit(void)
{
	ForgetPortalSnapshots();
	CommitTransactionCommand();
	StartTransactionCommand();
}

/* The snapshots of the portal go with the transaction. */
static void
roll_back(void)
{
	if (ActivePortal)
		ActivePortal->portalSnapshot = NULL;
	AbortCurrentTransaction();
	/* The statement that a limit was for has ended. */
	disable_timeout(STATEMENT_TIMEOUT, false);
	StartTransactionCommand();
}

/* Work that is to be committed. */
typedef struct Committed
{
	MigrWork	work;
	void	   *arg;
	bool		with_snapshot;
} Committed;

static void
run_and_commit(void *arg)
{
	const Committed *committed = arg;

	if (committed->with_snapshot)
		EnsurePortalSnapshotExists();
	else
		migr_xact_rest();
	committed->work(committed->arg);
	commit();
}

ErrorData *
migr_xact_catch(MigrWork work, void *arg)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool failed = false;

	PG_TRY();
	{
		work(arg);
	}
	PG_CATCH();
	{
		failed = true;
	}
	PG_END_TRY();
	if (failed)
		roll_back();
	MemoryContextSwitchTo(caller);
	return failed ? migr_subxact_take_error() : NULL;
}

ErrorData *
migr_xact_run(MigrWork work, void *arg)
{
	Committed	committed = {.work = work, .arg = arg, .with_snapshot = true};

	return migr_xact_catch(run_and_commit, &committed);
}

void
migr_xact_do(MigrWork work, void *arg)
{
	ErrorData  *error = migr_xact_run(work, arg);

	if (error)
		ReThrowError(error);
}

void
migr_xact_finish(MigrWork work, void *arg)
{
	uint32		held = InterruptHoldoffCount;

	HOLD_INTERRUPTS();
	(void) migr_xact_run(work, arg);
	/* An error has let them through already. */
	if (InterruptHoldoffCount > held)
		RESUME_INTERRUPTS();
}

ErrorData *
migr_xact_run_alone(MigrWork work, void *arg)
{
	Committed	committed = {.work = work, .arg = arg};

	return migr_xact_catch(run_and_commit, &committed);
}

void
migr_xact_rest(void)
{
	ForgetPortalSnapshots();
	InvalidateCatalogSnapshot();
}

void
migr_xact_sleep(long milliseconds)
{
	migr_xact_rest();
	CHECK_FOR_INTERRUPTS();
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}
