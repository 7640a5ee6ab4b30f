/*
 * snap.c
 *		Catalogs to objects: a fixed number of queries, whatever there is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/citus.h"
#include "base/db.h"
#include "kind/sort.h"
#include "model/attribute_names.h"
#include "model/deparse.h"
#include "snapshot/snap_parts.h"
#include "store/tenant.h"

/* Columns in front of the attributes. */
#define FIXED_COLUMNS 7

/* The members of extensions, and whether anything else depends on one. */
static void
read_members(MigrReading *reading)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	HASHCTL		control = {0};
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	control.keysize = sizeof(MigrAddress);
	control.entrysize = sizeof(MigrMember);
	control.hcxt = CurrentMemoryContext;
	reading->members = hash_create("migr members", 1024, &control,
								   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ScanKeyInit(&key, Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ExtensionRelationId));
	scan = systable_beginscan(catalog, DependReferenceIndexId, true, NULL, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		const FormData_pg_depend *form = (Form_pg_depend) GETSTRUCT(tuple);
		MigrAddress address = {form->classid, form->objid};
		MigrMember *member;

		if (form->deptype == DEPENDENCY_AUTO_EXTENSION)
			reading->has_dependents = true;
		if (form->deptype != DEPENDENCY_EXTENSION)
			continue;
		member = hash_search(reading->members, &address, HASH_ENTER, NULL);
		member->extension.classid = ExtensionRelationId;
		member->extension.objid = form->refobjid;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

/* A relation that may be a shard. */
static void
note_candidate(void *arg, HeapTuple tuple, TupleDesc desc)
{
	List	  **candidates = arg;
	const FormData_pg_class *form = (Form_pg_class) GETSTRUCT(tuple);

	if (form->oid >= FirstNormalObjectId && migr_citus_is_shard_name(NameStr(form->relname)) &&
		(form->relkind == RELKIND_RELATION || form->relkind == RELKIND_PARTITIONED_TABLE ||
		 form->relkind == RELKIND_FOREIGN_TABLE))
		*candidates = lappend_oid(*candidates, form->oid);
}

/* The relation of an address that is asked for, or of the statistics there. */
static Oid
wanted_relation(const MigrAddress *address)
{
	HeapTuple	tuple;
	Oid			relid = InvalidOid;

	if (address->classid == RelationRelationId)
		return address->objid;
	if (address->classid != StatisticExtRelationId)
		return InvalidOid;
	tuple = SearchSysCache1(STATEXTOID, ObjectIdGetDatum(address->objid));
	if (HeapTupleIsValid(tuple))
	{
		relid = ((Form_pg_statistic_ext) GETSTRUCT(tuple))->stxrelid;
		ReleaseSysCache(tuple);
	}
	return relid;
}

/* Those of the relations that are asked for that may be shards. */
static List *
wanted_candidates(const MigrScope *scope)
{
	List	   *candidates = NIL;
	ListCell   *lc;

	foreach(lc, scope->only)
	{
		Oid			relid = wanted_relation(lfirst(lc));
		const char *name = OidIsValid(relid) ? get_rel_name(relid) : NULL;

		if (name && migr_citus_is_shard_name(name))
			candidates = list_append_unique_oid(candidates, relid);
	}
	return candidates;
}

/* Shards belong to Citus, as its members do, whatever there is of them in the catalogs. */
static void
read_shards(MigrReading *reading)
{
	static const MigrCatalog relations = {RelationRelationId, InvalidAttrNumber, InvalidOid};
	Oid			citus = migr_citus();
	List	   *candidates = NIL;
	ListCell   *lc;

	if (!OidIsValid(citus))
		return;
	if (migr_reading_is_partial(reading))
	{
		reading->shards = migr_citus_shards(&reading->db, wanted_candidates(reading->scope));
		return;
	}
	migr_reading_rows(&relations, NIL, note_candidate, &candidates);
	reading->shards = migr_citus_shards(&reading->db, candidates);
	foreach(lc, reading->shards)
	{
		MigrAddress address = {RelationRelationId, lfirst_oid(lc)};
		MigrMember *member = hash_search(reading->members, &address, HASH_ENTER, NULL);

		member->extension.classid = ExtensionRelationId;
		member->extension.objid = citus;
	}
}

static void
read_values(MigrObject *object, const MigrColumns *columns, const MigrDbReader *reader)
{
	const char **values = palloc((columns->count + 1) * sizeof(char *));

	for (int i = 0; i < columns->count; i++)
		values[i] = migr_deparse_settle(migr_db_reader_text(reader, FIXED_COLUMNS + 1 + i));
	migr_object_fill(object, columns, values);
	pfree(values);
}

/*
 * Was the object dropped by another session after the query had found it?  The
 * functions that print it give NULL then.
 */
static bool
has_gone(const MigrObject *object, const MigrColumns *columns,
		 const MigrDbReader *reader)
{
	if (object->identity == NULL)
		return true;
	for (int i = 0; i < columns->count; i++)
	{
		if (columns->attributes[i] == MIGR_ATTR_DEFINITION)
			return reader->nulls[FIXED_COLUMNS + i];
	}
	return false;
}

/* A row of a kind's query as an object; NULL if it is no part of the schema. */
static MigrObject *
read_object(MigrReading *reading, MigrKind kind, const MigrColumns *columns,
			const MigrDbReader *reader)
{
	MigrObject *object = palloc0(sizeof(MigrObject));
	const char *schema = migr_db_reader_text(reader, 3);
	MigrAddress parent;

	object->kind = kind;
	object->address.classid = migr_kinds[kind]->catalog;
	object->address.objid = DatumGetObjectId(reader->values[0]);
	parent.classid = migr_kinds[kind]->parent_catalog;
	parent.objid = DatumGetObjectId(reader->values[1]);
	if (OidIsValid(parent.objid))
	{
		object->parent = migr_schema_find(reading->schema, parent);
		if (object->parent == NULL)
			return NULL;
	}
	object->name = migr_db_reader_text(reader, 4);
	object->identity = migr_db_reader_text(reader, 5);
	if (object->parent && schema == NULL)
		schema = object->parent->schema;
	if (object->parent && object->identity == NULL)
		object->identity = psprintf("%s ON %s", quote_identifier(object->name),
									object->parent->identity);
	/* An extension's name has no schema, although it is in one. */
	if (!migr_kind_has(kind, MIGR_KIND_IS_SCHEMALESS))
		object->schema = schema;
	if (!migr_reading_manages(reading, object, schema))
		return NULL;
	object->owner = migr_db_reader_text(reader, 6);
	object->acl = migr_db_reader_text(reader, 7);
	if (has_gone(object, columns, reader))
		return NULL;
	read_values(object, columns, reader);
	return object;
}

static MigrColumns *
read_columns(void)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	MigrColumns *columns = palloc(sizeof(MigrColumns));
	int			count = desc->natts - FIXED_COLUMNS;
	MigrAttribute *attributes = palloc((count + 1) * sizeof(MigrAttribute));

	for (int i = 0; i < count; i++)
		attributes[i] = migr_attribute_find(SPI_fname(desc, FIXED_COLUMNS + 1 + i));
	columns->count = count;
	columns->attributes = attributes;
	return columns;
}

/* Read a kind by a query, and the argument of one that has it. */
static void
read_kind(MigrReading *reading, MigrKind kind, const char *query, Datum argument)
{
	uint64		rows = migr_reading_run(reading, query, argument);
	MigrColumns *columns = read_columns();
	MigrDbReader reader;

	migr_db_reader_begin(&reader);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object;

		CHECK_FOR_INTERRUPTS();
		migr_db_reader_read(&reader, i);
		object = read_object(reading, kind, columns, &reader);
		if (object == NULL)
			continue;
		if (object->parent)
			migr_reading_add_part(reading, object, object->parent);
		else
			migr_schema_add(reading->schema, object);
	}
}

/* Are the objects that a kind's query finds parts of relations? */
static bool
is_of_relations(const MigrKindRecord *kind)
{
	return kind->parent_catalog == RelationRelationId;
}

/* The query of a kind that asks for some objects: by their parents, if they have some. */
static const char *
restricted_query(const MigrKindRecord *kind)
{
	return migr_reading_restricted(kind->query, OidIsValid(kind->parent_catalog) ? 2 : 1);
}

/* Read what is no part of a relation, of some kinds. */
static void
read_wholes(MigrReading *reading, int flag, bool has_flag)
{
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		const MigrKindRecord *kind = migr_kinds[i];

		if (!reading->present[i] || ((kind->flags & flag) != 0) != has_flag)
			continue;
		if (kind->read)
			kind->read(reading);
		if (kind->query == NULL || is_of_relations(kind))
			continue;
		if (migr_reading_is_partial(reading))
			read_kind(reading, i, restricted_query(kind), migr_snap_wanted(reading, kind));
		else
			read_kind(reading, i, kind->query, (Datum) 0);
	}
}

/* Read what tables and views consist of: without a query first, columns are. */
static void
read_parts(MigrReading *reading)
{
	List	   *relations = NIL;
	List	   *oids = NIL;
	ListCell   *lc;
	Datum		datum;

	foreach(lc, reading->schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_TABLE && object->kind != MIGR_KIND_VIEW)
			continue;
		relations = lappend(relations, object);
		oids = lappend_oid(oids, object->address.objid);
	}
	if (relations == NIL)
		return;
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		if (migr_kinds[i]->read_parts)
			migr_kinds[i]->read_parts(reading, relations, oids);
	}
	datum = migr_db_oids_datum(oids);
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		if (reading->present[i] && migr_kinds[i]->query && is_of_relations(migr_kinds[i]))
			read_kind(reading, i, migr_kinds[i]->query, datum);
	}
}

/* Note of which kinds a scope wants any objects that there may be. */
static void
note_present(MigrReading *reading)
{
	if (reading->scope && reading->scope->schemas_only)
		reading->present[MIGR_KIND_SCHEMA] = true;
	else if (reading->scope && reading->scope->tables_only)
		reading->present[MIGR_KIND_TABLE] = true;
	else if (migr_reading_is_partial(reading))
		migr_snap_note_wanted(reading);
	else
		migr_snap_probe(reading);
}

MigrSchema *
migr_snap_read(const MigrScope *scope)
{
	bool		partly = scope && (scope->tables_only || scope->schemas_only);
	MigrReading reading = {.scope = scope};

	if (!(scope && scope->everything))
		reading.excluded = migr_scope_excluded();
	reading.schema = migr_schema_create();
	reading.workspace = AllocSetContextCreate(CurrentMemoryContext, "migr deparse",
											  ALLOCSET_DEFAULT_SIZES);

	/* What has just been built is not in the caller's snapshot. */
	migr_db_begin(&reading.db, false);
	if (!(scope && scope->tenants))
		reading.tenants = migr_tenant_names(&reading.db);
	if (!migr_reading_is_partial(&reading))
		read_members(&reading);
	read_shards(&reading);
	note_present(&reading);

	/* Those that have an address by themselves take it first. */
	read_wholes(&reading, MIGR_KIND_SHARES_ADDRESS, false);
	read_wholes(&reading, MIGR_KIND_SHARES_ADDRESS, true);
	if (!partly)
	{
		read_parts(&reading);
		if (migr_reading_is_partial(&reading))
			migr_snap_said(&reading);
		if (migr_reading_is_partial(&reading) && scope->needs)
			migr_snap_needs_of_some(&reading);
		else if (!migr_reading_is_partial(&reading))
			migr_snap_relationships(&reading);
	}
	migr_db_end(&reading.db);
	migr_sort_exclude(reading.schema, reading.excluded);
	MemoryContextDelete(reading.workspace);
	return reading.schema;
}
