/*
 * steps.c
 *		The steps of a run: prepared all, and run one by one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "base/citus.h"
#include "base/errors.h"
#include "exec/directed.h"
#include "exec/exec.h"
#include "exec/statement.h"
#include "exec/temporary.h"
#include "exec/verify_section.h"
#include "run/keep.h"
#include "run/phase.h"
#include "run/progress.h"
#include "run/salvage.h"
#include "run/steps.h"
#include "run/tenant_meant.h"
#include "store/kept.h"
#include "store/log.h"
#include "store/missing.h"
#include "store/pending_near.h"
#include "store/reached.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/vouch.h"

static bool verify_after_upgrade;

void
migr_steps_init(void)
{
	DefineCustomBoolVariable("migr.verify_after_upgrade",
							 "Run the verify section of each revision after its upgrade section.",
							 NULL, &verify_after_upgrade, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

bool
migr_steps_verifies(void)
{
	return verify_after_upgrade;
}

MigrSectionKind
migr_steps_section(const MigrRun *run)
{
	return run->direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE
		: MIGR_SECTION_DOWNGRADE;
}

void
migr_steps_check_revision(MigrDirection direction, const MigrNode *node, bool commits)
{
	const MigrRevision *info = node->info;

	if (direction == MIGR_DOWNGRADE && !info->reversible)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_IRREVERSIBLE),
				 errmsg("revision \"%s\" has no downgrade section", node->id),
				 errhint("Restore a backup, or write a revision that undoes it.")));
	if (!info->transaction && !commits)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("revision \"%s\" cannot run inside a transaction block", node->id),
				 errdetail("Its script says \"transaction off\"."),
				 direction == MIGR_UPGRADE
				 ? errhint("CALL migr_deploy() runs it, outside of a transaction block.")
				 : errhint("CALL migr_revert() undoes it, outside of a transaction block.")));
}

static void
add_step(MigrRun *run, int node, MigrScript *script)
{
	MigrRunStep *step = &run->steps[run->count++];

	CHECK_FOR_INTERRUPTS();
	step->node = node;
	step->script = script;
	step->statements = migr_stmt_split(script, migr_steps_section(run));
	if (script->transaction)
		migr_stmt_check_inside(script, step->statements);
	if (run->direction == MIGR_UPGRADE && verify_after_upgrade)
	{
		step->verify = migr_stmt_split(script, MIGR_SECTION_VERIFY);
		migr_stmt_check_inside(script, step->verify);
	}
}

/*
 * Fetch the scripts of a plan, and the repeatable ones (MigrRepeatable *) behind
 * it, and parse every section that will run, so that nothing has run when one
 * turns out to be wrong.
 */
static void
prepare_steps(MigrRun *run, MigrDb *db, MigrPlan plan, const List *repeats)
{
	bool	   *gaps = migr_state_gaps(run->state);
	List	   *scripts;
	ListCell   *lc;
	int			i = 0;

	for (i = 0; i < plan.count; i++)
		migr_steps_check_revision(run->direction, &run->state->graph->nodes[plan.steps[i]], run->commits);
	scripts = migr_store_parse_scripts(db, run->state->graph, plan.steps, plan.count);
	run->steps = palloc0((plan.count + list_length(repeats) + 1) * sizeof(MigrRunStep));
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
check_loaders(const MigrRun *run)
{
	List	   *scripts = NIL;

	for (int i = 0; i < run->count; i++)
		scripts = lappend(scripts, run->steps[i].script);
	migr_vouch_check(scripts);
}

void
migr_steps_check_consent(MigrRun *run)
{
	migr_consent_begin(&run->consent, run->direction, run->tenant != NULL);
	for (int i = 0; i < run->count; i++)
		migr_consent_check(&run->consent, run->steps[i].script, run->steps[i].statements);
}

/* Say that a revision runs behind what stands on it: its script may not expect that. */
static void
report_late(const MigrRun *run, const MigrRunStep *step)
{
	int			above = migr_state_applied_above(run->state, step->node);

	ereport(NOTICE,
			(errmsg("revision \"%s\" runs late: \"%s\", which stands on it, is applied already",
					step->script->revision, run->state->graph->nodes[above].id)));
}

/* Raise if a script has been at what the run stands on. */
void
migr_steps_check_intact(const MigrRun *run, const char *revision)
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

void
migr_steps_record(MigrRun *run, int i)
{
	const MigrRunStep *step = &run->steps[i];
	const MigrScript *script = step->script;
	MigrDb		db;

	migr_db_begin(&db, false);
	if (script->repeatable)
		migr_repeatable_sign(&db, script->revision, run->user, step->microseconds);
	else if (run->tenant)
	{
		/* All of them have one row, which is written at the end. */
	}
	else if (run->direction == MIGR_DOWNGRADE)
		migr_store_remove_version(&db, script->revision);
	else
	{
		MigrVersion version = {0};

		version.revision = script->revision;
		version.ordinal = run->ordinal + i;
		version.checksum = script->checksum;
		version.applied_by = run->user;
		migr_store_add_version(&db, &version, step->microseconds);
	}
	migr_db_end(&db);
	if (step->node >= 0)
		run->state->applied[step->node] = run->direction == MIGR_UPGRADE;
}

/* The session has no limit of its own then (deploy.c), so it is the script's. */
void
migr_steps_limit(const MigrRun *run)
{
	if (run->commits && StatementTimeout > 0)
		enable_timeout_after(STATEMENT_TIMEOUT, StatementTimeout);
}

void
migr_steps_lift_limit(const MigrRun *run)
{
	if (run->commits)
		disable_timeout(STATEMENT_TIMEOUT, false);
}

/* With settle, nothing deferred is left; else nothing that rows have deferred. */
static void
run_section(MigrRun *run, const MigrRunStep *step, MigrSectionKind kind, bool settle)
{
	const char *place = migr_stmt_place(step->script, kind);
	bool		wrote = settle;
	MigrKeep	keep;
	ListCell   *lc;

	migr_directed_require(step->script, kind, step->statements);
	migr_salvage_enter(step->script->revision, run->direction, run->tenant);
	if (step->script->repeatable)
		migr_keep_begin(&keep, step->script, step->statements);
	foreach(lc, step->statements)
	{
		const MigrStatement *statement = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (statement->options.required)
			continue;
		migr_exec_log(place, &step->script->sections[kind], statement);
		migr_steps_limit(run);
		if (step->script->repeatable)
			migr_keep_run(&keep, statement);
		else
			migr_directed_run(place, &step->script->sections[kind], statement);
		migr_steps_lift_limit(run);
		wrote = wrote || statement->writes_rows;
	}
	if (step->script->repeatable)
	{
		migr_record_step(&run->recording, NULL);
		migr_keep_restore(&keep);
		migr_record_step(&run->recording, step->script->revision);
	}
	migr_steps_check_intact(run, step->script->revision);
	migr_salvage_section_end();
	migr_salvage_leave();
	if (wrote)
		migr_exec_settle(place);
	migr_consent_rest();
	migr_temporary_end(run->temporary);
}

void
migr_steps_tell(const MigrRun *run, int i, GucAction action)
{
	const MigrRunStep *step = &run->steps[i];

	if (!run->quiet)
		migr_progress_tell(run->direction, step->script, i + 1, run->count, action);
	if (step->late)
		report_late(run, step);
}

static void
run_step(MigrRun *run, int i)
{
	MigrRunStep *step = &run->steps[i];
	TimestampTz started = GetCurrentTimestamp();
	int			guc_level = NewGUCNestLevel();
	MigrConfined confined;

	migr_steps_tell(run, i, GUC_ACTION_SAVE);
	migr_citus_sequential(false);
	migr_vouch_confine(&confined, step->script);
	run_section(run, step, migr_steps_section(run), confined.active);
	migr_vouch_check_left(&confined, step->script);
	migr_verify_run(step->script, step->verify);
	migr_vouch_release(&confined);
	AtEOXact_GUC(false, guc_level);

	step->microseconds = GetCurrentTimestamp() - started;
	migr_steps_record(run, i);
}

void
migr_steps_run(MigrRun *run, int i)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr step", ALLOCSET_DEFAULT_SIZES);

	migr_consent_step(&run->consent, run->steps[i].script, run->steps[i].statements, false);
	migr_record_step(&run->recording, run->steps[i].script->revision);
	migr_step_hint_push(&run->hint, run->steps[i].script->revision, run->steps[i].statements);
	MemoryContextSwitchTo(context);
	run_step(run, i);
	MemoryContextSwitchTo(caller);
	migr_step_hint_pop(&run->hint);
	migr_consent_done(&run->consent, run->steps[i].script);
	MemoryContextDelete(context);
}

/* A script may have got around the triggers that protect the table. */
void
migr_steps_check_versions(const MigrRun *run, int count)
{
	int64		versions = run->versions;
	MigrDb		db;

	for (int i = 0; i < count && run->tenant == NULL; i++)
		versions += run->steps[i].node < 0 ? 0 : run->direction == MIGR_UPGRADE ? 1 : -1;
	migr_db_begin(&db, false);
	if (migr_store_count_versions(&db) != versions)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a revision script has changed migr.version")));
	migr_db_end(&db);
}

void
migr_steps_audit(const MigrRun *run, int first, int count, MigrAudit *audit)
{
	int64	   *durations = palloc((count + 1) * sizeof(int64));
	ListCell   *lc;

	audit->revisions = NIL;
	audit->detail = NULL;
	for (int i = 0; i < count; i++)
	{
		const MigrScript *script = run->steps[first + i].script;

		audit->revisions = lappend(audit->revisions, script->revision);
		durations[i] = run->steps[first + i].microseconds;
		if (script->repeatable)
			audit->detail = psprintf("%s%srepeatable %s has checksum %s",
									 audit->detail ? audit->detail : "",
									 audit->detail ? "\n" : "", script->revision,
									 script->checksum);
	}
	foreach(lc, run->consent.notes)
		audit->detail = psprintf("%s%s%s", audit->detail ? audit->detail : "",
								 audit->detail ? "\n" : "", (char *) lfirst(lc));
	audit->durations = durations;
}

List *
migr_steps_heads(const MigrRun *run)
{
	return migr_set_ids(run->state->graph, migr_state_heads(run->state));
}

/* What a run has to do. */
static MigrPlan
plan_run(const MigrRun *run, const char *target)
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

void
migr_steps_tell_nothing(MigrDirection direction, const char *target)
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

/* Read as much of the state as the run needs; the repeatable scripts that can be due. */
static const List *
read_state(MigrRun *run, MigrDb *db, const MigrStanding *standing, const char *target)
{
	const MigrKept *kept;

	run->plain = standing && standing->plain;
	if (run->direction == MIGR_UPGRADE && !run->commits && run->only == NULL &&
		migr_pending_is_near(standing, target) &&
		(run->state = migr_pending_near_state(db, standing)) != NULL)
	{
		run->near = standing;
		return NIL;
	}
	kept = migr_kept_read(db, &run->generation);
	run->state = migr_kept_state(kept);
	run->plain = kept->plain;
	return kept->repeatables;
}

/* False if there are none. */
static bool
add_steps(MigrRun *run, MigrDb *db, MigrPlan plan, const List *repeats)
{
	if (plan.count == 0 && repeats == NIL)
		return false;
	prepare_steps(run, db, plan, repeats);
	run->ordinal = migr_store_next_ordinal(db);
	run->versions = migr_store_count_versions(db);
	return true;
}

static bool
prepare(MigrRun *run, const char *target)
{
	const MigrStanding *standing;
	MigrGeneration generation;
	const List *repeatables;
	MigrPlan	plan;
	List	   *repeats;
	MigrDb		db;

	migr_db_begin(&db, false);
	generation = migr_generation_read(&db);
	standing = migr_standing_read(&db, generation);
	if (run->direction == MIGR_UPGRADE)
		migr_reached_warn_missing(&db, standing);
	if (run->direction == MIGR_UPGRADE && migr_reached(&db, standing, target))
	{
		/* Whoever comes next shall not have to find it out. */
		if (standing == NULL)
			migr_standing_refresh();
		migr_db_end(&db);
		return false;
	}
	run->generation = generation;
	repeatables = read_state(run, &db, standing, target);
	plan = plan_run(run, target);
	if (run->before)
		plan = migr_phase_before(&db, run->state, plan, &run->waiting);
	repeats = run->direction == MIGR_UPGRADE
		? migr_repeatable_due_behind(repeatables, run->state, plan) : NIL;
	if (!add_steps(run, &db, plan, repeats) && standing == NULL)
		migr_standing_refresh();
	migr_db_end(&db);
	check_loaders(run);
	migr_steps_check_consent(run);
	return run->count > 0;
}

/* What a run that has steps knows when it begins. */
static void
begin(MigrRun *run)
{
	run->user = migr_audit_user();
	run->identity = migr_secure_identity();
	run->temporary = migr_temporary_note();
	run->hint.from_nothing = run->direction == MIGR_UPGRADE &&
		migr_set_count(run->state->graph, run->state->applied) == 0 &&
		run->state->unknown == NIL;
}

bool
migr_steps_prepare_plan(MigrRun *run, MigrPlan plan, const List *repeats)
{
	bool		has_steps;
	MigrDb		db;

	Assert(!migr_db_active());
	migr_db_begin(&db, false);
	has_steps = add_steps(run, &db, plan, repeats);
	migr_db_end(&db);
	if (!has_steps)
		return false;
	check_loaders(run);
	begin(run);
	return true;
}

bool
migr_steps_prepare(MigrRun *run, const char *target)
{
	bool		has_steps = prepare(run, target);

	if (run->direction == MIGR_UPGRADE)
		migr_tenant_check_meant(!has_steps);
	if (!has_steps)
	{
		if (run->waiting == NIL)
			migr_steps_tell_nothing(run->direction, target);
		return false;
	}
	begin(run);
	return true;
}
