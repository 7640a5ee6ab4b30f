/*
 * record_before.c
 *		Before a run: what has been changed by hand since the last one.
 *
 * Rows of the catalogs that are newer than the record tell where to look, so it costs
 * what has changed.  What has been dropped, and its rows been cleared away since, is
 * not found; that is a difference all the same (verify_drift.c).
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_namespace.h"
#include "utils/memutils.h"

#include "base/ident.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "schema/public.h"
#include "schema/record_compare.h"
#include "schema/record_parts.h"
#include "snapshot/snap.h"

/* Beyond this many, numbers of transactions can't be told apart from older ones. */
#define MAX_AGE (UINT64CONST(1) << 30)

/* A look at what has been changed. */
typedef struct Before
{
	bool		is_first;		/* nothing has been recorded yet */
	MigrTouchMark mark;			/* else, where it was */
	List	   *changed;		/* MigrChanged *: what is not as it was recorded */
	bool		has_others;		/* is there what nobody has recorded? */
} Before;

static List *
roots_of(const List *rows)
{
	List	   *roots = NIL;
	ListCell   *lc;

	foreach(lc, rows)
	{
		MigrRecordedObject *row = lfirst(lc);

		if (migr_recorded_is_root(row))
			roots = lappend(roots, &row->root);
	}
	return roots;
}

/* To find out whether a script says anything of schema public, all are read. */
static bool
has_public(const List *rows)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		const MigrRecordedObject *row = lfirst(lc);

		if (strcmp(row->kind, "schema") == 0 && strcmp(row->name, "public") == 0)
			return true;
	}
	return false;
}

/* Of what is there, only what stands on one of these is not as it was recorded. */
static bool
is_of(const MigrRecordedObject *object, const List *roots)
{
	ListCell   *lc;

	foreach(lc, roots)
	{
		if (memcmp(lfirst(lc), &object->root, sizeof(MigrAddress)) == 0)
			return true;
	}
	return false;
}

static void
note_departure(Before *before, const MigrDeparture *departure, const List *roots)
{
	const MigrRecordedObject *object = departure->wanted ? departure->wanted : departure->is;
	MigrChanged *changed;

	if (departure->kind == MIGR_DRIFT_COLUMN_ORDER ||
		(departure->wanted == NULL && !is_of(object, roots)))
		return;
	changed = palloc0(sizeof(MigrChanged));
	memcpy(changed->id, object->id, MIGR_DIGEST_BYTES);
	changed->object = pstrdup(object->object);
	changed->root = object->root;
	changed->is_missing = departure->is == NULL;
	before->changed = lappend(before->changed, changed);
}

/*
 * Others, which have no rows, are looked at as well: what has been dropped and made again is
 * one of them.
 */
static void
compare(Before *before, const List *rows, const List *others)
{
	List	   *roots = roots_of(rows);
	MigrScope	scope = {.only = list_concat_copy(roots, others), .everything = true};
	MigrSchema *schema;
	ListCell   *lc;

	if (roots == NIL)
		return;
	schema = migr_snap_model(&scope);
	migr_public_settle(schema, true);
	foreach(lc, migr_record_compare(migr_record_rows(schema), rows,
									has_public(rows) && migr_public_is_said(schema, true)))
		note_departure(before, lfirst(lc), roots);
}

/* Of some addresses, or of all. */
static bool
is_there_any(const List *addresses)
{
	MigrScope	scope = {.only = addresses};
	ListCell   *lc;

	foreach(lc, migr_record_rows(migr_snap_model(addresses ? &scope : NULL)))
	{
		const MigrRecordedObject *object = lfirst(lc);

		if (object->address.classid != NamespaceRelationId || object->address.objid != PG_PUBLIC_NAMESPACE)
			return true;
	}
	return false;
}

static List *
addresses_without(const List *addresses, const List *rows)
{
	HTAB	   *known = migr_record_table("migr known", sizeof(MigrAddress), sizeof(MigrAddress));
	List	   *others = NIL;
	ListCell   *lc;

	foreach(lc, rows)
		(void) hash_search(known, &((MigrRecordedObject *) lfirst(lc))->root, HASH_ENTER, NULL);
	foreach(lc, addresses)
	{
		if (hash_search(known, lfirst(lc), HASH_FIND, NULL) == NULL)
			others = lappend(others, lfirst(lc));
	}
	return others;
}

/*
 * The run looks again, with its locks held: at the first look of a session, which makes
 * the plans that it keeps, there is always something to be looked at.
 */
static List *
addresses_since(const MigrTouchMark *mark)
{
	static MigrAddress public = {NamespaceRelationId, PG_PUBLIC_NAMESPACE};
	static bool has_plans = false;
	List	   *addresses = migr_touched_addresses(migr_touched_since(mark));

	if (!has_plans)
		addresses = lappend(addresses, &public);
	has_plans = true;
	return addresses;
}

static void
look_behind_mark(Before *before)
{
	List	   *addresses = addresses_since(&before->mark);
	List	   *rows;
	List	   *others;
	MigrDb		db;

	if (addresses == NIL)
		return;
	migr_db_begin(&db, false);
	rows = migr_recorded_of_roots(&db, addresses);
	migr_db_end(&db);
	others = addresses_without(addresses, rows);
	compare(before, rows, others);
	before->has_others = others != NIL && is_there_any(others);
}

static void
look(void *arg)
{
	Before	   *before = arg;

	if (before->is_first)
		before->has_others = is_there_any(NIL);
	else
		look_behind_mark(before);
}

static void
look_patiently(void *before)
{
	static const MigrSetting timeout = {"lock_timeout", "100ms"};

	migr_settings_run(&timeout, 1, look, before);
}

bool
migr_record_mark(MigrTouchMark *mark, const MigrRecorded *recorded)
{
	uint64		next = U64FromFullTransactionId(ReadNextFullTransactionId());

	if (recorded->horizon > next || next - recorded->horizon > MAX_AGE)
		return false;
	memset(mark, 0, sizeof(MigrTouchMark));
	mark->is_apart = true;
	mark->next = (TransactionId) recorded->horizon;
	mark->written = recorded->written;
	return TransactionIdIsNormal(mark->next);
}

/* What can't be looked at is an error; to be cancelled is raised. */
static ErrorData *
find_changed(Before *before)
{
	ErrorData  *error = migr_subxact_run(look_patiently, before, false);

	if (error && ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
	return error;
}

ErrorData *
migr_record_find_changed(const MigrTouchMark *mark, List **changed)
{
	Before		before = {.mark = *mark};
	ErrorData  *error = find_changed(&before);

	*changed = before.changed;
	return error;
}

List *
migr_changed_names(const List *changed)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, changed)
		names = lappend(names, unconstify(char *, ((MigrChanged *) lfirst(lc))->object));
	list_sort(names, migr_ident_compare);
	return names;
}

/* To be told is all that it is about: what can't be looked at is no obstacle. */
bool
migr_record_tell_changed(const MigrRecorded *recorded)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	Before		before = {.is_first = !recorded->exists};
	ErrorData  *error;
	bool		clean;

	if (recorded->exists && !migr_record_mark(&before.mark, recorded))
		return false;
	context = AllocSetContextCreate(caller, "migr before", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	error = find_changed(&before);
	if (before.changed != NIL)
		ereport(NOTICE,
				(errmsg_plural("%d object is not as the last run left it",
							   "%d objects are not as the last run left them",
							   list_length(before.changed), list_length(before.changed)),
				 errdetail_internal("%s", migr_ident_join(migr_changed_names(before.changed))),
				 errhint("SELECT * FROM migr_verify('{drift}') tells what has changed.")));
	clean = error == NULL && before.changed == NIL && !before.has_others;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return clean;
}
