/*
 * usage_made.c
 *		Columns that a downgrade makes, which an upgrade behind it may drop again.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "run/usage_made.h"
#include "store/mutex.h"

typedef struct Column
{
	Oid			table;
	AttrNumber	number;
} Column;

static object_access_hook_type next_access;
static bool noting;
static List *made;				/* Column *, in the transaction's memory */

static void
watch(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	MemoryContext caller;
	Column	   *column;

	if (next_access)
		next_access(access, classid, objid, subid, arg);
	if (!noting || access != OAT_POST_CREATE || classid != RelationRelationId || subid <= 0 ||
		!migr_mutex_in_run())
		return;
	caller = MemoryContextSwitchTo(TopTransactionContext);
	column = palloc(sizeof(Column));
	column->table = objid;
	column->number = subid;
	made = lappend(made, column);
	MemoryContextSwitchTo(caller);
}

static void
forget(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
	{
		noting = false;
		made = NIL;
	}
}

void
migr_usage_made_begin(void)
{
	static bool installed;

	if (!installed)
	{
		next_access = object_access_hook;
		object_access_hook = watch;
		RegisterXactCallback(forget, NULL);
		installed = true;
	}
	noting = true;
}

/* What was rolled back to a savepoint may have become another's. */
static bool
is_of_transaction(Oid table, AttrNumber number)
{
	HeapTuple	row = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(number));
	bool		result = HeapTupleIsValid(row) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row->t_data));

	if (HeapTupleIsValid(row))
		ReleaseSysCache(row);
	return result;
}

bool
migr_usage_made_has(Oid table, AttrNumber column)
{
	ListCell   *lc;

	foreach(lc, made)
	{
		const Column *one = lfirst(lc);

		if (one->table == table && one->number == column)
			return is_of_transaction(table, column);
	}
	return false;
}
