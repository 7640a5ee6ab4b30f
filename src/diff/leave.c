/*
 * leave.c
 *		What is not compared: of a desired schema, it is what it is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_pair.h"
#include "diff/leave.h"
#include "kind/ddl.h"
#include "kind/sort.h"
#include "model/privileges.h"
#include "snapshot/snap.h"

/* Two schemas, whose objects are paired. */
typedef struct Leaving
{
	MigrDiff	diff;			/* from what is there to what is desired */
	bool		owners;
	MigrObject **copies;		/* by unit: of what is there, in the desired schema */
	List	   *ignored;		/* char * */
} Leaving;

/* --- owners and privileges ------------------------------------------------ */

/* Is an object there, and of the same kind? */
static bool
is_paired(const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_OBJECT && unit->from && unit->to &&
		unit->from->kind == unit->to->kind;
}

/* Columns have the owner of their table. */
static const char *
owner_of(const MigrObject *object)
{
	return object->owner || object->parent == NULL ? object->owner : object->parent->owner;
}

/*
 * Privileges name the owner, whom columns get with their table.  Where they are
 * compared, they are so for an owner whoever he is, and he is left as he is.
 */
static void
leave_extras(void *arg)
{
	Leaving    *leaving = arg;

	migr_diff_pair(&leaving->diff);
	for (int i = 0; i < leaving->diff.count; i++)
	{
		const MigrUnit *unit = &leaving->diff.units[i];

		if (is_paired(unit))
			unit->to->acl = migr_privileges_of_owner(unit->from,
													 owner_of(leaving->owners ? unit->from : unit->to));
	}
	for (int i = 0; i < leaving->diff.count; i++)
	{
		const MigrUnit *unit = &leaving->diff.units[i];

		if (leaving->owners && is_paired(unit))
			unit->to->owner = unit->from->owner;
	}
}

void
migr_leave_privileges(MigrSchema *there, MigrSchema *desired, bool owners)
{
	Leaving		leaving = {.diff.from.schema = there, .diff.to.schema = desired};

	leaving.owners = owners;
	migr_snap_pinned(leave_extras, &leaving);
}

/* --- kinds ---------------------------------------------------------------- */

/* In the catalogs of addresses of another database. */
#define FOREIGN_ADDRESS 0x40000000

/* Is it on the other side as well, and the same? */
static bool
is_there(const MigrUnit *unit)
{
	return unit->from && unit->from->kind == unit->to->kind &&
		!migr_ddl_differs(unit->from, unit->to);
}

/*
 * Mark what is desired and not to be managed: of a kind that is left out, or on
 * something of such a kind that is not there.  What others stand on comes first.
 */
static void
mark_ignored(Leaving *leaving)
{
	ListCell   *lc;

	foreach(lc, leaving->diff.to.schema->objects)
	{
		MigrObject *object = lfirst(lc);
		const MigrUnit *unit = &leaving->diff.units[object->unit];
		bool		alone = object->parent && object->parent->mark &&
			leaving->diff.units[object->parent->unit].from == NULL;

		object->mark = alone || !migr_sort_compared(object);
		if (object->mark && !is_there(unit) && !(object->parent && object->parent->mark))
			leaving->ignored = lappend(leaving->ignored,
									   unconstify(char *, migr_ddl_title(object)));
	}
}

/* The form that an object that is there has in the desired schema; NULL: none. */
static MigrObject *
desired_form(const Leaving *leaving, const MigrObject *object)
{
	MigrObject *copy = leaving->copies[object->unit];
	MigrObject *desired = leaving->diff.units[object->unit].to;

	return copy ? copy : desired && desired->mark ? NULL : desired;
}

/*
 * Give the desired schema one object that is there, unless what it stands on is to
 * go.  Its oids may be others' over there, so its address is none of theirs.
 */
static void
copy_object(Leaving *leaving, MigrObject *object)
{
	MigrObject *parent = object->parent ? desired_form(leaving, object->parent) : NULL;
	MigrObject *copy;

	if (object->parent && parent == NULL)
		return;
	copy = palloc(sizeof(MigrObject));
	*copy = *object;
	copy->address.classid |= FOREIGN_ADDRESS;
	copy->mark = 0;
	copy->parent = parent;
	copy->children = copy->depends = NIL;
	migr_schema_add(leaving->diff.to.schema, copy);
	if (parent)
		parent->children = lappend(parent->children, copy);
	leaving->copies[object->unit] = copy;
}

/* Objects that are there, in their desired forms. */
static List *
map_objects(const Leaving *leaving, const List *objects)
{
	List	   *mapped = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		MigrObject *form = desired_form(leaving, lfirst(lc));

		if (form)
			mapped = lappend(mapped, form);
	}
	return mapped;
}

/* Copies need what their originals need. */
static void
copy_needs(Leaving *leaving)
{
	const MigrSchema *there = leaving->diff.from.schema;
	ListCell   *lc;

	foreach(lc, there->objects)
	{
		const MigrObject *object = lfirst(lc);
		MigrObject *copy = leaving->copies[object->unit];

		if (copy)
			copy->depends = map_objects(leaving, object->depends);
	}
	for (int i = 0; i < there->need_count; i++)
	{
		const MigrNeed *need = &there->needs[i];
		MigrObject *copy = leaving->copies[need->object->unit];
		MigrObject *needed = desired_form(leaving, need->needed);

		if (copy && needed)
			migr_schema_need(leaving->diff.to.schema, copy, needed, need->by_default);
	}
}

/* A desired object, or the copy that takes its place; an object without one goes. */
static MigrObject *
replacement(const Leaving *leaving, MigrObject *desired)
{
	MigrObject *copy = desired->mark ? leaving->copies[desired->unit] : NULL;

	return copy ? copy : desired;
}

static void
replace_in(const Leaving *leaving, List *objects)
{
	ListCell   *lc;

	foreach(lc, objects)
		lfirst(lc) = replacement(leaving, lfirst(lc));
}

/* What stays desired needs the copies. */
static void
turn_to_copies(Leaving *leaving, const List *desired)
{
	MigrSchema *schema = leaving->diff.to.schema;
	ListCell   *lc;

	foreach(lc, desired)
	{
		MigrObject *object = lfirst(lc);

		if (object->mark)
			continue;
		replace_in(leaving, object->depends);
		if (object->parent && object->parent->mark)
		{
			object->parent = replacement(leaving, object->parent);
			object->parent->children = lappend(object->parent->children, object);
		}
	}
	for (int i = 0; i < schema->need_count; i++)
	{
		MigrNeed   *need = &schema->needs[i];

		if (!need->object->mark)
			need->needed = replacement(leaving, need->needed);
	}
}

static bool
is_marked(const MigrObject *object, void *arg)
{
	return object->mark != 0;
}

static void
leave_kinds(void *arg)
{
	Leaving    *leaving = arg;
	MigrSchema *there = leaving->diff.from.schema;
	MigrSchema *desired = leaving->diff.to.schema;
	List	   *before = list_copy(desired->objects);
	ListCell   *lc;

	migr_diff_pair(&leaving->diff);
	leaving->copies = palloc0((leaving->diff.count + 1) * sizeof(MigrObject *));
	mark_ignored(leaving);
	foreach(lc, there->objects)
	{
		if (!migr_sort_compared(lfirst(lc)))
			copy_object(leaving, lfirst(lc));
	}
	turn_to_copies(leaving, before);
	copy_needs(leaving);
	migr_schema_remove(desired, is_marked, NULL);
}

List *
migr_leave_kinds(MigrSchema *there, MigrSchema *desired)
{
	Leaving		leaving = {.diff.from.schema = there, .diff.to.schema = desired};

	if (migr_sort_all_compared())
		return NIL;
	migr_snap_pinned(leave_kinds, &leaving);
	return leaving.ignored;
}
