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
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/db.h"
#include "base/ident.h"
#include "base/pattern.h"
#include "model/deparse.h"
#include "snapshot/snap_parts.h"

/* Columns in front of the attributes. */
#define FIXED_COLUMNS 7

/* The members of extensions, and whether anything else depends on one. */
static void
read_members(MigrSnap *snap)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	HASHCTL		control = {0};
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	control.keysize = sizeof(MigrAddress);
	control.entrysize = sizeof(MigrMember);
	control.hcxt = CurrentMemoryContext;
	snap->members = hash_create("migr members", 1024, &control,
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
			snap->has_dependents = true;
		if (form->deptype != DEPENDENCY_EXTENSION)
			continue;
		member = hash_search(snap->members, &address, HASH_ENTER, NULL);
		member->extension.classid = ExtensionRelationId;
		member->extension.objid = form->refobjid;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
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
		if (strcmp(columns->names[i], "definition") == 0)
			return reader->nulls[FIXED_COLUMNS + i];
	}
	return false;
}

/* A row of a kind's query as an object; NULL if it is no part of the schema. */
static MigrObject *
read_object(MigrSnap *snap, const MigrSnapQuery *query, const MigrColumns *columns,
			const MigrDbReader *reader)
{
	MigrObject *object = palloc0(sizeof(MigrObject));
	const char *schema = migr_db_reader_text(reader, 3);
	MigrAddress parent;

	object->kind = query->kind;
	object->address.classid = query->classid;
	object->address.objid = DatumGetObjectId(reader->values[0]);
	parent.classid = query->parent_classid;
	parent.objid = DatumGetObjectId(reader->values[1]);
	if (OidIsValid(parent.objid))
	{
		object->parent = migr_schema_find(snap->schema, parent);
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
	if (object->kind != MIGR_KIND_EXTENSION)
		object->schema = schema;
	if (!migr_snap_manages(snap, object, schema))
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

	columns->count = desc->natts - FIXED_COLUMNS;
	columns->names = palloc((columns->count + 1) * sizeof(char *));
	for (int i = 0; i < columns->count; i++)
		columns->names[i] = SPI_fname(desc, FIXED_COLUMNS + 1 + i);
	return columns;
}

/* May a query find anything?  Domains have constraints as tables have. */
static bool
is_present(const MigrSnap *snap, const MigrSnapQuery *query)
{
	return snap->present[query->parent_classid == TypeRelationId
						 ? MIGR_KIND_DOMAIN : query->kind];
}

/* Read a kind; relations are the argument of a query that has one. */
static void
read_kind(MigrSnap *snap, const MigrSnapQuery *query, Datum relations)
{
	MigrQuery	own = {.types = {OIDARRAYOID}};
	uint64		rows;
	MigrColumns *columns;
	MigrDbReader reader;

	if (!is_present(snap, query))
		return;
	own.sql = migr_snap_expand(query->sql);
	own.nargs = query->parent_classid == RelationRelationId ? 1 : 0;
	rows = migr_db_run_once(&snap->db, &own, &relations);
	columns = read_columns();
	migr_db_reader_begin(&reader);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object;

		CHECK_FOR_INTERRUPTS();
		migr_db_reader_read(&reader, i);
		object = read_object(snap, query, columns, &reader);
		if (object == NULL)
			continue;
		if (object->parent)
			migr_snap_add_part(snap, object, object->parent);
		else
			migr_schema_add(snap->schema, object);
	}
}

static void
read_kinds(MigrSnap *snap, const MigrSnapQuery *queries)
{
	for (; queries->sql; queries++)
		read_kind(snap, queries, (Datum) 0);
}

/* Read what tables and views consist of. */
static void
read_parts(MigrSnap *snap)
{
	List	   *relations = NIL;
	List	   *oids = NIL;
	ListCell   *lc;
	Datum		datum;

	foreach(lc, snap->schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_TABLE && object->kind != MIGR_KIND_VIEW)
			continue;
		relations = lappend(relations, object);
		oids = lappend_oid(oids, object->address.objid);
	}
	if (relations == NIL)
		return;
	migr_snap_relation_details(snap, oids);
	migr_snap_columns(snap, relations);
	migr_snap_indexes(snap, relations, oids);
	datum = migr_db_oids_datum(oids);
	for (int i = 0; migr_snap_parts[i].sql; i++)
		read_kind(snap, &migr_snap_parts[i], datum);
}

MigrSchema *
migr_snap_read(const MigrSnapScope *scope, bool with_needs)
{
	bool		tables_only = scope && scope->tables_only;
	bool		schemas_only = scope && scope->schemas_only;
	MigrSnap	snap = {0};

	snap.scope = scope;
	if (!(scope && scope->everything))
		snap.excluded = migr_snap_excluded();
	snap.schema = migr_schema_create();
	snap.workspace = AllocSetContextCreate(CurrentMemoryContext, "migr deparse",
										   ALLOCSET_DEFAULT_SIZES);

	/* What has just been built is not in the caller's snapshot. */
	migr_db_begin(&snap.db, false);
	read_members(&snap);
	if (schemas_only)
		snap.present[MIGR_KIND_SCHEMA] = true;
	else if (!tables_only)
		migr_snap_probe(&snap);
	read_kinds(&snap, migr_snap_others);
	read_kinds(&snap, migr_snap_types);
	read_kinds(&snap, migr_snap_routines);
	if (!schemas_only)
		migr_snap_tables(&snap);
	read_kinds(&snap, migr_snap_relations);
	if (!tables_only && !schemas_only)
	{
		read_parts(&snap);
		migr_snap_relationships(&snap, with_needs);
	}
	migr_db_end(&snap.db);
	MemoryContextDelete(snap.workspace);
	return snap.schema;
}
