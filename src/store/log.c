/*
 * log.c
 *		The append-only log: one row for each run, load, stamp, guarded change.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

#include "base/db.h"
#include "store/log.h"
#include "store/log_chain.h"
#include "store/log_id.h"

#define APPEND_ARGS 20

static MigrQuery append = {
	"INSERT INTO migr.log (action, target, tag, from_heads, to_heads, revisions,"
	"                      started_at, duration, performed_by, run_as,"
	"                      command, objects, statement, detail, durations, outcome, step, checksum,"
	"                      lsn, restore_point, tenant)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, pg_catalog.clock_timestamp() - $7, $8, $9,"
	"         $10, $11, $12, $13,"
	"         (SELECT pg_catalog.array_agg(d * interval '1 microsecond' ORDER BY place)"
	"            FROM pg_catalog.unnest($14) WITH ORDINALITY u (d, place)), $15, $16, $17,"
	"         coalesce($18, pg_catalog.pg_current_wal_insert_lsn()), $19, $20)",
	APPEND_ARGS, {TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
	TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID, INT8ARRAYOID,
	TEXTOID, INT4OID, TEXTOID, LSNOID, TEXTOID, TEXTOID}
};

char *
migr_audit_user(void)
{
	return GetUserNameFromId(GetSessionUserId(), false);
}

void
migr_audit_add_detail(MigrAudit *entry, const char *line)
{
	if (line)
		entry->detail = entry->detail ? psprintf("%s\n%s", entry->detail, line) : line;
}

static Datum
durations_datum(const MigrAudit *entry)
{
	int			count = entry->durations ? list_length(entry->revisions) : 0;
	Datum	   *values = palloc((count + 1) * sizeof(Datum));

	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(entry->durations[i]);
	return PointerGetDatum(construct_array(values, count, INT8OID, sizeof(int64),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
migr_audit_write(const MigrAudit *entry)
{
	Datum		values[APPEND_ARGS];
	char		nulls[APPEND_ARGS];
	const char *run_as = GetUserNameFromId(GetUserId(), false);
	MigrDb		db;

	memset(nulls, ' ', sizeof(nulls));
	values[0] = migr_db_text_datum(entry->action);
	values[1] = migr_db_text_datum(entry->target);
	nulls[1] = entry->target ? ' ' : 'n';
	values[2] = migr_db_text_datum(entry->tag);
	nulls[2] = entry->tag ? ' ' : 'n';
	values[3] = migr_db_texts_datum(entry->from_heads);
	values[4] = migr_db_texts_datum(entry->to_heads);
	values[5] = migr_db_texts_datum(entry->revisions);
	values[6] = TimestampTzGetDatum(entry->started);
	values[7] = migr_db_text_datum(migr_audit_user());
	values[8] = migr_db_text_datum(run_as);
	values[9] = migr_db_text_datum(entry->command);
	values[10] = migr_db_texts_datum(entry->objects);
	values[11] = migr_db_text_datum(entry->statement);
	nulls[9] = entry->command ? ' ' : 'n';
	nulls[10] = entry->command ? ' ' : 'n';
	nulls[11] = entry->statement ? ' ' : 'n';
	values[12] = migr_db_text_datum(entry->detail);
	nulls[12] = entry->detail ? ' ' : 'n';
	values[13] = durations_datum(entry);
	nulls[13] = entry->durations ? ' ' : 'n';
	values[14] = migr_db_text_datum(entry->outcome ? entry->outcome : "done");
	values[15] = Int32GetDatum(entry->step);
	nulls[15] = entry->step > 0 ? ' ' : 'n';
	values[16] = migr_db_text_datum(entry->checksum);
	nulls[16] = entry->checksum ? ' ' : 'n';
	values[17] = LSNGetDatum(entry->lsn);
	nulls[17] = XLogRecPtrIsInvalid(entry->lsn) ? 'n' : ' ';
	values[18] = migr_db_text_datum(entry->restore_point);
	nulls[18] = entry->restore_point ? ' ' : 'n';
	values[19] = migr_db_text_datum(entry->tenant);
	nulls[19] = entry->tenant ? ' ' : 'n';

	migr_db_begin(&db, false);
	migr_db_run_one(&db, &append, values, nulls);
	migr_db_end(&db);
}

void
migr_log_ready(void)
{
	static MigrQuery *const queries[] = {&append};

	migr_db_plan(queries, lengthof(queries));
	migr_log_id_ready();
	migr_chain_ready();
}
