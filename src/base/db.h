/*
 * db.h
 *		The only way in which migr queries its own tables.
 *
 * Between begin and end the path is restricted and the user is the owner of
 * the tables (secure.h); results are copied into the caller's context, so
 * they outlive migr_db_end().  Plans are kept for the session; the server
 * invalidates them.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DB_H
#define MIGR_DB_H

#include "datatype/timestamp.h"
#include "executor/spi.h"

#include "base/secure.h"

#define MIGR_QUERY_ARGS 24

/* A fixed query: static storage, no text from outside. */
typedef struct MigrQuery
{
	const char *sql;
	int			nargs;
	Oid			types[MIGR_QUERY_ARGS];
	SPIPlanPtr	plan;
} MigrQuery;

typedef struct MigrDb
{
	MigrSecure	secure;
	bool		read_only;		/* use the caller's snapshot, write nothing */
} MigrDb;

extern void migr_db_begin(MigrDb *db, bool read_only);

/* The same for reading with the caller's own rights. */
extern void migr_db_begin_as_caller(MigrDb *db);

/* The same for reading with those of a user whose rights the caller has. */
extern void migr_db_begin_as(MigrDb *db, Oid user);

/*
 * The same for reading what sessions of others do: a superuser's tables see all of it,
 * else the caller sees what he himself may.
 */
extern void migr_db_begin_observing(MigrDb *db);

extern void migr_db_end(MigrDb *db);

/* Is the running statement one of migr's own? */
extern bool migr_db_active(void);

/*
 * Run a query and return the number of rows; nulls as for SPI, or NULL.  The
 * rows are in SPI_tuptable until the next query.
 */
extern uint64 migr_db_run(MigrDb *db, MigrQuery *query, Datum *values,
						  const char *nulls);

/*
 * Plan queries that will be run when there is no time for it, because others wait for
 * locks that are then held.
 */
extern void migr_db_plan(MigrQuery *const *queries, int count);

/* Run a query whose plan is not worth keeping; no argument may be NULL. */
extern uint64 migr_db_run_once(MigrDb *db, const MigrQuery *query,
							   Datum *values);

/* Run a query that must touch one row; 55000 if someone has tampered. */
extern void migr_db_run_one(MigrDb *db, MigrQuery *query, Datum *values,
							const char *nulls);

/*
 * Typed reads of the last result; columns count from 1; NULL reads as 0.  A column that is
 * not of the type that is read raises 55000: whoever owns the tables must not have bytes
 * taken for addresses.
 */
extern bool migr_db_is_null(uint64 row, int column);
extern char *migr_db_text(uint64 row, int column);

/* The same for what can be long: not copied once more.  It is no chunk of memory. */
/* Any value as it is shown; NULL as well if there is no such column. */
extern char *migr_db_shown(uint64 row, int column);

extern char *migr_db_long_text(uint64 row, int column);
extern List *migr_db_texts(uint64 row, int column);

/* Of a type that is passed by value, and of one that may not be: the one named. */
extern Datum migr_db_datum(uint64 row, int column);
extern Datum migr_db_datum_of(uint64 row, int column, Oid type);
extern int64 migr_db_int64(uint64 row, int column);
extern TimestampTz migr_db_timestamp(uint64 row, int column);

/*
 * All columns of a row of the last result as text, for queries of many rows:
 * the texts are in the current context, but where a type has few values, these
 * are shared.  The reader is good for one result.
 */
typedef struct MigrDbReader
{
	int			columns;
	FmgrInfo   *output;			/* by column */
	Datum	   *values;
	bool	   *nulls;
} MigrDbReader;

extern void migr_db_reader_begin(MigrDbReader *reader);
extern void migr_db_reader_read(MigrDbReader *reader, uint64 row);
extern const char *migr_db_reader_text(const MigrDbReader *reader, int column);

/* A value that is not NULL, of the type with that output function: else 55000. */
extern Datum migr_db_reader_datum(const MigrDbReader *reader, int column, Oid output);

/* Arguments. */
extern Datum migr_db_text_datum(const char *text);

/*
 * Of so many bytes; a long one is compressed by what costs least.  Headed: there is room for
 * a header in front of the bytes, so they need not be copied.
 */
extern Datum migr_db_long_text_datum(char *bytes, int len, bool headed);
extern Datum migr_db_texts_datum(const List *texts);
extern Datum migr_db_oids_datum(const List *oids);

#endif							/* MIGR_DB_H */
