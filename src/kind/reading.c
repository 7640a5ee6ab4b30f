/*
 * reading.c
 *		Catalogs to objects: what the kinds need to read theirs.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_statistic_ext.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "kind/reading.h"
#include "model/attribute_names.h"
#include "model/deparse.h"

/* Read the rows of one relation, or of all. */
static void
read_rows(const MigrCatalog *catalog, Relation relation, Oid relid,
		  MigrRowReader read, void *arg)
{
	TupleDesc	desc = RelationGetDescr(relation);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, catalog->column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(relation, catalog->index, OidIsValid(relid), NULL,
							  OidIsValid(relid) ? 1 : 0, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		read(arg, tuple, desc);
	}
	systable_endscan(scan);
}

/*
 * To look a relation up takes about as long as to read a page, and beside a
 * large schema a small one may be built in scratch.
 */
void
migr_reading_rows(const MigrCatalog *catalog, const List *relations,
				  MigrRowReader read, void *arg)
{
	Relation	relation = table_open(catalog->catalog, AccessShareLock);
	ListCell   *lc;

	if (!OidIsValid(catalog->index) ||
		(BlockNumber) list_length(relations) >= RelationGetNumberOfBlocks(relation))
		read_rows(catalog, relation, InvalidOid, read, arg);
	else
	{
		foreach(lc, relations)
			read_rows(catalog, relation,
					  ((MigrObject *) lfirst(lc))->address.objid, read, arg);
	}
	table_close(relation, AccessShareLock);
}

void
migr_reading_relations(MigrReading *reading, MigrRowReader read)
{
	static const MigrCatalog relations = {RelationRelationId, InvalidAttrNumber, InvalidOid};
	Relation	catalog;
	ListCell   *lc;

	if (!migr_reading_is_partial(reading))
	{
		migr_reading_rows(&relations, NIL, read, reading);
		return;
	}
	catalog = table_open(RelationRelationId, AccessShareLock);
	foreach(lc, reading->family)
	{
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(lc)));

		if (!HeapTupleIsValid(tuple))
			continue;
		read(reading, tuple, RelationGetDescr(catalog));
		ReleaseSysCache(tuple);
	}
	table_close(catalog, AccessShareLock);
}

/* A query that is kept: with its plan, or with what it was made of. */
typedef struct Kept
{
	const char *sql;
	int			column;			/* 0: it is as it is */
	MigrQuery	query;
} Kept;

static List *kept_queries;

static Kept *
find_kept(const char *sql, int column)
{
	MemoryContext caller;
	Kept	   *kept;
	ListCell   *lc;

	foreach(lc, kept_queries)
	{
		kept = lfirst(lc);
		if (kept->sql == sql && kept->column == column)
			return kept;
	}
	caller = MemoryContextSwitchTo(TopMemoryContext);
	kept = palloc0(sizeof(Kept));
	kept->sql = sql;
	kept->column = column;
	kept->query.sql = column == 0 ? sql
		: psprintf("SELECT * FROM (%s) AS q (objid, parent) WHERE q.%s = ANY ($1)", sql,
				   column == 1 ? "objid" : "parent");
	kept->query.nargs = 1;
	kept->query.types[0] = OIDARRAYOID;
	kept_queries = lappend(kept_queries, kept);
	MemoryContextSwitchTo(caller);
	return kept;
}

const char *
migr_reading_restricted(const char *sql, int column)
{
	return find_kept(sql, column)->query.sql;
}

uint64
migr_reading_run(MigrReading *reading, const char *sql, Datum oids)
{
	MigrQuery	query = {.sql = sql, .nargs = oids ? 1 : 0, .types = {OIDARRAYOID}};

	if (migr_reading_is_partial(reading) && oids)
		return migr_db_run(&reading->db, &find_kept(sql, 0)->query, &oids, NULL);
	return migr_db_run_once(&reading->db, &query, oids ? &oids : NULL);
}

/* What a shard has of statistics has no table that the model knows. */
static bool
is_of_shard(const MigrReading *reading, Oid classid, Oid objid)
{
	HeapTuple	tuple;
	bool		found;

	if (reading->shards == NIL || classid != StatisticExtRelationId)
		return false;
	tuple = SearchSysCache1(STATEXTOID, ObjectIdGetDatum(objid));
	if (!HeapTupleIsValid(tuple))
		return false;
	found = list_member_oid(reading->shards, ((Form_pg_statistic_ext) GETSTRUCT(tuple))->stxrelid);
	ReleaseSysCache(tuple);
	return found;
}

bool
migr_reading_is_member(const MigrReading *reading, Oid classid, Oid objid)
{
	MigrAddress address = {.classid = classid, .objid = objid};

	if (is_of_shard(reading, classid, objid))
		return true;
	if (reading->members == NULL)
		return OidIsValid(getExtensionOfObject(classid, objid)) ||
			(classid == RelationRelationId && list_member_oid(reading->shards, objid));
	return hash_search(reading->members, &address, HASH_FIND, NULL) != NULL;
}

/* Is a schema that of a tenant, whose objects are no part of what all share? */
static bool
is_tenants(const MigrReading *reading, const char *schema)
{
	NameData	name;

	if (schema == NULL)
		return false;
	namestrcpy(&name, schema);
	return hash_search(reading->tenants, &name, HASH_FIND, NULL) != NULL;
}

bool
migr_reading_manages(const MigrReading *reading, const MigrObject *object, const char *schema)
{
	if (reading->tenants && is_tenants(reading, object->kind == MIGR_KIND_SCHEMA ? object->name : schema))
		return false;
	return !migr_reading_is_member(reading, object->address.classid, object->address.objid) &&
		migr_scope_manages(reading->scope, reading->excluded, object, schema);
}

MigrObject *
migr_reading_relation(MigrReading *reading, Oid relid)
{
	MigrAddress address = {RelationRelationId, relid};
	MigrObject *object;

	if (relid == reading->last_relid)
		return reading->last_relation;
	object = migr_schema_find(reading->schema, address);
	if (object && object->kind != MIGR_KIND_TABLE && object->kind != MIGR_KIND_VIEW)
		object = NULL;
	reading->last_relid = relid;
	reading->last_relation = object;
	return object;
}

MigrObject *
migr_reading_make(MigrKind kind, MigrAddress address, const MigrColumns *columns,
				  const char *const *values)
{
	MigrObject *object = palloc0(sizeof(MigrObject));

	object->kind = kind;
	object->address = address;
	migr_object_fill(object, columns, values);
	return object;
}

void
migr_reading_add_part(MigrReading *reading, MigrObject *part, MigrObject *parent)
{
	part->parent = parent;
	migr_schema_add(reading->schema, part);
	parent->children = lappend(parent->children, part);
}

const char *
migr_reading_deparse(MigrReading *reading, PGFunction function, int nargs, Datum first,
					 Datum second)
{
	MemoryContext caller = MemoryContextSwitchTo(reading->workspace);
	LOCAL_FCINFO(call, 2);
	const char *printed = NULL;
	Datum		result;

	InitFunctionCallInfoData(*call, NULL, nargs, InvalidOid, NULL, NULL);
	call->args[0].value = first;
	call->args[0].isnull = false;
	call->args[1].value = second;
	call->args[1].isnull = false;
	result = function(call);
	if (!call->isnull)
	{
		printed = migr_deparse_settle(TextDatumGetCString(result));
		printed = MemoryContextStrdup(caller, printed);
	}
	MemoryContextSwitchTo(caller);

	/* What the server needs for it is much more than the text. */
	MemoryContextReset(reading->workspace);
	return printed;
}

const char *
migr_reading_flag(char flag)
{
	return flag == '\0' ? NULL : pnstrdup(&flag, 1);
}

const char *
migr_reading_acl(HeapTuple tuple, TupleDesc desc, AttrNumber column)
{
	bool		is_null;
	Datum		acl = heap_getattr(tuple, column, desc, &is_null);

	return is_null ? NULL : OidOutputFunctionCall(F_ARRAY_OUT, acl);
}

MigrObject *
migr_reading_child_column(const MigrObject *relation, int number)
{
	ListCell   *lc;

	foreach(lc, relation->children)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind != MIGR_KIND_COLUMN)
			break;
		if (child->subid == number)
			return child;
	}
	return NULL;
}

MigrObject *
migr_reading_find_column(const MigrSchema *schema, MigrAddress relation, int number)
{
	MigrObject *object = migr_schema_find(schema, relation);

	return object ? migr_reading_child_column(object, number) : NULL;
}

void
migr_reading_more(MigrReading *reading, const char *sql, Oid classid, const List *oids)
{
	uint64		rows;
	MigrDbReader reader;

	if (oids == NIL)
		return;
	rows = migr_reading_run(reading, sql, migr_db_oids_datum(oids));
	migr_db_reader_begin(&reader);
	for (uint64 row = 0; row < rows; row++)
	{
		MigrAddress address = {.classid = classid};
		MigrObject *object;
		int			subid;

		CHECK_FOR_INTERRUPTS();
		migr_db_reader_read(&reader, row);
		address.objid = DatumGetObjectId(reader.values[0]);
		subid = DatumGetInt32(reader.values[1]);
		object = subid > 0
			? migr_reading_find_column(reading->schema, address, subid)
			: migr_schema_find_own(reading->schema, address);
		for (int i = 2; object && i < reader.columns; i++)
		{
			const char *value = migr_db_reader_text(&reader, i + 1);
			MigrAttribute attribute = migr_attribute_find(SPI_fname(SPI_tuptable->tupdesc, i + 1));

			if (value)
				migr_object_set(object, migr_object_attribute(object, attribute),
								migr_deparse_settle(value));
		}
	}
}
