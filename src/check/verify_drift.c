/*
 * verify_drift.c
 *		Check drift: is the schema what the last run left?
 *
 * No script is run for it, and nothing is written but when somebody looked, so it
 * works on a standby, and for who may only read.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "base/ident.h"
#include "base/named.h"
#include "base/secure.h"
#include "base/subxact.h"
#include "check/verify_subject.h"
#include "kind/canonical.h"
#include "kind/sort.h"
#include "schema/public.h"
#include "schema/record.h"
#include "schema/record_compare.h"
#include "scratch/scratch_outside.h"
#include "snapshot/snap.h"

/* A look, and what came of it. */
typedef struct Drift
{
	MigrRecordLook look;
	const char *obstacle;		/* why there is nothing to compare; or NULL */
	bool		tampered;		/* have the rows been changed by others? */
	bool		applied;		/* is any revision? */
	List	   *departures;		/* MigrDeparture * */
	List	   *of_others;		/* the same: what is there and belongs to others */
	List	   *of_cluster;		/* the same: what is there of the cluster's */
	int			objects;
} Drift;

/* --- looking -------------------------------------------------------------------- */

bool
migr_check_is_excluded(const List *patterns, const List *rows, const MigrRecordedObject *row)
{
	MigrObject	root = {.kind = migr_canonical_kind_named(row->kind), .schema = row->schema};
	MigrObject	part = {.kind = root.kind, .schema = row->schema, .name = row->name};
	ListCell   *lc;

	root.name = row->name;
	root.identity = part.identity = row->identity;
	if (migr_recorded_is_root(row))
		return !migr_scope_manages(NULL, patterns, &root, row->schema) ||
			migr_sort_excludes(patterns, &root);
	foreach(lc, rows)
	{
		const MigrRecordedObject *other = lfirst(lc);

		if (migr_recorded_is_root(other) && other->root.objid == row->root.objid &&
			other->root.classid == row->root.classid)
		{
			root.kind = migr_canonical_kind_named(other->kind);
			root.name = other->name;
			root.identity = other->identity;
		}
	}
	part.parent = &root;
	return !migr_scope_manages(NULL, patterns, &root, row->schema) ||
		migr_sort_excludes(patterns, &part);
}

/* The schemas in which runs have made anything: char *. */
static List *
made_schemas(const List *rows)
{
	List	   *schemas = NIL;
	const char *last = NULL;
	ListCell   *lc;

	foreach(lc, rows)
	{
		const MigrRecordedObject *row = lfirst(lc);

		if (row->schema == NULL || row->created.action == NULL ||
			(last && strcmp(last, row->schema) == 0))
			continue;
		last = row->schema;
		if (!migr_ident_is_in(schemas, last))
			schemas = lappend(schemas, unconstify(char *, last));
	}
	return schemas;
}

/*
 * Whoever asks is not told that what is not his is wrong, where no run has ever made
 * anything.
 */
static bool
is_of_others(const List *schemas, const MigrRecordedObject *object)
{
	bool		others;
	MigrDb		db;

	if (object->source == NULL || object->source->owner == NULL ||
		(object->schema && migr_ident_is_in(schemas, object->schema)))
		return false;
	migr_db_begin_as_caller(&db);
	others = migr_outside_is_of_others(&db, object->source);
	migr_db_end(&db);
	return others;
}

/* What the cluster is made by is there before any script, and goes with none. */
static bool
is_of_cluster(const MigrRecordedObject *object)
{
	return strcmp(object->sort, "extension") == 0 && object->name && strcmp(object->name, "citus") == 0;
}

/* Leave out what others own and no script makes, and what migr.exclude names. */
static void
leave_out(Drift *drift)
{
	List	   *of_others = migr_outside_leave_alone(drift->look.schema, NULL);
	List	   *excluded = migr_scope_excluded();
	List	   *schemas = made_schemas(drift->look.rows);
	List	   *rest = NIL;
	ListCell   *lc;

	foreach(lc, drift->departures)
	{
		MigrDeparture *departure = lfirst(lc);

		if (departure->kind == MIGR_DRIFT_UNEXPECTED &&
			migr_ident_is_in(of_others, departure->is->object))
			continue;
		if (departure->kind == MIGR_DRIFT_MISSING && excluded != NIL &&
			migr_check_is_excluded(excluded, drift->look.rows, departure->wanted))
			continue;
		if (departure->kind == MIGR_DRIFT_UNEXPECTED && is_of_cluster(departure->is))
			drift->of_cluster = lappend(drift->of_cluster, departure);
		else if (departure->kind == MIGR_DRIFT_UNEXPECTED && is_of_others(schemas, departure->is))
			drift->of_others = lappend(drift->of_others, departure);
		else
			rest = lappend(rest, departure);
	}
	drift->departures = rest;
}

static void
compare(void *arg)
{
	Drift	   *drift = arg;

	migr_record_look(&drift->look);
	drift->obstacle = migr_record_obstacle(&drift->look.recorded, drift->applied);
	if (drift->obstacle)
		return;
	if (!drift->look.is_sound)
	{
		drift->tampered = true;
		return;
	}
	drift->objects = list_length(drift->look.schema->objects);
	drift->departures = migr_record_compare(drift->look.live, drift->look.rows,
											migr_public_is_said(drift->look.schema, true));
	leave_out(drift);
}

static void
compare_pinned(void *drift)
{
	migr_snap_pinned(compare, drift);
}

/* --- telling -------------------------------------------------------------------- */

/* Who left an object as it was recorded, in words. */
static const char *
left_by(const MigrRecordedObject *object)
{
	const MigrBlame *blame;

	Assert(object);
	blame = object->changed.action ? &object->changed : &object->created;
	if (blame->revision)
		return psprintf("revision \"%s\" left", blame->revision);
	return blame->action && blame->by ? psprintf("the last %s left", blame->action) : "recorded is";
}

/*
 * The SQL of an object, for who has the rights of its owner.  The catalogs hide none of
 * it; but whoever only watches is told what differs, not how it reads: that is kept as
 * what migr.log says of statements is.
 */
static const char *
show(const MigrRecordedObject *object, const char *text)
{
	ObjectAddress root = {0};
	Oid			owner;

	Assert(object);
	root.classId = object->root.classid;
	root.objectId = object->root.objid;
	owner = migr_named_owner(&root);
	if (has_privs_of_role(GetUserId(), OidIsValid(owner) ? owner : migr_secure_store_owner()))
		return text;
	return "(shown to its owner)";
}

static void
add(MigrSubject *subject, const char *check, const MigrDeparture *departure,
	const List *caught)
{
	const char *object = (departure->wanted ? departure->wanted : departure->is)->object;
	MigrStatus	status = MIGR_STATUS_FAIL;
	const char *detail = NULL;
	const char *change = migr_caught_explain(caught, object);

	switch (departure->kind)
	{
		case MIGR_DRIFT_MISSING:
			detail = psprintf("missing; %s:\n%s", left_by(departure->wanted),
							  show(departure->wanted, departure->wanted_text));
			break;
		case MIGR_DRIFT_UNEXPECTED:
			detail = psprintf("unexpected; no run has made it; the database has:\n%s",
							  show(departure->is, departure->is_text));
			break;
		case MIGR_DRIFT_DIFFERENT:
			detail = psprintf("different; the database has:\n%s\n%s:\n%s",
							  show(departure->is, departure->is_text), left_by(departure->wanted),
							  show(departure->is, departure->wanted_text));
			break;
		case MIGR_DRIFT_COLUMN_ORDER:
			/* By no statement can that be changed. */
			status = MIGR_STATUS_OK;
			detail = psprintf("its columns are in another order: %s; recorded is: %s",
							  departure->is_text, departure->wanted_text);
	}
	if (change)
		detail = psprintf("%s\nmigr.guard: %s", detail, change);
	migr_report_add(subject->report, check, object, status, detail);
}

static MigrQuery runners_query = {
	"SELECT pg_catalog.bool_or(pg_catalog.has_function_privilege($1, p.oid, 'EXECUTE'))"
	"  FROM pg_catalog.pg_proc p"
	" WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace"
	"   AND p.proname = ANY ('{migr_upgrade,migr_deploy,migr_stamp}'::pg_catalog.name[])",
	1, {OIDOID}
};

/*
 * What is found depends on whose objects are others' for who looks, and on what he has
 * excluded: so it counts if he is one of those whose runs make the record.
 */
static bool
may_note(MigrDb *db, Oid user)
{
	Datum		value = ObjectIdGetDatum(user);

	return migr_db_run(db, &runners_query, &value, NULL) == 1 && !migr_db_is_null(0, 1) &&
		DatumGetBool(migr_db_datum(0, 1));
}

/* Note that somebody has looked, where that can be noted. */
static void
note(const Drift *drift)
{
	Oid			user = GetUserId();
	int			count = 0;
	ListCell   *lc;
	MigrDb		db;

	/* With a snapshot of the whole transaction, to write what others have is an error. */
	if (RecoveryInProgress() || XactReadOnly || IsolationUsesXactSnapshot() || !drift->look.recorded.exists)
		return;
	foreach(lc, drift->departures)
		count += ((MigrDeparture *) lfirst(lc))->kind != MIGR_DRIFT_COLUMN_ORDER;
	migr_db_begin(&db, false);
	if (may_note(&db, user))
		migr_recorded_looked(&db, &drift->look.recorded, count);
	migr_db_end(&db);
}

static bool
report(MigrSubject *subject, const char *check, const List *caught)
{
	Drift		drift = {.applied = migr_set_count(subject->state->graph, subject->state->applied) > 0 ||
		subject->state->unknown != NIL};
	ErrorData  *error = migr_subxact_run(compare_pinned, &drift, false);
	ListCell   *lc;

	if (error)
	{
		migr_subject_add(subject, check, NULL, migr_check_status_of(error),
						 migr_check_describe(error));
		return false;
	}
	if (drift.tampered)
	{
		migr_subject_add(subject, check, NULL, MIGR_STATUS_FAIL,
			"migr.object is not as migr has written it: migr_stamp('current') records the schema anew, as it is");
		return false;
	}
	if (drift.obstacle)
	{
		migr_subject_add(subject, check, NULL, MIGR_STATUS_SKIPPED, drift.obstacle);
		return false;
	}
	foreach(lc, drift.departures)
		add(subject, check, lfirst(lc), caught);
	foreach(lc, drift.of_others)
	{
		const MigrRecordedObject *object = ((MigrDeparture *) lfirst(lc))->is;

		migr_report_add(subject->report, check, object->object, MIGR_STATUS_OK,
						psprintf("no run has made it, and it belongs to role \"%s\"",
								 object->source->owner));
	}
	foreach(lc, drift.of_cluster)
		migr_report_add(subject->report, check, ((MigrDeparture *) lfirst(lc))->is->object,
						MIGR_STATUS_OK, "no run has made it: the database is one of a cluster by it");
	note(&drift);
	migr_report_end(subject->report, check, psprintf("objects: %d", drift.objects));
	return true;
}

void
migr_check_drift(MigrSubject *subject, const char *check)
{
	List	   *caught = migr_caught_read();
	bool		compared = report(subject, check, caught);

	migr_caught_rest(subject, check, caught, compared);
}
