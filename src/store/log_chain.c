/*
 * log_chain.c
 *		The chain of hashes over the rows of migr.log.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "replication/logicalworker.h"
#include "utils/array.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

#include "base/db.h"
#include "base/server_parser.h"
#include "base/text.h"
#include "store/log_chain.h"
#include "store/log_id.h"

/* Ends that another session is about to follow, or has followed, are left out. */
#define TAKE(which) \
	"WITH taken AS (" \
	"  DELETE FROM migr.log_end WHERE id IN" \
	"    (SELECT id FROM migr.log_end " which " FOR UPDATE SKIP LOCKED)" \
	"  RETURNING id, hash)" \
	"SELECT id, hash FROM taken ORDER BY id"

static MigrQuery take_all_query = {TAKE(""), 0, {0}};

/* From the index, past what this transaction has taken already. */
static MigrQuery take_last_query = {TAKE("ORDER BY id DESC LIMIT 1"), 0, {0}};

static MigrQuery add_end_query = {
	"INSERT INTO migr.log_end (id, hash) VALUES ($1, $2)", 2, {INT8OID, TEXTOID}
};

/* The row with the same id, if there is one. */
static MigrQuery same_id_query = {
	"SELECT coalesce(hash, '') FROM migr.log WHERE id = $1", 1, {INT8OID}
};

static MigrQuery drop_ends_query = {
	"DELETE FROM migr.log_end WHERE id IN"
	" (SELECT id FROM migr.log_end WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED)",
	1, {INT8ARRAYOID}
};

static MigrQuery keep_end_query = {
	"INSERT INTO migr.log_end (id, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING",
	2, {INT8OID, TEXTOID}
};

/* An end that is here already, or is none any more. */
static MigrQuery known_end_query = {
	"SELECT FROM migr.log_end WHERE id = $1 AND hash = $2"
	" UNION ALL"
	" SELECT FROM migr.log l JOIN migr.log f ON $1 = ANY (f.follows)"
	"  WHERE l.id = $1 AND l.hash = $2",
	2, {INT8OID, TEXTOID}
};

/* --- the hash of a row --------------------------------------------------- */

static char *describe_value(Datum value, Oid type);

/* The same for an array of intervals. */
static char *
describe_intervals(ArrayType *array)
{
	StringInfoData out;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	initStringInfo(&out);
	deconstruct_array(array, INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE,
					  &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "",
						 nulls[i] ? "null" : describe_value(values[i], INTERVALOID));
	return out.data;
}

/* A value as text that no setting and no version of the server changes. */
static char *
describe_value(Datum value, Oid type)
{
	const Interval *interval;
	Oid			output;
	bool		is_varlena;

	switch (type)
	{
		case TIMESTAMPTZOID:
			return psprintf(INT64_FORMAT, DatumGetTimestampTz(value));
		case INTERVALOID:
			interval = DatumGetIntervalP(value);
			return psprintf("%d %d " INT64_FORMAT, interval->month, interval->day,
							interval->time);
		case LSNOID:
			return psprintf(UINT64_FORMAT, DatumGetLSN(value));
		case INTERVALARRAYOID:
			return describe_intervals(DatumGetArrayTypeP(value));
		default:
			getTypeOutputInfo(type, &output, &is_varlena);
			return OidOutputFunctionCall(output, value);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(NameStr((*(const Form_pg_attribute *) a)->attname),
				  NameStr((*(const Form_pg_attribute *) b)->attname));
}

/*
 * The columns by name, without what is null: so those that later versions add,
 * wherever, change no hash.
 */
static char *
describe_row(HeapTuple row, TupleDesc desc)
{
	Form_pg_attribute *columns = palloc(desc->natts * sizeof(Form_pg_attribute));
	StringInfoData out;

	for (int i = 0; i < desc->natts; i++)
		columns[i] = TupleDescAttr(desc, i);
	qsort(columns, desc->natts, sizeof(Form_pg_attribute), compare_names);

	initStringInfo(&out);
	for (int i = 0; i < desc->natts; i++)
	{
		const char *name = NameStr(columns[i]->attname);
		bool		is_null;
		Datum		value = heap_getattr(row, columns[i]->attnum, desc, &is_null);

		if (is_null || columns[i]->attisdropped ||
			name[0] == '_' || strcmp(name, "hash") == 0)
			continue;
		appendStringInfo(&out, "%s ", name);
		escape_json(&out, describe_value(value, columns[i]->atttypid));
		appendStringInfoChar(&out, '\n');
	}
	return out.data;
}

typedef struct Conversion
{
	const char *text;
	const char *utf8;
} Conversion;

static void
convert(void *arg)
{
	Conversion *conversion = arg;

	conversion->utf8 = pg_server_to_any(conversion->text, strlen(conversion->text),
										PG_UTF8);
}

/*
 * What can't be converted is hashed as it is: no command fails for a hash.  It
 * is the conversion that raises, when the catalogs have been read.
 */
static const char *
to_utf8(const char *text)
{
	Conversion	conversion = {.text = text};

	return migr_parse_attempt(convert, &conversion) ? text : conversion.utf8;
}

char *
migr_chain_hash(HeapTuple row, TupleDesc desc, const List *parents)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	appendStringInfoString(&out, to_utf8(describe_row(row, desc)));
	foreach(lc, parents)
		appendStringInfo(&out, "%s\n", (char *) lfirst(lc));
	return migr_text_sha256(out.data, out.len);
}

/* --- a new row ----------------------------------------------------------- */

/*
 * Take the ends that a row is to follow: their ids, and their hashes (char *).
 * What is logged of changes outside of migr may be much, in one transaction:
 * each follows the one before, and a run follows all.  A transaction that keeps
 * its first snapshot can't take what others have taken since, and takes none.
 */
static ArrayType *
take_ends(MigrDb *db, bool all, List **parents)
{
	uint64		rows = IsolationUsesXactSnapshot() ? 0
		: migr_db_run(db, all ? &take_all_query : &take_last_query, NULL, NULL);
	Datum	   *ids = palloc((rows + 1) * sizeof(Datum));

	*parents = NIL;
	for (uint64 i = 0; i < rows; i++)
	{
		ids[i] = Int64GetDatum(migr_db_int64(i, 1));
		*parents = lappend(*parents, migr_db_text(i, 2));
	}
	return construct_array(ids, (int) rows, INT8OID, sizeof(int64),
						   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

static int64
read_id(HeapTuple row, TupleDesc desc)
{
	bool		is_null;
	Datum		id = SPI_getbinval(row, desc, SPI_fnumber(desc, "id"), &is_null);

	return is_null ? 0 : DatumGetInt64(id);
}

/* A row with another value in a column. */
static HeapTuple
set_column(HeapTuple row, TupleDesc desc, const char *name, Datum value)
{
	int			column = SPI_fnumber(desc, name);
	bool		is_null = false;

	return heap_modify_tuple_by_cols(row, desc, 1, &column, &value, &is_null);
}

/* A new row: its id, what it follows, its hash. */
static HeapTuple
link_new(HeapTuple row, TupleDesc desc)
{
	char	   *action = SPI_getvalue(row, desc, SPI_fnumber(desc, "action"));
	bool		is_change = action && strcmp(action, "ddl") == 0;
	List	   *parents;
	Datum		values[2];
	MigrDb		db;

	migr_db_begin(&db, false);
	values[0] = Int64GetDatum(migr_log_id(&db, read_id(row, desc)));
	row = set_column(row, desc, "id", values[0]);
	row = set_column(row, desc, "follows",
					 PointerGetDatum(take_ends(&db, !is_change, &parents)));
	values[1] = migr_db_text_datum(migr_chain_hash(row, desc, parents));
	migr_db_run_one(&db, &add_end_query, values, NULL);
	migr_db_end(&db);
	return set_column(row, desc, "hash", values[1]);
}

/* --- rows from elsewhere ------------------------------------------------- */

/* Raise that an id is that of another row here. */
static void
raise_other(int64 id)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("row " INT64_FORMAT " of migr.log is another one here", id),
			 errdetail("The log of this database did not begin as the one that the row is from."),
			 errhint("Restore into a new database, or from what pg_dump --clean writes; of logs that are replicated, one has to begin as a copy of the other.")));
}

/*
 * A row that replication brings is followed, or is an end, as in its database;
 * which other ends there are here is known here only.
 */
static void
keep_ends(MigrDb *db, HeapTuple row, TupleDesc desc, Datum *values)
{
	bool		is_null;
	Datum		follows = SPI_getbinval(row, desc, SPI_fnumber(desc, "follows"), &is_null);

	if (!is_null)
		migr_db_run(db, &drop_ends_query, &follows, NULL);
	migr_db_run(db, &keep_end_query, values, NULL);
}

/* A row that has its hash; NULL if it is here already. */
static HeapTuple
take_over(HeapTuple row, TupleDesc desc)
{
	int64		id = read_id(row, desc);
	const char *hash = SPI_getvalue(row, desc, SPI_fnumber(desc, "hash"));
	const char *here = NULL;
	Datum		values[2];
	MigrDb		db;

	values[0] = Int64GetDatum(id);
	values[1] = migr_db_text_datum(hash);
	migr_db_begin(&db, false);
	if (migr_db_run(&db, &same_id_query, values, NULL) > 0)
		here = migr_db_text(0, 1);
	if (here == NULL && IsLogicalWorker())
		keep_ends(&db, row, desc, values);
	migr_db_end(&db);
	if (here && strcmp(here, hash) != 0)
		raise_other(id);
	return here ? NULL : row;
}

HeapTuple
migr_chain_link(HeapTuple row, TupleDesc desc)
{
	return heap_attisnull(row, SPI_fnumber(desc, "hash"), desc)
		? link_new(row, desc) : take_over(row, desc);
}

HeapTuple
migr_chain_link_end(HeapTuple end, TupleDesc desc)
{
	Datum		values[2];
	bool		is_known;
	MigrDb		db;

	if (migr_db_active())
		return end;
	values[0] = Int64GetDatum(read_id(end, desc));
	values[1] = migr_db_text_datum(SPI_getvalue(end, desc, SPI_fnumber(desc, "hash")));
	migr_db_begin(&db, false);
	is_known = migr_db_run(&db, &known_end_query, values, NULL) > 0;
	migr_db_end(&db);
	return is_known ? NULL : end;
}

void
migr_chain_ready(void)
{
	static MigrQuery *const queries[] = {&take_last_query, &add_end_query};

	migr_db_plan(queries, lengthof(queries));
}
