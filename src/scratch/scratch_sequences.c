/*
 * scratch_sequences.c
 *		In the worker: where the sequences of a build are, and back to it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/memutils.h"

#include "base/db.h"
#include "scratch/scratch_rows.h"

/*
 * Sequences that the role may read and set; NULL: it has given no value yet. The
 * planner may ask for the rights before it knows what is a sequence.
 */
static MigrQuery sequences_query = {
	"SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid, s.seqincrement < 0, s.seqcycle,"
	"       pg_catalog.pg_sequence_last_value(c.oid)"
	"  FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid"
	"  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	" WHERE CASE WHEN c.relkind = 'S' AND c.relpersistence <> 't'"
	"            THEN pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
	"                 AND pg_catalog.has_sequence_privilege(c.oid, 'SELECT')"
	"                 AND pg_catalog.has_sequence_privilege(c.oid, 'UPDATE')"
	"            ELSE false END"
	" ORDER BY pg_catalog.format('%I.%I', n.nspname, c.relname) COLLATE pg_catalog.\"C\"",
	0, {0}
};

static const MigrQuery set_query = {
	"SELECT pg_catalog.setval($1::pg_catalog.regclass, $2, $3)", 3, {OIDOID, INT8OID, BOOLOID}
};

/* A sequence, and where it is. */
typedef struct Sequence
{
	char	   *name;
	Oid			oid;
	bool		descends;
	bool		cycles;
	bool		called;
	int64		last;			/* if it is called, or where that was asked for */
} Sequence;

/* Where they were: to be set back to, and to be compared with. */
static List *first;
static MemoryContext first_context;
static List *noted;

static List *
read_sequences(MigrDb *db)
{
	List	   *sequences = NIL;
	uint64		count = migr_db_run_once(db, &sequences_query, NULL);

	for (uint64 i = 0; i < count; i++)
	{
		Sequence   *sequence = palloc(sizeof(Sequence));

		sequence->name = migr_db_text(i, 1);
		sequence->oid = DatumGetObjectId(migr_db_datum(i, 2));
		sequence->descends = DatumGetBool(migr_db_datum(i, 3));
		sequence->cycles = DatumGetBool(migr_db_datum(i, 4));
		sequence->called = !migr_db_is_null(i, 5);
		sequence->last = migr_db_int64(i, 5);
		sequences = lappend(sequences, sequence);
	}
	return sequences;
}

static List *
read_now(MemoryContext context)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	List	   *sequences;
	MigrDb		db;

	migr_db_begin(&db, false);
	sequences = read_sequences(&db);
	migr_db_end(&db);
	MemoryContextSwitchTo(caller);
	return sequences;
}

void
migr_scratch_sequences_begin(void)
{
	ListCell   *lc;
	MigrDb		db;

	if (first_context)
		MemoryContextDelete(first_context);
	first_context = AllocSetContextCreate(TopMemoryContext, "migr noted sequences", ALLOCSET_DEFAULT_SIZES);
	first = read_now(first_context);
	migr_db_begin(&db, false);
	foreach(lc, first)
	{
		Sequence   *sequence = lfirst(lc);
		MigrQuery	query = {psprintf("SELECT last_value FROM %s", sequence->name), 0, {0}};

		/* One that has given none yet need not be where it began. */
		if (!sequence->called && migr_db_run_once(&db, &query, NULL) == 1)
			sequence->last = migr_db_int64(0, 1);
	}
	migr_db_end(&db);
}

static Sequence *
find(const List *sequences, const char *name, int *next)
{
	/* Both are sorted by name, so it stands behind the one that was found before. */
	for (; *next < list_length(sequences); (*next)++)
	{
		Sequence   *sequence = list_nth(sequences, *next);
		int			order = strcmp(sequence->name, name);

		if (order == 0)
			return sequence;
		if (order > 0)
			return NULL;
	}
	return NULL;
}

void
migr_scratch_sequences_end(void)
{
	List	   *now = read_now(CurrentMemoryContext);
	int			next = 0;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	foreach(lc, first)
	{
		const Sequence *sequence = lfirst(lc);
		const Sequence *is = find(now, sequence->name, &next);
		Datum		values[] = {ObjectIdGetDatum(sequence->oid), Int64GetDatum(sequence->last),
		BoolGetDatum(sequence->called)};

		if (is && is->oid == sequence->oid &&
			(is->called != sequence->called || (is->called && is->last != sequence->last)))
			(void) migr_db_run_once(&db, &set_query, values);
	}
	migr_db_end(&db);
	MemoryContextDelete(first_context);
	first_context = NULL;
	first = NIL;
}

void
migr_scratch_sequences_note(MemoryContext context)
{
	noted = read_now(context);
}

/* Would it give again what it has given? */
static bool
is_behind(const Sequence *was, const Sequence *is)
{
	if (!was->called || was->cycles || was->descends != is->descends)
		return false;
	return !is->called || (was->descends ? is->last > was->last : is->last < was->last);
}

List *
migr_scratch_sequences_behind(void)
{
	List	   *behind = NIL;
	List	   *now = read_now(CurrentMemoryContext);
	int			next = 0;
	ListCell   *lc;

	foreach(lc, noted)
	{
		const Sequence *was = lfirst(lc);
		const Sequence *is = find(now, was->name, &next);

		if (is && is_behind(was, is))
			behind = lappend(behind, is->called
							 ? psprintf("%s was at " INT64_FORMAT ", and is at " INT64_FORMAT,
										was->name, was->last, is->last)
							 : psprintf("%s was at " INT64_FORMAT ", and begins anew",
										was->name, was->last));
	}
	return behind;
}
