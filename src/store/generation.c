/*
 * generation.c
 *		Has the store changed since it was read?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/itemptr.h"

#include "base/text.h"
#include "store/generation.h"
#include "store/tenant.h"

/* The tables whose rows have names, and those in which we keep what we know of them. */
static const char *const tables[] = {"revision", "version", "repeatable", "generation", "standing"};

/* Of the first three, one for statements and one for rows; of the others, one. */
#define TRIGGERS 8

/*
 * Triggers that were off for a while have been written anew, and so are where they
 * stand; a table that was rewritten has another file.
 */
static MigrQuery read_query = {
	"SELECT pg_catalog.count(*),"
	"       pg_catalog.string_agg(pg_catalog.concat_ws(' ', t.oid, t.xmin, t.ctid,"
	"                                                  c.oid, c.xmin, c.relfilenode), ',' ORDER BY t.oid),"
	"       (SELECT pg_catalog.array_agg(g.written_by || '.' || g.number) FROM migr.generation g)"
	"  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
	" WHERE t.tgrelid = ANY ($1) AND t.tgname IN ('guard', 'written')"
	"   AND t.tgenabled = 'A' AND NOT c.relhassubclass",
	1, {OIDARRAYOID}
};

static MigrQuery update_own = {
	"UPDATE migr.generation SET number = $2 WHERE written_by = $1", 2, {TEXTOID, INT8OID}
};

static MigrQuery find_free = {
	"SELECT ctid, written_by || '.' || number FROM migr.generation LIMIT 1 FOR UPDATE SKIP LOCKED",
	0, {0}
};

static MigrQuery update_free = {
	"UPDATE migr.generation SET written_by = $1, number = $2 WHERE ctid = $3",
	3, {TEXTOID, INT8OID, TIDOID}
};

static MigrQuery insert = {
	"INSERT INTO migr.generation (written_by, number) VALUES ($1, $2)", 2, {TEXTOID, INT8OID}
};

/*
 * Since this subtransaction began, rows were written and have a new name, which
 * nobody has read yet: what is written besides needs no other one.
 */
static bool noted;

/* So no name is given twice in a transaction, whatever of it is rolled back. */
static int64 number;

/* What stood in the row that this transaction has taken; "" if it has added one. */
#define NAME_SIZE 48
static char replaced[NAME_SIZE];

static void
follow_xact(XactEvent event, void *arg)
{
	noted = false;
}

static void
follow_subxact(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	/* What is rolled back takes its name along; so it needs one of its own. */
	if (event == SUBXACT_EVENT_START_SUB || event == SUBXACT_EVENT_ABORT_SUB)
		noted = false;
}

void
migr_generation_init(void)
{
	RegisterXactCallback(follow_xact, NULL);
	RegisterSubXactCallback(follow_subxact, NULL);
}

/* --- writing ------------------------------------------------------------------ */

static char *
name_transaction(FullTransactionId id)
{
	return psprintf(UINT64_FORMAT, U64FromFullTransactionId(id));
}

/* Take a row that nobody holds.  False if there is none. */
static bool
take_free(MigrDb *db, Datum *values)
{
	if (migr_db_run(db, &find_free, NULL, NULL) == 0)
		return false;
	strlcpy(replaced, migr_db_text(0, 2), NAME_SIZE);
	values[2] = PointerGetDatum(memcpy(palloc(sizeof(ItemPointerData)),
									   DatumGetPointer(migr_db_datum_of(0, 1, TIDOID)),
									   sizeof(ItemPointerData)));
	return migr_db_run(db, &update_free, values, NULL) == 1;
}

void
migr_generation_end(void)
{
	Datum		values[3];
	MigrDb		db;

	if (noted)
		return;
	values[0] = migr_db_text_datum(name_transaction(GetTopFullTransactionId()));
	values[1] = Int64GetDatum(++number);
	migr_db_begin(&db, false);
	if (migr_db_run(&db, &update_own, values, NULL) == 0 && !take_free(&db, values))
	{
		replaced[0] = '\0';
		(void) migr_db_run(&db, &insert, values, NULL);
	}
	migr_db_end(&db);
	noted = true;
}

/* --- reading ------------------------------------------------------------------ */

/* Put what was replaced in the place of this transaction's own name, if there is one. */
static List *
without_own(const List *names)
{
	FullTransactionId id = GetTopFullTransactionIdIfAny();
	char	   *own = FullTransactionIdIsValid(id) ? psprintf("%s.", name_transaction(id)) : NULL;
	List	   *others = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		char	   *name = lfirst(lc);

		if (own == NULL || strncmp(name, own, strlen(own)) != 0)
			others = lappend(others, name);
		else if (replaced[0] != '\0')
			others = lappend(others, pstrdup(replaced));
	}
	return others;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

static char *
put_together(const char *place, List *names)
{
	list_sort(names, compare_names);
	return psprintf("%s %s", place, migr_text_join(names, " "));
}

MigrGeneration
migr_generation_read(MigrDb *db)
{
	const char *label = migr_tenant_label();
	MigrGeneration generation = {0};
	List	   *oids = NIL;
	List	   *names;
	char	   *place;
	Datum		value;

	for (int i = 0; i < (int) lengthof(tables); i++)
		oids = lappend_oid(oids, migr_secure_table(tables[i]));
	value = migr_db_oids_datum(oids);
	(void) migr_db_run(db, &read_query, &value, NULL);
	/* Who knows it relies on it: what is written from now on needs another one. */
	noted = false;
	if (migr_db_int64(0, 1) != TRIGGERS)
		return generation;
	place = psprintf(UINT64_FORMAT " %u %s", GetSystemIdentifier(), MyDatabaseId,
					 migr_db_text(0, 2));
	names = migr_db_texts(0, 3);
	/* What of it is for tenants is no part of what the readers read. */
	if (label)
		place = psprintf("%s %s", place, label);
	generation.others = put_together(place, without_own(names));
	generation.now = put_together(place, names);
	return generation;
}

bool
migr_generation_equal(const char *one, const char *other)
{
	return one && other && strcmp(one, other) == 0;
}

void
migr_generation_ready(void)
{
	static MigrQuery *const queries[] = {&update_own, &find_free, &update_free};

	migr_db_plan(queries, lengthof(queries));
}
