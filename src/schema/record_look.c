/*
 * record_look.c
 *		What is there, and what was recorded, of one moment.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "schema/public.h"
#include "schema/record.h"
#include "snapshot/snap.h"
#include "store/mutex.h"

#define ATTEMPTS 5

/*
 * Read what was recorded as it is now: a transaction's snapshot may be older than
 * the catalogs, which are always read as they are.
 */
static void
read_recorded(MigrRecorded *recorded, List **rows)
{
	MigrDb		db;

	PushActiveSnapshot(GetLatestSnapshot());
	migr_db_begin(&db, true);
	migr_recorded_read(&db, recorded);
	if (rows)
		*rows = migr_recorded_all(&db);
	migr_db_end(&db);
	PopActiveSnapshot();
}

/* Has no run ended in between? */
static bool
is_same(const MigrRecorded *before, const MigrRecorded *after)
{
	if (!before->exists || !after->exists)
		return before->exists == after->exists;
	return after->current && before->recorded_at == after->recorded_at &&
		strcmp(before->fingerprint, after->fingerprint) == 0;
}

/* Are rows, each by itself, those that migr has written? */
static bool
are_sound(const List *rows)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		const MigrRecordedObject *row = lfirst(lc);
		unsigned char hash[MIGR_DIGEST_BYTES];

		migr_recorded_hash(row, hash);
		if (memcmp(hash, row->hash, MIGR_DIGEST_BYTES) != 0)
			return false;
	}
	return true;
}

/* Are all rows, as a whole? */
static bool
is_sound(const MigrRecorded *recorded, const List *rows)
{
	MigrRecorded sum = {0};

	if (!recorded->exists)
		return rows == NIL;
	if (!are_sound(rows))
		return false;
	migr_recorded_count(&sum, rows, true);
	return strcmp(migr_lthash_digest(&sum.sum), recorded->fingerprint) == 0;
}

static void
raise_busy(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not read the schema while migrations run"),
			 errhint("Run it again.")));
}

void
migr_record_look(MigrRecordLook *look)
{
	for (int attempt = 1; attempt <= ATTEMPTS; attempt++)
	{
		MigrRecorded after;

		memset(look, 0, sizeof(MigrRecordLook));
		read_recorded(&look->recorded, NULL);
		if (look->recorded.exists && (!look->recorded.current || !look->recorded.comparable))
			return;
		look->schema = migr_snap_model(NULL);
		migr_public_settle(look->schema, true);
		read_recorded(&after, &look->rows);
		if (is_same(&look->recorded, &after))
		{
			look->is_sound = is_sound(&look->recorded, look->rows);
			look->live = migr_record_rows(look->schema);
			return;
		}
		CHECK_FOR_INTERRUPTS();
	}
	raise_busy();
}

/* --- some objects ----------------------------------------------------------------- */

static List *
choose_rows(MigrRecordLook *look, MigrRecordChoose choose, void *arg)
{
	List	   *addresses;
	MigrDb		db;

	PushActiveSnapshot(GetLatestSnapshot());
	migr_db_begin(&db, true);
	migr_recorded_read(&db, &look->recorded);
	addresses = choose(&db, look, arg);
	migr_db_end(&db);
	PopActiveSnapshot();
	/* cppcheck-suppress returnDanglingLifetime ; what is chosen is no part of it */
	return addresses;
}

static List *
read_live(const List *addresses)
{
	MigrScope	scope = {.only = addresses, .everything = true};
	MigrSchema *schema;

	schema = migr_snap_model(&scope);
	migr_public_settle(schema, true);
	return migr_record_rows(schema);
}

void
migr_record_look_some(MigrRecordLook *look, MigrRecordChoose choose, void *arg)
{
	for (int attempt = 1; attempt <= ATTEMPTS; attempt++)
	{
		MigrRecorded after;
		List	   *addresses;

		memset(look, 0, sizeof(MigrRecordLook));
		addresses = choose_rows(look, choose, arg);
		look->is_sound = are_sound(look->rows);
		if (migr_record_obstacle(&look->recorded, true))
			return;
		if (addresses != NIL || look->everything)
			look->live = read_live(look->everything ? NIL : addresses);
		read_recorded(&after, NULL);
		if (is_same(&look->recorded, &after))
			return;
		CHECK_FOR_INTERRUPTS();
	}
	raise_busy();
}

const char *
migr_record_obstacle(const MigrRecorded *recorded, bool applied)
{
	if (migr_mutex_in_run())
		return "a revision script is running in this session";
	if (!recorded->exists)
		return applied ? "no run has recorded the schema yet: the next one will" : NULL;
	if (!recorded->current)
		return "the last run has not recorded the schema: the next one will";
	if (!recorded->comparable)
		return "another version of the server or of migr has recorded the schema: the next run will do so anew";
	return NULL;
}
