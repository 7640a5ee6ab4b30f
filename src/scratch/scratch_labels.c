/*
 * scratch_labels.c
 *		Labels that a scratch build adds to enum types.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "scratch/scratch_labels.h"

static MigrQuery types_query = {
	"SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typtype = 'e'", 0, {0}
};

static bool measuring;
static List *older;				/* Oid; in TopMemoryContext */

void
migr_scratch_labels_begin(void)
{
	MemoryContext caller;
	uint64		rows;
	MigrDb		db;

	if (measuring)
		return;
	AtEOXact_Enum();
	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &types_query, NULL, NULL);
	caller = MemoryContextSwitchTo(TopMemoryContext);
	for (uint64 row = 0; row < rows; row++)
		older = lappend_oid(older, DatumGetObjectId(migr_db_datum(row, 1)));
	MemoryContextSwitchTo(caller);
	migr_db_end(&db);
	measuring = true;
}

void
migr_scratch_labels_forget(void)
{
	list_free(older);
	older = NIL;
	measuring = false;
}

static bool
is_of_older(Oid label)
{
	HeapTuple	row = SearchSysCache1(ENUMOID, ObjectIdGetDatum(label));
	bool		is = false;

	if (HeapTupleIsValid(row))
	{
		is = list_member_oid(older, ((Form_pg_enum) GETSTRUCT(row))->enumtypid);
		ReleaseSysCache(row);
	}
	return is;
}

/* Since 17, the server tells by itself which types are new. */
static void
keep_those_of_older(void)
{
	Size		size = migr_compat_new_labels_space();
	int			count = size / sizeof(Oid) - 1;
	int			kept = 0;
	Oid		   *labels;

	if (count <= 0)
		return;
	labels = palloc(size);
	migr_compat_take_new_labels(labels, size);
	for (int i = 0; i < count; i++)
	{
		if (is_of_older(labels[i]))
			labels[kept++] = labels[i];
	}
	labels[kept] = InvalidOid;
	AtEOXact_Enum();
	migr_compat_put_new_labels(labels);
	pfree(labels);
}

void
migr_scratch_labels_commit(void)
{
	if (measuring)
		keep_those_of_older();
	else
		AtEOXact_Enum();
}

void
migr_scratch_labels_commit_all(void)
{
	migr_compat_forget_new_labels();
}
