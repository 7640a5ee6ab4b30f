/*
 * recorded.c
 *		The recorded schema: what runs left, a row of migr.object for each object.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pg_lsn.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/secure.h"
#include "base/text.h"
#include "store/recorded.h"

/* The form of the texts: to be raised whenever the library prints some otherwise. */
#define FORMAT 1

/* Rows that are written by one statement. */
#define ROWS_AT_ONCE 1000

/* Columns of migr.object. */
#define PUT_COLUMNS 24

#define OBJECT_COLUMNS \
	"o.id, o.kind, o.object, o.identity, o.catalog, o.oid, o.place, o.root_catalog, o.root_oid," \
	" o.schema, o.name, o.sort, o.definition, o.privileges, o.owner, o.hash," \
	" o.created_by, o.created_action, o.created_role, o.created_at," \
	" o.changed_by, o.changed_action, o.changed_role, o.changed_at"

static MigrQuery read_query = {
	"SELECT r.current, r.installation = $1, r.server_major = $2 AND r.format = $3, r.sum, r.fingerprint,"
	"       r.objects, r.recorded_at, l.looked_at, l.differing, r.horizon, r.written,"
	"       r.current AND r.clean"
	"  FROM migr.recorded r LEFT JOIN migr.looked l"
	"    ON l.recorded_at = r.recorded_at AND l.fingerprint = r.fingerprint AND r.current"
	" ORDER BY r.installation = $1 DESC, l.looked_at DESC NULLS LAST LIMIT 1",
	3, {TEXTOID, INT4OID, INT4OID}
};

static MigrQuery update_query = {
	"UPDATE migr.recorded SET current = true, installation = $1, server_major = $2, format = $3,"
	"       sum = $4, fingerprint = $5, objects = $6, horizon = $7, written = $8,"
	"       clean = $9, recorded_at = pg_catalog.clock_timestamp()",
	9, {TEXTOID, INT4OID, INT4OID, BYTEAOID, TEXTOID, INT8OID, INT8OID, LSNOID, BOOLOID}
};

static MigrQuery insert_query = {
	"INSERT INTO migr.recorded (current, installation, server_major, format, sum, fingerprint, objects,"
	"       horizon, written, clean)"
	" VALUES (true, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
	9, {TEXTOID, INT4OID, INT4OID, BYTEAOID, TEXTOID, INT8OID, INT8OID, LSNOID, BOOLOID}
};

static MigrQuery forget_query = {
	"UPDATE migr.recorded SET current = false WHERE current", 0, {0}
};

static MigrQuery clear_objects_query = {"DELETE FROM migr.object", 0, {0}};
static MigrQuery clear_query = {"DELETE FROM migr.recorded", 0, {0}};

/* Whoever else looks at the same time has the same to say. */
static MigrQuery looked_query = {
	"WITH old AS (SELECT ctid FROM migr.looked FOR UPDATE SKIP LOCKED),"
	" gone AS (DELETE FROM migr.looked l USING old WHERE l.ctid = old.ctid)"
	" INSERT INTO migr.looked (looked_at, recorded_at, fingerprint, differing)"
	" VALUES (pg_catalog.clock_timestamp(), $1, $2, $3)",
	3, {TIMESTAMPTZOID, TEXTOID, INT4OID}
};

static MigrQuery all_query = {
	"SELECT " OBJECT_COLUMNS " FROM migr.object o", 0, {0}
};

/*
 * One by one, by an index: a plan is made when the table may be small, and is gone by when
 * it is not.
 */
static MigrQuery roots_query = {
	"SELECT " OBJECT_COLUMNS
	"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS r (catalog, oid)"
	" CROSS JOIN LATERAL (SELECT * FROM migr.object n"
	"                      WHERE n.root_oid = r.oid AND n.root_catalog = r.catalog OFFSET 0) o",
	2, {OIDARRAYOID, OIDARRAYOID}
};

static MigrQuery ids_query = {
	"SELECT " OBJECT_COLUMNS " FROM pg_catalog.unnest($1) r (id)"
	" CROSS JOIN LATERAL (SELECT * FROM migr.object n WHERE n.id = r.id OFFSET 0) o", 1, {BYTEAARRAYOID}
};

static MigrQuery named_query = {
	"SELECT " OBJECT_COLUMNS
	"  FROM (SELECT n.root_oid, n.root_catalog FROM migr.object n WHERE n.name = ANY ($1) AND $2 = '{}'"
	"        UNION SELECT n.root_oid, n.root_catalog FROM migr.object n"
	"         WHERE n.name = ANY ($1) AND n.schema = ANY ($2)"
	"        UNION SELECT n.root_oid, n.root_catalog FROM migr.object a"
	"          JOIN migr.object n ON n.root_oid = a.root_oid AND n.root_catalog = a.root_catalog"
	"         WHERE a.name = ANY ($2) AND n.name = ANY ($1)) r"
	"  JOIN migr.object o ON o.root_oid = r.root_oid AND o.root_catalog = r.root_catalog",
	2, {TEXTARRAYOID, TEXTARRAYOID}
};

/* Table by table, with that before what stands on it. */
#define IN_ORDER \
	" ORDER BY o.schema NULLS FIRST, o.root_catalog, o.root_oid," \
	" (o.oid, o.catalog) <> (o.root_oid, o.root_catalog), o.place = 0, o.place, o.object"

static MigrQuery made_by_query = {
	"SELECT o.object FROM migr.object o WHERE o.created_by = $1" IN_ORDER, 1, {TEXTOID}
};

static MigrQuery changed_by_query = {
	"SELECT o.object FROM migr.object o WHERE o.changed_by = $1 AND o.created_by IS DISTINCT FROM $1"
	IN_ORDER, 1, {TEXTOID}
};

static MigrQuery remove_query = {
	"DELETE FROM migr.object WHERE id = $1", 1, {BYTEAOID}
};

static MigrQuery put_query = {
	"INSERT INTO migr.object (id, kind, object, identity, catalog, oid, place, root_catalog, root_oid,"
	"       schema, name, sort, definition, privileges, owner, hash, created_by, created_action, created_role, created_at,"
	"       changed_by, changed_action, changed_role, changed_at)"
	" SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
	"       pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),"
	"       pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11),"
	"       pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15),"
	"       pg_catalog.unnest($16), pg_catalog.unnest($17), pg_catalog.unnest($18), pg_catalog.unnest($19),"
	"       pg_catalog.unnest($20), pg_catalog.unnest($21), pg_catalog.unnest($22), pg_catalog.unnest($23), pg_catalog.unnest($24))"
	" ON CONFLICT (id) DO UPDATE SET (kind, object, identity, catalog, oid, place, root_catalog, root_oid,"
	"       schema, name, sort, definition, privileges, owner, hash, created_by, created_action, created_role, created_at,"
	"       changed_by, changed_action, changed_role, changed_at) ="
	"  (excluded.kind, excluded.object, excluded.identity, excluded.catalog, excluded.oid, excluded.place,"
	"       excluded.root_catalog, excluded.root_oid, excluded.schema, excluded.name, excluded.sort,"
	"       excluded.definition, excluded.privileges, excluded.owner, excluded.hash,"
	"       excluded.created_by, excluded.created_action, excluded.created_role, excluded.created_at,"
	"       excluded.changed_by, excluded.changed_action, excluded.changed_role, excluded.changed_at)",
	24, {BYTEAARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, OIDARRAYOID, OIDARRAYOID, INT4ARRAYOID,
		OIDARRAYOID, OIDARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
		TEXTARRAYOID, BYTEAARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID,
		TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID}
};

/* --- the whole ---------------------------------------------------------------- */

static Datum
bytes_datum(const void *bytes, int len)
{
	bytea	   *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), bytes, len);
	return PointerGetDatum(result);
}

/* False if the value has another length: somebody has been at it. */
static bool
read_bytes(Datum value, void *bytes, int len)
{
	bytea	   *stored = DatumGetByteaPP(value);

	if ((int) VARSIZE_ANY_EXHDR(stored) != len)
		return false;
	memcpy(bytes, VARDATA_ANY(stored), len);
	return true;
}

void
migr_recorded_read(MigrDb *db, MigrRecorded *recorded)
{
	unsigned char sum[MIGR_LTHASH_BYTES];
	Datum		values[3];

	memset(recorded, 0, sizeof(MigrRecorded));
	values[0] = CStringGetTextDatum(migr_secure_installation());
	values[1] = Int32GetDatum(MIGR_SERVER_MAJOR);
	values[2] = Int32GetDatum(FORMAT);
	recorded->exists = migr_db_run(db, &read_query, values, NULL) > 0;
	if (!recorded->exists)
		return;
	recorded->current = DatumGetBool(migr_db_datum(0, 1));
	recorded->believed = DatumGetBool(migr_db_datum(0, 2));
	recorded->comparable = DatumGetBool(migr_db_datum(0, 3));
	if (!read_bytes(migr_db_datum_of(0, 4, BYTEAOID), sum, sizeof(sum)))
		recorded->current = false;
	else
		migr_lthash_load(&recorded->sum, sum);
	recorded->fingerprint = migr_db_text(0, 5);
	recorded->objects = migr_db_int64(0, 6);
	recorded->recorded_at = migr_db_timestamp(0, 7);
	recorded->looked = !migr_db_is_null(0, 8);
	if (recorded->looked)
		recorded->looked_at = migr_db_timestamp(0, 8);
	recorded->differing = DatumGetInt32(migr_db_datum(0, 9));
	recorded->horizon = migr_db_int64(0, 10);
	recorded->written = DatumGetLSN(migr_db_datum_of(0, 11, LSNOID));
	recorded->clean = DatumGetBool(migr_db_datum(0, 12));
}

/* What is before it has ended; this transaction has not. */
static uint64
oldest_running(void)
{
	FullTransactionId next = ReadNextFullTransactionId();
	TransactionId oldest = GetLatestSnapshot()->xmin;

	return U64FromFullTransactionId(next) - (uint32) (XidFromFullTransactionId(next) - oldest);
}

void
migr_recorded_write(MigrDb *db, const MigrRecorded *recorded)
{
	unsigned char sum[MIGR_LTHASH_BYTES];
	Datum		values[9];
	uint64		oldest;

	migr_lthash_store(&recorded->sum, sum);
	values[0] = CStringGetTextDatum(migr_secure_installation());
	values[1] = Int32GetDatum(MIGR_SERVER_MAJOR);
	values[2] = Int32GetDatum(FORMAT);
	values[3] = bytes_datum(sum, sizeof(sum));
	values[4] = CStringGetTextDatum(migr_lthash_digest(&recorded->sum));
	values[5] = Int64GetDatum(recorded->objects);
	oldest = oldest_running();
	values[6] = Int64GetDatum((int64) oldest);

	/* What others who run have written already may be in any page. */
	values[7] = LSNGetDatum((TransactionId) oldest == GetTopTransactionIdIfAny()
							? GetXLogInsertRecPtr() : InvalidXLogRecPtr);
	values[8] = BoolGetDatum(recorded->clean);
	if (migr_db_run(db, &update_query, values, NULL) == 0)
		migr_db_run_one(db, &insert_query, values, NULL);
}

void
migr_recorded_forget(MigrDb *db)
{
	(void) migr_db_run(db, &forget_query, NULL, NULL);
}

void
migr_recorded_clear(MigrDb *db)
{
	(void) migr_db_run(db, &clear_objects_query, NULL, NULL);
	(void) migr_db_run(db, &clear_query, NULL, NULL);
}

void
migr_recorded_looked(MigrDb *db, const MigrRecorded *recorded, int differing)
{
	Datum		values[3];

	values[0] = TimestampTzGetDatum(recorded->recorded_at);
	values[1] = CStringGetTextDatum(recorded->fingerprint);
	values[2] = Int32GetDatum(differing);
	(void) migr_db_run(db, &looked_query, values, NULL);
}

/* Which of them has what, the lengths tell. */
void
migr_recorded_hash(const MigrRecordedObject *object, unsigned char *hash)
{
	const char *const texts[] = {object->definition, object->privileges};
	const char *utf8;
	StringInfoData all;

	initStringInfo(&all);
	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		appendStringInfo(&all, "%d ", texts[i] ? (int) strlen(texts[i]) : -1);
		appendStringInfoString(&all, texts[i] ? texts[i] : "");
	}
	utf8 = pg_server_to_any(all.data, all.len, PG_UTF8);
	migr_text_digest(utf8, utf8 == all.data ? all.len : (int) strlen(utf8), hash);
	pfree(all.data);
}

static int
compare_objects(const ListCell *a, const ListCell *b)
{
	const MigrRecordedObject *left = lfirst(a);
	const MigrRecordedObject *right = lfirst(b);
	int			order = memcmp(&left->root, &right->root, sizeof(MigrAddress));

	return order ? order : memcmp(left->id, right->id, MIGR_DIGEST_BYTES);
}

void
migr_recorded_count(MigrRecorded *recorded, const List *objects, bool add)
{
	List	   *sorted = list_copy(objects);
	StringInfoData element;

	list_sort(sorted, compare_objects);
	initStringInfo(&element);
	for (int i = 0; i < list_length(sorted); i++)
	{
		const MigrRecordedObject *object = list_nth(sorted, i);
		const MigrRecordedObject *next = i + 1 < list_length(sorted) ? list_nth(sorted, i + 1) : NULL;

		appendBinaryStringInfo(&element, (const char *) object->id, MIGR_DIGEST_BYTES);
		appendBinaryStringInfo(&element, (const char *) object->hash, MIGR_DIGEST_BYTES);
		if (next && memcmp(&object->root, &next->root, sizeof(MigrAddress)) == 0)
			continue;
		if (add)
			migr_lthash_add(&recorded->sum, element.data, element.len);
		else
			migr_lthash_remove(&recorded->sum, element.data, element.len);
		resetStringInfo(&element);
	}
	recorded->objects += add ? list_length(objects) : -list_length(objects);
	pfree(element.data);
	list_free(sorted);
}

/* --- reading rows -------------------------------------------------------------- */

static void
read_blame(MigrBlame *blame, const MigrDbReader *reader, int column)
{
	blame->revision = migr_db_reader_text(reader, column);
	blame->action = migr_db_reader_text(reader, column + 1);
	blame->by = migr_db_reader_text(reader, column + 2);
	blame->at = reader->nulls[column + 2] ? 0
		: DatumGetTimestampTz(migr_db_reader_datum(reader, column + 3, F_TIMESTAMPTZ_OUT));
}

static MigrRecordedObject *
read_object(const MigrDbReader *reader)
{
	MigrRecordedObject *object = palloc0(sizeof(MigrRecordedObject));

	/* A digest of another length is none that any object has. */
	(void) read_bytes(migr_db_reader_datum(reader, 1, F_BYTEAOUT), object->id, MIGR_DIGEST_BYTES);
	object->kind = migr_db_reader_text(reader, 2);
	object->object = migr_db_reader_text(reader, 3);
	object->identity = migr_db_reader_text(reader, 4);
	object->address.classid = DatumGetObjectId(reader->values[4]);
	object->address.objid = DatumGetObjectId(reader->values[5]);
	object->place = DatumGetInt32(reader->values[6]);
	object->root.classid = DatumGetObjectId(reader->values[7]);
	object->root.objid = DatumGetObjectId(reader->values[8]);
	object->schema = migr_db_reader_text(reader, 10);
	object->name = migr_db_reader_text(reader, 11);
	object->sort = migr_db_reader_text(reader, 12);
	object->definition = migr_db_reader_text(reader, 13);
	object->privileges = migr_db_reader_text(reader, 14);
	object->owner = migr_db_reader_text(reader, 15);
	(void) read_bytes(migr_db_reader_datum(reader, 16, F_BYTEAOUT), object->hash, MIGR_DIGEST_BYTES);
	read_blame(&object->created, reader, 17);
	read_blame(&object->changed, reader, 21);
	return object;
}

static List *
read_objects(MigrDb *db, MigrQuery *query, Datum *values)
{
	uint64		rows = migr_db_run(db, query, values, NULL);
	List	   *objects = NIL;
	MigrDbReader reader;

	migr_db_reader_begin(&reader);
	for (uint64 i = 0; i < rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		migr_db_reader_read(&reader, i);
		objects = lappend(objects, read_object(&reader));
	}
	return objects;
}

List *
migr_recorded_all(MigrDb *db)
{
	return read_objects(db, &all_query, NULL);
}

List *
migr_recorded_of_roots(MigrDb *db, const List *roots)
{
	List	   *catalogs = NIL;
	List	   *oids = NIL;
	Datum		values[2];
	ListCell   *lc;

	if (roots == NIL)
		return NIL;
	foreach(lc, roots)
	{
		catalogs = lappend_oid(catalogs, ((MigrAddress *) lfirst(lc))->classid);
		oids = lappend_oid(oids, ((MigrAddress *) lfirst(lc))->objid);
	}
	values[0] = migr_db_oids_datum(catalogs);
	values[1] = migr_db_oids_datum(oids);
	return read_objects(db, &roots_query, values);
}

/* An array of digests (unsigned char *). */
static Datum
digests_datum(const List *digests)
{
	Datum	   *elements = palloc((list_length(digests) + 1) * sizeof(Datum));
	int			count = 0;
	ListCell   *lc;

	foreach(lc, digests)
		elements[count++] = bytes_datum(lfirst(lc), MIGR_DIGEST_BYTES);
	return PointerGetDatum(construct_array(elements, count, BYTEAOID, -1, false, TYPALIGN_INT));
}

List *
migr_recorded_of_ids(MigrDb *db, const List *ids)
{
	Datum		value;

	if (ids == NIL)
		return NIL;
	value = digests_datum(ids);
	return read_objects(db, &ids_query, &value);
}

List *
migr_recorded_named(MigrDb *db, const List *names, const List *around)
{
	Datum		values[2];

	values[0] = migr_db_texts_datum(names);
	values[1] = migr_db_texts_datum(around);
	return read_objects(db, &named_query, values);
}

static List *
read_names(MigrDb *db, MigrQuery *query, const char *revision)
{
	Datum		value = migr_db_text_datum(revision);
	uint64		rows = migr_db_run(db, query, &value, NULL);
	List	   *names = NIL;

	for (uint64 i = 0; i < rows; i++)
		names = lappend(names, migr_db_text(i, 1));
	return names;
}

List *
migr_recorded_made_by(MigrDb *db, const char *revision)
{
	return read_names(db, &made_by_query, revision);
}

List *
migr_recorded_changed_by(MigrDb *db, const char *revision)
{
	return read_names(db, &changed_by_query, revision);
}

/* --- writing rows --------------------------------------------------------------- */

void
migr_recorded_remove(MigrDb *db, const List *objects)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		Datum		value = bytes_datum(((MigrRecordedObject *) lfirst(lc))->id, MIGR_DIGEST_BYTES);

		(void) migr_db_run(db, &remove_query, &value, NULL);
	}
}

/* The values of a column of some rows. */
typedef struct Column
{
	Datum	   *values;
	bool	   *nulls;
} Column;

static void
set_text(Column *column, int row, const char *text)
{
	column->nulls[row] = text == NULL;
	column->values[row] = migr_db_text_datum(text);
}

static void
set_blame(Column *columns, int row, const MigrBlame *blame)
{
	set_text(&columns[0], row, blame->revision);
	set_text(&columns[1], row, blame->action);
	set_text(&columns[2], row, blame->by);
	columns[3].nulls[row] = blame->action == NULL;
	columns[3].values[row] = TimestampTzGetDatum(blame->at);
}

static void
set_row(Column *columns, int row, const MigrRecordedObject *object)
{
	columns[0].values[row] = bytes_datum(object->id, MIGR_DIGEST_BYTES);
	set_text(&columns[1], row, object->kind);
	set_text(&columns[2], row, object->object);
	set_text(&columns[3], row, object->identity);
	columns[4].values[row] = ObjectIdGetDatum(object->address.classid);
	columns[5].values[row] = ObjectIdGetDatum(object->address.objid);
	columns[6].values[row] = Int32GetDatum(object->place);
	columns[7].values[row] = ObjectIdGetDatum(object->root.classid);
	columns[8].values[row] = ObjectIdGetDatum(object->root.objid);
	set_text(&columns[9], row, object->schema);
	set_text(&columns[10], row, object->name);
	set_text(&columns[11], row, object->sort);
	set_text(&columns[12], row, object->definition);
	set_text(&columns[13], row, object->privileges);
	set_text(&columns[14], row, object->owner);
	columns[15].values[row] = bytes_datum(object->hash, MIGR_DIGEST_BYTES);
	set_blame(&columns[16], row, &object->created);
	set_blame(&columns[20], row, &object->changed);
}

/* A column as an array of what a query's argument is one of. */
static Datum
column_datum(Column *column, int rows, Oid array)
{
	int			lower = 1;
	Oid			element = get_element_type(array);
	int16		len;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(element, &len, &by_value, &align);
	return PointerGetDatum(construct_md_array(column->values, column->nulls, 1, &rows, &lower,
											  element, len, by_value, align));
}

static void
put_some(MigrDb *db, const List *objects, int from, int count)
{
	Column		columns[PUT_COLUMNS];
	Datum		values[PUT_COLUMNS];

	Assert(put_query.nargs == lengthof(columns));
	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		columns[i].values = palloc(count * sizeof(Datum));
		columns[i].nulls = palloc0(count * sizeof(bool));
	}
	for (int i = 0; i < count; i++)
		set_row(columns, i, list_nth(objects, from + i));
	for (int i = 0; i < (int) lengthof(columns); i++)
		values[i] = column_datum(&columns[i], count, put_query.types[i]);
	(void) migr_db_run(db, &put_query, values, NULL);
}

void
migr_recorded_put(MigrDb *db, const List *objects)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr objects", ALLOCSET_DEFAULT_SIZES);

	for (int i = 0; i < list_length(objects); i += ROWS_AT_ONCE)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(context);
		put_some(db, objects, i, Min(ROWS_AT_ONCE, list_length(objects) - i));
		MemoryContextSwitchTo(caller);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}

void
migr_recorded_ready(void)
{
	static MigrQuery *const queries[] = {&roots_query, &ids_query, &remove_query, &put_query, &update_query};

	migr_db_plan(queries, lengthof(queries));
}
