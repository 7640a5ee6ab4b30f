/*
 * log_id.c
 *		Ids for the rows of migr.log, which no other row ever has.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/secure.h"
#include "store/log_id.h"

static MigrQuery replicated_query = {
	"SELECT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE puballtables)"
	"    OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel WHERE prrelid = $1)"
	"    OR EXISTS (SELECT FROM pg_catalog.pg_subscription_rel WHERE srrelid = $1)"
	MIGR_SINCE_15("    OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace WHERE pnnspid = $2)",
				  "    AND $2 IS NOT NULL"),
	2, {OIDOID, OIDOID}
};

static MigrQuery last_end_query = {"SELECT max(id) FROM migr.log_end", 0, {0}};

static MigrQuery next_query = {"SELECT pg_catalog.nextval('migr.log_id_seq')", 0, {0}};

static MigrQuery set_query = {
	"SELECT pg_catalog.setval('migr.log_id_seq', $1)", 1, {INT8OID}
};

/* The greatest id of a row, also of one that another session has yet to commit. */
static int64
last_row(Oid table)
{
	Relation	log = table_open(table, AccessShareLock);
	List	   *indexes = RelationGetIndexList(log);
	int64		last = 0;

	if (indexes != NIL && OidIsValid(log->rd_pkindex))
	{
		Relation	index = index_open(log->rd_pkindex, AccessShareLock);
		SnapshotData dirty;
		SysScanDesc scan;
		HeapTuple	row;
		bool		is_null;

		InitDirtySnapshot(dirty);
		scan = systable_beginscan_ordered(log, index, &dirty, 0, NULL);
		row = systable_getnext_ordered(scan, BackwardScanDirection);
		if (HeapTupleIsValid(row))
			last = DatumGetInt64(heap_getattr(row, index->rd_index->indkey.values[0],
											  RelationGetDescr(log), &is_null));
		systable_endscan_ordered(scan);
		index_close(index, AccessShareLock);
	}
	table_close(log, AccessShareLock);
	return last;
}

/* The greatest id that is known: an end's row may be missing. */
static int64
last_id(MigrDb *db, Oid table)
{
	int64		last = last_row(table);

	if (migr_db_run(db, &last_end_query, NULL, NULL) > 0 && !migr_db_is_null(0, 1))
		last = Max(last, migr_db_int64(0, 1));
	return last;
}

static bool
is_replicated(MigrDb *db, Oid table)
{
	Datum		values[2];

	values[0] = ObjectIdGetDatum(table);
	values[1] = ObjectIdGetDatum(get_namespace_oid("migr", false));
	return migr_db_run(db, &replicated_query, values, NULL) > 0 &&
		DatumGetBool(migr_db_datum(0, 1));
}

static void
set_sequence(MigrDb *db, int64 id)
{
	Datum		value = Int64GetDatum(id);

	migr_db_run_one(db, &set_query, &value, NULL);
}

static int64
next_in_sequence(MigrDb *db)
{
	migr_db_run_one(db, &next_query, NULL, NULL);
	return migr_db_int64(0, 1);
}

/*
 * Behind the last one.  Where others can't see yet what is given out here, a
 * step at random, so that they won't give out the same.
 */
static int64
take_id(MigrDb *db, Oid table, bool apart)
{
	int64		last = last_id(db, table);
	int64		id;
	uint32		step = 0;

	if (apart && pg_strong_random(&step, sizeof(step)) &&
		last < PG_INT64_MAX - 1 - step)
	{
		set_sequence(db, last + 1 + step);
		return last + 1 + step;
	}
	id = next_in_sequence(db);
	if (id > last)
		return id;
	set_sequence(db, last);
	return next_in_sequence(db);
}

/*
 * Sessions that find the sequence behind the rows move it one after the other;
 * what they then take from it, no other gets.
 */
int64
migr_log_id(MigrDb *db, int64 given)
{
	Oid			table = migr_secure_table("log");
	bool		apart = is_replicated(db, table);
	int64		id;

	if (!apart && given > last_id(db, table))
		return given;
	LockDatabaseObject(RelationRelationId, table, 0, ExclusiveLock);
	id = take_id(db, table, apart);
	UnlockDatabaseObject(RelationRelationId, table, 0, ExclusiveLock);
	return id;
}

void
migr_log_id_ready(void)
{
	static MigrQuery *const queries[] = {&replicated_query, &last_end_query, &next_query};

	migr_db_plan(queries, lengthof(queries));
}
