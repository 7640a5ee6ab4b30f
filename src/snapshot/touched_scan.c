/*
 * touched_scan.c
 *		The rows of the catalogs that this transaction has written.
 *
 * Most pages need no look.  One on which every row is visible to all has none of
 * a transaction that is running, and most of a catalog that was vacuumed is that;
 * of the others, one that has been written behind the mark has an LSN behind it.
 * On such a page each version of a row tells who made it, who ended it, and by
 * which command.  None of those can have been removed, as the transaction that
 * has ended them is running still; only what aborted subtransactions have made
 * is removed early, and does not count.
 *
 * The server's statistics know which catalogs were written, but only while they
 * are on, and whoever runs a script may turn them off: to pass by the pages of
 * all costs less than to depend on that.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/visibilitymap.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/rel.h"

#include "base/citus.h"
#include "snapshot/touched_parts.h"

/* A scan of one catalog. */
typedef struct TouchScan
{
	MigrTouchRows *rows;
	const MigrTouchCatalog *catalog;
	const MigrTouchMark *mark;
	TransactionId top;			/* none that counts is before it */
	bool		is_logged;		/* does a change set the LSN of its page? */
} TouchScan;

/*
 * Is it of this transaction, or of another one that counts, and not rolled back?  Of those
 * whose rows were all frozen the server may have forgotten how they ended; but then the row
 * itself says that it was committed.
 */
static bool
is_own(const TouchScan *scan, TransactionId xid, bool committed)
{
	return TransactionIdIsNormal(xid) && !TransactionIdPrecedes(xid, scan->top) &&
		(TransactionIdIsCurrentTransactionId(xid) ||
		 (scan->mark->is_apart && (committed || TransactionIdDidCommit(xid))));
}

/* Has this transaction made the version behind the mark? */
static bool
is_born(const TouchScan *scan, HeapTupleHeader header, MigrRowLife *life)
{
	/* What others have made may have been frozen since. */
	if (!is_own(scan, scan->mark->is_apart ? HeapTupleHeaderGetRawXmin(header)
				: HeapTupleHeaderGetXmin(header), HeapTupleHeaderXminCommitted(header)))
		return false;
	life->born_at = scan->mark->is_apart ? FirstCommandId : HeapTupleHeaderGetCmin(header);
	return life->born_at >= scan->mark->command;
}

/* Has it updated or deleted it?  To lock it is neither. */
static bool
is_dead(const TouchScan *scan, HeapTupleHeader header, MigrRowLife *life)
{
	if ((header->t_infomask & HEAP_XMAX_INVALID) != 0 ||
		HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask) ||
		!is_own(scan, HeapTupleHeaderGetUpdateXid(header),
				(header->t_infomask & HEAP_XMAX_COMMITTED) != 0))
		return false;
	life->died_at = scan->mark->is_apart ? FirstCommandId : HeapTupleHeaderGetCmax(header);
	return life->died_at >= scan->mark->command;
}

static void
read_page(const TouchScan *scan, Page page)
{
	OffsetNumber count = PageGetMaxOffsetNumber(page);

	for (OffsetNumber i = FirstOffsetNumber; i <= count; i++)
	{
		ItemId		item = PageGetItemId(page, i);
		HeapTupleHeader header;
		MigrRowLife life = {0};

		if (!ItemIdIsNormal(item))
			continue;
		header = (HeapTupleHeader) PageGetItem(page, item);
		life.born = is_born(scan, header, &life);
		life.died = is_dead(scan, header, &life);
		if (life.born || life.died)
			migr_touch_note(scan->rows, scan->catalog, &life,
							(char *) header + header->t_hoff);
	}
}

static void
read_block(const TouchScan *scan, Relation relation, BlockNumber block,
		   BufferAccessStrategy ring)
{
	Buffer		buffer = ReadBufferExtended(relation, MAIN_FORKNUM, block, RBM_NORMAL, ring);
	Page		page = BufferGetPage(buffer);

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	if (!PageIsNew(page) &&
		(!scan->is_logged || BufferGetLSNAtomic(buffer) > scan->mark->written))
		read_page(scan, page);
	UnlockReleaseBuffer(buffer);
}

/*
 * Is nothing on a page behind the mark?  What others have committed may be visible to
 * all by now; but to say so is written to the map, and into the log, so none of the pages
 * that a page of the map speaks of has been found so since its own LSN.
 */
static bool
is_old(const TouchScan *scan, Relation relation, BlockNumber block, Buffer *map)
{
	return VM_ALL_VISIBLE(relation, block, map) &&
		(!scan->mark->is_apart ||
		 (scan->is_logged && BufferGetLSNAtomic(*map) <= scan->mark->written));
}

static void
scan_catalog(TouchScan *scan, BufferAccessStrategy ring)
{
	Relation	relation = table_open(scan->catalog->catalog, AccessShareLock);
	BlockNumber count = RelationGetNumberOfBlocks(relation);
	Buffer		map = InvalidBuffer;

	/* With wal_level = minimal, one that was rewritten in this transaction. */
	scan->is_logged = RelationNeedsWAL(relation);
	for (BlockNumber i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_old(scan, relation, i, &map))
			read_block(scan, relation, i, ring);
	}
	if (BufferIsValid(map))
		ReleaseBuffer(map);
	table_close(relation, AccessShareLock);
}

/*
 * How tables are distributed, Citus keeps in a table of its own, whose first column is
 * the oid of one.  What is said of one can change with another one: see touched.c.
 */
static void
scan_distributions(TouchScan *scan, BufferAccessStrategy ring)
{
	MigrTouchCatalog distributions = {
		.catalog = migr_citus_table("pg_dist_partition"), .self = MIGR_NOWHERE,
		.name = MIGR_NOWHERE, .space = MIGR_NOWHERE, .flags = MIGR_TOUCH_DISTRIBUTIONS,
		.around_class = RelationRelationId, .around = 0
	};

	if (!OidIsValid(distributions.catalog))
		return;
	scan->catalog = &distributions;
	scan_catalog(scan, ring);
}

void
migr_touch_scan(MigrTouchRows *rows, const MigrTouchMark *mark)
{
	TouchScan	scan = {.rows = rows, .mark = mark};
	BufferAccessStrategy ring = GetAccessStrategy(BAS_BULKREAD);

	scan.top = mark->is_apart ? mark->next : GetTopTransactionIdIfAny();
	for (int i = 0; i < migr_touch_catalog_count; i++)
	{
		scan.catalog = &migr_touch_catalogs[i];
		scan_catalog(&scan, ring);
	}
	scan_distributions(&scan, ring);
	FreeAccessStrategy(ring);
}
