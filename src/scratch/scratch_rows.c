/*
 * scratch_rows.c
 *		In the worker: what the tables of a build hold, to be compared with later.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/db.h"
#include "base/settings.h"
#include "base/text.h"
#include "base/wire.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_rows.h"
#include "store/recorded.h"

/* So many rows are fetched at a time. */
#define ROWS_FETCHED 1000

/* How much of a value, and of a row, is shown. */
#define VALUE_SHOWN 60
#define ROW_SHOWN 2000

/* Tables that have ever held a row, and whether all of it can be read. */
static MigrQuery tables_query = {
	"SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),"
	"       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
	"         AND NOT pg_catalog.row_security_active(c.oid)"
	"  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.relkind = 'r' AND c.relpersistence <> 't'"
	"   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
	"   AND pg_catalog.pg_relation_size(c.oid) > 0"
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
	"                      AND d.objid = c.oid AND d.deptype = 'e')"
	" ORDER BY pg_catalog.format('%I.%I', n.nspname, c.relname) COLLATE pg_catalog.\"C\"",
	0, {0}
};

/* Rows that are alike. */
typedef struct Alike
{
	unsigned char digest[MIGR_DIGEST_BYTES];
	int64		count;
} Alike;

/* What was noted, in a context of its own; NULL: nothing. */
static struct
{
	MemoryContext context;
	HTAB	   *rows;			/* Alike: as they were; what is found again is taken out */
}			noted;

void
migr_scratch_rows_forget(void)
{
	if (noted.context)
		MemoryContextDelete(noted.context);
	memset(&noted, 0, sizeof(noted));
}

/* --- the text of a row ------------------------------------------------------------ */

/* A column by its name. */
typedef struct Column
{
	const char *name;
	const char *quoted;
	int			number;
	FmgrInfo	output;			/* of its type */
} Column;

static int
compare_columns(const void *a, const void *b)
{
	return strcmp(((const Column *) a)->name, ((const Column *) b)->name);
}

/* The columns of what is read, by their names. */
static Column *
list_columns(TupleDesc row)
{
	Column	   *columns = palloc((row->natts + 1) * sizeof(Column));

	for (int i = 0; i < row->natts; i++)
	{
		Oid			output;
		bool		is_varlena;

		columns[i].number = i + 1;
		columns[i].name = SPI_fname(row, i + 1);
		columns[i].quoted = quote_identifier(columns[i].name);
		getTypeOutputInfo(SPI_gettypeid(row, i + 1), &output, &is_varlena);
		fmgr_info(output, &columns[i].output);
	}
	qsort(columns, row->natts, sizeof(Column), compare_columns);
	return columns;
}

/* The beginning of a text. */
static const char *
clip(const char *text, int bytes)
{
	int			len = strlen(text);

	return bytes < 0 || len <= bytes ? text
		: psprintf("%.*s...", pg_mbcliplen(text, len, bytes), text);
}

static const char *
show_value(Column *column, Datum value, int shown)
{
	return quote_literal_cstr(clip(OutputFunctionCall(&column->output, value), shown));
}

/* A row in words; shown (-1: all) bytes of each value. */
static void
append_row(StringInfo out, const char *table, Column *columns, TupleDesc row, HeapTuple tuple,
		   int shown)
{
	appendStringInfo(out, "%s:", table);
	for (int i = 0; i < row->natts; i++)
	{
		bool		is_null;
		Datum		value = SPI_getbinval(tuple, row, columns[i].number, &is_null);

		appendStringInfo(out, "%s %s = ", i == 0 ? "" : ",", columns[i].quoted);
		appendStringInfoString(out, is_null ? "NULL" : show_value(&columns[i], value, shown));
	}
}

/* --- reading ---------------------------------------------------------------------- */

/* What is done with each row. */
typedef struct Reading
{
	/* Is it one to be told? */
	bool		(*see) (const unsigned char *digest);
	MemoryContext context;		/* of the words */
	int			count;			/* rows that are to be told */
	List	   *told;			/* some of them, in words */
	List	   *unread;			/* names of tables */
} Reading;

static void
read_row(Reading *reading, const char *table, Column *columns, TupleDesc row, HeapTuple tuple)
{
	unsigned char digest[MIGR_DIGEST_BYTES];
	StringInfoData text;

	initStringInfo(&text);
	append_row(&text, table, columns, row, tuple, -1);
	migr_text_digest(text.data, text.len, digest);
	if (!reading->see(digest))
		return;
	if (reading->count++ < MIGR_ROWS_TOLD)
	{
		MemoryContext rows;

		resetStringInfo(&text);
		append_row(&text, table, columns, row, tuple, VALUE_SHOWN);
		rows = MemoryContextSwitchTo(reading->context);
		reading->told = lappend(reading->told, pstrdup(clip(text.data, ROW_SHOWN)));
		MemoryContextSwitchTo(rows);
	}
}

/* The rows of a table that no other has: a child's are its own. */
static void
read_table(Reading *reading, const char *table)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext rows = AllocSetContextCreate(caller, "migr rows", ALLOCSET_DEFAULT_SIZES);
	Portal		portal = SPI_cursor_open_with_args(NULL, psprintf("SELECT * FROM ONLY %s", table), 0,
												   NULL, NULL, NULL, false, CURSOR_OPT_NO_SCROLL);
	Column	   *columns = NULL;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, ROWS_FETCHED);
		if (SPI_processed == 0)
			break;
		MemoryContextSwitchTo(caller);
		if (columns == NULL)
			columns = list_columns(SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(rows);
		for (uint64 i = 0; i < SPI_processed; i++)
			read_row(reading, table, columns, SPI_tuptable->tupdesc, SPI_tuptable->vals[i]);
		MemoryContextReset(rows);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_freetuptable(SPI_tuptable);
	SPI_cursor_close(portal);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(rows);
}

static void
read_pinned(void *arg)
{
	Reading    *reading = arg;
	List	   *tables = NIL;
	uint64		count;
	ListCell   *lc;
	MigrDb		db;

	reading->context = CurrentMemoryContext;
	migr_db_begin(&db, false);
	count = migr_db_run_once(&db, &tables_query, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		char	   *table = migr_db_text(i, 1);

		if (DatumGetBool(migr_db_datum(i, 2)))
			tables = lappend(tables, table);
		else
			reading->unread = lappend(reading->unread, table);
	}
	foreach(lc, tables)
		read_table(reading, lfirst(lc));
	migr_db_end(&db);
}

/* Read all tables; in the same settings each time, in which no two values have one text. */
static void
read_all(Reading *reading)
{
	static const MigrSetting pinned[] = {
		{"TimeZone", "UTC"},
		{"DateStyle", "ISO, MDY"},
		{"IntervalStyle", "postgres"},
		{"extra_float_digits", "1"},
		{"bytea_output", "hex"}
	};

	migr_settings_run(pinned, lengthof(pinned), read_pinned, reading);
}

/* --- noting, and comparing -------------------------------------------------------- */

/* Note a row. */
static bool
see_first(const unsigned char *digest)
{
	bool		found;
	Alike	   *alike = hash_search(noted.rows, digest, HASH_ENTER, &found);

	alike->count = found ? alike->count + 1 : 1;
	return false;
}

/* Is it one that was not there? */
static bool
see_again(const unsigned char *digest)
{
	Alike	   *alike = hash_search(noted.rows, digest, HASH_FIND, NULL);

	if (alike == NULL || alike->count == 0)
		return true;
	alike->count--;
	return false;
}

/* Is it one that was not found again? */
static bool
see_lost(const unsigned char *digest)
{
	return !see_again(digest);
}

static int
count_lost(void)
{
	HASH_SEQ_STATUS status;
	int64		count = 0;
	Alike	   *alike;

	hash_seq_init(&status, noted.rows);
	while ((alike = hash_seq_search(&status)) != NULL)
		count += alike->count;
	return Min(count, PG_INT32_MAX);
}

static void
note(void)
{
	HASHCTL		control = {.keysize = MIGR_DIGEST_BYTES, .entrysize = sizeof(Alike)};
	Reading		reading = {.see = see_first};

	migr_scratch_rows_forget();
	noted.context = AllocSetContextCreate(TopMemoryContext, "migr noted rows", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = noted.context;
	noted.rows = hash_create("migr noted rows", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	read_all(&reading);
	migr_scratch_sequences_note(noted.context);
}

static void
reply_texts(List *texts)
{
	StringInfoData reply;

	initStringInfo(&reply);
	migr_wire_put_texts(&reply, texts);
	migr_worker_reply(MIGR_BUILT_ROWS, &reply);
}

static void
compare(void)
{
	Reading		reading = {.see = see_again};
	StringInfoData reply;

	read_all(&reading);
	initStringInfo(&reply);
	migr_wire_put_texts(&reply, reading.told);
	migr_wire_put_texts(&reply, reading.unread);
	migr_wire_put_texts(&reply, migr_scratch_sequences_behind());
	migr_wire_put_int(&reply, reading.count);
	migr_wire_put_int(&reply, count_lost());
	migr_worker_reply(MIGR_BUILT_ROWS, &reply);
}

static void
tell(void)
{
	Reading		reading = {.see = see_lost};

	read_all(&reading);
	reply_texts(reading.told);
}

void
migr_scratch_rows_serve(StringInfo content)
{
	switch (migr_wire_get_int(content))
	{
		case MIGR_ROWS_BEGIN:
			migr_scratch_sequences_begin();
			break;
		case MIGR_ROWS_NOTE:
			note();
			break;
		case MIGR_ROWS_COMPARE:
			compare();
			break;
		case MIGR_ROWS_TELL:
			tell();
			break;
		case MIGR_ROWS_END:
			migr_scratch_rows_forget();
			migr_scratch_sequences_end();
			break;
	}
}
