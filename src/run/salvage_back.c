/*
 * salvage_back.c
 *		Rows and values that were kept go back where they were.
 *
 * They are read without a query.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "base/compat.h"
#include "base/subxact.h"
#include "base/text.h"
#include "run/salvage_parts.h"

/* What a digest is as text. */
#define MIGR_SHA256_TEXT 64

/* --- what is kept ------------------------------------------------------------------------------ */

static void
describe_kept(MigrBack *back, Relation rel)
{
	TupleDesc	all = RelationGetDescr(rel);
	int			count = 0;

	back->pass = back->salvaged->column ? get_attnum(RelationGetRelid(rel), MIGR_PASS_COLUMN)
		: InvalidAttrNumber;
	back->numbers = palloc(all->natts * sizeof(AttrNumber));
	for (int i = 0; i < all->natts; i++)
	{
		if (!TupleDescAttr(all, i)->attisdropped && i + 1 != back->pass)
			back->numbers[count++] = i + 1;
	}
	back->desc = CreateTemplateTupleDesc(count);
	for (int i = 0; i < count; i++)
	{
		TupleDescCopyEntry(back->desc, i + 1, all, back->numbers[i]);
		namestrcpy(&TupleDescAttr(back->desc, i)->attname,
				   NameStr(TupleDescAttr(all, back->numbers[i] - 1)->attname));
	}
	MIGR_TUPLEDESC_FINALIZE(back->desc);
}

/* A row by its key, which is in front of the value. */
static char *
key_of(const MigrBack *back, TupleTableSlot *slot)
{
	StringInfoData key;

	initStringInfo(&key);
	for (int i = 0; i < back->desc->natts - 1; i++)
	{
		Oid			output;
		bool		is_varlena;
		char	   *value;

		getTypeOutputInfo(TupleDescAttr(back->desc, i)->atttypid, &output, &is_varlena);
		value = OidOutputFunctionCall(output, slot->tts_values[back->numbers[i] - 1]);
		appendStringInfo(&key, "%zu:%s", strlen(value), value);
	}
	return migr_text_sha256(key.data, key.len);
}

/* Is a row one of the second pass, or one of the first whose key there is in the second? */
static bool
is_passed(const MigrBack *back, TupleTableSlot *slot, HTAB *second, bool collect)
{
	bool		is_second = DatumGetInt32(slot->tts_values[back->pass - 1]) > 0;

	if (collect)
	{
		if (is_second)
			(void) hash_search(second, key_of(back, slot), HASH_ENTER, NULL);
		return true;
	}
	return !is_second && hash_get_num_entries(second) > 0 &&
		hash_search(second, key_of(back, slot), HASH_FIND, NULL) != NULL;
}

static void
put_into_store(MigrBack *back, TupleTableSlot *slot, const AttrNumber *numbers)
{
	int			count = back->desc->natts;
	Datum	   *values = palloc(count * sizeof(Datum));
	bool	   *nulls = palloc(count * sizeof(bool));

	for (int i = 0; i < count; i++)
	{
		values[i] = slot->tts_values[numbers[i] - 1];
		nulls[i] = slot->tts_isnull[numbers[i] - 1];
	}
	tuplestore_putvalues(back->store, back->desc, values, nulls);
	back->count++;
}

static void
read_one(MigrBack *back, Oid table, HTAB *second, bool collect)
{
	Relation	rel = table_open(table, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "migr kept row", ALLOCSET_DEFAULT_SIZES);
	AttrNumber *numbers = palloc(back->desc->natts * sizeof(AttrNumber));

	for (int i = 0; i < back->desc->natts; i++)
		numbers[i] = get_attnum(table, NameStr(TupleDescAttr(back->desc, i)->attname));
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext caller = MemoryContextSwitchTo(row);

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		if (back->pass <= 0 || !is_passed(back, slot, second, collect))
			put_into_store(back, slot, numbers);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(row);
	}
	MemoryContextDelete(row);
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
}

static HTAB *
make_table(void)
{
	HASHCTL		control = {0};

	control.keysize = control.entrysize = MIGR_SHA256_TEXT;
	control.hcxt = CurrentMemoryContext;
	return hash_create("migr kept keys", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
read_kept(MigrBack *back)
{
	Oid			kept = back->salvaged->oid;
	HTAB	   *second = make_table();
	ListCell   *lc;

	back->store = migr_put_store(back);
	if (back->pass > 0)
		read_one(back, kept, second, true);
	foreach(lc, find_all_inheritors(kept, AccessShareLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_RELATION)
			read_one(back, lfirst_oid(lc), second, false);
	}
	hash_destroy(second);
}

/* Only what could not go back stays, so that nothing goes back twice. */
static void
keep_failed(const MigrBack *back)
{
	const MigrSalvaged *salvaged = back->salvaged;
	Relation	rel = table_open(salvaged->oid, AccessShareLock);
	Oid			owner = rel->rd_rel->relowner;
	List	   *columns = NIL;
	TupleTableSlot *from = MakeSingleTupleTableSlot(back->desc, &TTSOpsMinimalTuple);
	TupleTableSlot *to;
	char	   *name = psprintf("r%.*s", pg_mbcliplen(salvaged->relation, strlen(salvaged->relation), NAMEDATALEN - 2),
								salvaged->relation);
	Relation	into;

	table_close(rel, NoLock);
	for (int i = 0; i < back->desc->natts; i++)
	{
		MigrCopied *copied = palloc0(sizeof(MigrCopied));

		copied->number = back->numbers[i];
		columns = lappend(columns, copied);
	}
	into = table_open(migr_salvage_make(name, owner, salvaged->oid, columns, false), RowExclusiveLock);
	to = table_slot_create(into, NULL);
	tuplestore_rescan(back->failed);
	while (tuplestore_gettupleslot(back->failed, true, false, from))
	{
		slot_getallattrs(from);
		ExecClearTuple(to);
		memcpy(to->tts_values, from->tts_values, back->desc->natts * sizeof(Datum));
		memcpy(to->tts_isnull, from->tts_isnull, back->desc->natts * sizeof(bool));
		ExecStoreVirtualTuple(to);
		table_tuple_insert(into, to, GetCurrentCommandId(true), 0, NULL);
		ExecClearTuple(to);
	}
	ExecDropSingleTupleTableSlot(to);
	ExecDropSingleTupleTableSlot(from);
	table_close(into, NoLock);
	CommandCounterIncrement();
	migr_salvaged_move(salvaged->id, name);
	migr_salvage_drop_relation(salvaged->oid);
}

/* --- sequences ---------------------------------------------------------------------------------- */

static const MigrQuery setval_query = {
	"SELECT pg_catalog.setval(c.oid, $2::bigint)"
	"  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid,"
	"       LATERAL (SELECT pg_catalog.pg_sequence_last_value(c.oid)) s (last_value)"
	" WHERE c.oid = pg_catalog.pg_get_serial_sequence($1, $3)::pg_catalog.regclass"
	"   AND $2::bigint BETWEEN q.seqmin AND q.seqmax"
	"   AND (s.last_value IS NULL OR (s.last_value < $2::bigint) = (q.seqincrement > 0))",
	3, {TEXTOID, TEXTOID, TEXTOID}
};

typedef struct Sequence
{
	const MigrSalvaged *salvaged;
	const char *column;
	const char *value;
} Sequence;

static void
set_sequence(void *arg)
{
	const Sequence *sequence = arg;
	const MigrSalvaged *salvaged = sequence->salvaged;
	Datum		values[3];
	MigrDb		db;

	values[0] = migr_db_text_datum(quote_qualified_identifier(salvaged->schema, salvaged->table));
	values[1] = migr_db_text_datum(sequence->value);
	values[2] = migr_db_text_datum(sequence->column);
	migr_db_begin_as(&db, GetUserId());
	db.read_only = false;
	migr_db_run_once(&db, &setval_query, values);
	migr_db_end(&db);
}

/* So that no number comes again that rows have. */
static void
set_sequences(const MigrBack *back)
{
	const MigrSalvaged *salvaged = back->salvaged;
	ListCell   *column;
	ListCell   *value;

	forboth(column, salvaged->sequence_columns, value, salvaged->sequence_values)
	{
		Sequence	sequence = {.salvaged = salvaged, .column = lfirst(column), .value = lfirst(value)};
		ErrorData  *error;

		if (get_attnum(back->table, sequence.column) <= 0)
			continue;
		error = migr_subxact_run(set_sequence, &sequence, true);
		if (error && migr_subxact_is_foreign(error))
			ReThrowError(error);
		if (error)
			ereport(WARNING,
					(errmsg("the sequence of column %s.%s was not set to %s", salvaged->table, sequence.column,
							sequence.value),
					 errdetail_internal("%s", error->message)));
	}
}

/* --- the whole ------------------------------------------------------------------------------------ */

static char *
join(const List *texts, const char *separator)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, texts)
		appendStringInfo(&text, "%s%s", text.len ? separator : "", (const char *) lfirst(lc));
	return text.data;
}

static int64
tell_no_place(const MigrSalvaged *salvaged, bool raises, const char *why)
{
	if (raises)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("%s, kept as " INT64_FORMAT ", can't be put back",
						migr_salvaged_describe(salvaged), salvaged->id),
				 errdetail_internal("%s", why)));
	else
		ereport(NOTICE,
				(errmsg("%s, kept as " INT64_FORMAT ", is not put back",
						migr_salvaged_describe(salvaged), salvaged->id),
				 errdetail_internal("%s", why),
				 errhint("It stays kept: SELECT migr_take_back(" INT64_FORMAT ") puts it back when there is a place for it.",
						 salvaged->id)));
	return -1;
}

static void
tell(const MigrBack *back)
{
	const MigrSalvaged *salvaged = back->salvaged;
	bool		is_one = back->count == 1;
	const char *what = salvaged->column ? (is_one ? "value" : "values") : is_one ? "row" : "rows";

	if (back->done == back->count && back->missing == NIL)
	{
		ereport(NOTICE,
				(errmsg("put back " INT64_FORMAT " %s of %s", back->done, what, migr_salvaged_describe(salvaged))));
		return;
	}
	ereport(back->reasons == NIL && back->missing == NIL ? NOTICE : WARNING,
			(errmsg("put back " INT64_FORMAT " of " INT64_FORMAT " %s of %s", back->done, back->count,
					what, migr_salvaged_describe(salvaged)),
			 back->reasons != NIL ? errdetail_internal("%s", join(back->reasons, "\n"))
			 : back->missing != NIL ? errdetail("There is no column %s any more.", join(back->missing, ", "))
			 : back->has_policies
			 ? errdetail("The others have no row any more, or one that row level security does not show.")
			 : errdetail("The others have no row any more."),
			 errhint("What could not go back stays kept as " INT64_FORMAT ": migr_kept(), migr_take_back(), migr_discard().",
					 salvaged->id)));
}

/* What stays kept of it. */
static void
settle(const MigrBack *back)
{
	if (back->done == back->count && back->missing == NIL)
		migr_salvage_drop(back->salvaged);
	else if (back->failed && back->done > 0 && back->missing == NIL &&
			 back->failures == back->count - back->done)
		keep_failed(back);
}

/* Whose rows they are, and where they go. */
static const char *
find_place(MigrBack *back)
{
	const MigrSalvaged *salvaged = back->salvaged;
	char		relkind;

	if (!OidIsValid(salvaged->oid))
		return "What was kept is there no more.";
	if (!has_privs_of_role(GetUserId(), migr_salvage_owner(salvaged->oid)))
		return psprintf("It belongs to role \"%s\", whose rights you have not.",
						GetUserNameFromId(migr_salvage_owner(salvaged->oid), true));
	back->table = migr_salvage_target(salvaged);
	relkind = OidIsValid(back->table) ? get_rel_relkind(back->table) : '\0';
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		return "There is no such table.";
	if (salvaged->column && get_attnum(back->table, salvaged->column) <= 0)
		return "The table has no such column.";
	return NULL;
}

static void
put_rows(void *arg)
{
	migr_put_rows(arg);
}

int64
migr_salvage_back(const MigrSalvaged *salvaged, bool raises)
{
	MigrBack		back = {.salvaged = salvaged, .owner = CurrentResourceOwner};
	const char *why = find_place(&back);
	Relation	kept;
	Relation	rel;
	bool		fits;
	ErrorData  *error;

	if (why)
		return tell_no_place(salvaged, raises, why);
	kept = table_open(salvaged->oid, AccessShareLock);
	describe_kept(&back, kept);
	table_close(kept, NoLock);
	rel = table_open(back.table, AccessShareLock);
	fits = migr_put_prepare(&back, rel);
	table_close(rel, NoLock);
	if (!fits)
		return tell_no_place(salvaged, raises, "The columns are others.");
	read_kept(&back);
	error = migr_subxact_run(put_rows, &back, true);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	if (error)
		return tell_no_place(salvaged, raises, error->message);
	if (salvaged->column == NULL && back.done > 0)
		set_sequences(&back);
	tell(&back);
	settle(&back);
	tuplestore_end(back.store);
	return back.done;
}

/* --- in which order ---------------------------------------------------------------------------------- */

Oid
migr_salvage_target(const MigrSalvaged *salvaged)
{
	Oid			schema = get_namespace_oid(salvaged->schema, true);

	return OidIsValid(schema) ? get_relname_relid(salvaged->table, schema) : InvalidOid;
}

/* Values need the rows that they belong to. */
static List *
columns_last(const List *all)
{
	List	   *tables = NIL;
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, all)
	{
		if (((MigrSalvaged *) lfirst(lc))->column)
			columns = lappend(columns, lfirst(lc));
		else
			tables = lappend(tables, lfirst(lc));
	}
	return list_concat(tables, columns);
}

/* Does the table refer to one of the places that are still to be filled? */
static bool
waits(Oid table, const List *places)
{
	Relation	rel;
	bool		result = false;
	ListCell   *lc;

	if (!OidIsValid(table) || get_rel_relkind(table) == RELKIND_VIEW)
		return false;
	rel = relation_open(table, AccessShareLock);
	foreach(lc, RelationGetFKeyList(rel))
	{
		Oid			other = ((ForeignKeyCacheInfo *) lfirst(lc))->confrelid;

		result = result || (other != table && list_member_oid(places, other));
	}
	relation_close(rel, NoLock);
	return result;
}

List *
migr_salvage_order(List *all)
{
	List	   *ordered = NIL;

	all = columns_last(all);
	while (all != NIL)
	{
		MigrSalvaged *next = NULL;
		List	   *places = NIL;
		ListCell   *lc;

		foreach(lc, all)
			places = lappend_oid(places, migr_salvage_target(lfirst(lc)));
		foreach(lc, all)
		{
			if (next == NULL && !waits(migr_salvage_target(lfirst(lc)), places))
				next = lfirst(lc);
		}
		if (next == NULL)
			next = linitial(all);
		ordered = lappend(ordered, next);
		all = list_delete_ptr(all, next);
	}
	return ordered;
}
