/*
 * runner.c
 *		Upgrade and downgrade in the caller's transaction.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/strict_setting.h"
#include "base/subxact.h"
#include "exec/directed.h"
#include "exec/exec.h"
#include "exec/statement.h"
#include "exec/temporary.h"
#include "exec/verify_section.h"
#include "run/keep.h"
#include "run/progress.h"
#include "run/runner.h"
#include "run/squash_rows.h"
#include "run/step_hint.h"
#include "run/summary.h"
#include "schema/fingerprint.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/missing.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/vouch.h"

static bool verify_after_upgrade;

/* A step of a run: a script with its statements. */
typedef struct Step
{
	int			node;			/* -1: a repeatable script, which is no revision */
	MigrScript *script;
	List	   *statements;		/* of the section to run */
	List	   *verify;			/* of the verify section */
	bool		late;			/* what stands on it is applied already */
	int64		microseconds;	/* that it took */
} Step;

/* One run. */
typedef struct Run
{
	MigrDirection direction;
	MigrState  *state;
	Step	   *steps;
	int			count;
	const char *only;			/* the revision that is undone by itself, or NULL */
	const char *user;
	MigrIdentity identity;		/* of migr's objects when the run began */
	int64		ordinal;		/* for the next row of the version table */
	int64		versions;		/* rows that the version table must have */
	List	   *temporary;		/* tables that were there before it */
	MigrStepHint hint;
} Run;

void
migr_runner_init(void)
{
	DefineCustomBoolVariable("migr.verify_after_upgrade",
							 "Run the verify section of each revision after its upgrade section.",
							 NULL, &verify_after_upgrade, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

static MigrSectionKind
section_of(MigrDirection direction)
{
	return direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE
		: MIGR_SECTION_DOWNGRADE;
}

/* Raise what the store alone tells about a step that can't run. */
static void
check_step(const Run *run, int node)
{
	const MigrRevision *info = run->state->graph->nodes[node].info;
	const char *id = run->state->graph->nodes[node].id;

	if (run->direction == MIGR_DOWNGRADE && !info->reversible)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_IRREVERSIBLE),
				 errmsg("revision \"%s\" has no downgrade section", id),
				 errhint("Restore a backup, or write a revision that undoes it.")));
	if (!info->transaction)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("revision \"%s\" cannot run inside a transaction block", id),
				 errdetail("Its script says \"transaction off\"."),
				 errhint("Run its statements by hand, one by one, then record it with migr_stamp().")));
}

/* Raise if a statement is known to refuse a transaction. */
static void
check_statements(const MigrScript *script, const List *statements)
{
	ListCell   *lc;

	foreach(lc, statements)
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->outside)
			ereport(ERROR,
					(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
					 errmsg("revision \"%s\" cannot run inside a transaction block",
							script->revision),
					 errdetail("%s in line %d can't.", statement->outside,
							   statement->line),
					 errhint("Move it into a revision of its own that says \"-- migr:transaction off\".")));
	}
}

static void
add_step(Run *run, int node, MigrScript *script)
{
	Step	   *step = &run->steps[run->count++];

	CHECK_FOR_INTERRUPTS();
	step->node = node;
	step->script = script;
	step->statements = migr_stmt_split(script, section_of(run->direction));
	check_statements(script, step->statements);
	if (run->direction == MIGR_UPGRADE && verify_after_upgrade)
	{
		step->verify = migr_stmt_split(script, MIGR_SECTION_VERIFY);
		check_statements(script, step->verify);
	}
}

/*
 * Fetch the scripts of a plan, and the repeatable ones (MigrRepeatable *) behind
 * it, and parse every section that will run, so that nothing has run when one
 * turns out to be wrong.
 */
static void
prepare_steps(Run *run, MigrDb *db, MigrPlan plan, const List *repeats)
{
	bool	   *gaps = migr_state_gaps(run->state);
	List	   *scripts;
	ListCell   *lc;
	int			i = 0;

	for (i = 0; i < plan.count; i++)
		check_step(run, plan.steps[i]);
	scripts = migr_store_parse_scripts(db, run->state->graph, plan.steps, plan.count);
	run->steps = palloc0((plan.count + list_length(repeats) + 1) * sizeof(Step));
	i = 0;
	foreach(lc, scripts)
	{
		add_step(run, plan.steps[i], lfirst(lc));
		run->steps[i].late = run->direction == MIGR_UPGRADE && gaps[plan.steps[i]];
		i++;
	}
	foreach(lc, repeats)
		add_step(run, -1, migr_repeatable_parse(db, ((MigrRepeatable *) lfirst(lc))->name));
}

/* Raise unless the caller runs the scripts of all steps. */
static void
check_loaders(const Run *run)
{
	List	   *scripts = NIL;

	for (int i = 0; i < run->count; i++)
		scripts = lappend(scripts, run->steps[i].script);
	migr_vouch_check(scripts);
}

/* Say that a revision runs behind what stands on it: its script may not expect that. */
static void
report_late(const Run *run, const Step *step)
{
	int			above = migr_state_applied_above(run->state, step->node);

	ereport(NOTICE,
			(errmsg("revision \"%s\" runs late: \"%s\", which stands on it, is applied already",
					step->script->revision, run->state->graph->nodes[above].id)));
}

/* Raise if a script has been at what the run stands on. */
static void
check_intact(const Run *run, const char *revision)
{
	MigrIdentity now = migr_secure_identity();

	if (memcmp(&now, &run->identity, sizeof(MigrIdentity)) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a revision script can't change migr's own objects"),
			 now.extension == run->identity.extension
			 ? errdetail("Revision \"%s\" altered or dropped a table of migr or its trigger.", revision)
			 : errdetail("Revision \"%s\" dropped the extension that runs it.", revision)));
}

static void
record_step(Run *run, const MigrScript *script, int64 microseconds)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	if (script->repeatable)
		migr_repeatable_sign(&db, script->revision, run->user, microseconds);
	else if (run->direction == MIGR_DOWNGRADE)
		migr_store_remove_version(&db, script->revision);
	else
	{
		MigrVersion version = {0};

		version.revision = script->revision;
		version.ordinal = run->ordinal++;
		version.checksum = script->checksum;
		version.applied_by = run->user;
		migr_store_add_version(&db, &version, microseconds);
	}
	migr_db_end(&db);
	run->versions += script->repeatable ? 0 : run->direction == MIGR_UPGRADE ? 1 : -1;
}

/* With settle, nothing deferred is left; else nothing that rows have deferred. */
static void
run_section(const Run *run, const Step *step, MigrSectionKind kind, bool settle)
{
	const char *place = migr_stmt_place(step->script, kind);
	bool		wrote = settle;
	MigrKeep	keep;
	ListCell   *lc;

	migr_directed_require(step->script, kind, step->statements);
	if (step->script->repeatable)
		migr_keep_begin(&keep, step->script, step->statements);
	foreach(lc, step->statements)
	{
		const MigrStatement *statement = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (statement->options.required)
			continue;
		migr_exec_log(place, &step->script->sections[kind], statement);
		if (step->script->repeatable)
			migr_keep_run(&keep, statement);
		else
			migr_directed_run(place, &step->script->sections[kind], statement);
		wrote = wrote || statement->writes_rows;
	}
	if (step->script->repeatable)
		migr_keep_restore(&keep);
	check_intact(run, step->script->revision);
	if (wrote)
		migr_exec_settle(place);
	migr_temporary_end(run->temporary);
}

static void
run_step(Run *run, int i)
{
	Step	   *step = &run->steps[i];
	TimestampTz started = GetCurrentTimestamp();
	int			guc_level = NewGUCNestLevel();
	MigrConfined confined;

	migr_progress_tell(run->direction, step->script, i + 1, run->count);
	if (step->late)
		report_late(run, step);
	migr_vouch_confine(&confined, step->script);
	run_section(run, step, section_of(run->direction), confined.active);
	migr_vouch_check_left(&confined, step->script);
	migr_verify_run(step->script, step->verify);
	migr_vouch_release(&confined);
	AtEOXact_GUC(false, guc_level);

	step->microseconds = GetCurrentTimestamp() - started;
	record_step(run, step->script, step->microseconds);
	if (step->node >= 0)
		run->state->applied[step->node] = run->direction == MIGR_UPGRADE;
}

/*
 * Fire what the caller's own transaction has deferred, so that no revision is
 * blamed for it.
 */
static void
settle_caller(const Run *run)
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

/*
 * Run the steps, then see that the version table has as many rows as it
 * should: a script may have got around the triggers that protect it.
 */
static void
run_steps(Run *run)
{
	MigrDb		db;

	settle_caller(run);
	run->temporary = migr_temporary_note();
	run->hint.from_nothing = run->direction == MIGR_UPGRADE &&
		migr_set_count(run->state->graph, run->state->applied) == 0 &&
		run->state->unknown == NIL;
	for (int i = 0; i < run->count; i++)
	{
		MemoryContext caller = CurrentMemoryContext;
		MemoryContext context = AllocSetContextCreate(caller, "migr step",
													  ALLOCSET_DEFAULT_SIZES);

		migr_step_hint_push(&run->hint, run->steps[i].script->revision,
							run->steps[i].statements);
		MemoryContextSwitchTo(context);
		run_step(run, i);
		MemoryContextSwitchTo(caller);
		migr_step_hint_pop(&run->hint);
		MemoryContextDelete(context);
	}

	migr_db_begin(&db, false);
	if (migr_store_count_versions(&db) != run->versions)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a revision script has changed migr.version")));
	migr_db_end(&db);
}

/* Run the steps with migr's own commands barred to them. */
static void
run_steps_guarded(Run *run)
{
	migr_mutex_enter_run();
	run_steps(run);
	migr_mutex_leave_run();
}

/*
 * Is everything applied that the target asks for?  Answered from indexes for
 * the targets that a start-up script uses, if nothing at all is pending: below
 * what is applied, something may be.  False means that it takes a plan.
 */
static bool
at_target_already(MigrDb *db, const char *target)
{
	List	   *applied;
	List	   *pending;

	bool		all = migr_store_all_applied(db);

	if (strcmp(target, "head") == 0 && all)
	{
		migr_store_read_heads(db, &applied, &pending);
		return list_length(applied) <= 1;
	}
	if (strcmp(target, "head") == 0 || strcmp(target, "heads") == 0)
		return all;

	/* Of what stands below a revision without a script, nothing is known. */
	return migr_store_is_applied(db, target) &&
		(all || migr_store_read_script(db, target) == NULL);
}

/* What a run has to do. */
static MigrPlan
plan_run(const Run *run, const char *target)
{
	MigrPlan	plan;

	if (run->only == NULL)
		return run->direction == MIGR_UPGRADE
			? migr_plan_upgrade(run->state, target)
			: migr_plan_downgrade(run->state, target);
	plan.count = 1;
	plan.steps = palloc(sizeof(int));
	plan.steps[0] = migr_graph_find(run->state->graph, run->only);
	return plan;
}

/* Plan and prepare; false if there is nothing to do. */
static bool
prepare_run(Run *run, const char *target)
{
	MigrPlan	plan;
	List	   *repeats;
	MigrDb		db;

	migr_db_begin(&db, false);
	if (run->direction == MIGR_UPGRADE)
		migr_missing_warn_stored(&db);
	if (run->direction == MIGR_UPGRADE && at_target_already(&db, target) &&
		!migr_repeatable_any_due(&db))
	{
		migr_db_end(&db);
		return false;
	}
	run->state = migr_store_read_state(&db);
	plan = plan_run(run, target);
	repeats = run->direction == MIGR_UPGRADE
		? migr_repeatable_due_behind(migr_repeatable_read(&db), run->state, plan) : NIL;
	if (plan.count > 0 || repeats != NIL)
	{
		prepare_steps(run, &db, plan, repeats);
		run->ordinal = migr_store_next_ordinal(&db);
		run->versions = migr_store_count_versions(&db);
	}
	migr_db_end(&db);
	check_loaders(run);
	return run->count > 0;
}

static List *
current_heads(const MigrState *state)
{
	return migr_set_ids(state->graph, migr_state_heads(state));
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

/* There is nothing to do, for more than one reason. */
static void
tell_nothing(MigrDirection direction, const char *target)
{
	bool		empty;
	MigrDb		db;

	migr_db_begin(&db, false);
	empty = migr_missing_is_empty(&db);
	migr_db_end(&db);
	if (direction == MIGR_UPGRADE && empty)
		migr_missing_tell_empty();
	else
		ereport(NOTICE,
				(direction == MIGR_UPGRADE
				 ? errmsg("nothing to do: \"%s\" is applied already", target)
				 : errmsg("nothing to do: nothing above \"%s\" is applied", target)));
}

/* What the log says of the steps. */
static void
audit_steps(MigrAudit *audit, const Run *run)
{
	int64	   *durations = palloc((run->count + 1) * sizeof(int64));

	for (int i = 0; i < run->count; i++)
	{
		const MigrScript *script = run->steps[i].script;

		audit->revisions = lappend(audit->revisions, script->revision);
		durations[i] = run->steps[i].microseconds;
		if (script->repeatable)
			audit->detail = psprintf("%s%srepeatable %s has checksum %s",
									 audit->detail ? audit->detail : "",
									 audit->detail ? "\n" : "", script->revision,
									 script->checksum);
	}
	audit->durations = durations;
}

static void
forget_undone(const MigrState *state)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_repeatable_forget_undone(&db, state);
	migr_db_end(&db);
}

/* Load, plan, run, record, tell. */
static void
run_request(void *arg)
{
	Request    *request = arg;
	MigrDirection direction = request->direction;
	const char *target = request->target;
	MigrAudit	audit = {.started = GetCurrentTimestamp()};
	Run			run = {.direction = direction, .only = request->only};
	MigrSummary summary = {.direction = direction, .dry = request->dry};

	if (direction == MIGR_UPGRADE && !request->stored)
		migr_loader_load_location();
	migr_squash_rows_settle();
	if (!prepare_run(&run, target))
	{
		tell_nothing(direction, target);
		return;
	}

	run.user = migr_audit_user();
	run.identity = migr_secure_identity();
	audit.action = direction == MIGR_UPGRADE ? "upgrade" : "downgrade";
	audit.target = target;
	audit.tag = request->tag;
	audit.from_heads = current_heads(run.state);
	run_steps_guarded(&run);
	if (direction == MIGR_DOWNGRADE)
		forget_undone(run.state);
	if (!request->dry)
		migr_fingerprint_record();
	audit.to_heads = current_heads(run.state);
	audit_steps(&audit, &run);
	migr_audit_write(&audit);
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
