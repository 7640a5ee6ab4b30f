/*
 * touched_owner.c
 *		Addresses of catalogs in the words of the model.
 *
 * The model has no rows of its own for what only serves an object: the index of
 * a constraint, the rule of a view, the row type and the TOAST table of a table.
 * What has gone can't be asked any more, and keeps the address it had.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "rewrite/rewriteSupport.h"
#include "utils/fmgroids.h"

#include "base/compat.h"
#include "snapshot/touched_parts.h"

/* An address to be told. */
typedef struct Telling
{
	MigrTouchVisitor visit;
	void	   *arg;
	bool		around;
} Telling;

/* Tell an object, and the column of it, if it is one. */
static void
tell(const Telling *telling, Oid classid, Oid objid, int subid)
{
	telling->visit(telling->arg, classid, objid, 0, telling->around);
	if (subid > 0)
		telling->visit(telling->arg, classid, objid, subid, telling->around);
}

/* Tell an object that the first is not, but around. */
static void
tell_around(const Telling *telling, Oid classid, Oid objid)
{
	telling->visit(telling->arg, classid, objid, 0, true);
}

/*
 * The relation of which another one is a part: the table of a TOAST table, or of
 * the column that has the sequence.
 */
static bool
find_whole(Oid relid, FormData_pg_depend *whole)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, DependDependerIndexId, true, NULL, 2, keys);
	while (!found && (tuple = systable_getnext(scan)) != NULL)
	{
		*whole = *(Form_pg_depend) GETSTRUCT(tuple);
		found = whole->refclassid == RelationRelationId &&
			(whole->deptype == DEPENDENCY_AUTO || whole->deptype == DEPENDENCY_INTERNAL);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* A row by its oid, copied; NULL if there is none. */
static HeapTuple
find_row(Oid catalog_id, Oid index, AttrNumber column, Oid oid)
{
	Relation	catalog = table_open(catalog_id, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(oid));
	scan = systable_beginscan(catalog, index, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (tuple)
		tuple = heap_copytuple(tuple);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return tuple;
}

static void
tell_index(const Telling *telling, Oid index)
{
	Oid			constraint = get_index_constraint(index);
	Oid			table = IndexGetRelation(index, true);

	if (OidIsValid(table) && get_rel_relkind(table) == RELKIND_TOASTVALUE)
		return;
	if (OidIsValid(constraint))
		tell(telling, ConstraintRelationId, constraint, 0);

	/* It may have been an index by itself: ADD CONSTRAINT … USING INDEX. */
	tell(telling, RelationRelationId, index, 0);
	if (OidIsValid(table))
		tell_around(telling, RelationRelationId, table);
}

/* An identity column says what its sequence is like. */
static void
tell_sequence(const Telling *telling, Oid sequence)
{
	FormData_pg_depend whole;

	tell(telling, RelationRelationId, sequence, 0);
	if (!find_whole(sequence, &whole))
		return;
	if (whole.deptype == DEPENDENCY_INTERNAL)
		tell(telling, whole.refclassid, whole.refobjid, whole.refobjsubid);
	else
		tell_around(telling, whole.refclassid, whole.refobjid);
}

static void
tell_toast(const Telling *telling, Oid relid)
{
	FormData_pg_depend whole;

	if (find_whole(relid, &whole))
		tell(telling, whole.refclassid, whole.refobjid, 0);
}

static void
tell_relation(const Telling *telling, Oid relid, int subid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	FormData_pg_class form;

	if (!HeapTupleIsValid(tuple))
	{
		tell(telling, RelationRelationId, relid, subid);
		return;
	}
	form = *(Form_pg_class) GETSTRUCT(tuple);
	ReleaseSysCache(tuple);
	if (form.relpersistence == RELPERSISTENCE_TEMP)
		return;
	if (form.relkind == RELKIND_INDEX || form.relkind == RELKIND_PARTITIONED_INDEX)
		tell_index(telling, relid);
	else if (form.relkind == RELKIND_SEQUENCE)
		tell_sequence(telling, relid);
	else if (form.relkind == RELKIND_COMPOSITE_TYPE)
		tell(telling, TypeRelationId, form.reltype, 0);
	else if (form.relkind == RELKIND_TOASTVALUE)
		tell_toast(telling, relid);
	else
		tell(telling, RelationRelationId, relid, subid);
}

/* Arrays are as their elements, and multiranges as ranges. */
static void
tell_type(const Telling *telling, Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Telling		behind = *telling;
	FormData_pg_type form;
	Oid			range;

	if (!HeapTupleIsValid(tuple))
	{
		tell(telling, TypeRelationId, type, 0);
		return;
	}
	form = *(Form_pg_type) GETSTRUCT(tuple);
	ReleaseSysCache(tuple);
	behind.around = true;
	range = form.typtype == 'm' ? migr_compat_multirange_range(type) : InvalidOid;
	if (OidIsValid(range))
		tell(telling, TypeRelationId, range, 0);
	else if (OidIsValid(form.typelem) && get_array_type(form.typelem) == type)
		tell_type(&behind, form.typelem);
	else if (!OidIsValid(form.typrelid))
		tell(telling, TypeRelationId, type, 0);
	else if (get_rel_relkind(form.typrelid) == RELKIND_COMPOSITE_TYPE)
		tell(telling, TypeRelationId, type, 0);
	else
		tell_relation(&behind, form.typrelid, 0);
}

/* NOT NULL is said by the column. */
static void
tell_constraint(const Telling *telling, Oid constraint)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	FormData_pg_constraint form;

	if (!HeapTupleIsValid(tuple))
	{
		tell(telling, ConstraintRelationId, constraint, 0);
		return;
	}
	form = *(Form_pg_constraint) GETSTRUCT(tuple);
	ReleaseSysCache(tuple);
	if (OidIsValid(form.conrelid) &&
		get_rel_persistence(form.conrelid) == RELPERSISTENCE_TEMP)
		return;
	tell(telling, ConstraintRelationId, constraint, 0);
	if (form.contype == 'n' && OidIsValid(form.conrelid))
		tell(telling, RelationRelationId, form.conrelid, 0);
	else if (form.contype == 'n')
		tell(telling, TypeRelationId, form.contypid, 0);
	else if (OidIsValid(form.conrelid))
		tell_around(telling, RelationRelationId, form.conrelid);
	else
		tell_around(telling, TypeRelationId, form.contypid);
}

static void
tell_rule(const Telling *telling, Oid rule)
{
	HeapTuple	tuple = find_row(RewriteRelationId, RewriteOidIndexId, Anum_pg_rewrite_oid, rule);
	const FormData_pg_rewrite *form;

	if (tuple == NULL)
	{
		tell(telling, RewriteRelationId, rule, 0);
		return;
	}
	form = (Form_pg_rewrite) GETSTRUCT(tuple);
	if (strcmp(NameStr(form->rulename), ViewSelectRuleName) == 0)
		tell_relation(telling, form->ev_class, 0);
	else
	{
		tell(telling, RewriteRelationId, rule, 0);
		tell_around(telling, RelationRelationId, form->ev_class);
	}
	heap_freetuple(tuple);
}

static void
tell_default(const Telling *telling, Oid attrdef)
{
	HeapTuple	tuple = find_row(AttrDefaultRelationId, AttrDefaultOidIndexId,
								 Anum_pg_attrdef_oid, attrdef);
	const FormData_pg_attrdef *form;

	if (tuple == NULL)
		return;
	form = (Form_pg_attrdef) GETSTRUCT(tuple);
	tell_relation(telling, form->adrelid, form->adnum);
	heap_freetuple(tuple);
}

static void
tell_published(const Telling *telling, Oid oid)
{
	HeapTuple	tuple = SearchSysCache1(PUBLICATIONREL, ObjectIdGetDatum(oid));

	if (!HeapTupleIsValid(tuple))
		return;
	tell(telling, PublicationRelationId, ((Form_pg_publication_rel) GETSTRUCT(tuple))->prpubid, 0);
	ReleaseSysCache(tuple);
}

/* A policy or trigger, which is a part of a relation. */
static void
tell_part(const Telling *telling, Oid classid, Oid objid)
{
	HeapTuple	tuple = classid == PolicyRelationId
		? find_row(classid, PolicyOidIndexId, Anum_pg_policy_oid, objid)
		: find_row(classid, TriggerOidIndexId, Anum_pg_trigger_oid, objid);

	tell(telling, classid, objid, 0);
	if (tuple == NULL)
		return;
	tell_around(telling, RelationRelationId, classid == PolicyRelationId
				? ((Form_pg_policy) GETSTRUCT(tuple))->polrelid
				: ((Form_pg_trigger) GETSTRUCT(tuple))->tgrelid);
	heap_freetuple(tuple);
}

void
migr_touch_owners(Oid classid, Oid objid, int subid, MigrTouchVisitor visit, void *arg)
{
	Telling		telling = {.visit = visit, .arg = arg};

	switch (classid)
	{
		case RelationRelationId:
			tell_relation(&telling, objid, subid);
			break;
		case TypeRelationId:
			tell_type(&telling, objid);
			break;
		case ConstraintRelationId:
			tell_constraint(&telling, objid);
			break;
		case RewriteRelationId:
			tell_rule(&telling, objid);
			break;
		case AttrDefaultRelationId:
			tell_default(&telling, objid);
			break;
		case PublicationRelRelationId:
			tell_published(&telling, objid);
			break;
		case PolicyRelationId:
		case TriggerRelationId:
			tell_part(&telling, classid, objid);
			break;
		default:
			tell(&telling, classid, objid, 0);
	}
}
