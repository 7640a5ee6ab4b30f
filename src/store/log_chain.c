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
#include "utils/array.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/db.h"
#include "base/server_parser.h"
#include "base/text.h"
#include "store/log_chain.h"

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
		ids[i] = Int64GetDatum(DatumGetInt64(migr_db_datum(i, 1)));
		*parents = lappend(*parents, migr_db_text(i, 2));
	}
	return construct_array(ids, (int) rows, INT8OID, sizeof(int64),
						   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/* A row with another value in a column. */
static HeapTuple
set_column(HeapTuple row, TupleDesc desc, const char *name, Datum value)
{
	int			column = SPI_fnumber(desc, name);
	bool		is_null = false;

	return heap_modify_tuple_by_cols(row, desc, 1, &column, &value, &is_null);
}

HeapTuple
migr_chain_link(HeapTuple row, TupleDesc desc)
{
	char	   *action = SPI_getvalue(row, desc, SPI_fnumber(desc, "action"));
	bool		is_change = action && strcmp(action, "ddl") == 0;
	List	   *parents;
	Datum		values[2];
	bool		is_null;
	MigrDb		db;

	(void) SPI_getbinval(row, desc, SPI_fnumber(desc, "hash"), &is_null);
	if (!is_null)
		return row;

	migr_db_begin(&db, false);
	row = set_column(row, desc, "follows",
					 PointerGetDatum(take_ends(&db, !is_change, &parents)));
	values[0] = SPI_getbinval(row, desc, SPI_fnumber(desc, "id"), &is_null);
	values[1] = migr_db_text_datum(migr_chain_hash(row, desc, parents));
	migr_db_run_one(&db, &add_end_query, values, NULL);
	migr_db_end(&db);
	return set_column(row, desc, "hash", values[1]);
}
