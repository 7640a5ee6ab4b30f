/*
 * lost.c
 *		What a DROP takes with it is noted, and rows are never taken.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/indexing.h"
#include "catalog/objectaccess.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "run/lost.h"

typedef struct Lost
{
	ObjectAddress object;		/* of a default: its column */
	bool		is_default;
	char		relkind;		/* of a relation, or a column's; else '\0' */
	const char *description;
	char	   *kind;			/* NULL: comes and goes with another */
	ArrayType  *names;
	ArrayType  *arguments;
} Lost;

/* The list that grows, or NULL; and where its members are allocated. */
static List **watching;
static MemoryContext watch_context;
static object_access_hook_type previous_hook;

/* --- noting --------------------------------------------------------------- */

/* Does it come and go with another object, which is noted, too? */
static bool
is_part(const ObjectAddress *object, ArrayType *names, char relkind)
{
	Oid			relation;

	if (object->classId == RelationRelationId)
		return relkind == RELKIND_TOASTVALUE ||
			get_rel_namespace(object->objectId) == PG_TOAST_NAMESPACE;
	if (object->classId == TypeRelationId)
	{
		relation = get_typ_typrelid(object->objectId);
		return OidIsValid(get_element_type(object->objectId)) ||
			(OidIsValid(relation) && get_rel_relkind(relation) != RELKIND_COMPOSITE_TYPE);
	}
	if (object->classId == RewriteRelationId || object->classId == TriggerRelationId)
	{
		Datum	   *parts;
		int			count;
		const char *name;

		deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &parts, NULL, &count);
		name = TextDatumGetCString(parts[count - 1]);
		return strcmp(name, "_RETURN") == 0 ||
			strncmp(name, "RI_ConstraintTrigger_", strlen("RI_ConstraintTrigger_")) == 0;
	}
	return false;
}

/* The column of a default, which is noted in its stead. */
static ObjectAddress
column_of(Oid attrdef)
{
	ObjectAddress column = InvalidObjectAddress;
	Relation	catalog = table_open(AttrDefaultRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_attrdef_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(attrdef));
	scan = systable_beginscan(catalog, AttrDefaultOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Form_pg_attrdef row = (Form_pg_attrdef) GETSTRUCT(tuple);

		ObjectAddressSubSet(column, RelationRelationId, row->adrelid, row->adnum);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return column;
}

static void
note_name(Lost *lost, const ObjectAddress *object)
{
	HeapTupleHeader row;
	bool		null[3];
	Datum		value[3];

	row = DatumGetHeapTupleHeader(OidFunctionCall3(F_PG_IDENTIFY_OBJECT_AS_ADDRESS,
												   ObjectIdGetDatum(object->classId),
												   ObjectIdGetDatum(object->objectId),
												   Int32GetDatum(object->objectSubId)));
	for (int i = 0; i < 3; i++)
		value[i] = GetAttributeByNum(row, i + 1, &null[i]);
	if (null[0] || null[1] || null[2])
		return;
	lost->names = DatumGetArrayTypePCopy(value[1]);
	lost->arguments = DatumGetArrayTypePCopy(value[2]);
	if (!is_part(object, lost->names, lost->relkind))
		lost->kind = TextDatumGetCString(value[0]);
}

static void
note(Oid classid, Oid objid, int subid)
{
	Lost	   *lost = palloc0(sizeof(Lost));
	ObjectAddress object;

	ObjectAddressSubSet(object, classid, objid, subid);
	lost->object = object;
	lost->is_default = classid == AttrDefaultRelationId;
	if (lost->is_default)
		lost->object = column_of(objid);
	if (lost->object.classId == RelationRelationId)
		lost->relkind = get_rel_relkind(lost->object.objectId);
	lost->description = getObjectDescriptionOids(classid, objid);
	if (subid != 0)
		lost->description = psprintf("column %s of %s", get_attname(objid, subid, false),
									 lost->description);
	/* A view has another default where it has another column. */
	if (!lost->is_default || lost->relkind != RELKIND_VIEW)
		note_name(lost, &object);
	*watching = lappend(*watching, lost);
}

static void
watch_drop(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if (previous_hook)
		previous_hook(access, classid, objid, subid, arg);
	if (access == OAT_DROP && watching)
	{
		MemoryContext caller = MemoryContextSwitchTo(watch_context);

		note(classid, objid, subid);
		MemoryContextSwitchTo(caller);
	}
}

static void
install(void)
{
	static bool installed;

	if (installed)
		return;
	previous_hook = object_access_hook;
	object_access_hook = watch_drop;
	installed = true;
}

/* --- telling -------------------------------------------------------------- */

static bool
has_rows(const Lost *lost, bool with_tables)
{
	if (lost->is_default || lost->relkind == '\0')
		return false;
	/* A column that is gone by itself, from what is still there. */
	if (lost->object.objectSubId != 0)
		return get_rel_relkind(lost->object.objectId) != '\0';
	return !with_tables &&
		(lost->relkind == RELKIND_RELATION || lost->relkind == RELKIND_PARTITIONED_TABLE ||
		 lost->relkind == RELKIND_FOREIGN_TABLE || lost->relkind == RELKIND_SEQUENCE);
}

static void
check_rows(const List *lost, const char *repeatable, bool with_tables)
{
	ListCell   *lc;

	foreach(lc, lost)
	{
		const Lost *one = lfirst(lc);

		if (has_rows(one, with_tables))
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("repeatable script \"%s\" would drop %s", repeatable, one->description),
					 errdetail("It stands on what the script replaces, and what is in it could not be made again."),
					 errhint("Let a revision change it, which says what becomes of its contents.")));
	}
}

void
migr_lost_run(List **lost, const char *repeatable, bool with_tables, MigrWork work,
			  void *arg)
{
	List	   *all = NIL;

	install();
	watch_context = CurrentMemoryContext;
	watching = &all;
	PG_TRY();
	{
		work(arg);
	}
	PG_FINALLY();
	{
		watching = NULL;
	}
	PG_END_TRY();
	check_rows(all, repeatable, with_tables);
	*lost = list_concat(*lost, all);
}

bool
migr_lost_default(const List *lost, Oid relation, int column)
{
	ListCell   *lc;

	foreach(lc, lost)
	{
		const Lost *one = lfirst(lc);

		if (one->is_default && one->object.objectId == relation &&
			one->object.objectSubId == column)
			return true;
	}
	return false;
}

/* Is a part of a name the last of those that the script drops? */
static bool
is_dropped(const Lost *lost, const List *dropped)
{
	Datum	   *parts;
	int			count;
	ListCell   *lc;

	deconstruct_array(lost->names, TEXTOID, -1, false, TYPALIGN_INT, &parts, NULL, &count);
	foreach(lc, dropped)
	{
		const char *name = llast((List *) lfirst(lc));

		for (int i = 0; i < count; i++)
		{
			const char *part = TextDatumGetCString(parts[i]);
			const char *dot = strrchr(part, '.');

			if (strcmp(part, name) == 0 ||
				(dot && strcmp(dot + 1, quote_identifier(name)) == 0))
				return true;
		}
	}
	return false;
}

static void
look_up(void *arg)
{
	const Lost *lost = arg;

	(void) OidFunctionCall3(F_PG_GET_OBJECT_ADDRESS, CStringGetTextDatum(lost->kind),
							PointerGetDatum(lost->names), PointerGetDatum(lost->arguments));
}

/* Not all that has an address can be looked up by it: a prefix operator can't. */
static bool
is_absence(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_UNDEFINED_OBJECT ||
		error->sqlerrcode == ERRCODE_UNDEFINED_TABLE ||
		error->sqlerrcode == ERRCODE_UNDEFINED_COLUMN ||
		error->sqlerrcode == ERRCODE_UNDEFINED_FUNCTION ||
		error->sqlerrcode == ERRCODE_UNDEFINED_SCHEMA;
}

void
migr_lost_check(const List *lost, const char *repeatable, const List *dropped)
{
	ListCell   *lc;

	foreach(lc, lost)
	{
		Lost	   *one = lfirst(lc);
		ErrorData  *error;

		if (one->kind == NULL || is_dropped(one, dropped))
			continue;
		error = migr_subxact_run(look_up, one, false);
		if (error && migr_subxact_is_foreign(error))
			ReThrowError(error);
		if (error && is_absence(error))
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("repeatable script \"%s\" would lose %s", repeatable, one->description),
					 errdetail("It stood on what the script replaces, and could not be made again."),
					 errhint("Make it again in the script, or drop it in a revision.")));
	}
}
