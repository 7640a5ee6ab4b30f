/*
 * deploy.c
 *		Upgrade and downgrade of a busy database: a transaction for each revision.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "base/saved_settings.h"
#include "base/strict_setting.h"
#include "base/xact.h"
#include "exec/statement.h"
#include "run/apart.h"
#include "run/deploy.h"
#include "run/notify.h"
#include "run/phase.h"
#include "run/rails.h"
#include "run/ready.h"
#include "run/restore_point.h"
#include "run/retry.h"
#include "run/salvage.h"
#include "run/squash_rows.h"
#include "run/steps.h"
#include "run/summary.h"
#include "run/usage_gate.h"
#include "schema/record.h"
#include "schema/record_gate.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/standing.h"
#include "store/store.h"

/* As much of an error as the log keeps. */
#define DETAIL_LENGTH 2000

/* A deploy that goes on. */
typedef struct Deploying
{
	const MigrDeploy *deploy;
	MigrRun		run;
	bool		has_steps;
	int			number;			/* of the step that runs; -1: none yet */
	bool		clean;			/* before that: was all as the last run left it? */
	MigrRestorePoint point;		/* and where was the write-ahead log? */
	TimestampTz started;
	MigrAudit	audit;			/* what the log says of it */
	List	   *settings;		/* of the session, before the first */
	ErrorData  *error;			/* that ended it */
} Deploying;

static const char *
action_of(const MigrDeploy *deploy)
{
	return deploy->direction == MIGR_UPGRADE ? "deploy" : "revert";
}

/* --- before ------------------------------------------------------------------- */

static void
load(void *arg)
{
	migr_loader_load_location();
}

static void
check_protection(void *arg)
{
	migr_safeguard_check("downgrade");
}

static void
prepare(void *arg)
{
	Deploying  *deploying = arg;

	migr_squash_rows_settle();
	deploying->has_steps = migr_steps_prepare(&deploying->run, deploying->deploy->target);
}

/*
 * The limits are those of each statement, so the session has none: what commits on
 * its way would get them back behind its first commit.
 */
static void
lift_limits(void *arg)
{
	static const char *const names[] = {"lock_timeout", "statement_timeout"};

	for (int i = 0; i < (int) lengthof(names); i++)
		(void) set_config_option(names[i], "0", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET,
								 true, 0, false);
}

/* --- a step --------------------------------------------------------------------- */

static void
begin_audit(Deploying *deploying)
{
	MigrAudit	audit = {.started = GetCurrentTimestamp()};

	audit.action = action_of(deploying->deploy);
	audit.target = deploying->deploy->target;
	audit.tag = deploying->deploy->tag;
	audit.from_heads = migr_steps_heads(&deploying->run);
	audit.lsn = deploying->point.lsn;
	audit.restore_point = deploying->point.name[0] ? deploying->point.name : NULL;
	deploying->audit = audit;
}

/* Whatever an earlier try has noted of what was then rolled back. */
static void
forget_try(Deploying *deploying)
{
	MigrRun    *run = &deploying->run;
	int			node = run->steps[deploying->number].node;

	if (node >= 0)
		run->state->applied[node] = run->direction == MIGR_DOWNGRADE;
	begin_audit(deploying);
}

static void
run_step(void *arg)
{
	Deploying  *deploying = arg;
	MigrRun    *run = &deploying->run;
	MigrRails	rails;

	forget_try(deploying);
	migr_rails_begin(&rails, run->direction);
	migr_ready();
	migr_record_begin(&run->recording, action_of(deploying->deploy), run->versions + deploying->number,
					  deploying->clean);
	migr_mutex_enter_run();
	migr_steps_run(run, deploying->number);
	migr_mutex_leave_run();
	migr_rails_ran(&rails);
	migr_steps_check_versions(run, deploying->number + 1);
	if (run->direction == MIGR_DOWNGRADE)
	{
		MigrDb		db;

		migr_db_begin(&db, false);
		migr_repeatable_forget_undone(&db, run->state);
		migr_db_end(&db);
	}
	migr_record_end(&run->recording);
	migr_rails_end(&rails, run->recording.by_hand);
	deploying->audit.to_heads = migr_steps_heads(run);
	migr_steps_audit(run, deploying->number, 1, &deploying->audit);
	migr_rails_tell(&rails, &deploying->audit);
	migr_audit_write(&deploying->audit);
	migr_notify_send(&deploying->audit);
}

static void
restore_settings(void *settings)
{
	migr_saved_settings_restore(settings);
}

static void
begin_apart(void *arg)
{
	Deploying  *deploying = arg;
	MigrRun    *run = &deploying->run;

	if (run->direction == MIGR_UPGRADE)
	{
		migr_gate_apart();
		migr_usage_gate_begin_apart();
	}
	migr_record_begin_apart(&run->recording, action_of(deploying->deploy),
							run->versions + deploying->number, deploying->clean);
	migr_consent_step(&run->consent, run->steps[deploying->number].script,
					  run->steps[deploying->number].statements, true);
	migr_record_step(&run->recording, run->steps[deploying->number].script->revision);
}

/* The state that it leaves, when it holds nothing any more. */
static void
record_apart(void *arg)
{
	Deploying  *deploying = arg;

	migr_record_end(&deploying->run.recording);
}

static void
run_apart(Deploying *deploying, const MigrRetry *retry)
{
	List	   *settings = migr_saved_settings_take();

	forget_try(deploying);
	migr_xact_do(begin_apart, deploying);
	migr_apart_run(&deploying->run, deploying->number, retry, &deploying->audit);
	migr_usage_gate_stop();
	migr_xact_do(restore_settings, settings);
	migr_xact_do(record_apart, deploying);
}

/* Once, however often the step is tried. */
static void
begin_step(void *arg)
{
	Deploying  *deploying = arg;

	migr_restore_point_take(&deploying->point, deploying->run.steps[deploying->number].script->revision);
	deploying->clean = migr_record_tell();
}

static void
run_steps(Deploying *deploying)
{
	MigrRun    *run = &deploying->run;

	for (int i = 0; i < run->count; i++)
	{
		const MigrScript *script = run->steps[i].script;
		MigrRetry	retry = {.attempts = deploying->deploy->attempts};

		retry.lock_timeout = deploying->deploy->lock_timeout;
		retry.what = psprintf("%s \"%s\"", migr_script_noun(script), script->revision);
		deploying->number = i;
		migr_xact_do(begin_step, deploying);
		migr_salvage_ahead(script, run->direction, run->steps[i].statements);
		if (script->transaction)
			migr_retry_run(&retry, run_step, deploying, false);
		else
			run_apart(deploying, &retry);
		migr_salvage_ahead_end();
	}
}

/* --- the whole ------------------------------------------------------------------ */

/* Where the run has left the database. */
static void
note_standing(void *arg)
{
	migr_standing_refresh();
}

static void
run_all(Deploying *deploying)
{
	const MigrDeploy *deploy = deploying->deploy;

	migr_mutex_hold();
	migr_xact_do(deploy->direction == MIGR_UPGRADE ? load : check_protection, NULL);
	migr_xact_do(prepare, deploying);
	if (!deploying->has_steps)
		return;
	migr_xact_do(lift_limits, NULL);
	run_steps(deploying);
	deploying->number = -1;
	migr_xact_do(note_standing, NULL);
}

/* A row of what failed: its own transaction is the only one that can tell. */
static void
write_failure(void *arg)
{
	Deploying  *deploying = arg;
	const ErrorData *error = deploying->error;

	forget_try(deploying);
	deploying->audit.started = deploying->started;
	deploying->audit.to_heads = deploying->audit.from_heads;
	deploying->audit.revisions = list_make1(deploying->run.steps[deploying->number].script->revision);
	deploying->audit.outcome = "failed";
	deploying->audit.detail = psprintf("%s (%s)", pnstrdup(error->message, DETAIL_LENGTH),
									   unpack_sql_state(error->sqlerrcode));
	migr_audit_write(&deploying->audit);
}

static void
release(void *arg)
{
	migr_mutex_release();
}

/* Whatever happens here hides no error that ended the run. */
static void
end(Deploying *deploying)
{
	migr_usage_gate_stop();
	if (deploying->error && deploying->number >= 0)
		(void) migr_xact_run(write_failure, deploying);

	migr_salvage_ahead_end();

	/* What has run apart of it is there. */
	if (deploying->error && deploying->run.recording.mark.is_apart)
		(void) migr_xact_run(record_apart, deploying);
	migr_xact_finish(restore_settings, deploying->settings);
	migr_xact_finish(release, NULL);
}

static void
run_caught(void *arg)
{
	run_all(arg);
}

static void
tell_summary(const Deploying *deploying)
{
	MigrSummary summary = {.direction = deploying->deploy->direction};

	summary.count = deploying->run.count;
	summary.microseconds = GetCurrentTimestamp() - deploying->started;
	summary.heads = migr_steps_heads(&deploying->run);
	migr_summary_tell(&summary);
}

void
migr_deploy_run(const MigrDeploy *deploy)
{
	Deploying	deploying = {.deploy = deploy, .number = -1};

	/* It has run since the client sent the statement, and would end the last revision. */
	disable_timeout(STATEMENT_TIMEOUT, false);
	deploying.started = GetCurrentTimestamp();
	deploying.settings = migr_saved_settings_take();
	deploying.run.direction = deploy->direction;
	deploying.run.commits = true;
	deploying.run.before = deploy->before;
	deploying.error = migr_xact_catch(run_caught, &deploying);
	end(&deploying);
	if (deploying.error)
		ReThrowError(deploying.error);
	if (deploying.has_steps)
		tell_summary(&deploying);
	migr_phase_tell(deploying.run.waiting);
}
