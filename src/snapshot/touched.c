/*
 * touched.c
 *		Which objects the current transaction has touched since a point in it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_tablespace.h"

#include "base/compat.h"
#include "base/citus.h"
#include "snapshot/touched_parts.h"

/* --- the mark ------------------------------------------------------------------- */

/* What was seen by the last command is older than the next. */
CommandId
migr_touch_command(void)
{
	CommandCounterIncrement();
	return GetCurrentCommandId(false);
}

void
migr_touch_mark(MigrTouchMark *mark)
{
	mark->transaction = migr_compat_local_transaction();
	mark->command = migr_touch_command();
	mark->written = GetXLogInsertRecPtr();
}

void
migr_touch_mark_apart(MigrTouchMark *mark)
{
	memset(mark, 0, sizeof(MigrTouchMark));
	mark->is_apart = true;
	mark->next = XidFromFullTransactionId(ReadNextFullTransactionId());
	mark->written = GetXLogInsertRecPtr();
}

/* --- from rows to objects --------------------------------------------------------- */

/* A row that is being put into terms of the model. */
typedef struct Finding
{
	MigrTouchRows *rows;
	const MigrTouchRow *row;
} Finding;

static HTAB *
make_table(const char *name, Size size)
{
	HASHCTL		control = {0};

	/* An address and the number of a column, which both kinds of entries begin with. */
	control.keysize = offsetof(MigrTouch, subid) + sizeof(int);
	control.entrysize = size;
	control.hcxt = CurrentMemoryContext;
	return hash_create(name, 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

MigrTouch *
migr_touched_find(MigrTouchRows *rows, Oid classid, Oid objid, int subid, bool dependent)
{
	MigrTouch	key = {.address = {classid, objid}, .subid = subid};
	MigrTouch  *touch;
	bool		found;

	touch = hash_search(rows->found, &key, HASH_ENTER, &found);
	if (!found)
	{
		touch->created = touch->dropped = false;
		touch->dependent = dependent;
		touch->own.first = touch->own.last = InvalidCommandId;
		touch->around = touch->own;
	}
	return touch;
}

/* An object, or column, that a row says something of. */
static void
add_touch(void *arg, Oid classid, Oid objid, int subid, bool around)
{
	Finding    *finding = arg;
	const MigrTouchRow *row = finding->row;
	MigrTouch  *touch = migr_touched_find(finding->rows, classid, objid, subid, false);

	if (around)
		migr_touch_span_join(&touch->around, &row->own);
	else
		migr_touch_span_join(&touch->own, &row->own);
	migr_touch_span_join(&touch->around, &row->around);
	if (classid == row->address.classid && objid == row->address.objid && subid == row->subid)
	{
		touch->created = !row->was && (row->is || row->passed);
		touch->dropped = !row->is && (row->was || row->passed);
	}
}

static CommandId
first_command(const MigrTouch *touch)
{
	return Min(touch->own.first, touch->around.first);
}

static int
compare_touches(const ListCell *a, const ListCell *b)
{
	const MigrTouch *left = lfirst(a);
	const MigrTouch *right = lfirst(b);

	if (first_command(left) != first_command(right))
		return first_command(left) < first_command(right) ? -1 : 1;
	return memcmp(&left->address, &right->address, offsetof(MigrTouch, subid) + sizeof(int));
}

void
migr_touched_list(MigrTouched *touched)
{
	HASH_SEQ_STATUS seq;
	MigrTouch  *touch;

	touched->objects = touched->columns = NIL;
	hash_seq_init(&seq, touched->rows->found);
	while ((touch = hash_seq_search(&seq)) != NULL)
	{
		if (touch->subid > 0)
			touched->columns = lappend(touched->columns, touch);
		else
			touched->objects = lappend(touched->objects, touch);
	}
	list_sort(touched->objects, compare_touches);
	list_sort(touched->columns, compare_touches);
}

static void
say_everything(MigrTouched *touched, Oid catalog)
{
	touched->everything = true;
	touched->catalog = catalog;
	touched->why = psprintf("rows of %s have changed", get_rel_name(catalog));
}

/* Has something been done to an object after which all may print otherwise? */
static bool
means_everything(const MigrTouchRow *row)
{
	const MigrTouchCatalog *catalog = migr_touch_catalog(row->address.classid);

	if (catalog == NULL || row->subid > 0 || !row->was)
		return false;
	return (catalog->flags & MIGR_TOUCH_ALL_IF_OLD) != 0 ||
		((catalog->flags & MIGR_TOUCH_ALL_IF_RENAMED) != 0 && row->is && row->shown != 0);
}

/* What tables are colocated with is said by the name of one of them: it may be another now. */
static void
find_distributed(MigrTouchRows *rows)
{
	ListCell   *lc;

	if (rows->distributions.first == InvalidCommandId)
		return;
	foreach(lc, migr_citus_distributed())
		migr_touch_span_join(&migr_touched_find(rows, RelationRelationId, lfirst_oid(lc), 0, true)->around,
							 &rows->distributions);
}

/* Turn what rows say into objects. */
static void
find_objects(MigrTouched *touched)
{
	Finding		finding = {.rows = touched->rows};
	HASH_SEQ_STATUS seq;
	MigrTouchRow *row;

	hash_seq_init(&seq, touched->rows->table);
	while ((row = hash_seq_search(&seq)) != NULL)
	{
		if (means_everything(row))
			say_everything(touched, row->address.classid);
		finding.row = row;
		migr_touch_owners(row->address.classid, row->address.objid, row->subid,
						  add_touch, &finding);
	}
	find_distributed(touched->rows);
	migr_touched_list(touched);
}

MigrTouched *
migr_touched_since(const MigrTouchMark *mark)
{
	MigrTouched *touched = palloc0(sizeof(MigrTouched));

	touched->rows = palloc0(sizeof(MigrTouchRows));
	touched->rows->distributions.first = touched->rows->distributions.last = InvalidCommandId;
	touched->rows->table = make_table("migr touched rows", sizeof(MigrTouchRow));
	touched->rows->found = make_table("migr touched objects", sizeof(MigrTouch));
	if (!mark->is_apart && mark->transaction != migr_compat_local_transaction())
	{
		touched->everything = true;
		touched->why = "the transaction is another one";
		return touched;
	}
	if (!mark->is_apart && !TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return touched;

	/* What has just been done is to be seen when objects are asked for. */
	CommandCounterIncrement();
	migr_touch_scan(touched->rows, mark);
	if (OidIsValid(touched->rows->everything))
		say_everything(touched, touched->rows->everything);
	find_objects(touched);
	return touched;
}

bool
migr_touched_is_renaming(const MigrTouched *touched)
{
	return touched->everything &&
		(touched->catalog == NamespaceRelationId || touched->catalog == AuthIdRelationId ||
		 touched->catalog == TableSpaceRelationId);
}

List *
migr_touched_addresses(const MigrTouched *touched)
{
	List	   *addresses = NIL;
	ListCell   *lc;

	foreach(lc, touched->objects)
	{
		MigrTouch  *touch = lfirst(lc);

		addresses = lappend(addresses, &touch->address);
	}
	return addresses;
}
