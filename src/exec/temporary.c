/*
 * temporary.c
 *		What a commit would do to the temporary tables of a section.
 *
 * Which tables a commit drops, no catalog says: the server keeps it to itself.
 * So it is asked to do what it does at a commit, in a subtransaction, and what is
 * gone then is dropped when that is rolled back.  Rows are gone for good: no
 * rollback brings back those of a temporary table.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"

#include "base/db.h"
#include "base/subxact.h"
#include "exec/temporary.h"

/* By the index of what depends on the schema: tables can be many. */
static MigrQuery tables_query = {
	"SELECT c.oid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid"
	" WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
	"   AND d.refobjid = pg_catalog.pg_my_temp_schema()"
	"   AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.relkind IN ('r', 'p')",
	0, {InvalidOid}
};

List *
migr_temporary_note(void)
{
	List	   *tables = NIL;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &tables_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
		tables = lappend_oid(tables, DatumGetObjectId(migr_db_datum(i, 1)));
	migr_db_end(&db);
	return tables;
}

/* What there is before and after a commit, but for what was noted. */
typedef struct Ending
{
	List	   *noted;
	List	   *before;
	List	   *after;
} Ending;

/* What was noted has no action in the subtransaction, and is as it was behind it. */
static void
try_commit(void *arg)
{
	Ending	   *ending = arg;
	ListCell   *lc;

	foreach(lc, ending->noted)
		remove_on_commit_action(lfirst_oid(lc));
	PreCommit_on_commit_actions();
	CommandCounterIncrement();
	ending->after = migr_temporary_note();
}

static void
drop(List *tables)
{
	ObjectAddresses *objects = new_object_addresses();
	ListCell   *lc;

	foreach(lc, tables)
	{
		ObjectAddress object;

		ObjectAddressSet(object, RelationRelationId, lfirst_oid(lc));
		add_exact_object_address(&object, objects);
	}
	performMultipleDeletions(objects, DROP_CASCADE,
							 PERFORM_DELETION_INTERNAL | PERFORM_DELETION_QUIETLY);
	CommandCounterIncrement();
	free_object_addresses(objects);
}

void
migr_temporary_end(List *noted)
{
	Ending		ending = {.noted = noted};
	ErrorData  *error;

	if (!(MyXactFlags & XACT_FLAGS_ACCESSEDTEMPNAMESPACE))
		return;
	ending.before = list_difference_oid(migr_temporary_note(), noted);
	if (ending.before == NIL)
		return;
	error = migr_subxact_run(try_commit, &ending, false);
	if (error)
		ReThrowError(error);
	ending.before = list_difference_oid(ending.before, ending.after);
	if (ending.before != NIL)
		drop(ending.before);
}
