/*
 * touched_close.c
 *		What prints otherwise because something that it needs does.
 *
 * A view that joins USING shows names which depend on all columns of its tables;
 * a label, a function or a sequence of another name shows in defaults, rules,
 * checks, policies.  Whose own name has types in it has another name with them,
 * and shows in what needs it in turn.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "snapshot/touched_parts.h"

/* What is asked for those that need it. */
typedef struct Source
{
	MigrAddress address;		/* the hash key */
	MigrTouchSpan span;			/* of the change that shows */
	bool		has_grown;		/* it has more columns, and the rest is as it was */
} Source;

typedef struct Closing
{
	Relation	catalog;		/* pg_depend */
	HTAB	   *known;			/* of Source */
	List	   *pending;		/* Source * */
	const Source *source;		/* whose dependents are being added */
	MigrTouched *touched;
} Closing;

static void
add_source(Closing *closing, Oid classid, Oid objid, const MigrTouchSpan *span, bool has_grown)
{
	MigrAddress address = {classid, objid};
	Source	   *source;
	bool		found;

	source = hash_search(closing->known, &address, HASH_ENTER, &found);
	if (!found)
	{
		source->has_grown = has_grown;
		source->span = *span;
		closing->pending = lappend(closing->pending, source);
		return;
	}
	if (source->has_grown && !has_grown && !list_member_ptr(closing->pending, source))
		closing->pending = lappend(closing->pending, source);
	source->has_grown &= has_grown;
	migr_touch_span_join(&source->span, span);
}

/* A relation and its row type are two to those that need them. */
static void
add_relation_source(Closing *closing, Oid relid, const MigrTouchSpan *span, bool has_grown)
{
	Oid			type = get_rel_type_id(relid);

	add_source(closing, RelationRelationId, relid, span, has_grown);
	if (OidIsValid(type))
		add_source(closing, TypeRelationId, type, span, has_grown);
}

static bool
is_new(const MigrTouchRow *row)
{
	return !row->was && (row->is || row->passed);
}

/* Does what others print of a row differ?  Nobody needs yet what is new. */
static void
add_row_source(Closing *closing, const MigrTouchRow *row)
{
	bool		is_column = row->subid > 0;

	if (row->shown == 0)
		return;
	if (row->address.classid != RelationRelationId)
	{
		if (!is_new(row))
			add_source(closing, row->address.classid, row->address.objid, &row->own, false);
	}
	else if (!is_new(migr_touch_row(closing->touched->rows, RelationRelationId,
									row->address.objid, 0)))
		add_relation_source(closing, row->address.objid, &row->own, is_column && is_new(row));
}

static void
add_sources(Closing *closing)
{
	HASH_SEQ_STATUS seq;
	MigrTouchRow *row;

	hash_seq_init(&seq, closing->touched->rows->table);
	while ((row = hash_seq_search(&seq)) != NULL)
		add_row_source(closing, row);
}

static void
add_dependent(void *arg, Oid classid, Oid objid, int subid, bool around)
{
	Closing    *closing = arg;

	migr_touch_span_join(&migr_touched_find(closing->touched->rows, classid, objid, subid,
											true)->around, &closing->source->span);
}

/* Is its identity made of what it needs? */
static bool
has_types_in_name(Oid classid)
{
	return classid == ProcedureRelationId || classid == OperatorRelationId;
}

/* Does it show that there are more columns?  Joins do, and lists of the names of all. */
static bool
has_queries(Oid classid)
{
	return classid == RewriteRelationId || classid == ProcedureRelationId ||
		classid == PolicyRelationId;
}

static void
read_dependents(Closing *closing, const Source *source)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(source->address.classid));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(source->address.objid));
	closing->source = source;
	scan = systable_beginscan(closing->catalog, DependReferenceIndexId, true, NULL, 2, keys);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		const FormData_pg_depend form = *(Form_pg_depend) GETSTRUCT(tuple);

		CHECK_FOR_INTERRUPTS();
		if (source->has_grown && !has_queries(form.classid))
			continue;
		migr_touch_owners(form.classid, form.objid, form.objsubid, add_dependent, closing);
		if (has_types_in_name(form.classid) && source->address.classid == TypeRelationId)
			add_source(closing, form.classid, form.objid, &source->span, source->has_grown);
	}
	systable_endscan(scan);
}

void
migr_touched_close(MigrTouched *touched, int limit)
{
	Closing		closing = {.touched = touched};
	HASHCTL		control = {0};

	if (touched->everything)
		return;
	control.keysize = sizeof(MigrAddress);
	control.entrysize = sizeof(Source);
	control.hcxt = CurrentMemoryContext;
	closing.known = hash_create("migr needed", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	closing.catalog = table_open(DependRelationId, AccessShareLock);
	add_sources(&closing);
	while (closing.pending != NIL && hash_get_num_entries(touched->rows->found) <= limit)
	{
		const Source *source = llast(closing.pending);

		closing.pending = list_delete_last(closing.pending);
		read_dependents(&closing, source);
	}
	table_close(closing.catalog, AccessShareLock);
	migr_touched_list(touched);
	if (list_length(touched->objects) > limit || closing.pending != NIL)
	{
		touched->everything = true;
		touched->why = "there is much that has changed, or needs what has";
	}
}
