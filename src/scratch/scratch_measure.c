/*
 * scratch_measure.c
 *		Statements of a scratch build, run one by one and measured.
 *
 * Each runs in a subtransaction of its own, so that a table that the build has
 * made is to it one of an earlier transaction, as it will be: TRUNCATE gives it a
 * new file.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/elog.h"
#include "utils/guc.h"

#include "base/errors.h"
#include "base/server_parser.h"
#include "base/worker.h"
#include "exec/exec.h"
#include "exec/labels.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_growth.h"
#include "scratch/scratch_labels.h"
#include "scratch/scratch_subject.h"

/* What is asked of one statement. */
typedef struct Measuring
{
	const MigrScript *script;
	MigrSectionKind kind;
	const MigrStatement *statement;
	bool		has_run;
} Measuring;

/* What the server says besides, whoever is to read it. */
static struct
{
	emit_log_hook_type next;
	bool		checked_key;	/* a foreign key */
	bool		went_through;	/* a table's rows */
	bool		was_there;		/* what IF NOT EXISTS speaks of */
}			heard;

static void
hear(ErrorData *error)
{
	const char *format = error->message_id ? error->message_id : "";

	if (error->elevel == DEBUG1 && strcmp(format, "validating foreign key constraint \"%s\"") == 0)
		heard.checked_key = true;
	if (error->elevel == DEBUG1 && (strcmp(format, "verifying table \"%s\"") == 0 ||
									strncmp(format, "building index \"%s\"", 19) == 0))
		heard.went_through = true;
	if (error->elevel == NOTICE && (error->sqlerrcode == ERRCODE_DUPLICATE_COLUMN ||
									error->sqlerrcode == ERRCODE_DUPLICATE_TABLE ||
									error->sqlerrcode == ERRCODE_DUPLICATE_OBJECT ||
									error->sqlerrcode == ERRCODE_DUPLICATE_SCHEMA))
		heard.was_there = true;
	if (heard.next)
		heard.next(error);
}

void
migr_scratch_measure_forget(void)
{
	migr_growth_forget();
	migr_scratch_labels_forget();
}

/*
 * The server has to say what it does, though no log has it; a script that sets
 * that itself does so for as long as one of its statements runs.
 */
static void
run(void *arg)
{
	Measuring  *measuring = arg;
	int			guc_level = NewGUCNestLevel();

	(void) set_config_option("log_min_messages", "debug1", PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	measuring->has_run = migr_scratch_statement(measuring->script, measuring->kind,
												measuring->statement, false);
	AtEOXact_GUC(true, guc_level);
}

static ErrorData *
run_listening(Measuring *measuring)
{
	ErrorData  *error;

	heard.checked_key = false;
	heard.went_through = false;
	heard.was_there = false;
	heard.next = emit_log_hook;
	emit_log_hook = hear;
	error = migr_subxact_run(run, measuring, true);
	emit_log_hook = heard.next;
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	return error;
}

/*
 * Run it; what is in its way for want of a commit alone is noted, and taken out of
 * the way.
 */
static ErrorData *
run_and_look(Measuring *measuring, MigrMeasured *measured)
{
	ErrorData  *error = run_listening(measuring);

	if (error && error->sqlerrcode == ERRCODE_UNSAFE_NEW_ENUM_VALUE_USAGE)
	{
		measured->unsafe_label = error->message;
		migr_scratch_labels_commit_all();
		error = run_listening(measuring);
	}
	return error;
}

static void
mark_subjects(const List *subjects)
{
	ListCell   *lc;

	foreach(lc, subjects)
	{
		MigrGrown  *grown = migr_growth_find(lfirst_oid(lc));

		if (grown == NULL)
			continue;
		grown->seen.is_subject = true;
		/* Who keeps no statistics counts no scans. */
		if (!pgstat_track_counts && heard.went_through && !grown->seen.scanned)
			grown->seen.scanned = true;
	}
}

/* What a form does that was not run as it stands. */
static void
apply_form(const MigrForm *form, const List *subjects, Oid partition)
{
	MigrGrown  *grown = OidIsValid(partition) ? migr_growth_find(partition) : NULL;
	ListCell   *lc;

	if (grown)
		grown->seen.lock = form->partition_lock;
	foreach(lc, subjects)
	{
		grown = migr_growth_find(lfirst_oid(lc));
		if (grown == NULL)
			continue;
		grown->seen.lock = form->lock;
		grown->seen.scanned = form->scans;
		grown->seen.rewritten = form->rewrites;
	}
}

/* The relations that matter of a form: those of the table of forms, and no others. */
static List *
keep_of_form(List *relations, const List *subjects, Oid partition)
{
	List	   *kept = NIL;
	ListCell   *lc;

	foreach(lc, relations)
	{
		MigrGrown  *other = OidIsValid(partition) ? migr_growth_find(partition) : NULL;
		MigrMeasuredRelation *relation = lfirst(lc);

		if (relation->is_subject || (other && relation == &other->seen))
			kept = lappend(kept, relation);
	}
	return kept;
}

/* Fill in what came of a statement that ended well. */
static void
look(MigrMeasured *measured, const MigrForm *form, List *subjects, Oid partition)
{
	migr_growth_stop();
	if (heard.checked_key)
		migr_growth_note_check();
	mark_subjects(subjects);
	if (form)
		apply_form(form, subjects, partition);
	measured->relations = migr_growth_list();
	if (form)
		measured->relations = keep_of_form(measured->relations, subjects, partition);
	if (subjects != NIL)
		migr_subject_columns_after(linitial_oid(subjects), measured->columns);
}

static const char *
why_not(Node *node, const MigrForm *form)
{
	return form ? "it is about all tables"
		: "it has no effect in a scratch build";
}

static void
reply(const MigrMeasured *measured)
{
	StringInfoData message;

	initStringInfo(&message);
	migr_scratch_put_measured(&message, measured);
	migr_worker_reply(MIGR_BUILT_MEASURED, &message);
	pfree(message.data);
}

static Node *
parse(const MigrScript *script, MigrSectionKind kind, const MigrStatement *statement)
{
	return linitial_node(RawStmt,
						 migr_parse(pnstrdup(script->sections[kind].sql + statement->start,
											 statement->end - statement->start),
									migr_stmt_place(script, kind), statement->line))->stmt;
}

/* Of what failed there is nothing to say but what it is about. */
static List *
subjects_alone(const List *subjects)
{
	List	   *relations = NIL;
	ListCell   *lc;

	foreach(lc, subjects)
	{
		MigrGrown  *grown = migr_growth_find(lfirst_oid(lc));

		if (grown)
			grown->seen.is_subject = true;
		if (grown)
			relations = lappend(relations, &grown->seen);
	}
	return relations;
}

/* Run one, and reply what it did. */
static void
measure(const MigrScript *script, MigrSectionKind kind, const MigrStatement *statement,
		int number)
{
	Node	   *node = parse(script, kind, statement);
	Measuring	measuring = {script, kind, statement};
	MigrMeasured measured = {.number = number};
	List	   *subjects = migr_subject_relations(node);
	Oid			partition = migr_subject_partition(node);
	const MigrForm *form = migr_subject_form(node, statement);
	ErrorData  *error;

	measured.columns = migr_subject_columns(node);
	measured.of_older_type = migr_labels_is_older(migr_subject_enum(node));
	measured.drops_key = migr_subject_drops_key(node);
	migr_growth_start();
	error = run_and_look(&measuring, &measured);
	if (error)
	{
		measured.how = MIGR_MEASURED_FAILED;
		measured.reason = error->message;
		measured.sqlstate = error->sqlerrcode;
		measured.columns = NIL;
		measured.relations = subjects_alone(subjects);
		reply(&measured);
		return;
	}
	look(&measured, form, subjects, partition);
	measured.no_op = heard.was_there && migr_subject_is_single(node);
	measured.how = form && subjects != NIL ? MIGR_MEASURED_TABLE
		: measuring.has_run ? MIGR_MEASURED_RUN : MIGR_MEASURED_NOT;
	if (measured.how == MIGR_MEASURED_NOT)
		measured.reason = why_not(node, form);
	reply(&measured);
}

void
migr_scratch_measure(const MigrScript *script, MigrSectionKind kind, const List *statements)
{
	char	   *place = migr_stmt_place(script, kind);
	bool		wrote = false;
	int			number = 0;
	ListCell   *lc;

	migr_scratch_labels_begin();
	if (!script->transaction)
		migr_scratch_labels_commit_all();
	migr_growth_begin();
	foreach(lc, statements)
	{
		const MigrStatement *statement = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		wrote = wrote || statement->writes_rows;
		measure(script, kind, statement, number++);
		/* Each is to be a transaction of its own. */
		if (!script->transaction)
		{
			if (wrote)
				migr_exec_settle(place);
			wrote = false;
			PreCommit_on_commit_actions();
			migr_scratch_labels_commit_all();
		}
	}
	if (wrote)
		migr_exec_settle(place);
	PreCommit_on_commit_actions();
}
