/*
 * runner.c
 *		Upgrade and downgrade in the caller's transaction.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/timestamp.h"

#include "base/strict_setting.h"
#include "base/subxact.h"
#include "exec/exec.h"
#include "exec/statement.h"
#include "run/rails.h"
#include "run/ready.h"
#include "run/restore_point.h"
#include "run/runner.h"
#include "run/squash_rows.h"
#include "run/steps.h"
#include "run/summary.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/pending_near.h"
#include "store/repeatable.h"
#include "store/standing.h"

/*
 * Fire what the caller's own transaction has deferred, so that no revision is
 * blamed for it.
 */
static void
settle_caller(const MigrRun *run)
{
	bool		writes = false;

	for (int i = 0; i < run->count; i++)
	{
		ListCell   *lc;

		foreach(lc, run->steps[i].statements)
			writes = writes || ((MigrStatement *) lfirst(lc))->writes_rows;
	}
	if (writes && IsTransactionBlock())
		migr_exec_settle("before the first revision");
}

static void
run_steps(MigrRun *run)
{
	settle_caller(run);
	for (int i = 0; i < run->count; i++)
		migr_steps_run(run, i);
	migr_steps_check_versions(run, run->count);
}

/* Run the steps with migr's own commands barred to them. */
static void
run_steps_guarded(MigrRun *run)
{
	migr_mutex_enter_run();
	run_steps(run);
	migr_mutex_leave_run();
}

/* What is asked for, and what came of it. */
typedef struct Request
{
	MigrDirection direction;
	const char *target;
	const char *tag;
	bool		dry;			/* all of it is taken back */
	bool		stored;			/* migr.script_location is left alone */
	const char *only;			/* the revision to undo by itself, or NULL */
	List	   *ids;			/* that were run */
} Request;

static void
forget_undone(const MigrState *state)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_repeatable_forget_undone(&db, state);
	migr_db_end(&db);
}

/* Note where the database stands now. */
static void
record_standing(const MigrRun *run)
{
	/* What a run applies may bring another side of a squash into force. */
	if (run->near)
		migr_pending_record_done(run->generation, run->near, run->state);
	else if (run->plain)
		migr_standing_record(run->generation, run->state, true);
	else
		migr_standing_refresh();
}

/* Load, plan, run, record, tell. */
static void
run_request(void *arg)
{
	Request    *request = arg;
	MigrDirection direction = request->direction;
	const char *target = request->target;
	MigrAudit	audit = {.started = GetCurrentTimestamp()};
	MigrRun		run = {.direction = direction, .only = request->only};
	MigrSummary summary = {.direction = direction, .dry = request->dry};
	MigrRails	rails;
	MigrRestorePoint point;

	if (direction == MIGR_UPGRADE && !request->stored)
		migr_loader_load_location();
	migr_squash_rows_settle();
	if (!migr_steps_prepare(&run, target))
		return;

	audit.action = direction == MIGR_UPGRADE ? "upgrade" : "downgrade";
	audit.target = target;
	audit.tag = request->tag;
	audit.from_heads = migr_steps_heads(&run);
	if (!request->dry)
	{
		bool		clean;

		migr_restore_point_take(&point, run.steps[0].script->revision);
		audit.lsn = point.lsn;
		audit.restore_point = point.name[0] ? point.name : NULL;
		clean = migr_record_tell();

		migr_ready();
		migr_record_begin(&run.recording, audit.action, run.versions, clean);
	}
	migr_rails_begin(&rails, direction);
	run_steps_guarded(&run);
	migr_rails_ran(&rails);
	if (direction == MIGR_DOWNGRADE)
		forget_undone(run.state);
	if (!request->dry)
		migr_record_end(&run.recording);
	migr_rails_end(&rails, run.recording.by_hand);
	audit.to_heads = migr_steps_heads(&run);
	migr_steps_audit(&run, 0, run.count, &audit);
	migr_rails_tell(&rails, &audit);
	migr_audit_write(&audit);
	if (!request->dry)
		record_standing(&run);
	request->ids = audit.revisions;

	summary.count = run.count;
	summary.microseconds = GetCurrentTimestamp() - audit.started;
	summary.heads = request->dry ? audit.from_heads : audit.to_heads;
	migr_summary_tell(&summary);
}

List *
migr_runner_run(MigrDirection direction, const char *target, bool dry_run,
				const char *tag)
{
	Request		request = {.direction = direction, .target = target, .tag = tag,
	.dry = dry_run};

	migr_mutex_acquire();
	/* A dry run, too: it takes the same locks, and fires the same triggers. */
	if (direction == MIGR_DOWNGRADE)
		migr_safeguard_check("downgrade");
	if (dry_run)
	{
		ErrorData  *error = migr_subxact_run(run_request, &request, false);

		if (error)
			ReThrowError(error);
	}
	else
		run_request(&request);
	return request.ids;
}

void
migr_runner_undo(const char *revision)
{
	Request		request = {.direction = MIGR_DOWNGRADE, .only = revision};

	run_request(&request);
}

List *
migr_runner_upgrade_stored(const char *revision)
{
	Request		request = {.direction = MIGR_UPGRADE, .target = revision,
	.stored = true};

	run_request(&request);
	return request.ids;
}
