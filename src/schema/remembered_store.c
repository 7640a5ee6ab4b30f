/*
 * remembered_store.c
 *		What builds of desired DDL came to, kept in migr.remembered.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/seal.h"
#include "base/text.h"
#include "base/wire.h"
#include "model/model_wire.h"
#include "schema/remembered.h"
#include "schema/remembered_store.h"

#define COLUMNS "SELECT r.build, r.desired, r.content FROM migr.remembered r"
#define LAST " ORDER BY r.made_at DESC LIMIT 1"

static MigrQuery find_query = {
	COLUMNS " WHERE r.piece = 0 AND r.role = $1 AND r.environment = $2 AND r.desired = $3" LAST,
	3, {OIDOID, TEXTOID, TEXTOID}
};

static MigrQuery find_any_query = {
	COLUMNS " WHERE r.piece = 0 AND r.role = $1 AND r.environment = $2" LAST, 2, {OIDOID, TEXTOID}
};

static MigrQuery pieces_query = {
	"SELECT r.content FROM migr.remembered r WHERE r.build = $1 AND r.piece > 0 ORDER BY r.piece",
	1, {UUIDOID}
};

static MigrQuery name_query = {
	"SELECT pg_catalog.gen_random_uuid()", 0, {0}
};

static MigrQuery write_query = {
	"INSERT INTO migr.remembered (build, piece, role, environment, desired, bytes, content)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)",
	7, {UUIDOID, INT4OID, OIDOID, TEXTOID, TEXTOID, INT8OID, BYTEAOID}
};

/* A build whose head another session is about to drop goes with that. */
#define DROP_HEADS(condition) \
	"DELETE FROM migr.remembered r WHERE r.build = ANY (ARRAY(" \
	"   SELECT h.build FROM migr.remembered h WHERE h.piece = 0 AND " condition \
	"      FOR UPDATE SKIP LOCKED))"

static MigrQuery trim_query = {
	DROP_HEADS("h.build IN ("
			   "SELECT o.build FROM ("
			   "   SELECT i.build, i.role, pg_catalog.sum(i.bytes) OVER (ORDER BY i.made_at DESC, i.build) AS bytes,"
			   "          pg_catalog.row_number() OVER (PARTITION BY i.role ORDER BY i.made_at DESC, i.build) AS place"
			   "     FROM migr.remembered i WHERE i.piece = 0) o"
			   " WHERE o.bytes > $1 OR o.place > $2"
			   "    OR NOT EXISTS (SELECT FROM pg_catalog.pg_roles l WHERE l.oid = o.role))"),
	2, {INT8OID, INT4OID}
};

static MigrQuery forget_query = {
	DROP_HEADS("h.role = $1"), 1, {OIDOID}
};

/* --- reading ---------------------------------------------------------------- */

/* The bytes of a column, in memory of the caller's. */
static StringInfo
bytes_of(uint64 row, int column)
{
	bytea	   *bytes = DatumGetByteaPP(migr_db_datum_of(row, column, BYTEAOID));
	StringInfo	result = makeStringInfo();

	appendBinaryStringInfo(result, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	return result;
}

/*
 * What the seal of a head says that it is for.  Its first part are the digests of the
 * pieces; so of all these rows none can be another one, or of another build.
 */
static char *
purpose_of(const MigrRememberedKey *key, const char *desired)
{
	return psprintf("remembered %u %s %s", key->role, key->environment, desired);
}

bool
migr_remembered_read(const MigrRememberedKey *key, bool any, MigrRememberedRow *row)
{
	Datum		values[] = {ObjectIdGetDatum(key->role), migr_db_text_datum(key->environment),
	migr_db_text_datum(key->desired)};
	char	   *purpose = NULL;
	MigrDb		db;

	migr_db_begin(&db, true);
	if (migr_db_run(&db, any ? &find_any_query : &find_query, values, NULL) == 1)
	{
		row->build = *DatumGetUUIDP(migr_db_datum_of(0, 1, UUIDOID));
		purpose = purpose_of(key, migr_db_text(0, 2));
		row->head = bytes_of(0, 3);
	}
	migr_db_end(&db);
	if (purpose == NULL || !migr_seal_take(row->head, purpose))
		return false;
	row->pieces = migr_wire_get_texts(row->head);
	return true;
}

MigrSchema *
migr_remembered_read_schema(const MigrRememberedRow *row)
{
	Datum		build = UUIDPGetDatum(&row->build);
	MigrSchemaReader reader;
	uint64		rows;
	MigrDb		db;

	migr_object_wire_begin(&reader);
	migr_db_begin(&db, true);
	rows = migr_db_run(&db, &pieces_query, &build, NULL);
	for (uint64 i = 0; i < rows && rows == list_length(row->pieces); i++)
	{
		StringInfo	piece = bytes_of(i, 1);

		if (strcmp(migr_text_sha256(piece->data, piece->len), list_nth(row->pieces, i)) != 0)
			break;
		migr_object_wire_read(&reader, piece);
		pfree(piece->data);
		pfree(piece);
	}
	migr_db_end(&db);
	return reader.done ? reader.schema : NULL;
}

/* --- writing ---------------------------------------------------------------- */

typedef struct Writing
{
	const MigrRememberedKey *key;
	MigrDb		db;
	Datum		build;
	List	   *pieces;			/* char *: their digests */
	int64		bytes;
} Writing;

static void
write_row(Writing *writing, int piece, StringInfo content)
{
	bytea	   *bytes = palloc(VARHDRSZ + content->len);
	Datum		values[7] = {writing->build, Int32GetDatum(piece), ObjectIdGetDatum(writing->key->role),
		migr_db_text_datum(writing->key->environment), migr_db_text_datum(writing->key->desired),
	Int64GetDatum(writing->bytes), PointerGetDatum(bytes)};

	SET_VARSIZE(bytes, VARHDRSZ + content->len);
	memcpy(VARDATA(bytes), content->data, content->len);
	(void) migr_db_run(&writing->db, &write_query, values, piece == 0 ? NULL : "     n ");
	pfree(bytes);
}

/* What is too large is written no further, and has no head by which it is found. */
static void
write_piece(StringInfo piece, void *arg)
{
	Writing    *writing = arg;

	writing->bytes += piece->len;
	if (writing->bytes <= MIGR_REMEMBERED_BUILD_BYTES)
	{
		writing->pieces = lappend(writing->pieces, migr_text_sha256(piece->data, piece->len));
		write_row(writing, list_length(writing->pieces), piece);
	}
	resetStringInfo(piece);
}

/* The row by which it is found. */
static void
write_head(Writing *writing, StringInfo head)
{
	char	   *purpose = purpose_of(writing->key, writing->key->desired);
	StringInfoData body;
	StringInfoData sealed;

	initStringInfo(&body);
	migr_wire_put_texts(&body, writing->pieces);
	appendBinaryStringInfo(&body, head->data, head->len);
	initStringInfo(&sealed);
	migr_seal_append(&sealed, purpose, body.data, body.len);
	appendBinaryStringInfo(&sealed, body.data, body.len);
	write_row(writing, 0, &sealed);
}

static MigrQuery unfinished_query = {
	"DELETE FROM migr.remembered r WHERE r.build = $1", 1, {UUIDOID}
};

void
migr_remembered_write(const MigrRememberedKey *key, StringInfo head, MigrSchema *schema)
{
	Writing		writing = {.key = key};
	Datum		limits[] = {Int64GetDatum(MIGR_REMEMBERED_BYTES), Int32GetDatum(MIGR_REMEMBERED_BUILDS)};
	pg_uuid_t	build;

	migr_db_begin(&writing.db, false);
	(void) migr_db_run(&writing.db, &name_query, NULL, NULL);
	build = *DatumGetUUIDP(migr_db_datum_of(0, 1, UUIDOID));
	writing.build = UUIDPGetDatum(&build);
	writing.bytes = head->len;
	migr_object_wire_write(schema, write_piece, &writing);
	if (writing.bytes <= MIGR_REMEMBERED_BUILD_BYTES)
		write_head(&writing, head);
	else
		(void) migr_db_run(&writing.db, &unfinished_query, &writing.build, NULL);
	(void) migr_db_run(&writing.db, &trim_query, limits, NULL);
	migr_db_end(&writing.db);
}

void
migr_remembered_forget(Oid role)
{
	Datum		value = ObjectIdGetDatum(role);
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &forget_query, &value, NULL);
	migr_db_end(&db);
}
