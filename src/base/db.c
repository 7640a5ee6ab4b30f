/*
 * db.c
 *		The only way in which migr queries its own tables.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/large.h"

/* From so many bytes on it matters how often a text is copied, and what compresses it. */
#define LONG_TEXT (1024 * 1024)

/* How many migr_db_begin() are open; an error closes them, see below. */
static int	depth;

static void
leave(void *arg)
{
	depth--;
}

/* What follows migr_secure_begin(). */
static void
begin(MigrDb *db, bool read_only)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContextCallback *callback;

	db->read_only = read_only;
	SPI_connect();

	/* SPI's own context dies at SPI_finish() and in an abort alike. */
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = leave;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	depth++;

	MemoryContextSwitchTo(caller);
}

void
migr_db_begin(MigrDb *db, bool read_only)
{
	migr_secure_begin(&db->secure, false);
	begin(db, read_only);
}

void
migr_db_begin_as_caller(MigrDb *db)
{
	migr_secure_begin(&db->secure, true);
	begin(db, true);
}

void
migr_db_begin_observing(MigrDb *db)
{
	if (migr_secure_owner_is_superuser())
		migr_db_begin(db, true);
	else
		migr_db_begin_as_caller(db);
}

void
migr_db_begin_as(MigrDb *db, Oid user)
{
	migr_secure_begin_as(&db->secure, user);
	begin(db, true);
}

void
migr_db_end(MigrDb *db)
{
	SPI_finish();
	migr_secure_end(&db->secure);
}

bool
migr_db_active(void)
{
	return depth > 0;
}

/* Keys and indexes say how; values, which can be long, are not copied into plans. */
static void
prepare(MigrQuery *query)
{
	SPIPlanPtr	plan;

	if (query->plan)
		return;
	plan = SPI_prepare_cursor(query->sql, query->nargs, query->types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", query->sql,
			 SPI_result_code_string(SPI_result));
	query->plan = plan;
}

void
migr_db_plan(MigrQuery *const *queries, int count)
{
	for (int i = 0; i < count; i++)
	{
		CachedPlan *plan;

		prepare(queries[i]);
		plan = SPI_plan_get_cached_plan(queries[i]->plan);
		if (plan)
			ReleaseCachedPlan(plan, CurrentResourceOwner);
	}
}

uint64
migr_db_run(MigrDb *db, MigrQuery *query, Datum *values, const char *nulls)
{
	MemoryContext caller = CurrentMemoryContext;
	int			code;

	prepare(query);
	if (SPI_tuptable)
		SPI_freetuptable(SPI_tuptable);
	code = SPI_execute_plan(query->plan, values, nulls, db->read_only, 0);
	if (code < 0)
		elog(ERROR, "could not run \"%s\": %s", query->sql,
			 SPI_result_code_string(code));

	/* SPI leaves us in its own context. */
	MemoryContextSwitchTo(caller);
	return SPI_processed;
}

uint64
migr_db_run_once(MigrDb *db, const MigrQuery *query, Datum *values)
{
	MemoryContext caller = CurrentMemoryContext;
	int			code;

	if (SPI_tuptable)
		SPI_freetuptable(SPI_tuptable);
	code = SPI_execute_with_args(query->sql, query->nargs, (Oid *) query->types,
								 values, NULL, db->read_only, 0);
	if (code < 0)
		elog(ERROR, "could not run \"%s\": %s", query->sql,
			 SPI_result_code_string(code));
	MemoryContextSwitchTo(caller);
	return SPI_processed;
}

void
migr_db_run_one(MigrDb *db, MigrQuery *query, Datum *values, const char *nulls)
{
	uint64		rows = migr_db_run(db, query, values, nulls);

	if (rows != 1)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("migr's tables have been changed by something else"),
				 errdetail("A change of one row met " UINT64_FORMAT " rows.", rows)));
}

static void
raise_type(Form_pg_attribute attribute)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("migr's tables have been changed by something else"),
			 errdetail("What \"%s\" holds is of type %s.", NameStr(attribute->attname),
					   format_type_be(attribute->atttypid)),
			 errhint("The extension is damaged: drop it and create it again, or restore a backup.")));
}

static Datum
read_datum(uint64 row, int column)
{
	bool		is_null;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
}

Datum
migr_db_datum(uint64 row, int column)
{
	Form_pg_attribute attribute = TupleDescAttr(SPI_tuptable->tupdesc, column - 1);

	if (!attribute->attbyval)
		raise_type(attribute);
	return read_datum(row, column);
}

Datum
migr_db_datum_of(uint64 row, int column, Oid type)
{
	Form_pg_attribute attribute = TupleDescAttr(SPI_tuptable->tupdesc, column - 1);

	if (attribute->atttypid != type)
		raise_type(attribute);
	return read_datum(row, column);
}

int64
migr_db_int64(uint64 row, int column)
{
	return migr_db_is_null(row, column) ? 0 : DatumGetInt64(migr_db_datum_of(row, column, INT8OID));
}

TimestampTz
migr_db_timestamp(uint64 row, int column)
{
	return migr_db_is_null(row, column) ? 0
		: DatumGetTimestampTz(migr_db_datum_of(row, column, TIMESTAMPTZOID));
}

bool
migr_db_is_null(uint64 row, int column)
{
	bool		is_null;

	(void) SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
						 column, &is_null);
	return is_null;
}

char *
migr_db_text(uint64 row, int column)
{
	return migr_db_is_null(row, column) ? NULL
		: TextDatumGetCString(migr_db_datum_of(row, column, TEXTOID));
}

char *
migr_db_shown(uint64 row, int column)
{
	return column > SPI_tuptable->tupdesc->natts ? NULL
		: SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

char *
migr_db_long_text(uint64 row, int column)
{
	struct varlena *stored;
	struct varlena *whole;
	Size		size;

	if (migr_db_is_null(row, column))
		return NULL;
	stored = (struct varlena *) DatumGetPointer(migr_db_datum_of(row, column, TEXTOID));
	whole = detoast_attr(stored);
	if (whole == stored)
		return TextDatumGetCString(PointerGetDatum(stored));
	/* A large chunk grows where it is. */
	size = VARSIZE(whole);
	whole = repalloc(whole, size + 1);
	((char *) whole)[size] = '\0';
	return VARDATA(whole);
}

List *
migr_db_texts(uint64 row, int column)
{
	List	   *result = NIL;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (migr_db_is_null(row, column))
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(migr_db_datum_of(row, column, TEXTARRAYOID)), TEXTOID,
					  -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			result = lappend(result, TextDatumGetCString(elements[i]));
	}
	return result;
}

void
migr_db_reader_begin(MigrDbReader *reader)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;

	reader->columns = desc->natts;
	reader->output = palloc(desc->natts * sizeof(FmgrInfo));
	reader->values = palloc(desc->natts * sizeof(Datum));
	reader->nulls = palloc(desc->natts * sizeof(bool));
	for (int i = 0; i < desc->natts; i++)
	{
		Oid			output;
		bool		is_varlena;

		getTypeOutputInfo(SPI_gettypeid(desc, i + 1), &output, &is_varlena);
		fmgr_info(output, &reader->output[i]);
	}
}

void
migr_db_reader_read(MigrDbReader *reader, uint64 row)
{
	heap_deform_tuple(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
					  reader->values, reader->nulls);
}

const char *
migr_db_reader_text(const MigrDbReader *reader, int column)
{
	Datum		value = reader->values[column - 1];

	if (reader->nulls[column - 1])
		return NULL;
	switch (reader->output[column - 1].fn_oid)
	{
		case F_BOOLOUT:
			return DatumGetBool(value) ? "t" : "f";
		case F_TEXTOUT:
			return TextDatumGetCString(value);
		case F_NAMEOUT:
			return pstrdup(NameStr(*DatumGetName(value)));
		default:
			return OutputFunctionCall(&reader->output[column - 1], value);
	}
}

Datum
migr_db_reader_datum(const MigrDbReader *reader, int column, Oid output)
{
	if (reader->nulls[column - 1] || reader->output[column - 1].fn_oid != output)
		raise_type(TupleDescAttr(SPI_tuptable->tupdesc, column - 1));
	return reader->values[column - 1];
}

Datum
migr_db_text_datum(const char *text)
{
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* The server's own way, PGLZ, takes longer than COPY takes for the rows. */
Datum
migr_db_long_text_datum(char *bytes, int len, bool headed)
{
	text	   *value = headed ? (text *) (bytes - VARHDRSZ) : migr_large_alloc(VARHDRSZ + len);
	struct varlena *compressed;

	SET_VARSIZE(value, VARHDRSZ + len);
	if (!headed)
		memcpy(VARDATA(value), bytes, len);
	compressed = len < LONG_TEXT ? NULL : migr_compat_compress_lz4(value);
	if (compressed == NULL)
		return PointerGetDatum(value);
	if (!headed)
		pfree(value);
	return PointerGetDatum(compressed);
}

Datum
migr_db_texts_datum(const List *texts)
{
	Datum	   *elements = palloc((list_length(texts) + 1) * sizeof(Datum));
	int			count = 0;
	ListCell   *lc;

	foreach(lc, texts)
		elements[count++] = CStringGetTextDatum((char *) lfirst(lc));
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

Datum
migr_db_oids_datum(const List *oids)
{
	Datum	   *elements = palloc((list_length(oids) + 1) * sizeof(Datum));
	int			count = 0;
	ListCell   *lc;

	foreach(lc, oids)
		elements[count++] = ObjectIdGetDatum(lfirst_oid(lc));
	return PointerGetDatum(construct_array(elements, count, OIDOID, sizeof(Oid),
										   true, TYPALIGN_INT));
}
