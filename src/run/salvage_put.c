/*
 * salvage_put.c
 *		Rows and values that were kept go into a table.
 *
 * They are handed to the statement as a relation that only it knows: so nobody needs a
 * right to look into schema migr_kept.  It runs with the rights of who runs, or with those of
 * the table's owner, if he has these.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "base/subxact.h"
#include "exec/exec.h"
#include "run/salvage_parts.h"

/* What the query calls the rows. */
#define ROWS "migr_kept_rows"

/* So many rows are tried at once, when not all of them can go back together. */
#define CHUNK 1000

/* So many reasons are told why some could not. */
#define REASONS_SHOWN 5

/* --- the statement ------------------------------------------------------------------- */

static char *
type_name(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Form_pg_type row = (Form_pg_type) GETSTRUCT(tuple);
	char	   *name = quote_qualified_identifier(get_namespace_name(row->typnamespace),
													NameStr(row->typname));

	ReleaseSysCache(tuple);
	return name;
}

/* A value that is kept, as a type; without its length, so that none is cut. */
static char *
value_as(const MigrBack *back, const char *column, Oid type)
{
	const char *name = quote_identifier(column);

	for (int i = 0; i < back->desc->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(back->desc, i)->attname), column) == 0)
			return TupleDescAttr(back->desc, i)->atttypid == type ? psprintf("s.%s", name)
				: psprintf("s.%s::%s", name, type_name(type));
	}
	return NULL;
}

static Form_pg_attribute
find_column(Relation rel, const char *name)
{
	AttrNumber	number = get_attnum(RelationGetRelid(rel), name);

	return number <= 0 ? NULL : TupleDescAttr(RelationGetDescr(rel), number - 1);
}

static const char *
insert_rows(MigrBack *back, Relation rel)
{
	StringInfoData columns;
	StringInfoData values;

	initStringInfo(&columns);
	initStringInfo(&values);
	for (int i = 0; i < back->desc->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(back->desc, i)->attname);
		Form_pg_attribute column = find_column(rel, name);

		if (column == NULL)
			back->missing = lappend(back->missing, pstrdup(name));
		if (column == NULL || column->attgenerated)
			continue;
		appendStringInfo(&columns, "%s%s", columns.len ? ", " : "", quote_identifier(name));
		appendStringInfo(&values, "%s%s", values.len ? ", " : "", value_as(back, name, column->atttypid));
	}
	if (columns.len == 0)
		return NULL;
	return psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM " ROWS " s",
					quote_qualified_identifier(back->salvaged->schema, back->salvaged->table),
					columns.data, values.data);
}

/* By the operator that the type's indexes go by, whatever the path. */
static char *
equals(Oid type)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple	tuple = OidIsValid(operator) ? SearchSysCache1(OPEROID, ObjectIdGetDatum(operator)) : NULL;
	Form_pg_operator row;
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	row = (Form_pg_operator) GETSTRUCT(tuple);
	name = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(row->oprnamespace)), NameStr(row->oprname));
	ReleaseSysCache(tuple);
	return name;
}

static const char *
update_rows(MigrBack *back, Relation rel)
{
	const MigrSalvaged *salvaged = back->salvaged;
	Form_pg_attribute column = find_column(rel, salvaged->column);
	StringInfoData sql;
	ListCell   *lc;

	if (column == NULL || column->attgenerated)
		return NULL;
	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s%s t SET %s = %s FROM " ROWS " s WHERE true",
					 rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ? "" : "ONLY ",
					 quote_qualified_identifier(salvaged->schema, salvaged->table),
					 quote_identifier(salvaged->column), value_as(back, salvaged->column, column->atttypid));
	foreach(lc, salvaged->key)
	{
		Form_pg_attribute key = find_column(rel, lfirst(lc));
		char	   *operator = key ? equals(key->atttypid) : NULL;

		if (operator == NULL)
		{
			back->missing = lappend(back->missing, lfirst(lc));
			return NULL;
		}
		appendStringInfo(&sql, " AND t.%s %s %s", quote_identifier(lfirst(lc)), operator,
						 value_as(back, lfirst(lc), key->atttypid));
	}
	return sql.data;
}

Tuplestorestate *
migr_put_store(const MigrBack *back)
{
	ResourceOwner owner = CurrentResourceOwner;
	Tuplestorestate *store;

	CurrentResourceOwner = back->owner;
	store = tuplestore_begin_heap(true, false, work_mem);
	CurrentResourceOwner = owner;
	return store;
}

bool
migr_put_prepare(MigrBack *back, Relation rel)
{
	back->has_policies = rel->rd_rel->relrowsecurity;
	back->sql = back->salvaged->column ? update_rows(back, rel) : insert_rows(back, rel);
	return back->sql != NULL;
}

/* --- running it ----------------------------------------------------------------------- */

typedef struct Run
{
	const MigrBack *back;
	Tuplestorestate *store;
	int64		count;
	uint64		processed;
} Run;

static void
run_sql(void *arg)
{
	Run		   *run = arg;
	EphemeralNamedRelationData rows = {.reldata = run->store};
	MemoryContext caller = CurrentMemoryContext;
	Oid			owner = migr_salvage_owner(run->back->table);
	Oid			user;
	int			context;
	int			code;

	rows.md.name = pstrdup(ROWS);
	rows.md.reliddesc = InvalidOid;
	rows.md.tupdesc = run->back->desc;
	rows.md.enrtype = ENR_NAMED_TUPLESTORE;
	rows.md.enrtuples = run->count;
	SPI_connect();
	if (SPI_register_relation(&rows) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not hand rows to a statement");

	/*
	 * No statement of the script's changes rows here, so whoever has put checks or casts
	 * on the table shall not have them run by who runs it.  An error ends that, too.
	 */
	GetUserIdAndSecContext(&user, &context);
	if (owner != user && has_privs_of_role(user, owner))
		SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	code = SPI_execute(run->back->sql, false, 0);
	SetUserIdAndSecContext(user, context);
	if (code < 0)
		elog(ERROR, "could not run a statement: %s", SPI_result_code_string(code));
	run->processed = SPI_processed;
	SPI_finish();
	MemoryContextSwitchTo(caller);
	migr_exec_settle("rows that are put back");
}

/* Is an error about the values of a row? */
static bool
is_about_rows(const MigrBack *back, const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_WITH_CHECK_OPTION_VIOLATION) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_RAISE_EXCEPTION) ||
		(back->has_policies && error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE);
}

static void
add_reason(MigrBack *back, const ErrorData *error)
{
	ListCell   *lc;

	back->by_reference = back->by_reference || error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION;
	foreach(lc, back->reasons)
	{
		if (strcmp(lfirst(lc), error->message) == 0)
			return;
	}
	if (list_length(back->reasons) < REASONS_SHOWN)
		back->reasons = lappend(back->reasons, pstrdup(error->message));
}

/* Put rows back together, or halves of them. */
static void
put_some(MigrBack *back, HeapTuple *rows, int count)
{
	Run			run = {.back = back, .count = count};
	ErrorData  *error;

	CHECK_FOR_INTERRUPTS();
	run.store = tuplestore_begin_heap(false, false, work_mem);
	for (int i = 0; i < count; i++)
		tuplestore_puttuple(run.store, rows[i]);
	error = migr_subxact_run(run_sql, &run, true);
	tuplestore_end(run.store);
	if (error == NULL)
	{
		back->done += run.processed;
		return;
	}
	if (migr_subxact_is_foreign(error))
		ReThrowError(error);
	if (count == 1)
	{
		add_reason(back, error);
		tuplestore_puttuple(back->failed, rows[0]);
		back->failures++;
		return;
	}
	put_some(back, rows, count / 2);
	put_some(back, rows + count / 2, count - count / 2);
}

/* All in a store, chunk by chunk; those that could not are in another. */
static void
put_chunks(MigrBack *back, Tuplestorestate *store)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr rows back", ALLOCSET_DEFAULT_SIZES);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(back->desc, &TTSOpsMinimalTuple);
	HeapTuple  *rows = palloc(CHUNK * sizeof(HeapTuple));
	int			count = 0;
	bool		more;

	do
	{
		MemoryContextSwitchTo(context);
		more = tuplestore_gettupleslot(store, true, false, slot);
		if (more)
			rows[count++] = ExecCopySlotHeapTuple(slot);
		MemoryContextSwitchTo(caller);
		if (count == CHUNK || (!more && count > 0))
		{
			put_some(back, rows, count);
			MemoryContextReset(context);
			count = 0;
		}
	} while (more);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(context);
}

/* A row may refer to another that comes later: again, while that helps. */
static void
put_piecewise(MigrBack *back)
{
	Tuplestorestate *store = back->store;
	int64		left;

	back->done = 0;
	do
	{
		int64		before = back->done;

		back->failed = migr_put_store(back);
		back->failures = 0;
		back->reasons = NIL;
		back->by_reference = false;
		tuplestore_rescan(store);
		put_chunks(back, store);
		if (store != back->store)
			tuplestore_end(store);
		store = back->failed;
		left = back->done - before;
	} while (left > 0 && back->failures > 0 && back->by_reference);
}

static void
put_all(MigrBack *back)
{
	Run			run = {.back = back, .store = back->store, .count = back->count};
	ErrorData  *error = migr_subxact_run(run_sql, &run, true);

	if (error == NULL)
		back->done = run.processed;
	else if (migr_subxact_is_foreign(error))
		ReThrowError(error);
	else if (is_about_rows(back, error))
		put_piecewise(back);
	else
	{
		add_reason(back, error);
		back->failures = back->count;
	}
}

/* --- all --------------------------------------------------------------------------------- */

void
migr_put_rows(MigrBack *back)
{
	List	   *silenced = migr_silence_begin(back->table);

	put_all(back);
	migr_silence_end(silenced);
}
