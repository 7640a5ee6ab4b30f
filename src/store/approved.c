/*
 * approved.c
 *		Approvals that are not used up: the rows of migr.approval.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "base/secure.h"
#include "store/approved.h"
#include "store/log.h"

/* Who loaded scripts before that was noted is known by the role whose rights he used. */
static MigrQuery bringer_query = {
	"SELECT loaded_session, coalesce(loaded_session_name, loaded_by), loaded_in"
	"  FROM migr.revision WHERE revision = $1", 1, {TEXTOID}
};

static MigrQuery repeatable_bringer_query = {
	"SELECT loaded_session, coalesce(loaded_session_name, loaded_by), loaded_in"
	"  FROM migr.repeatable WHERE name = $1", 1, {TEXTOID}
};

#define COLUMNS \
	"SELECT checksum, objects, hashes, before, before_checksums, comment, approved_by, approved_at, begun," \
	"       approved_in = $3, addresses" \
	"  FROM migr.approval WHERE revision = $1 AND direction = $2"

static MigrQuery read_query = {COLUMNS, 3, {TEXTOID, TEXTOID, TEXTOID}};
static MigrQuery lock_query = {COLUMNS " FOR UPDATE", 3, {TEXTOID, TEXTOID, TEXTOID}};

static MigrQuery put_query = {
	"INSERT INTO migr.approval (revision, direction, checksum, objects, hashes, before, before_checksums,"
	"       comment, approver, approved_by, approved_in, addresses)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
	" ON CONFLICT (revision, direction) DO UPDATE"
	"   SET checksum = $3, objects = $4, hashes = $5, before = $6, before_checksums = $7, comment = $8,"
	"       approver = $9, approved_by = $10, approved_in = $11, addresses = $12,"
	"       approved_at = pg_catalog.clock_timestamp(), begun = false",
	12, {TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
	TEXTOID, OIDOID, TEXTOID, TEXTOID, TEXTARRAYOID}
};

static MigrQuery begin_query = {
	"UPDATE migr.approval SET begun = true WHERE revision = $1 AND direction = $2", 2, {TEXTOID, TEXTOID}
};

static MigrQuery remove_query = {
	"DELETE FROM migr.approval WHERE revision = $1 AND direction = $2", 2, {TEXTOID, TEXTOID}
};

static MigrQuery forget_query = {
	"DELETE FROM migr.approval WHERE revision = $1", 1, {TEXTOID}
};

static MigrQuery other_query = {
	"SELECT b.revision"
	"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) b (revision, checksum)"
	"  LEFT JOIN migr.revision r ON r.revision = b.revision"
	"  LEFT JOIN migr.version v ON $3 AND v.revision = b.revision"
	" WHERE CASE WHEN v.revision IS NULL THEN r.checksum IS DISTINCT FROM b.checksum"
	"            ELSE v.stamped OR v.checksum IS DISTINCT FROM b.checksum END"
	" LIMIT 1", 3, {TEXTARRAYOID, TEXTARRAYOID, BOOLOID}
};

/* A copy of a database has the objects of its original, and is another one. */
static Datum
database_datum(void)
{
	return migr_db_text_datum(psprintf("%s/%u", migr_secure_installation(), MyDatabaseId));
}

MigrBringer
migr_approved_bringer(MigrDb *db, const MigrScript *script)
{
	Datum		value = migr_db_text_datum(script->revision);
	MigrBringer bringer = {NULL};
	const char *installation;

	if (migr_db_run(db, script->repeatable ? &repeatable_bringer_query : &bringer_query, &value, NULL) == 0)
		return bringer;
	bringer.name = migr_db_text(0, 2);
	installation = migr_db_text(0, 3);
	if (installation && strcmp(installation, migr_secure_installation()) == 0 && !migr_db_is_null(0, 1))
		bringer.role = DatumGetObjectId(migr_db_datum(0, 1));
	return bringer;
}

/* By either: a role that has another name since is the same. */
bool
migr_approved_is_own(const MigrBringer *bringer)
{
	return (OidIsValid(bringer->role) && bringer->role == GetSessionUserId()) ||
		bringer->name == NULL || strcmp(bringer->name, migr_audit_user()) == 0;
}

MigrApproval *
migr_approved_read(MigrDb *db, const char *revision, const char *direction, bool lock)
{
	MigrApproval *approval;
	Datum		values[3];

	values[0] = migr_db_text_datum(revision);
	values[1] = migr_db_text_datum(direction);
	values[2] = database_datum();
	if (migr_db_run(db, lock ? &lock_query : &read_query, values, NULL) == 0)
		return NULL;
	approval = palloc0(sizeof(MigrApproval));
	approval->revision = revision;
	approval->direction = direction;
	approval->checksum = migr_db_text(0, 1);
	approval->objects = migr_db_texts(0, 2);
	approval->hashes = migr_db_texts(0, 3);
	approval->before = migr_db_texts(0, 4);
	approval->before_checksums = migr_db_texts(0, 5);
	approval->comment = migr_db_text(0, 6);
	approval->by = migr_db_text(0, 7);
	approval->at = migr_db_timestamp(0, 8);
	approval->begun = DatumGetBool(migr_db_datum(0, 9));
	approval->is_of_here = DatumGetBool(migr_db_datum(0, 10));
	approval->addresses = migr_db_texts(0, 11);
	return approval;
}

void
migr_approved_put(MigrDb *db, const MigrApproval *approval)
{
	Datum		values[12];

	values[0] = migr_db_text_datum(approval->revision);
	values[1] = migr_db_text_datum(approval->direction);
	values[2] = migr_db_text_datum(approval->checksum);
	values[3] = migr_db_texts_datum(approval->objects);
	values[4] = migr_db_texts_datum(approval->hashes);
	values[5] = migr_db_texts_datum(approval->before);
	values[6] = migr_db_texts_datum(approval->before_checksums);
	values[7] = migr_db_text_datum(approval->comment);
	values[8] = ObjectIdGetDatum(GetSessionUserId());
	values[9] = migr_db_text_datum(migr_audit_user());
	values[10] = database_datum();
	values[11] = migr_db_texts_datum(approval->addresses);
	migr_db_run_one(db, &put_query, values, NULL);
}

void
migr_approved_begin(MigrDb *db, const MigrApproval *approval)
{
	Datum		values[2];

	values[0] = migr_db_text_datum(approval->revision);
	values[1] = migr_db_text_datum(approval->direction);
	migr_db_run_one(db, &begin_query, values, NULL);
}

bool
migr_approved_remove(MigrDb *db, const char *revision, const char *direction)
{
	Datum		values[2];

	values[0] = migr_db_text_datum(revision);
	values[1] = migr_db_text_datum(direction);
	return migr_db_run(db, &remove_query, values, NULL) > 0;
}

void
migr_approved_forget(MigrDb *db, const char *revision)
{
	Datum		value = migr_db_text_datum(revision);

	(void) migr_db_run(db, &forget_query, &value, NULL);
}

char *
migr_approved_other(MigrDb *db, const MigrApproval *approval)
{
	Datum		values[3];

	values[0] = migr_db_texts_datum(approval->before);
	values[1] = migr_db_texts_datum(approval->before_checksums);
	values[2] = BoolGetDatum(strcmp(approval->direction, "upgrade") == 0);
	return migr_db_run(db, &other_query, values, NULL) > 0 ? migr_db_text(0, 1) : NULL;
}
