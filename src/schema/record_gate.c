/*
 * record_gate.c
 *		Runs that touch what is not as the last one left it are refused.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/strict_setting.h"
#include "schema/record_gate.h"
#include "schema/record_parts.h"
#include "snapshot/snap.h"

#define APART \
	"What a revision touches that says transaction off is not known before it has run, and migr.refuse_on_drift is on."

static void
raise_unknown(const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("it is not known whether what is there is as migr left it"),
			 errdetail_internal("%s", why),
			 errhint("SELECT * FROM migr_verify() compares it with what the scripts build; SELECT migr_stamp('current') records it as it is.")));
}

/* The point since which it is to be as it was recorded; false if nothing was recorded. */
static bool
find_mark(MigrTouchMark *mark)
{
	MigrRecorded recorded;
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_recorded_read(&db, &recorded);
	migr_db_end(&db);
	if (!recorded.exists)
		return false;
	if (!recorded.current)
		raise_unknown("The last run has not recorded what it left.");
	if (!recorded.believed)
		raise_unknown("The database has been restored or copied since the last run.");
	if (!recorded.comparable)
		raise_unknown("The last run was recorded by another version of the server or of migr.");
	if (!migr_record_mark(mark, &recorded))
		raise_unknown("The last run was too long ago.");
	return true;
}

static List *
find_changed(void)
{
	MigrTouchMark mark;
	List	   *changed;
	ErrorData  *error;

	if (!find_mark(&mark))
		return NIL;
	error = migr_record_find_changed(&mark, &changed);
	if (error)
		ereport(ERROR,
				(errcode(error->sqlerrcode),
				 errmsg("could not find out whether what is there is as migr left it: %s",
						error->message)));
	return changed;
}

void
migr_gate_begin(MigrGate *gate)
{
	gate->changed = NIL;
	gate->on = migr_safeguard_refuse_on_drift();
	if (!gate->on)
		return;
	gate->changed = find_changed();
	migr_touch_mark(&gate->mark);
}

static bool
is_touched(const MigrChanged *changed, const MigrTouched *touched)
{
	ListCell   *lc;

	foreach(lc, touched->objects)
	{
		const MigrTouch *touch = lfirst(lc);

		if (touch->address.classid == changed->root.classid &&
			touch->address.objid == changed->root.objid)
			return true;
	}
	return touched->everything;
}

/* What has been dropped by hand has no address any more that could be made again. */
static bool
is_made_again(const MigrChanged *changed, const List *rows)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		if (memcmp(((MigrRecordedObject *) lfirst(lc))->id, changed->id, MIGR_DIGEST_BYTES) == 0)
			return true;
	}
	return false;
}

/* The objects that have been touched, as they are now; nobody asks if none is missing. */
static List *
rows_of(const MigrTouched *touched, const List *changed)
{
	MigrScope	scope = {.only = migr_touched_addresses(touched)};
	ListCell   *lc;

	foreach(lc, changed)
	{
		if (((MigrChanged *) lfirst(lc))->is_missing && scope.only != NIL && !touched->everything)
			return migr_record_rows(migr_snap_model(&scope));
	}
	return NIL;
}

static void
raise_drift(const List *names, const char *one, const char *several)
{
	int			count = list_length(names);

	ereport(ERROR,
			(errcode(ERRCODE_MIGR_DRIFT),
			 count == 1 ? errmsg("%s is not as migr left it", (const char *) linitial(names))
			 : errmsg_plural("%d object is not as migr left it", "%d objects are not as migr left them",
							 count, count),
			 count == 1 ? errdetail_internal("%s", one)
			 : errdetail_internal("%s\n%s", migr_ident_join(names), several),
			 errhint("SELECT * FROM migr_verify('{drift}') tells what has changed: undo it, or have it recorded by SELECT migr_stamp('current').")));
}

void
migr_gate_end(const MigrGate *gate)
{
	List	   *refused = NIL;
	MigrTouched *touched;
	List	   *rows;
	ListCell   *lc;

	if (gate->changed == NIL)
		return;
	touched = migr_touched_since(&gate->mark);
	rows = rows_of(touched, gate->changed);
	foreach(lc, gate->changed)
	{
		MigrChanged *changed = lfirst(lc);

		if (is_touched(changed, touched) || is_made_again(changed, rows))
			refused = lappend(refused, changed);
	}
	if (refused != NIL)
		raise_drift(migr_changed_names(refused), "The run touches it, and migr.refuse_on_drift is on.",
					"The run touches them, and migr.refuse_on_drift is on.");
}

void
migr_gate_end_hand(const MigrGate *gate, const List *by_hand)
{
	if (gate->on && by_hand != NIL)
		raise_drift(by_hand, "Somebody has changed it, before the run or meanwhile, which touches what it stands on, and migr.refuse_on_drift is on.",
					"Somebody has changed them, before the run or meanwhile, which touches what they stand on, and migr.refuse_on_drift is on.");
}

void
migr_gate_apart(void)
{
	List	   *changed = migr_safeguard_refuse_on_drift() ? find_changed() : NIL;

	if (changed != NIL)
		raise_drift(migr_changed_names(changed), APART, APART);
}
