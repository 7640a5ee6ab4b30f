/*
 * snap_some.c
 *		A snapshot of some objects: which kinds to look for, and what is said of them.
 *
 * It costs what these objects cost, however many others there are: what is asked
 * is asked by an index, and no query runs that has nothing to find.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_description.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"

#include "model/attribute_names.h"
#include "snapshot/snap_parts.h"

/* Where more objects are read, it costs more to look at their indexes than to ask for settings of these. */
#define FEW_OBJECTS 1000

/* Where a relation's parts of some kinds have their rows. */
static const MigrCatalog part_catalogs[] = {
	{IndexRelationId, Anum_pg_index_indrelid, IndexIndrelidIndexId},
	{TriggerRelationId, Anum_pg_trigger_tgrelid, TriggerRelidNameIndexId},
	{RewriteRelationId, Anum_pg_rewrite_ev_class, RewriteRelRulenameIndexId},
	{PolicyRelationId, Anum_pg_policy_polrelid, PolicyPolrelidPolnameIndexId}
};

/* --- which there may be ------------------------------------------------------ */

/* A question about the rows of a relation's parts. */
typedef struct Search
{
	MigrReading *reading;
	const MigrPlace *place;
	bool		found;
} Search;

static void
look_at_row(void *arg, HeapTuple tuple, TupleDesc desc)
{
	Search	   *search = arg;

	search->found = search->found || search->place->is_one == NULL ||
		search->place->is_one(search->reading, GETSTRUCT(tuple));
}

/* Rows of pg_class are read with the reading as argument: the question comes along. */
static bool
any_in_family(MigrReading *reading, const MigrPlace *place)
{
	ListCell   *lc;

	foreach(lc, reading->family)
	{
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(lc)));
		bool		found;

		if (!HeapTupleIsValid(tuple))
			continue;
		found = place->is_one == NULL || place->is_one(reading, GETSTRUCT(tuple));
		ReleaseSysCache(tuple);
		if (found)
			return true;
	}
	return false;
}

/* The relations that are to be read, as what migr_reading_rows() takes. */
static List *
wanted_relations(const MigrReading *reading)
{
	List	   *relations = NIL;
	ListCell   *lc;

	foreach(lc, reading->scope->only)
	{
		const MigrAddress *address = lfirst(lc);
		MigrObject *relation;

		if (address->classid != RelationRelationId)
			continue;
		relation = palloc0(sizeof(MigrObject));
		relation->address = *address;
		relations = lappend(relations, relation);
	}
	return relations;
}

static bool
any_part(MigrReading *reading, const MigrPlace *place, const List *relations)
{
	Search		search = {.reading = reading, .place = place};

	if (place->catalog == RelationRelationId)
		return any_in_family(reading, place);
	for (int i = 0; i < (int) lengthof(part_catalogs); i++)
	{
		if (part_catalogs[i].catalog == place->catalog)
		{
			migr_reading_rows(&part_catalogs[i], relations, look_at_row, &search);
			return search.found;
		}
	}
	return true;
}

/* Is there an address of a catalog whose row a place takes for one of the kind? */
static bool
any_whole(const MigrReading *reading, Oid catalog, const MigrPlace *place)
{
	int			cache = place->catalog == RelationRelationId ? RELOID
		: place->catalog == TypeRelationId ? TYPEOID : -1;
	ListCell   *lc;

	foreach(lc, reading->scope->only)
	{
		const MigrAddress *address = lfirst(lc);
		HeapTuple	tuple;
		bool		found;

		if (address->classid != catalog)
			continue;
		if (place->catalog != catalog || cache < 0 || place->is_one == NULL)
			return true;
		tuple = SearchSysCache1(cache, ObjectIdGetDatum(address->objid));
		if (!HeapTupleIsValid(tuple))
			continue;
		found = place->is_one(reading, GETSTRUCT(tuple));
		ReleaseSysCache(tuple);
		if (found)
			return true;
	}
	return false;
}

/* The catalog of the addresses by which a kind is asked for. */
static Oid
asked_by(const MigrKindRecord *kind)
{
	return OidIsValid(kind->parent_catalog) ? kind->parent_catalog : kind->catalog;
}

static bool
is_there(MigrReading *reading, const MigrKindRecord *kind, const List *relations)
{
	static const MigrPlace anywhere = {InvalidOid};

	if (kind->parent_catalog == RelationRelationId && relations == NIL)
		return false;
	if (!OidIsValid(kind->places[0].catalog))
		return any_whole(reading, asked_by(kind), &anywhere);
	for (int i = 0; i < MIGR_PLACES_PER_KIND && OidIsValid(kind->places[i].catalog); i++)
	{
		if (kind->parent_catalog == RelationRelationId
			? any_part(reading, &kind->places[i], relations)
			: any_whole(reading, asked_by(kind), &kind->places[i]))
			return true;
	}
	return false;
}

static void
add_index(void *arg, HeapTuple tuple, TupleDesc desc)
{
	MigrReading *reading = arg;

	reading->family = lappend_oid(reading->family,
								  ((Form_pg_index) GETSTRUCT(tuple))->indexrelid);
}

/*
 * The relations themselves, their toast tables, indexes and sequences; of many the
 * relations alone, unless some may be partitioned, which their indexes are then too.
 */
static void
find_family(MigrReading *reading, const List *relations)
{
	bool		many = list_length(reading->scope->only) > FEW_OBJECTS;
	ListCell   *lc;

	foreach(lc, relations)
	{
		Oid			relid = ((MigrObject *) lfirst(lc))->address.objid;
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
		Form_pg_class form;

		if (!HeapTupleIsValid(tuple))
			continue;
		form = (Form_pg_class) GETSTRUCT(tuple);
		reading->family = lappend_oid(reading->family, relid);
		if (!many && OidIsValid(form->reltoastrelid))
			reading->family = lappend_oid(reading->family, form->reltoastrelid);
		if (!many && form->relkind != RELKIND_SEQUENCE)
			reading->family = list_concat(reading->family, getOwnedSequences(relid));
		reading->has_parents |= form->relhassubclass || has_superclass(relid);
		ReleaseSysCache(tuple);
	}
	reading->has_options |= many;
	reading->has_index_settings |= many;
	if (!many || reading->has_parents)
		migr_reading_rows(&part_catalogs[0], relations, add_index, reading);
}

void
migr_snap_note_wanted(MigrReading *reading)
{
	List	   *relations = wanted_relations(reading);

	find_family(reading, relations);
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
		reading->present[i] = is_there(reading, migr_kinds[i], relations);
	list_free_deep(relations);
}

Datum
migr_snap_wanted(MigrReading *reading, const MigrKindRecord *kind)
{
	List	   *oids = NIL;
	ListCell   *lc;

	foreach(lc, reading->scope->only)
	{
		const MigrAddress *address = lfirst(lc);

		if (address->classid == asked_by(kind))
			oids = lappend_oid(oids, address->objid);
	}

	/* Schema public may be one that has no address of its own, see kind_schema.c. */
	if (kind->catalog == NamespaceRelationId)
		oids = lappend_oid(oids, InvalidOid);
	return migr_db_oids_datum(oids);
}

/* --- what is said of them ------------------------------------------------------ */

/* Comments on the object at one address, and on its columns. */
static void
read_comments(MigrReading *reading, Relation catalog, MigrAddress address)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_description_objoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(address.objid));
	ScanKeyInit(&keys[1], Anum_pg_description_classoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(address.classid));
	scan = systable_beginscan(catalog, DescriptionObjIndexId, true, NULL, 2, keys);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		bool		is_null;
		Datum		comment = heap_getattr(tuple, Anum_pg_description_description,
										   RelationGetDescr(catalog), &is_null);

		if (!is_null)
			migr_snap_comment(reading, address, ((Form_pg_description) GETSTRUCT(tuple))->objsubid,
							  TextDatumGetCString(comment));
	}
	systable_endscan(scan);
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/* The extensions on which an object depends, in the form of snap_relationships.c. */
static void
read_extensions(MigrObject *object, MigrAddress address)
{
	int			attribute = migr_object_attribute(object, MIGR_ATTR_EXTENSIONS);
	List	   *names = NIL;
	StringInfoData list;
	ListCell   *lc;

	if (attribute < 0)
		return;
	foreach(lc, getAutoExtensionsOfObject(address.classid, address.objid))
	{
		const char *name = get_extension_name(lfirst_oid(lc));

		if (name)
			names = lappend(names, unconstify(char *, quote_identifier(name)));
	}
	if (names == NIL)
		return;
	list_sort(names, compare_names);
	initStringInfo(&list);
	foreach(lc, names)
		appendStringInfo(&list, "%s%s", list.len > 0 ? "\n" : "", (char *) lfirst(lc));
	migr_object_set(object, attribute, list.data);
}

/* What is to be said, of all addresses. */
typedef struct Saying
{
	MigrReading *reading;
	Relation	descriptions;
} Saying;

static void
say(MigrAddress address, MigrObject *object, void *arg)
{
	Saying	   *saying = arg;

	if (address.objid < FirstNormalObjectId)
		return;
	read_comments(saying->reading, saying->descriptions, address);
	if (object->address.classid == address.classid && object->address.objid == address.objid)
		read_extensions(object, address);
}

void
migr_snap_said(MigrReading *reading)
{
	Saying		saying = {.reading = reading};

	saying.descriptions = table_open(DescriptionRelationId, AccessShareLock);
	migr_schema_each_address(reading->schema, say, &saying);
	table_close(saying.descriptions, AccessShareLock);
}
