/*
 * plan_statements.c
 *		What each statement of an upgrade would do to a busy database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/guc.h"

#include "base/errors.h"
#include "base/server_parser.h"
#include "base/subxact.h"
#include "check/plan_case.h"
#include "check/plan_pending.h"
#include "check/plan_statements.h"
#include "check/usage_pending.h"
#include "exec/directed.h"
#include "run/consent.h"
#include "run/steps.h"
#include "schema/schema.h"
#include "scratch/scratch.h"
#include "script/statement_options.h"
#include "store/vouch.h"

/* A plan being made. */
typedef struct Planning
{
	const char *target;
	List	   *before;			/* MigrScript *: what the schema is made by */
	List	   *pending;		/* MigrScript * */
	List	   *measured;		/* for each of these a list of MigrMeasured * */
	bool		knows_phases;
	List	   *labels;			/* char *: labels that were added, and by which revision, in turn */
	List	   *rows;			/* MigrPlanned * */
} Planning;

void
migr_plan_init(void)
{
	migr_statement_options_rules(migr_plan_rule_names());
}

/* --- what is pending ------------------------------------------------------- */

static void
read_pending(Planning *planning)
{
	ListCell   *lc;

	planning->pending = migr_plan_pending(planning->target, false);
	foreach(lc, planning->pending)
		planning->knows_phases = planning->knows_phases || ((MigrScript *) lfirst(lc))->phase_after;
}

static void
measure(void *arg)
{
	Planning   *planning = arg;
	ListCell   *lc;

	foreach(lc, planning->before)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	foreach(lc, planning->pending)
		planning->measured = lappend(planning->measured,
									 migr_scratch_measure_section(lfirst(lc), MIGR_SECTION_UPGRADE));
}

/* --- rows ------------------------------------------------------------------ */

/* Who has to wait for a lock; a sequence's, where the next value is wanted. */
static const char *
blocked_by(const MigrMeasuredRelation *relation)
{
	switch (relation->lock)
	{
		case AccessExclusiveLock:
			return "reads+writes";
		case ExclusiveLock:
		case ShareRowExclusiveLock:
		case ShareLock:
			return relation->kind == RELKIND_SEQUENCE ? "nextval" : "writes";
		case ShareUpdateExclusiveLock:
			return "DDL/vacuum";
		default:
			return "nothing";
	}
}

static MigrPlanned *
new_row(const MigrPlanCase *which)
{
	const MigrScript *script = which->revision->script;
	MigrPlanned *row = palloc0(sizeof(MigrPlanned));

	Assert(which->statement);
	row->step = which->measured->number + 1;
	row->revision = script->revision;
	row->statement = migr_stmt_show(&script->sections[MIGR_SECTION_UPGRADE], which->statement);
	row->line = which->statement->line;
	row->command = which->statement->tag;
	row->bytes = -1;
	if (which->relation)
	{
		const MigrMeasuredRelation *measured = which->relation->measured;

		row->relation = which->relation->name;
		row->lock_mode = measured->lock == NoLock ? NULL
			: GetLockmodeName(DEFAULT_LOCKMETHOD, measured->lock);
		row->blocks = measured->lock == NoLock ? NULL : blocked_by(measured);
		row->rewrites = measured->rewritten;
		row->scans = measured->scanned;
		row->bytes = which->relation->bytes;
	}
	return row;
}

static void
add_row(Planning *planning, const MigrPlanCase *which, const char *hazard, const char *advice)
{
	MigrPlanned *row = new_row(which);

	row->hazard = hazard;
	row->advice = advice;
	planning->rows = lappend(planning->rows, row);
}

/* The server's words, and where the label comes from. */
static const char *
describe_label(const Planning *planning, const MigrPlanCase *which)
{
	const char *said = which->measured->unsafe_label;
	const char *revision = NULL;

	for (int i = 0; i < list_length(planning->labels); i += 2)
	{
		if (strstr(said, psprintf("\"%s\"", (char *) list_nth(planning->labels, i))))
			revision = list_nth(planning->labels, i + 1);
	}
	if (revision && strcmp(revision, which->revision->script->revision) == 0)
		return psprintf("It fails: %s. Add the label in a revision of its own, and run it by migr_deploy(), which commits each.",
						said);
	return psprintf("%s%s%s needs a commit before it: run it by migr_deploy(), which commits each; migr_upgrade() fails here (%s).",
					revision ? "What revision \"" : "The label", revision ? revision : "",
					revision ? "\" adds" : "", said);
}

/* A row for each hazard, or one without. */
static int
add_hazards(Planning *planning, MigrPlanCase *which)
{
	List	   *hazards = migr_plan_hazards(which);
	int			told = 0;
	ListCell   *lc;

	foreach(lc, hazards)
	{
		const MigrPlanHazard *hazard = lfirst(lc);
		bool		harmless = hazard->severity == MIGR_PLAN_HARMLESS;

		if (harmless && told > 0)
			continue;
		add_row(planning, which, harmless ? NULL : hazard->name,
				hazard->advice ? hazard->advice : describe_label(planning, which));
		told++;
	}
	return told;
}

/* What is not there may be there in the live database, made by hand. */
static bool
is_about_absence(int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_COLUMN:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_SCHEMA:
			return true;
		default:
			return false;
	}
}

/* What there is to say of a statement that has no other row. */
static void
add_plain(Planning *planning, MigrPlanCase *which)
{
	const MigrMeasured *measured = which->measured;
	bool		failed = measured->how == MIGR_MEASURED_FAILED;

	/* How it is locked is not known, but what it is about. */
	if (failed && which->relations != NIL)
		which->relation = linitial(which->relations);
	if (failed && measured->sqlstate == ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH)
		add_row(planning, which, NULL, psprintf("not measured: %s", measured->reason));
	else if (failed && !is_about_absence(measured->sqlstate))
		add_row(planning, which, "fails", measured->reason);
	else if (failed)
		add_row(planning, which, NULL,
				psprintf("not measured, as it fails on what the applied revisions make: %s",
						 measured->reason));
	else if (measured->how == MIGR_MEASURED_NOT && !which->statement->options.required)
		add_row(planning, which, NULL, psprintf("not measured: %s", measured->reason));
	else
		add_row(planning, which, NULL, NULL);
}

/* Is it worth a row: not made by this revision, and locked against anybody? */
static bool
is_shown(const MigrPlanRelation *relation, int section)
{
	const MigrMeasuredRelation *measured = relation->measured;

	return measured->made_in != section &&
		(measured->lock >= RowShareLock || measured->rewritten || measured->lock == NoLock);
}

static void
add_relations(Planning *planning, MigrPlanCase *which, int section)
{
	int			told = add_hazards(planning, which);
	ListCell   *lc;

	foreach(lc, which->relations)
	{
		int			of_this;

		which->relation = lfirst(lc);
		if (!is_shown(which->relation, section))
			continue;
		of_this = add_hazards(planning, which);
		if (of_this == 0 && which->measured->how != MIGR_MEASURED_FAILED)
		{
			add_row(planning, which, NULL, NULL);
			of_this = 1;
		}
		told += of_this;
	}
	which->relation = NULL;
	if (told == 0)
		add_plain(planning, which);
}

/* --- the revision ---------------------------------------------------------- */

static bool
is_among(const List *relations, const MigrPlanRelation *relation)
{
	ListCell   *lc;

	foreach(lc, relations)
	{
		if (strcmp(((MigrPlanRelation *) lfirst(lc))->name, relation->name) == 0)
			return true;
	}
	return false;
}

/* Locks last to the end of the transaction, and with them what was read under them. */
static void
hold(MigrPlanRevision *revision, const List *relations, bool alters)
{
	ListCell   *lc;

	foreach(lc, revision->script->transaction ? relations : NIL)
	{
		MigrPlanRelation *relation = lfirst(lc);

		if (!relation->matters || !migr_plan_is_table(relation) ||
			relation->measured->lock < ShareLock)
			continue;
		if (!relation->held)
			revision->held = lappend(revision->held, relation);
		if (alters && migr_plan_goes_through(relation->measured))
			revision->gone_through = lappend(revision->gone_through, relation);
	}
}

static Node *
parse(const MigrScript *script, const MigrStatement *statement)
{
	return linitial_node(RawStmt,
						 migr_parse(pnstrdup(script->sections[MIGR_SECTION_UPGRADE].sql + statement->start,
											 statement->end - statement->start),
									migr_stmt_place(script, MIGR_SECTION_UPGRADE),
									statement->line))->stmt;
}

static void
add_statement(Planning *planning, MigrPlanRevision *revision, const MigrStatement *statement,
			  const MigrMeasured *measured, int section)
{
	MigrPlanCase which = {.revision = revision, .statement = statement, .measured = measured};
	ListCell   *lc;

	which.node = parse(revision->script, statement);
	migr_usage_follow_path(which.node);
	which.relations = migr_plan_live(measured);
	foreach(lc, which.relations)
	{
		MigrPlanRelation *relation = lfirst(lc);

		relation->held = is_among(revision->held, relation);
		relation->gone_through = is_among(revision->gone_through, relation);
		which.subject_matters = which.subject_matters ||
			(relation->measured->is_subject && relation->matters);
	}
	add_relations(planning, &which, section);
	hold(revision, which.relations, IsA(which.node, AlterTableStmt));
	if (statement->adds_label)
		planning->labels = lappend(lappend(planning->labels, unconstify(char *, statement->adds_label)),
								   revision->script->revision);
}

/* --- what a revision requires ---------------------------------------------- */

typedef struct Requirement
{
	const MigrScript *script;
	List	   *statements;
} Requirement;

/* In the live database, where the rows are; what it changes by functions is taken back. */
static void
ask(void *arg)
{
	Requirement *requirement = arg;
	MigrConfined confined;

	migr_vouch_check(list_make1(unconstify(MigrScript *, requirement->script)));
	migr_vouch_confine(&confined, requirement->script);
	(void) set_config_option("transaction_read_only", "on", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
	migr_directed_require(requirement->script, MIGR_SECTION_UPGRADE, requirement->statements);
	migr_vouch_release(&confined);
}

static bool
requires_anything(const List *statements)
{
	ListCell   *lc;

	foreach(lc, statements)
	{
		if (((MigrStatement *) lfirst(lc))->options.required)
			return true;
	}
	return false;
}

/* What is not so keeps the revision from running; what an earlier one makes can't be asked. */
static void
add_requirement(Planning *planning, MigrPlanRevision *revision, List *statements)
{
	Requirement requirement = {revision->script, statements};
	MigrMeasured nothing = {0};
	MigrPlanCase which = {.revision = revision, .measured = &nothing};
	ErrorData  *error;
	ListCell   *lc;

	if (!requires_anything(statements))
		return;
	error = migr_subxact_run(ask, &requirement, false);
	if (error == NULL)
		return;
	if (migr_subxact_is_foreign(error))
		ReThrowError(error);
	foreach(lc, statements)
	{
		which.statement = lfirst(lc);
		if (which.statement->options.required)
			break;
		nothing.number++;
	}
	if (error->sqlerrcode == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE)
		add_row(planning, &which, "require",
				psprintf("The revision does not run now: %s", error->detail ? error->detail : error->message));
	else
		add_row(planning, &which, NULL,
				psprintf("what is required can't be asked now: %s", error->message));
}

/* What waits for an approval, and for whose; it is said with the first statement. */
static void
add_approval(Planning *planning, MigrPlanRevision *revision, List *statements)
{
	MigrMeasured nothing = {0};
	MigrPlanCase which = {.revision = revision, .measured = &nothing};
	char	   *waits = statements != NIL ? migr_consent_waits(revision->script, MIGR_UPGRADE, false) : NULL;

	if (waits == NULL)
		return;
	which.statement = linitial(statements);
	add_row(planning, &which, strncmp(waits, "approved", strlen("approved")) == 0 ? NULL : "approval", waits);
}

static void
add_revision(Planning *planning, const MigrScript *script, const List *measured, int section)
{
	MigrPlanRevision revision = {.script = script, .knows_phases = planning->knows_phases};
	List	   *statements = migr_stmt_split(script, MIGR_SECTION_UPGRADE);
	int			guc_level = NewGUCNestLevel();
	ListCell   *lc;

	add_requirement(planning, &revision, statements);
	add_approval(planning, &revision, statements);
	foreach(lc, measured)
	{
		const MigrMeasured *of_one = lfirst(lc);
		const MigrStatement *statement = list_nth(statements, of_one->number);

		CHECK_FOR_INTERRUPTS();
		if (!statement->options.required)
			add_statement(planning, &revision, statement, of_one, section);
	}
	AtEOXact_GUC(true, guc_level);
}

List *
migr_plan_statements(const char *target)
{
	Planning	planning = {.target = target};
	MigrScratchJob job = {0};
	ListCell   *script;
	ListCell   *measured;
	int			section = 0;

	read_pending(&planning);
	if (planning.pending == NIL)
	{
		migr_steps_tell_nothing(MIGR_UPGRADE, target);
		return NIL;
	}
	planning.before = migr_schema_scripts("current");
	job.role = migr_vouch_role_for_build(list_concat_copy(planning.before, planning.pending));
	migr_scratch_do(&job, measure, &planning);
	forboth(script, planning.pending, measured, planning.measured)
		add_revision(&planning, lfirst(script), lfirst(measured), ++section);
	return planning.rows;
}
