/*
 * diff_follow.c
 *		What tables get through the tables that they are attached to.
 *
 * A column or a check constraint that is added to a table, changed or dropped
 * is so in its partitions and children too.  What follows has no statement of
 * its own for that: a second ADD COLUMN would fail, and so would a second
 * DROP.  Only where it is to differ from what comes down to it, that is said
 * behind.
 *
 * It holds for tables that are attached all the time.  One that is detached
 * for a while gets nothing meanwhile, and does all by itself (diff_steps.c).
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_plan.h"
#include "model/attribute_list.h"

/* Is a table attached to a parent before, meanwhile and after? */
static bool
stays_attached(const MigrDiff *diff, const MigrObject *table, const MigrObject *parent)
{
	const MigrUnit *unit = &diff->units[table->unit];
	bool		was = false;
	ListCell   *lc;

	if (unit->from == NULL || unit->to == NULL || migr_diff_ends(unit) ||
		migr_diff_ends(&diff->units[parent->unit]))
		return false;
	foreach(lc, unit->to->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_PARTITION)
			return diff->units[child->unit].mode == MIGR_MODE_SAME;
	}
	foreach(lc, migr_diff_parents(&diff->from, unit->from))
		was = was || ((MigrObject *) lfirst(lc))->unit == parent->unit;
	if (!was || !migr_diff_keeps_parent(diff, unit->from, parent))
		return false;
	foreach(lc, migr_diff_parents(&diff->to, unit->to))
	{
		if (((MigrObject *) lfirst(lc))->unit == parent->unit)
			return true;
	}
	return false;
}

MigrObject *
migr_diff_namesake(const MigrObject *table, const MigrObject *object)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind == object->kind && strcmp(child->name, object->name) == 0)
			return child;
	}
	return NULL;
}

/* Does a column or a check go with that of the parent?  One of its own stays. */
static bool
is_inherited(const MigrObject *object)
{
	if (object->kind == MIGR_KIND_COLUMN && !migr_object_ends(object, MIGR_ATTR_DEFAULT) &&
		migr_object_is(object, MIGR_ATTR_MERELY_INHERITED))
		return true;
	return migr_diff_is_partition(object->parent);
}

static bool
changes(const MigrUnit *unit, MigrAttribute attribute)
{
	return !migr_ddl_same(migr_object_value(unit->from, attribute),
						  migr_object_value(unit->to, attribute));
}

/* Does what is done to a parent's unit do the same to this one? */
static bool
is_done_by(const MigrUnit *unit, const MigrUnit *parents)
{
	/* What is dropped was there, and what is made will be: of each unit, and its parent's. */
	Assert(unit->from || unit->mode == MIGR_MODE_CREATE);
	Assert((unit->to && parents->to) || unit->mode == MIGR_MODE_DROP || unit->mode != parents->mode);
	if (unit->mode != parents->mode)
		return false;
	if (unit->mode == MIGR_MODE_DROP || unit->mode == MIGR_MODE_REPLACE)
		return is_inherited(unit->from) || unit->via_text;
	/* A check that is valid in the child alone is validated there. */
	if (unit->mode == MIGR_MODE_CREATE)
		return is_inherited(unit->to) ||
			(unit->to->kind == MIGR_KIND_CONSTRAINT &&
			 !migr_ddl_same(migr_object_value(unit->to, MIGR_ATTR_DEFINITION),
							migr_object_value(parents->to, MIGR_ATTR_DEFINITION)));
	if (unit->mode != MIGR_MODE_ALTER)
		return true;
	if (unit->to->kind == MIGR_KIND_COLUMN)
		return parents->retype || changes(parents, MIGR_ATTR_TYPE) || changes(parents, MIGR_ATTR_COLLATION) ||
			changes(parents, MIGR_ATTR_NOT_NULL) || changes(parents, MIGR_ATTR_GENERATED) ||
			(migr_object_has(parents->to, MIGR_ATTR_GENERATED) && changes(parents, MIGR_ATTR_DEFAULT));
	return true;
}

static void
follow(MigrDiff *diff, MigrUnit *unit)
{
	MigrObject *object = migr_diff_object(unit);
	const MigrSide *side = unit->to ? &diff->to : &diff->from;
	ListCell   *lc;

	foreach(lc, migr_diff_parents(side, object->parent))
	{
		MigrObject *namesake = migr_diff_namesake(lfirst(lc), object);

		if (namesake && stays_attached(diff, object->parent, lfirst(lc)) &&
			is_done_by(unit, &diff->units[namesake->unit]))
			unit->follows = namesake->unit;
	}
}

/*
 * A check that a table has of its own, and is to have from a parent only, can't
 * be dropped there any more; nothing but its origin would be another one.
 */
static bool
stays_by_parent(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *table = diff->units[unit->from->parent->unit].to;
	ListCell   *lc;

	foreach(lc, table ? migr_diff_inherited_checks(&diff->to, table) : NIL)
	{
		const MigrObject *check = lfirst(lc);

		if (strcmp(check->name, unit->from->name) == 0 &&
			diff->units[check->unit].mode == MIGR_MODE_SAME &&
			migr_ddl_same(migr_object_value(check, MIGR_ATTR_DEFINITION),
						  migr_object_value(unit->from, MIGR_ATTR_DEFINITION)))
			return true;
	}
	return false;
}

void
migr_diff_follow(MigrDiff *diff)
{
	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];
		MigrObject *object = migr_diff_object(unit);

		unit->follows = -1;
		if (unit->mode == MIGR_MODE_SAME || unit->facet != MIGR_FACET_OBJECT ||
			object->parent == NULL || object->parent->kind != MIGR_KIND_TABLE ||
			diff->units[object->parent->unit].mode == MIGR_MODE_CREATE)
			continue;
		if (object->kind == MIGR_KIND_COLUMN || migr_diff_is_check(object))
			follow(diff, unit);
		if (unit->mode == MIGR_MODE_DROP && migr_diff_is_check(object) && stays_by_parent(diff, unit))
			unit->mode = MIGR_MODE_SAME;
	}
}
