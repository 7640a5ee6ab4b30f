/*
 * labels.c
 *		New labels of enum types that were made in the same transaction.
 *
 * The server's list of new labels is its own, but it can be taken out, for
 * parallel workers, and put back.  Which subtransaction has made what is read
 * from the rows, all of whose versions are there while the transaction runs; so
 * nothing has to be noted, and nothing can have been missed.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/subtrans.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "exec/labels.h"

static List *older_types;		/* Oid; in TopMemoryContext */

void
migr_labels_set_older(const List *types)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

	list_free(older_types);
	older_types = list_copy(types);
	MemoryContextSwitchTo(caller);
}

bool
migr_labels_is_older(Oid type)
{
	return list_member_oid(older_types, type);
}

/*
 * The subtransaction, still open, that takes back with its rollback what a
 * subtransaction of this transaction has done.
 */
static TransactionId
open_level(TransactionId done_by)
{
	for (; TransactionIdIsValid(done_by); done_by = SubTransGetParent(done_by))
	{
		for (TransactionId open = GetCurrentTransactionId(); TransactionIdIsValid(open);
			 open = SubTransGetParent(open))
		{
			if (TransactionIdEquals(open, done_by))
				return open;
		}
	}
	return InvalidTransactionId;
}

/*
 * The subtransaction that made a type; invalid if another transaction did.  The
 * row that is in force does not tell: RENAME and OWNER TO write a new one.
 */
static TransactionId
made_by(Oid type)
{
	Relation	catalog = table_open(TypeRelationId, AccessShareLock);
	TransactionId first = InvalidTransactionId;
	bool		older = false;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	version;

	ScanKeyInit(&key, Anum_pg_type_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(type));
	scan = systable_beginscan(catalog, TypeOidIndexId, true, SnapshotAny, 1, &key);
	while (HeapTupleIsValid(version = systable_getnext(scan)))
	{
		TransactionId by = HeapTupleHeaderGetXmin(version->t_data);

		if (!TransactionIdIsCurrentTransactionId(by))
			older = older || !TransactionIdDidAbort(by);
		else if (!TransactionIdIsValid(first) || TransactionIdPrecedes(by, first))
			first = by;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return older ? InvalidTransactionId : first;
}

/* Is there no rollback that takes a label back, and leaves its type? */
static bool
goes_with_type(Oid label)
{
	HeapTuple	row = SearchSysCache1(ENUMOID, ObjectIdGetDatum(label));
	Oid			type;
	TransactionId type_by;
	TransactionId label_by;

	/* Gone with a subtransaction, or with its type. */
	if (!HeapTupleIsValid(row))
		return false;
	label_by = HeapTupleHeaderGetXmin(row->t_data);
	type = ((Form_pg_enum) GETSTRUCT(row))->enumtypid;
	type_by = migr_labels_is_older(type) ? InvalidTransactionId : made_by(type);
	ReleaseSysCache(row);
	return TransactionIdIsValid(type_by) && TransactionIdIsCurrentTransactionId(label_by) &&
		TransactionIdEquals(open_level(label_by), open_level(type_by));
}

/* Keep none of the new labels, or those that a rollback may take away alone. */
static void
forget_labels(bool all_of_them)
{
	Size		size = migr_compat_new_labels_space();
	Oid		   *all = palloc(size);
	Oid		   *labels = migr_compat_take_new_labels(all, size);
	int			kept = 0;
	int			count;

	for (count = 0; OidIsValid(labels[count]); count++)
	{
		if (!all_of_them && !goes_with_type(labels[count]))
			labels[kept++] = labels[count];
	}
	labels[kept] = InvalidOid;
	if (kept < count)
	{
		AtEOXact_Enum();
		migr_compat_put_new_labels(all);
	}
	pfree(all);
}

void
migr_labels_let_through(void)
{
	forget_labels(false);
}

void
migr_labels_let_all_through(void)
{
	forget_labels(true);
}
