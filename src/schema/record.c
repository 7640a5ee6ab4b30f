/*
 * record.c
 *		Keeping the recorded schema: what a run has touched is read anew.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_namespace.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/ident.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "schema/public.h"
#include "schema/record.h"
#include "schema/record_parts.h"
#include "snapshot/snap.h"
#include "store/store.h"

/* Where a run touches more, of what there is, it is cheaper to read all. */
#define PARTS_OF_ALL 5
#define ALWAYS_SOME 200

static bool record_fingerprints;

void
migr_record_init(void)
{
	DefineCustomBoolVariable("migr.record_fingerprints",
							 "Record what each run leaves of the schema, object by object.",
							 NULL, &record_fingerprints, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

/* Is what was recorded good for more than what objects are called? */
static bool
goes_on(const MigrRecorded *recorded)
{
	return recorded->current && recorded->believed && recorded->comparable;
}

/* What somebody has looked at counts for more than what runs have seen. */
static bool
is_clean(const MigrRecorded *recorded)
{
	return recorded->looked ? recorded->differing == 0 : recorded->clean;
}

bool
migr_record_tell(void)
{
	MigrRecorded recorded;
	MigrDb		db;

	if (!record_fingerprints)
		return false;
	migr_db_begin(&db, false);
	migr_recorded_read(&db, &recorded);
	migr_db_end(&db);
	if (recorded.exists && !goes_on(&recorded))
		return false;
	return migr_record_tell_changed(&recorded) && (!recorded.exists || is_clean(&recorded));
}

static void
begin(MigrRecording *recording, const char *action, int64 versions, bool apart)
{
	memset(recording, 0, sizeof(MigrRecording));
	recording->action = action;
	recording->fresh = versions == 0;
	recording->on = record_fingerprints;
	recording->is_marked = recording->on;
	recording->memory = CurrentMemoryContext;
	if (!recording->on)
		return;
	if (apart)
		migr_touch_mark_apart(&recording->mark);
	else
		migr_touch_mark(&recording->mark);
}

void
migr_record_begin(MigrRecording *recording, const char *action, int64 versions, bool clean)
{
	begin(recording, action, versions, false);
	recording->clean = clean;
}

void
migr_record_begin_apart(MigrRecording *recording, const char *action, int64 versions, bool clean)
{
	MigrRecorded recorded;
	MigrDb		db;

	/* As long as it runs, and where it is cut short, the record is not what there is. */
	begin(recording, action, versions, true);
	recording->clean = clean;
	migr_db_begin(&db, false);
	migr_recorded_read(&db, &recorded);
	recording->went_on = goes_on(&recorded);
	migr_recorded_forget(&db);
	migr_db_end(&db);
}

void
migr_record_step(MigrRecording *recording, const char *revision)
{
	MemoryContext caller;

	if (!recording->on)
		return;
	caller = MemoryContextSwitchTo(recording->memory);
	recording->revisions = lappend(recording->revisions, revision ? pstrdup(revision) : NULL);
	recording->commands = lappend_int(recording->commands,
									  recording->mark.is_apart ? 0 : (int) migr_touch_command());
	MemoryContextSwitchTo(caller);
}

/* --- reading -------------------------------------------------------------------- */

/* A look at what is there and at what was recorded. */
typedef struct Look
{
	const MigrRecording *recording;
	bool		all;			/* whatever has been touched */
	bool		applied;		/* was any revision? */
	MigrRecorded recorded;
	MigrRecordMerge merge;
	List	   *by_hand;		/* as in MigrRecording */
} Look;

static MigrSchema *
read_schema(const List *addresses)
{
	MigrScope	scope = {.only = addresses};
	MigrSchema *schema = migr_snap_model(addresses ? &scope : NULL);

	migr_public_settle(schema, true);
	return schema;
}

/* Rows of roots that have been touched, and of those that are called as what is there. */
static List *
rows_beside(MigrDb *db, const MigrRecordMerge *merge, const List *addresses)
{
	List	   *rows = merge->recorded->believed ? migr_recorded_of_roots(db, addresses) : NIL;
	HTAB	   *known = migr_record_table("migr addresses", sizeof(MigrAddress), sizeof(MigrAddress));
	List	   *ids = NIL;
	List	   *others = NIL;
	ListCell   *lc;

	foreach(lc, merge->recorded->believed ? addresses : NIL)
		(void) hash_search(known, lfirst(lc), HASH_ENTER, NULL);
	foreach(lc, merge->live)
		ids = lappend(ids, ((MigrRecordedObject *) lfirst(lc))->id);
	foreach(lc, migr_recorded_of_ids(db, ids))
	{
		MigrRecordedObject *row = lfirst(lc);
		bool		found;

		(void) hash_search(known, &row->root, HASH_ENTER, &found);
		if (!found)
			others = lappend(others, &row->root);
	}
	return list_concat(rows, migr_recorded_of_roots(db, others));
}

static void
read_touched(Look *look, MigrDb *db)
{
	MigrRecordMerge *merge = &look->merge;
	MigrTouched *touched = migr_touched_since(&look->recording->mark);
	static MigrAddress public = {NamespaceRelationId, PG_PUBLIC_NAMESPACE};
	List	   *addresses;

	migr_touched_close(touched, Max(ALWAYS_SOME, look->recorded.objects / PARTS_OF_ALL));
	merge->touched = touched;
	if (touched->everything)
		elog(DEBUG1, "all of the schema is recorded anew: %s", touched->why);
	look->all = look->all || touched->everything;
	if (look->all)
		return;
	addresses = migr_touched_addresses(touched);
	if (!look->recorded.exists)
		addresses = lappend(addresses, &public);
	if (addresses == NIL)
		return;
	merge->live = migr_record_rows(read_schema(addresses));
	merge->rows = rows_beside(db, merge, addresses);
}

/*
 * Where there is no record that could be gone on with, what has no row gets one.  Of a
 * record that was not kept up, that is what has been touched since; what was there
 * before, and is not in it, is nobody's that runs here.
 */
static void
take_up(Look *look)
{
	const MigrRecorded *recorded = &look->recorded;
	MigrTouchMark mark;
	ListCell   *lc;

	if (!look->applied)
		return;
	if (!recorded->exists || (!recorded->current && !migr_record_mark(&mark, recorded)))
		look->merge.adopt = true;
	else if (!recorded->current && recorded->believed)
	{
		look->merge.since = migr_record_table("migr since", sizeof(MigrAddress), sizeof(MigrAddress));
		foreach(lc, migr_touched_addresses(migr_touched_since(&mark)))
			(void) hash_search(look->merge.since, lfirst(lc), HASH_ENTER, NULL);
	}
}

/* What is there and was recorded, as far as it takes to bring them together. */
static void
look_around(void *arg)
{
	Look	   *look = arg;
	MigrRecordMerge *merge = &look->merge;
	MigrDb		db;

	/* What the run itself has written of it counts. */
	migr_db_begin(&db, false);
	migr_recorded_read(&db, &look->recorded);
	merge->recorded = &look->recorded;
	merge->recording = look->recording;
	merge->went_on = look->recording->mark.is_apart ? look->recording->went_on
		: goes_on(&look->recorded);
	if (!merge->went_on && (look->applied || look->recorded.exists))
	{
		look->all = true;
		merge->sweep = true;
		take_up(look);
	}
	if (look->recording->is_marked)
		read_touched(look, &db);

	/* What has been dropped by transactions that have ended may be found no more. */
	look->all = look->all || look->recording->mark.is_apart;
	merge->sweep = merge->sweep || merge->adopt || look->recording->mark.is_apart;
	if (look->all)
	{
		merge->live = migr_record_rows(read_schema(NIL));
		merge->rows = migr_recorded_all(&db);
	}
	migr_db_end(&db);
	migr_record_merge(merge);
}

/* To deparse a view takes a lock on its tables, and nobody shall wait for us. */
static void
look_patiently(void *look)
{
	static const MigrSetting timeout = {"lock_timeout", "100ms"};

	migr_settings_run(&timeout, 1, look_around, look);
}

/* --- writing -------------------------------------------------------------------- */

/* Does the record say what there is, as far as the run has seen? */
static bool
leaves_clean(const Look *look)
{
	return look->merge.adopt || (look->recording->clean && look->merge.by_hand == NIL);
}

static void
write_down(const Look *look)
{
	const MigrRecordMerge *merge = &look->merge;
	bool		was_clean = merge->recorded->clean;
	MigrDb		db;

	merge->recorded->clean = leaves_clean(look);
	migr_db_begin(&db, false);
	migr_recorded_remove(&db, merge->removed);
	migr_recorded_put(&db, merge->put);
	if (!goes_on(&look->recorded) || merge->removed != NIL || merge->put != NIL ||
		merge->recorded->clean != was_clean)
		migr_recorded_write(&db, merge->recorded);
	migr_store_set_fingerprint(&db, migr_lthash_digest(&merge->recorded->sum));
	migr_db_end(&db);
}

static void
forget(void)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_recorded_forget(&db);
	migr_db_end(&db);
}

/* What the run has found changed, and now records, is not absorbed in silence. */
static void
tell_by_hand(const Look *look)
{
	List	   *objects = look->merge.by_hand;

	list_sort(objects, migr_ident_compare);
	if (objects != NIL)
		ereport(NOTICE,
				(errmsg_plural("%d object has been changed by hand, and is recorded as it is now",
							   "%d objects have been changed by hand, and are recorded as they are now",
							   list_length(objects), list_length(objects)),
				 errdetail_internal("%s", migr_ident_join(objects))));
}

static List *
copy_names(const List *names)
{
	List	   *copies = NIL;
	ListCell   *lc;

	foreach(lc, names)
		copies = lappend(copies, pstrdup(lfirst(lc)));
	return copies;
}

/*
 * That the record can't be kept is no reason to take back what was done; the
 * subtransaction is rolled back in any case, to give back its locks.
 */
static void
record(Look *look)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr record", ALLOCSET_DEFAULT_SIZES);
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = migr_subxact_run(look_patiently, look, false);
	if (error && ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
	if (error == NULL)
	{
		tell_by_hand(look);
		write_down(look);
		MemoryContextSwitchTo(caller);
		look->by_hand = copy_names(look->merge.by_hand);
	}
	else
	{
		ereport(WARNING,
				(errmsg("could not record what is left of the schema: %s", error->message)));
		forget();
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

void
migr_record_end(MigrRecording *recording)
{
	Look		look = {.recording = recording, .applied = !recording->fresh};

	if (recording->on)
		record(&look);
	else
		forget();
	recording->by_hand = look.by_hand;
}

void
migr_record_none(void)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_recorded_clear(&db);
	migr_db_end(&db);
}

void
migr_record_all(const char *action, const char *revision)
{
	MigrRecording recording = {.action = action, .on = record_fingerprints};
	Look		look = {.recording = &recording, .all = true};

	look.merge.adopt = true;
	if (revision)
	{
		recording.revisions = list_make1(pstrdup(revision));
		recording.commands = list_make1_int(0);
	}
	if (record_fingerprints)
		record(&look);
	else
		forget();
}

void
migr_record_missing(const char *action)
{
	MigrRecorded recorded;
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_recorded_read(&db, &recorded);
	migr_db_end(&db);
	if (!goes_on(&recorded))
		migr_record_all(action, NULL);
}
