/*
 * snap_relationships.c
 *		What is said of objects, and between them: comments, dependencies, needs.
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
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_transform.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "snapshot/snap_parts.h"

static const MigrCatalog types = {TypeRelationId, InvalidAttrNumber, InvalidOid};
static const MigrCatalog dependencies = {DependRelationId, InvalidAttrNumber, InvalidOid};

static MigrQuery comment_query = {
	"SELECT classoid, objoid, objsubid, description FROM pg_description"
	" WHERE objoid >= 16384", 0, {0}
};

/* ALTER … DEPENDS ON EXTENSION: the extensions, one a line. */
static MigrQuery extensions_query = {
	"SELECT d.classid, d.objid, string_agg(quote_ident(e.extname), E'\\n' ORDER BY e.extname)"
	"  FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid"
	" WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'"
	" GROUP BY d.classid, d.objid", 0, {0}
};

/* The address in two columns of the last result. */
static MigrAddress
address_at(uint64 row, int column)
{
	MigrAddress address;

	address.classid = DatumGetObjectId(migr_db_datum(row, column));
	address.objid = DatumGetObjectId(migr_db_datum(row, column + 1));
	return address;
}

static void
read_aliases(MigrReading *reading, const char *sql)
{
	MigrQuery	query = {.sql = sql};
	uint64		rows = migr_db_run_once(&reading->db, &query, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object = migr_schema_find(reading->schema, address_at(i, 3));

		if (object)
			migr_schema_alias(reading->schema, address_at(i, 1), object);
	}
}

/* No other alias of an object has a comment of its own to give away. */
static void
comment_on_index(MigrObject *constraint, const char *comment)
{
	if (constraint == NULL || constraint->kind != MIGR_KIND_CONSTRAINT)
		return;
	migr_object_set(constraint, migr_object_attribute(constraint, MIGR_ATTR_INDEX_COMMENT),
					psprintf("COMMENT ON INDEX %s IS %s;",
							 quote_qualified_identifier(constraint->schema, constraint->name),
							 quote_literal_cstr(comment)));
}

/* A row of pg_type: arrays of it are as the type, or as what it stands for. */
static void
read_array_type(void *arg, HeapTuple tuple, TupleDesc desc)
{
	MigrReading *reading = arg;
	const FormData_pg_type *form = (Form_pg_type) GETSTRUCT(tuple);
	MigrAddress type = {TypeRelationId, form->oid};
	MigrAddress array = {TypeRelationId, form->typarray};
	MigrObject *object;

	if (form->oid < FirstNormalObjectId || !OidIsValid(form->typarray))
		return;
	object = migr_schema_find(reading->schema, type);
	if (object)
		migr_schema_alias(reading->schema, array, object);
}

void
migr_snap_comment(MigrReading *reading, MigrAddress address, int subid, const char *comment)
{
	MigrObject *object = subid == 0
		? migr_schema_find_own(reading->schema, address)
		: migr_reading_find_column(reading->schema, address, subid);

	if (object && migr_kind_has(object->kind, MIGR_KIND_SAYS_COMMENT))
		return;
	if (object)
		object->comment = comment;
	else if (subid == 0)
		comment_on_index(migr_schema_find(reading->schema, address), comment);
}

static void
read_comments(MigrReading *reading)
{
	uint64		rows = migr_db_run(&reading->db, &comment_query, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
		migr_snap_comment(reading, address_at(i, 1), DatumGetInt32(migr_db_datum(i, 3)),
						  migr_db_text(i, 4));
}

/* Set on which extensions objects depend: those of kinds that may. */
static void
read_extensions(MigrReading *reading)
{
	uint64		rows = migr_db_run(&reading->db, &extensions_query, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		MigrAddress address = address_at(i, 1);
		MigrObject *object = migr_schema_find_own(reading->schema, address);

		if (object)
			migr_object_set(object, migr_object_attribute(object, MIGR_ATTR_EXTENSIONS),
							migr_db_text(i, 3));
	}
}

/*
 * A routine depends on each transform that was there for its types when it was
 * created, whether it names it or not.
 */
static bool
names_transforms(Oid routine)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(routine));
	bool		is_null = true;

	if (!HeapTupleIsValid(tuple))
		return false;
	(void) SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_protrftypes, &is_null);
	ReleaseSysCache(tuple);
	return !is_null;
}

/*
 * Is a row of pg_depend about the order of objects?  What depends internally is
 * a part of something else, and has its address as an alias or is no object.
 * What indexes and constraints need of their tables' columns is said by their
 * parent; OWNED BY is an object of its own.
 */
static bool
is_dependency(const FormData_pg_depend *form)
{
	if (form->refobjid < FirstNormalObjectId)
		return false;
	switch (form->deptype)
	{
		case DEPENDENCY_NORMAL:
		case DEPENDENCY_PARTITION_PRI:
		case DEPENDENCY_PARTITION_SEC:
			break;
		case DEPENDENCY_AUTO:
			if (form->refobjsubid > 0 && form->refclassid == RelationRelationId &&
				(form->classid == RelationRelationId ||
				 form->classid == ConstraintRelationId ||
				 form->classid == AttrDefaultRelationId))
				return false;
			break;
		default:
			return false;
	}
	return form->refclassid != TransformRelationId ||
		form->classid != ProcedureRelationId || names_transforms(form->objid);
}

/* Columns count for the order of objects with their tables, which print them. */
static MigrObject *
printed_object(MigrObject *object)
{
	return object && object->kind == MIGR_KIND_COLUMN ? object->parent : object;
}

/* Note what must be there before an object. */
static void
read_order(const FormData_pg_depend *form, MigrObject *object, MigrObject *needed)
{
	object = printed_object(object);
	if (object && needed && object != needed && is_dependency(form))
		object->depends = lappend(object->depends, needed);
}

/* What an extension has brought stands for the extension. */
static MigrObject *
find_extension(const MigrReading *reading, MigrAddress address)
{
	MigrMember *member = reading->members
		? hash_search(reading->members, &address, HASH_FIND, NULL) : NULL;

	return member ? migr_schema_find(reading->schema, member->extension) : NULL;
}

/* What a need means by an address; a column is one where its table is known. */
static MigrObject *
need_end(const MigrReading *reading, MigrAddress address, int subid, MigrObject *object)
{
	MigrObject *column = NULL;

	if (object && subid > 0 && address.classid == RelationRelationId)
		column = migr_reading_child_column(object, subid);
	return column ? column : object ? object : find_extension(reading, address);
}

/* What depends internally is a part of something else. */
static bool
is_need(const FormData_pg_depend *form)
{
	return form->refclassid != NamespaceRelationId &&
		(form->deptype == DEPENDENCY_NORMAL || form->deptype == DEPENDENCY_AUTO ||
		 form->deptype == DEPENDENCY_PARTITION_PRI || form->deptype == DEPENDENCY_PARTITION_SEC);
}

/* A row of pg_depend. */
static void
read_dependency(void *arg, HeapTuple tuple, TupleDesc desc)
{
	MigrReading *reading = arg;
	const FormData_pg_depend *form = (Form_pg_depend) GETSTRUCT(tuple);
	MigrAddress address = {form->classid, form->objid};
	MigrAddress other = {form->refclassid, form->refobjid};
	MigrObject *object;
	MigrObject *needed;

	if (form->refobjid < FirstNormalObjectId)
		return;
	object = migr_schema_find(reading->schema, address);
	needed = migr_schema_find(reading->schema, other);
	read_order(form, object, needed);
	if (!is_need(form))
		return;
	object = need_end(reading, address, form->objsubid, object);
	needed = need_end(reading, other, form->refobjsubid, needed);
	if (object && needed && object != needed)
		migr_schema_need(reading->schema, object, needed,
						 form->classid == AttrDefaultRelationId &&
						 !migr_object_has(object, MIGR_ATTR_GENERATED));
}

void
migr_snap_relationships(MigrReading *reading)
{
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		for (int j = 0; j < MIGR_ALIASES_PER_KIND; j++)
		{
			if (reading->present[i] && migr_kinds[i]->aliases[j])
				read_aliases(reading, migr_kinds[i]->aliases[j]);
		}
	}
	migr_reading_rows(&types, NIL, read_array_type, reading);
	read_comments(reading);
	if (reading->has_dependents)
		read_extensions(reading);
	migr_reading_rows(&dependencies, NIL, read_dependency, reading);
}

/* --- some objects ------------------------------------------------------------------ */

/* What is known by an address, while the table of these grows. */
typedef struct Known
{
	List	   *addresses;		/* MigrAddress * */
	List	   *oids;			/* of the objects themselves */
} Known;

static void
note_known(MigrAddress address, MigrObject *object, void *arg)
{
	Known	   *known = arg;
	MigrAddress *copy = palloc(sizeof(MigrAddress));

	*copy = address;
	known->addresses = lappend(known->addresses, copy);
	if (address.classid == object->address.classid && address.objid == object->address.objid)
		known->oids = lappend_oid(known->oids, address.objid);
}

/* The same aliases, of these objects. */
static void
read_aliases_of(MigrReading *reading, const char *sql, const List *oids)
{
	MigrQuery	query = {.nargs = 1, .types = {OIDARRAYOID}};
	Datum		argument = migr_db_oids_datum(oids);
	uint64		rows;

	query.sql = psprintf("SELECT * FROM (%s) a (a, b, c, d) WHERE a.d = ANY ($1)", sql);
	rows = migr_db_run_once(&reading->db, &query, &argument);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object = migr_schema_find(reading->schema, address_at(i, 3));

		if (object)
			migr_schema_alias(reading->schema, address_at(i, 1), object);
	}
}

static void
read_array_of(MigrReading *reading, MigrAddress type)
{
	MigrAddress array = {TypeRelationId, get_array_type(type.objid)};

	if (OidIsValid(array.objid))
		migr_schema_alias(reading->schema, array, migr_schema_find(reading->schema, type));
}

static void
read_dependencies_of(MigrReading *reading, Relation catalog, MigrAddress address)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(address.classid));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(address.objid));
	scan = systable_beginscan(catalog, DependDependerIndexId, true, NULL, 2, keys);
	while ((tuple = systable_getnext(scan)) != NULL)
		read_dependency(reading, tuple, RelationGetDescr(catalog));
	systable_endscan(scan);
}

void
migr_snap_needs_of_some(MigrReading *reading)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	Known		known = {NIL};
	ListCell   *lc;

	migr_schema_each_address(reading->schema, note_known, &known);
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		for (int j = 0; j < MIGR_ALIASES_PER_KIND; j++)
		{
			if (reading->present[i] && migr_kinds[i]->aliases[j])
				read_aliases_of(reading, migr_kinds[i]->aliases[j], known.oids);
		}
	}
	known.addresses = NIL;
	migr_schema_each_address(reading->schema, note_known, &known);
	foreach(lc, known.addresses)
	{
		const MigrAddress *address = lfirst(lc);

		if (address->classid == TypeRelationId)
			read_array_of(reading, *address);
	}
	known.addresses = NIL;
	migr_schema_each_address(reading->schema, note_known, &known);
	foreach(lc, known.addresses)
		read_dependencies_of(reading, catalog, *(MigrAddress *) lfirst(lc));
	table_close(catalog, AccessShareLock);
}
