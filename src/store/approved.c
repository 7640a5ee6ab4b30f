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

#define FIELDS \
	" a.checksum, a.objects, a.hashes, a.before, a.before_checksums, a.comment, a.approved_by, a.approved_at," \
	" a.begun, a.approved_in = $3, a.addresses"

#define COLUMNS "SELECT" FIELDS "  FROM migr.approval a WHERE a.revision = $1 AND a.direction = $2"

static MigrQuery read_query = {COLUMNS, 3, {TEXTOID, TEXTOID, TEXTOID}};
static MigrQuery lock_query = {COLUMNS " FOR UPDATE", 3, {TEXTOID, TEXTOID, TEXTOID}};

/* With who brought each. */
static MigrQuery read_many_query = {
	"SELECT r.loaded_session, coalesce(r.loaded_session_name, r.loaded_by), r.loaded_in," FIELDS
	"  FROM pg_catalog.unnest($1) WITH ORDINALITY w (revision, place)"
	"  LEFT JOIN migr.revision r ON r.revision = w.revision"
	"  LEFT JOIN migr.approval a ON a.revision = w.revision AND a.direction = $2"
	" ORDER BY w.place", 3, {TEXTARRAYOID, TEXTOID, TEXTOID}
};

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

/* A copy of a database has the objects of its original, and is another one. */
static Datum
database_datum(void)
{
	return migr_db_text_datum(psprintf("%s/%u", migr_secure_installation(), MyDatabaseId));
}

/* From the first columns of a row. */
static MigrBringer
read_bringer(uint64 row)
{
	MigrBringer bringer = {migr_db_text(row, 2)};
	const char *installation = migr_db_text(row, 3);

	if (installation && strcmp(installation, migr_secure_installation()) == 0 && !migr_db_is_null(row, 1))
		bringer.role = DatumGetObjectId(migr_db_datum(row, 1));
	return bringer;
}

MigrBringer
migr_approved_bringer(MigrDb *db, const MigrScript *script)
{
	Datum		value = migr_db_text_datum(script->revision);
	MigrBringer nobody = {NULL};

	return migr_db_run(db, script->repeatable ? &repeatable_bringer_query : &bringer_query, &value, NULL) == 0
		? nobody : read_bringer(0);
}

/* By either: a role that has another name since is the same. */
bool
migr_approved_is_own(const MigrBringer *bringer)
{
	return (OidIsValid(bringer->role) && bringer->role == GetSessionUserId()) ||
		bringer->name == NULL || strcmp(bringer->name, migr_audit_user()) == 0;
}

/* From the columns of a row behind the first. */
static MigrApproval *
read_approval(const char *revision, const char *direction, uint64 row, int first)
{
	MigrApproval *approval = palloc0(sizeof(MigrApproval));
	int			i = first;

	approval->revision = revision;
	approval->direction = direction;
	approval->checksum = migr_db_text(row, ++i);
	approval->objects = migr_db_texts(row, ++i);
	approval->hashes = migr_db_texts(row, ++i);
	approval->before = migr_db_texts(row, ++i);
	approval->before_checksums = migr_db_texts(row, ++i);
	approval->comment = migr_db_text(row, ++i);
	approval->by = migr_db_text(row, ++i);
	approval->at = migr_db_timestamp(row, ++i);
	approval->begun = DatumGetBool(migr_db_datum(row, ++i));
	approval->is_of_here = DatumGetBool(migr_db_datum(row, ++i));
	approval->addresses = migr_db_texts(row, ++i);
	return approval;
}

MigrApproval *
migr_approved_read(MigrDb *db, const char *revision, const char *direction, bool lock)
{
	Datum		values[3];

	values[0] = migr_db_text_datum(revision);
	values[1] = migr_db_text_datum(direction);
	values[2] = database_datum();
	return migr_db_run(db, lock ? &lock_query : &read_query, values, NULL) == 0 ? NULL
		: read_approval(revision, direction, 0, 0);
}

void
migr_approved_read_many(MigrDb *db, const List *revisions, const char *direction,
						MigrBringer *bringers, MigrApproval **approvals)
{
	Datum		values[3];
	uint64		count;

	values[0] = migr_db_texts_datum(revisions);
	values[1] = migr_db_text_datum(direction);
	values[2] = database_datum();
	count = migr_db_run(db, &read_many_query, values, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		bringers[i] = read_bringer(i);
		approvals[i] = migr_db_is_null(i, 4) ? NULL
			: read_approval(list_nth(revisions, i), direction, i, 3);
	}
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
