/*
 * apart.c
 *		A script that says "transaction off": its statements one by one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/text.h"
#include "base/xact.h"
#include "exec/batch.h"
#include "exec/directed.h"
#include "exec/exec.h"
#include "exec/verify_section.h"
#include "run/apart.h"
#include "run/notify.h"
#include "run/probe.h"
#include "run/replicas.h"
#include "run/salvage.h"
#include "run/usage_gate.h"
#include "store/log_steps.h"
#include "store/mutex.h"
#include "store/vouch.h"

/* A step whose statements run apart. */
typedef struct Apart
{
	MigrRun    *run;
	int			number;			/* of the step in the run */
	const MigrRetry *retry;
	MigrAudit  *audit;
	const MigrSection *section;
	const char *place;
	List	   *known;			/* MigrLogStep *: from earlier runs */
} Apart;

/* One of its statements. */
typedef struct Part
{
	Apart	   *apart;
	const MigrStatement *statement;
	int			number;			/* from 1 */
	const char *sql;
	const char *checksum;
	List	   *before;			/* char *: what probe.h wants to know later */
	const char *outcome;		/* to be logged */
	MigrProbe	probe;			/* what was found last */
	bool		ran_before;		/* or began to */
	MigrBatch  *batch;			/* of one that is repeated */
	bool		has_more;		/* which it says after each time */
	TimestampTz started;
} Part;

static const MigrScript *
script_of(const Apart *apart)
{
	return apart->run->steps[apart->number].script;
}

static const char *
action_of(const Apart *apart)
{
	return apart->run->direction == MIGR_UPGRADE ? "upgrade" : "downgrade";
}

/* --- the log --------------------------------------------------------------- */

/* How far a batch is, and how fast. */
static char *
describe_rows(const Part *part)
{
	uint64		rows = migr_batch_rows(part->batch);
	double		seconds = Max(GetCurrentTimestamp() - part->started, 1) / 1000000.0;

	return psprintf(UINT64_FORMAT " rows, %.0f a second", rows, rows / seconds);
}

static void
write_log(void *arg)
{
	const Part *part = arg;
	const Apart *apart = part->apart;
	MigrAudit	entry = {.action = "step"};

	entry.target = action_of(apart);
	entry.tag = apart->audit->tag;
	entry.revisions = list_make1(script_of(apart)->revision);
	entry.started = GetCurrentTimestamp();
	entry.command = part->statement->outside ? part->statement->outside : part->statement->tag;
	entry.objects = part->before;
	entry.outcome = part->outcome;
	entry.step = part->number;
	entry.checksum = part->checksum;
	if (part->batch)
		entry.detail = describe_rows(part);
	migr_audit_write(&entry);
}

/* Nothing may be said to the client before this, who may be gone. */
static void
note(Part *part, const char *outcome)
{
	part->outcome = outcome;
	migr_xact_do(write_log, part);
}

static void
read_known(void *arg)
{
	Apart	   *apart = arg;
	MigrDb		db;

	migr_db_begin(&db, true);
	apart->known = migr_log_steps_read(&db, script_of(apart)->revision, action_of(apart));
	migr_db_end(&db);
}

static const MigrLogStep *
find_known(const Apart *apart, int number)
{
	ListCell   *lc;

	foreach(lc, apart->known)
	{
		if (((MigrLogStep *) lfirst(lc))->step == number)
			return lfirst(lc);
	}
	return NULL;
}

/* --- a statement ------------------------------------------------------------- */

/* May it commit before it ends? */
static bool
is_alone(const MigrStatement *statement)
{
	return statement->outside || statement->commits;
}

static void
run_statement(void *arg)
{
	Part	   *part = arg;
	Apart	   *apart = part->apart;

	migr_mutex_enter_run();
	migr_salvage_enter(script_of(apart)->revision, apart->run->direction, NULL);
	migr_exec_log(apart->place, apart->section, part->statement);
	migr_steps_limit(apart->run);
	migr_directed_run(apart->place, apart->section, part->statement);
	migr_steps_lift_limit(apart->run);
	migr_steps_check_intact(apart->run, script_of(apart)->revision);
	if (part->statement->writes_rows)
		migr_exec_settle(apart->place);
	migr_salvage_leave();
	migr_mutex_leave_run();
	part->outcome = "done";
	write_log(part);
}

static void
run_statement_alone(void *arg)
{
	Part	   *part = arg;
	Apart	   *apart = part->apart;

	migr_mutex_enter_run_alone();
	migr_salvage_enter(script_of(apart)->revision, apart->run->direction, NULL);
	migr_exec_log(apart->place, apart->section, part->statement);
	migr_steps_limit(apart->run);
	migr_exec_top(apart->place, apart->section, part->statement);
	migr_steps_lift_limit(apart->run);
	/* What it leaves to the end of the transaction is the script's as well. */
	if (part->statement->commits && part->statement->writes_rows)
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		migr_exec_settle(apart->place);
		PopActiveSnapshot();
	}
	migr_salvage_leave();
	migr_mutex_leave_run();
}

static void
check_intact(void *arg)
{
	Apart	   *apart = arg;

	migr_steps_check_intact(apart->run, script_of(apart)->revision);
}

/* --- what an earlier run, or try, has left ------------------------------------- */

/* What is found has to outlast the transaction. */
static void
look(void *arg)
{
	Part	   *part = arg;

	part->probe = part->ran_before ? migr_probe_look(part->sql, part->before)
		: migr_probe_look_first(part->sql);
	if (!part->ran_before)
		part->before = migr_probe_note(part->sql);
}

static void
wait_for_builder(void *arg)
{
	migr_probe_wait(&((const Part *) arg)->probe);
}

static void
run_command(void *arg)
{
	Part	   *part = arg;

	migr_mutex_enter_run_alone();
	migr_exec_command(part->probe.command);
	migr_mutex_leave_run();
}

static void
tell_found(const Part *part)
{
	ereport(NOTICE,
			(errmsg("revision \"%s\", statement %d: %s%s", script_of(part->apart)->revision,
					part->number, part->probe.found,
					part->probe.command ? psprintf(": %s", part->probe.command) : "")));
}

/* Clear away what is in the way; true if the statement has done its work already. */
static bool
settle(Part *part)
{
	MigrRetry	patient = *part->apart->retry;

	patient.lock_timeout = 0;
	for (;;)
	{
		migr_xact_do(look, part);
		if (OidIsValid(part->probe.table))
		{
			migr_retry_run(&patient, wait_for_builder, part, true);
			migr_xact_do(look, part);
		}
		if (part->probe.found)
			tell_found(part);
		if (part->probe.command == NULL)
			return part->probe.done;
		migr_retry_run(&patient, run_command, part, true);
	}
}

/* Before another try: what the last one has left. */
static void
settle_again(void *arg)
{
	Part	   *part = arg;

	part->ran_before = true;
	if (settle(part))
		part->outcome = "done";
}

/* It may be that there is nothing left to try. */
static void
try_alone(void *arg)
{
	Part	   *part = arg;

	if (strcmp(part->outcome, "done") != 0)
		run_statement_alone(part);
}

/* --- a statement that is repeated ------------------------------------------------ */

/* Rows that others have locked are waited for longer than tables, for which all would wait. */
#define BATCH_LOCK_TIMEOUT 30000

/* How often to note and to say how far it is, in milliseconds. */
#define TELL_EVERY 5000

static void
begin_batch(void *arg)
{
	Part	   *part = arg;
	Apart	   *apart = part->apart;

	migr_exec_log(apart->place, apart->section, part->statement);
	part->batch = migr_batch_begin(apart->place, apart->section, part->statement);
}

static void
run_round(void *arg)
{
	Part	   *part = arg;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr batch", ALLOCSET_DEFAULT_SIZES);
	uint64		rows;

	MemoryContextSwitchTo(context);
	migr_mutex_enter_run();
	part->has_more = migr_batch_round(part->batch, &rows);
	migr_steps_check_intact(part->apart->run, script_of(part->apart)->revision);
	if (part->statement->writes_rows)
		migr_exec_settle(part->apart->place);
	migr_mutex_leave_run();
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

static void
tell_rows(Part *part)
{
	note(part, "running");
	ereport(NOTICE,
			(errmsg("revision \"%s\", statement %d: %s", script_of(part->apart)->revision,
					part->number, describe_rows(part))));
}

/* A transaction each time; what they have done stays, whatever comes. */
static void
run_rounds(void *arg)
{
	Part	   *part = arg;
	MigrRetry	retry = *part->apart->retry;
	TimestampTz told = part->started;
	char	   *what = psprintf("%s, statement %d", retry.what, part->number);

	migr_xact_do(begin_batch, part);
	if (retry.lock_timeout > 0)
		retry.lock_timeout = Max(retry.lock_timeout, BATCH_LOCK_TIMEOUT);
	for (;;)
	{
		migr_replicas_wait(what);
		migr_retry_run(&retry, run_round, part, false);
		migr_batch_keep(part->batch);
		if (!part->has_more)
			break;
		if (TimestampDifferenceExceeds(told, GetCurrentTimestamp(), TELL_EVERY))
		{
			tell_rows(part);
			told = GetCurrentTimestamp();
		}
		if (part->statement->options.batch_pause > 0)
			migr_xact_sleep(part->statement->options.batch_pause);
	}
}

/* --- all of them --------------------------------------------------------------- */

static void
try_alone_again(void *arg)
{
	Part	   *part = arg;
	MigrRetry	retry = *part->apart->retry;

	/* Who builds an index waits for others, and nobody for him. */
	if (part->statement->patient)
		retry.lock_timeout = 0;
	retry.before = settle_again;
	migr_retry_run(&retry, try_alone, part, true);
}

/* Whether it came to its end, the log knows if we live to write it. */
static void
run_noted(Part *part, MigrWork work)
{
	ErrorData  *error = migr_xact_catch(work, part);

	if (error == NULL)
		return;
	part->outcome = "failed";
	(void) migr_xact_run(write_log, part);
	ReThrowError(error);
}

static void
run_part(Part *part)
{
	Apart	   *apart = part->apart;

	if (part->statement->options.batched)
	{
		part->started = GetCurrentTimestamp();
		note(part, "running");
		run_noted(part, run_rounds);
		note(part, "done");
		return;
	}
	if (!is_alone(part->statement))
	{
		migr_retry_run(apart->retry, run_statement, part, false);
		return;
	}
	if (!settle(part))
	{
		note(part, "running");
		run_noted(part, try_alone_again);
	}
	note(part, "done");
	migr_xact_do(check_intact, apart);
}

static void
raise_changed(const Part *part)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("statement %d of revision \"%s\" has run, and is another one now", part->number,
					script_of(part->apart)->revision),
			 errdetail("Of a script that says \"transaction off\", an earlier run has got beyond it."),
			 errhint("Load the script with the statements that have run as they were; the others may change.")));
}

/* Has an earlier run done it? */
static bool
is_done(Part *part)
{
	const MigrLogStep *known = find_known(part->apart, part->number);
	bool		same = known && strcmp(known->checksum, part->checksum) == 0;

	if (known == NULL)
		return false;
	if (strcmp(known->outcome, "done") == 0 && !same)
		raise_changed(part);
	part->ran_before = same;
	part->before = known->objects;
	return strcmp(known->outcome, "done") == 0;
}

static void
run_parts(Apart *apart)
{
	int			skipped = 0;
	int			number = 0;
	ListCell   *lc;

	foreach(lc, apart->run->steps[apart->number].statements)
	{
		const MigrStatement *statement = lfirst(lc);
		Part		part = {.apart = apart, .statement = statement, .outcome = "running"};

		part.number = ++number;
		part.sql = pnstrdup(apart->section->sql + statement->start, statement->end - statement->start);
		part.checksum = migr_text_sha256(part.sql, strlen(part.sql));
		if (statement->options.required)
			continue;
		if (is_done(&part))
		{
			skipped++;
			continue;
		}
		if (skipped > 0)
			ereport(NOTICE,
					(errmsg("revision \"%s\": %d of %d statements have run before",
							script_of(apart)->revision, skipped,
							list_length(apart->run->steps[apart->number].statements))));
		skipped = 0;
		run_part(&part);
	}
}

/* Ask what the script requires; once it has begun, it may have changed that itself. */
static void
require(void *arg)
{
	const Apart *apart = arg;

	migr_mutex_enter_run();
	migr_directed_require(script_of(apart), migr_steps_section(apart->run),
						  apart->run->steps[apart->number].statements);
	migr_mutex_leave_run();
}

/* Verify, record and log the step as a whole. */
static void
finish(void *arg)
{
	Apart	   *apart = arg;
	MigrRunStep *step = &apart->run->steps[apart->number];

	migr_consent_rest();
	migr_mutex_enter_run();
	migr_salvage_enter(step->script->revision, apart->run->direction, NULL);
	migr_salvage_section_end();
	migr_salvage_leave();
	migr_verify_run(step->script, step->verify);
	migr_mutex_leave_run();
	migr_steps_record(apart->run, apart->number);
	migr_consent_done(&apart->run->consent, step->script);
	migr_steps_check_versions(apart->run, apart->number + 1);
	apart->audit->to_heads = migr_steps_heads(apart->run);
	migr_steps_audit(apart->run, apart->number, 1, apart->audit);
	migr_audit_add_detail(apart->audit, migr_usage_gate_told());
	migr_audit_write(apart->audit);
	migr_notify_send(apart->audit);
}

/* A script that must not run for who the session can become needs one transaction. */
static void
check_confinement(const MigrScript *script)
{
	MigrConfined confined;

	migr_vouch_confine(&confined, script);
	migr_vouch_release(&confined);
	if (confined.active)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("revision \"%s\" can't run statement by statement after SET ROLE",
						script->revision),
				 errdetail("Between its statements the session can become a role again for which the script must not run."),
				 errhint("Connect as \"%s\", instead of SET ROLE.",
						 GetUserNameFromId(GetUserId(), false))));
}

void
migr_apart_run(MigrRun *run, int i, const MigrRetry *retry, MigrAudit *audit)
{
	MigrRunStep *step = &run->steps[i];
	Apart		apart = {.run = run, .number = i, .retry = retry, .audit = audit};
	TimestampTz started = GetCurrentTimestamp();

	apart.section = &step->script->sections[migr_steps_section(run)];
	apart.place = migr_stmt_place(step->script, migr_steps_section(run));
	check_confinement(step->script);
	migr_xact_do(read_known, &apart);
	migr_steps_tell(run, i, GUC_ACTION_SET);
	migr_step_hint_push(&run->hint, step->script->revision, step->statements);
	if (apart.known == NIL)
		migr_retry_run(retry, require, &apart, false);
	run_parts(&apart);
	step->microseconds = GetCurrentTimestamp() - started;
	migr_retry_run(retry, finish, &apart, false);
	migr_step_hint_pop(&run->hint);
}
