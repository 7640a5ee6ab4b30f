/*
 * verify_built.c
 *		Check built: do the scripts build what is recorded?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "base/subxact.h"
#include "check/verify_subject.h"
#include "schema/public.h"
#include "schema/record.h"
#include "schema/record_compare.h"
#include "scratch/scratch.h"
#include "scratch/scratch_outside.h"
#include "snapshot/snap.h"
#include "store/mutex.h"
#include "store/repeatable.h"

/* What is recorded, or there, and what the scripts build, of one moment. */
typedef struct Build
{
	const char *obstacle;		/* why they can't be compared, or NULL */
	MigrRecordLook look;
	bool		recorded;		/* is there a record to compare with? */
	List	   *scripts;		/* MigrScript * */
	MigrSchema *built;
	List	   *departures;		/* MigrDeparture * */
	int			objects;
} Build;

/*
 * The scripts that have been run and what they left.  No migration may come in
 * between, and what one has done by now counts; with the subtransaction the mutex
 * goes, so that none waits for what is built of it.
 */
static void
look(void *arg)
{
	Build	   *what = arg;
	MigrSubject subject;

	migr_mutex_acquire();
	subject = migr_subject_read(NULL, false);
	if (!subject.sound)
		what->obstacle = "the chain of revisions is broken";
	else if (subject.state->unknown != NIL)
		what->obstacle = psprintf("the script of revision \"%s\", which is applied, is not in the store",
								  (char *) linitial(subject.state->unknown));
	if (what->obstacle)
		return;
	migr_record_look(&what->look);
	what->recorded = what->look.schema != NULL && what->look.recorded.exists && what->look.is_sound;
	if (what->look.schema == NULL)
	{
		what->look.schema = migr_snap_model(NULL);
		migr_public_settle(what->look.schema, true);
	}
	what->scripts = list_concat(migr_check_read_applied(&subject),
								migr_repeatable_scripts_applied(subject.state));
}

static void
build(void *arg)
{
	Build	   *what = arg;

	what->built = migr_scratch_build(what->scripts);
}

static void
compare(void *arg)
{
	Build	   *what = arg;
	List	   *of_others = migr_outside_leave_alone(what->look.schema, what->built);
	List	   *excluded = migr_scope_excluded();
	List	   *rest = NIL;
	List	   *is;
	ListCell   *lc;

	migr_public_settle(what->built, false);
	is = what->recorded ? what->look.rows : migr_record_rows(what->look.schema);

	what->objects = list_length(is);
	foreach(lc, migr_record_compare(is, migr_record_rows(what->built),
									migr_public_is_said(what->built, false)))
	{
		MigrDeparture *departure = lfirst(lc);

		if (departure->kind != MIGR_DRIFT_UNEXPECTED ||
			(!migr_ident_is_in(of_others, departure->is->object) &&
			 (excluded == NIL || !migr_check_is_excluded(excluded, is, departure->is))))
			rest = lappend(rest, departure);
	}
	what->departures = rest;
}

static void
add(MigrSubject *subject, const char *check, const Build *what, const MigrDeparture *departure)
{
	const char *object = (departure->wanted ? departure->wanted : departure->is)->object;
	const char *has = what->recorded ? "recorded is" : "the database has";
	MigrStatus	status = MIGR_STATUS_FAIL;
	const char *detail = NULL;

	switch (departure->kind)
	{
		case MIGR_DRIFT_MISSING:
			detail = psprintf("missing; the scripts build:\n%s", departure->wanted_text);
			break;
		case MIGR_DRIFT_UNEXPECTED:
			detail = psprintf("unexpected; %s:\n%s", has, departure->is_text);
			break;
		case MIGR_DRIFT_DIFFERENT:
			detail = psprintf("different; %s:\n%s\nthe scripts build:\n%s", has,
							  departure->is_text, departure->wanted_text);
			break;
		case MIGR_DRIFT_COLUMN_ORDER:
			/* By no statement can that be changed. */
			status = MIGR_STATUS_OK;
			detail = psprintf("its columns are in another order: %s; the scripts build: %s",
							  departure->is_text, departure->wanted_text);
	}
	migr_report_add(subject->report, check, object, status, detail);
}

void
migr_check_built(MigrSubject *subject, const char *check)
{
	Build		what = {NULL};
	ErrorData  *error;
	ListCell   *lc;

	if (migr_check_cannot_run(subject, check))
		return;
	error = migr_subxact_run(look, &what, false);
	if (error == NULL && what.obstacle == NULL)
		error = migr_subxact_run(build, &what, false);
	if (error || what.obstacle)
	{
		if (error)
			migr_check_raise_if_session_ends(error);
		migr_subject_add(subject, check, NULL, MIGR_STATUS_SKIPPED,
			error ? psprintf("what the scripts build can't be told: %s", migr_check_describe(error))
			: what.obstacle);
		return;
	}
	migr_snap_pinned(compare, &what);
	foreach(lc, what.departures)
		add(subject, check, &what, lfirst(lc));
	migr_report_end(subject->report, check, psprintf("objects: %d", what.objects));
}
