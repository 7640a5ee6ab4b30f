/*
 * verify_log.c
 *		Is the log as it was written?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "check/verify_subject.h"
#include "store/log_chain.h"

/* So many rows are read at once. */
#define BATCH 1000

/* Rows that can't be hashed, because one that they follow is gone, have NULL. */
static MigrQuery rows_query = {
	"SELECT l.*, CASE WHEN p.count = pg_catalog.cardinality(l.follows) THEN p.hashes END AS _parents,"
	"       CASE WHEN e.hash <> l.hash THEN '' ELSE l.hash END AS _hash"
	"  FROM migr.log l LEFT JOIN migr.log_end e ON e.id = l.id, LATERAL"
	"       (SELECT pg_catalog.count(*), coalesce(pg_catalog.array_agg(hash ORDER BY id), '{}') AS hashes"
	"          FROM migr.log WHERE id = ANY (l.follows)) p"
	" WHERE l.hash IS NOT NULL AND l.id > $1 ORDER BY l.id LIMIT " CppAsString2(BATCH), 1, {INT8OID}
};

/*
 * A log from before there were hashes has rows without, all in front.  Of what
 * followed a row that is gone, no more is said.
 */
static MigrQuery gaps_query = {
	"WITH l AS (SELECT id, follows, hash FROM migr.log),"
	"     followed AS (SELECT DISTINCT pg_catalog.unnest(follows) AS id FROM l),"
	"     gone AS (SELECT f.id FROM (TABLE followed UNION SELECT id FROM migr.log_end) f"
	"               WHERE NOT EXISTS (SELECT FROM l WHERE l.id = f.id))"
	" SELECT id, 'it is gone' FROM gone"
	" UNION ALL"
	" SELECT l.id, 'no row follows it, though it is not the last one'"
	"   FROM l WHERE l.hash IS NOT NULL AND NOT EXISTS (TABLE gone)"
	"    AND NOT EXISTS (SELECT FROM followed f WHERE f.id = l.id)"
	"    AND NOT EXISTS (SELECT FROM migr.log_end e WHERE e.id = l.id)"
	" UNION ALL"
	" SELECT l.id, 'it has no hash, unlike rows before it'"
	"   FROM l WHERE l.hash IS NULL AND l.id > (SELECT min(h.id) FROM l h WHERE h.hash IS NOT NULL)"
	" ORDER BY 1", 0, {0}
};

static void
add_failure(MigrSubject *subject, const char *check, int64 id, const char *detail)
{
	migr_report_add(subject->report, check, psprintf("log row " INT64_FORMAT, id),
					MIGR_STATUS_FAIL, detail);
}

/* Rows that are gone, or have come without migr. */
static void
find_gaps(MigrSubject *subject, const char *check, MigrDb *db)
{
	uint64		rows = migr_db_run(db, &gaps_query, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
		add_failure(subject, check, migr_db_int64(i, 1),
					migr_db_text(i, 2));
}

/* Is a row of the last result as its hash says? */
static bool
is_intact(uint64 row)
{
	HeapTuple	tuple = SPI_tuptable->vals[row];
	TupleDesc	desc = SPI_tuptable->tupdesc;
	int			parents = SPI_fnumber(desc, "_parents");
	const char *hash = migr_db_text(row, SPI_fnumber(desc, "_hash"));

	return migr_db_is_null(row, parents) ||
		strcmp(hash, migr_chain_hash(tuple, desc, migr_db_texts(row, parents))) == 0;
}

/* Check the rows behind *last; how many there were. */
static uint64
check_batch(MigrSubject *subject, const char *check, MigrDb *db, int64 *last)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr log",
												  ALLOCSET_DEFAULT_SIZES);
	Datum		after = Int64GetDatum(*last);
	uint64		rows = migr_db_run(db, &rows_query, &after, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		bool		intact;

		CHECK_FOR_INTERRUPTS();
		*last = migr_db_int64(i, SPI_fnumber(SPI_tuptable->tupdesc, "id"));
		MemoryContextSwitchTo(context);
		intact = is_intact(i);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(context);
		if (!intact)
			add_failure(subject, check, *last,
						"it, or a row that it follows, is not as it was written");
	}
	MemoryContextDelete(context);
	return rows;
}

void
migr_check_log(MigrSubject *subject, const char *check)
{
	int64		last = PG_INT64_MIN;
	uint64		count = 0;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, true);
	find_gaps(subject, check, &db);
	do
	{
		rows = check_batch(subject, check, &db, &last);
		count += rows;
	} while (rows == BATCH);
	migr_db_end(&db);
	migr_report_end(subject->report, check,
					psprintf("log rows: " UINT64_FORMAT, count));
}
