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
#include "access/htup_details.h"
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

/*
 * Who prints a change, of those that need what has changed.  A name shows with
 * all; a new column in joins and lists of all columns; and whether a child says
 * its default depends on that of the parent.
 */
#define SHOWS_WITH_ALL		(1 << 0)
#define SHOWS_IN_QUERIES	(1 << 1)
#define SHOWS_IN_CHILDREN	(1 << 2)

/* What is asked for those that need it. */
typedef struct Source
{
	MigrAddress address;		/* the hash key */
	MigrTouchSpan span;			/* of the change */
	int			shows;			/* SHOWS_… */
	bool		is_pending;
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
add_source(Closing *closing, Oid classid, Oid objid, const MigrTouchSpan *span, int shows)
{
	MigrAddress address = {classid, objid};
	Source	   *source;
	bool		found;

	source = hash_search(closing->known, &address, HASH_ENTER, &found);
	if (!found)
	{
		source->span = *span;
		source->shows = 0;
		source->is_pending = false;
	}
	if ((source->shows | shows) == source->shows)
		return;
	source->shows |= shows;
	migr_touch_span_join(&source->span, span);
	if (!source->is_pending)
		closing->pending = lappend(closing->pending, source);
	source->is_pending = true;
}

/* A relation and its row type are two to those that need them. */
static void
add_relation_source(Closing *closing, Oid relid, const MigrTouchSpan *span, int shows)
{
	Oid			type = get_rel_type_id(relid);

	add_source(closing, RelationRelationId, relid, span, shows);
	if (OidIsValid(type))
		add_source(closing, TypeRelationId, type, span, shows);
}

static bool
is_new(const MigrTouchRow *row)
{
	return !row->was && (row->is || row->passed);
}

/* With whom does a row show?  Nobody needs yet what is new. */
static int
shows_with(const MigrTouchRow *row)
{
	int			shows = row->defined ? SHOWS_IN_CHILDREN : 0;

	if (row->shown == 0)
		return shows;
	if (row->subid == 0)
		return is_new(row) ? 0 : SHOWS_WITH_ALL;
	return shows | (is_new(row) ? SHOWS_IN_QUERIES : SHOWS_WITH_ALL);
}

static void
add_row_source(Closing *closing, const MigrTouchRow *row)
{
	Oid			classid = row->address.classid;
	Oid			objid = row->address.objid;
	int			shows = shows_with(row);

	if (shows == 0 || is_new(migr_touch_row(closing->touched->rows, classid, objid, 0)))
		return;
	if (classid == RelationRelationId)
		add_relation_source(closing, objid, &row->own, shows);
	else
		add_source(closing, classid, objid, &row->own, shows);
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

/* Does what has changed show in what a row of pg_depend is about? */
static bool
shows_in(int shows, const FormData_pg_depend *form)
{
	if ((shows & SHOWS_WITH_ALL) != 0)
		return true;
	if (form->classid == RewriteRelationId || form->classid == ProcedureRelationId ||
		form->classid == PolicyRelationId)
		return (shows & SHOWS_IN_QUERIES) != 0;
	return (shows & SHOWS_IN_CHILDREN) != 0 && form->classid == RelationRelationId &&
		form->objsubid == 0 && form->refobjsubid == 0;
}

static void
read_dependents(Closing *closing, Source *source)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(source->address.classid));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(source->address.objid));
	closing->source = source;
	source->is_pending = false;
	scan = systable_beginscan(closing->catalog, DependReferenceIndexId, true, NULL, 2, keys);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		const FormData_pg_depend form = *(Form_pg_depend) GETSTRUCT(tuple);

		CHECK_FOR_INTERRUPTS();
		if (!shows_in(source->shows, &form))
			continue;
		migr_touch_owners(form.classid, form.objid, form.objsubid, add_dependent, closing);

		/* Types go on to their arrays, ranges and domains, too. */
		if ((has_types_in_name(form.classid) || form.classid == TypeRelationId) &&
			source->address.classid == TypeRelationId)
			add_source(closing, form.classid, form.objid, &source->span, source->shows);
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
		Source	   *source = llast(closing.pending);

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
