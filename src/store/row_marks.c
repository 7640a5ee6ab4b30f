/*
 * row_marks.c
 *		Which rows the store has: the same as before?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "store/row_marks.h"

/* All that says what is stored, and what of it is applied. */
static const char *const marked_tables[MIGR_MARKED_TABLES] = {
	"revision", "version", "repeatable"
};

static uint64
mark_of(HeapTuple row)
{
	struct
	{
		TransactionId writer;
		BlockNumber block;
		OffsetNumber offset;
	}			mark;

	memset(&mark, 0, sizeof(mark));
	mark.writer = HeapTupleHeaderGetRawXmin(row->t_data);
	mark.block = ItemPointerGetBlockNumber(&row->t_self);
	mark.offset = ItemPointerGetOffsetNumber(&row->t_self);
	return hash_bytes_extended((unsigned char *) &mark, sizeof(mark), 0);
}

/* False if rows of such a table have no such marks. */
static bool
take(MigrRowMarks *marks, int i, Snapshot snapshot)
{
	Relation	rel = table_open(migr_secure_table(marked_tables[i]), AccessShareLock);
	bool		is_heap = rel->rd_tableam == GetHeapamTableAmRoutine();
	TableScanDesc scan;
	HeapTuple	row;

	marks->tables[i].table = RelationGetRelid(rel);
	marks->tables[i].file = rel->rd_rel->relfilenode;
	if (is_heap)
	{
		scan = table_beginscan(rel, snapshot, 0, NULL);
		while ((row = heap_getnext(scan, ForwardScanDirection)) != NULL)
		{
			CHECK_FOR_INTERRUPTS();
			marks->tables[i].rows++;
			marks->tables[i].hash = marks->tables[i].hash * UINT64CONST(0x9E3779B97F4A7C15) + mark_of(row);
		}
		table_endscan(scan);
	}
	table_close(rel, NoLock);
	return is_heap;
}

MigrRowMarks
migr_row_marks_take(const MigrDb *db)
{
	MigrRowMarks marks;

	memset(&marks, 0, sizeof(marks));
	marks.known = true;
	/* The snapshot is that of a query by SPI. */
	if (db->read_only)
		PushActiveSnapshot(GetActiveSnapshot());
	else
	{
		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
	}
	for (int i = 0; i < MIGR_MARKED_TABLES && marks.known; i++)
		marks.known = take(&marks, i, GetActiveSnapshot());
	PopActiveSnapshot();
	return marks;
}

bool
migr_row_marks_equal(const MigrRowMarks *a, const MigrRowMarks *b)
{
	return a->known && b->known && memcmp(a->tables, b->tables, sizeof(a->tables)) == 0;
}
