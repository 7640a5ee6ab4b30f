/*
 * salvage_copy.c
 *		Rows that are kept, from table to table.
 *
 * No query runs, so no policy hides a row, and no function of anybody's sees one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/hio.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "catalog/toasting.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "run/salvage_parts.h"

Oid
migr_salvage_make(const char *name, Oid owner, Oid like, const List *columns, bool has_pass)
{
	CreateStmt *create = makeNode(CreateStmt);
	Relation	rel = table_open(like, NoLock);
	ObjectAddress made;
	ListCell   *lc;
	MigrDb		db;

	create->relation = makeRangeVar(get_namespace_name(migr_salvaged_schema()), unconstify(char *, name), -1);
	create->oncommit = ONCOMMIT_NOOP;
	foreach(lc, columns)
	{
		const MigrCopied *copied = lfirst(lc);
		Form_pg_attribute column = TupleDescAttr(RelationGetDescr(rel), copied->number - 1);

		create->tableElts = lappend(create->tableElts,
									makeColumnDef(NameStr(column->attname),
												  copied->as_text ? TEXTOID : column->atttypid,
												  copied->as_text ? -1 : column->atttypmod,
												  copied->as_text ? DEFAULT_COLLATION_OID
												  : column->attcollation));
	}
	table_close(rel, NoLock);
	if (has_pass)
		create->tableElts = lappend(create->tableElts,
									makeColumnDef(MIGR_PASS_COLUMN, INT4OID, -1, InvalidOid));

	/* Without a default tablespace of the session's; what others are given by default goes. */
	migr_db_begin_as(&db, BOOTSTRAP_SUPERUSERID);
	made = DefineRelation(create, RELKIND_RELATION, owner, NULL, NULL);
	CommandCounterIncrement();
	NewRelationCreateToastTable(made.objectId, (Datum) 0);
	CommandCounterIncrement();
	migr_salvage_revoke(made.objectId);
	migr_db_end(&db);
	return made.objectId;
}

/* A column on its way, of one of the tables. */
typedef struct Way
{
	AttrNumber	number;
	bool		as_text;
	FmgrInfo	output;
} Way;

/* Partitions may have their columns in another order than their parent. */
static Way *
find_ways(Relation rel, Oid parent, const List *columns)
{
	Way		   *ways = palloc(list_length(columns) * sizeof(Way));
	Way		   *way = ways;
	ListCell   *lc;

	foreach(lc, columns)
	{
		const MigrCopied *copied = lfirst(lc);
		Oid			output;
		bool		is_varlena;

		way->number = get_attnum(RelationGetRelid(rel), get_attname(parent, copied->number, false));
		way->as_text = copied->as_text;
		if (way->as_text)
		{
			getTypeOutputInfo(TupleDescAttr(RelationGetDescr(rel), way->number - 1)->atttypid,
							  &output, &is_varlena);
			fmgr_info(output, &way->output);
		}
		way++;
	}
	return ways;
}

static void
put(const Way *ways, int count, TupleTableSlot *from, TupleTableSlot *to)
{
	slot_getallattrs(from);
	ExecClearTuple(to);
	for (int i = 0; i < count; i++)
	{
		const Way  *way = &ways[i];

		to->tts_isnull[i] = from->tts_isnull[way->number - 1];
		to->tts_values[i] = from->tts_values[way->number - 1];
		if (way->as_text && !to->tts_isnull[i])
			to->tts_values[i] = CStringGetTextDatum(OutputFunctionCall(unconstify(FmgrInfo *, &way->output),
																	   to->tts_values[i]));
	}
}

static void
put_row(const MigrCopy *copy, const Way *ways, TupleTableSlot *from, TupleTableSlot *to)
{
	int			count = list_length(copy->columns);

	put(ways, count, from, to);
	if (copy->has_pass)
	{
		to->tts_values[count] = Int32GetDatum(copy->pass);
		to->tts_isnull[count] = false;
	}
	ExecStoreVirtualTuple(to);
}

/* Whether it has been frozen since or not: which transaction has written this version? */
static bool
is_older(const MigrCopy *copy, TupleTableSlot *slot)
{
	HeapTuple	tuple;

	if (!TransactionIdIsValid(copy->since))
		return false;
	tuple = ExecFetchSlotHeapTuple(slot, false, NULL);
	return TransactionIdPrecedes(HeapTupleHeaderGetRawXmin(tuple->t_data), copy->since);
}

static TableScanDesc
begin_scan(const MigrCopy *copy, Relation rel, Snapshot snapshot)
{
	TableScanDesc scan = table_beginscan_strat(rel, snapshot, 0, NULL, true, false);
	BlockNumber blocks = RelationGetNumberOfBlocks(rel);

	if (copy->pages > 0)
		heap_setscanlimits(scan, Min(copy->first, blocks),
						   Min(copy->pages, blocks - Min(copy->first, blocks)));
	return scan;
}

static int64
copy_one(const MigrCopy *copy, Oid table, Relation into, BulkInsertState state)
{
	Relation	rel = table_open(table, AccessShareLock);
	Way		   *ways = find_ways(rel, copy->from, copy->columns);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = begin_scan(copy, rel, snapshot);
	TupleTableSlot *from = table_slot_create(rel, NULL);
	TupleTableSlot *to = table_slot_create(into, NULL);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "migr kept row", ALLOCSET_DEFAULT_SIZES);
	CommandId	command = GetCurrentCommandId(true);
	int64		count = 0;

	while (table_scan_getnextslot(scan, ForwardScanDirection, from))
	{
		MemoryContext caller;

		CHECK_FOR_INTERRUPTS();
		if (is_older(copy, from))
			continue;
		caller = MemoryContextSwitchTo(row);
		put_row(copy, ways, from, to);
		table_tuple_insert(into, to, command, 0, state);
		ExecClearTuple(to);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(row);
		count++;
	}
	MemoryContextDelete(row);
	ExecDropSingleTupleTableSlot(to);
	ExecDropSingleTupleTableSlot(from);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
	return count;
}

int64
migr_salvage_copy_part(const MigrCopy *copy)
{
	Relation	rel = table_open(copy->into, RowExclusiveLock);
	BulkInsertState state = GetBulkInsertState();
	List	   *tables = get_rel_relkind(copy->from) == RELKIND_PARTITIONED_TABLE
		? find_all_inheritors(copy->from, AccessExclusiveLock, NULL) : list_make1_oid(copy->from);
	int64		count = 0;
	ListCell   *lc;

	foreach(lc, tables)
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_RELATION)
			count += copy_one(copy, lfirst_oid(lc), rel, state);
	}
	FreeBulkInsertState(state);
	table_finish_bulk_insert(rel, 0);
	table_close(rel, NoLock);
	CommandCounterIncrement();
	return count;
}

int64
migr_salvage_copy(Oid from, const List *columns, Oid into)
{
	MigrCopy	copy = {.from = from, .columns = columns, .into = into};

	return migr_salvage_copy_part(&copy);
}
