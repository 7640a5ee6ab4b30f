/*
 * diff_inside.c
 *		What comes with CREATE TABLE, and what calls functions when it is made.
 *
 * A new table is created with its keys and checks, but for those that have to
 * come later.  What a function that users have written reads is known to nobody:
 * so what calls one when it is made, or may have it inlined, comes when all
 * tables, views and functions are there.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"

#include "diff/diff_plan.h"
#include "kind/constraint.h"
#include "kind/kind.h"
#include "model/attributes.h"

/* Does making, or validating, an object of that kind evaluate its expressions? */
static bool
evaluates(const MigrUnit *unit)
{
	const MigrObject *object = unit->to;

	return object->kind == MIGR_KIND_CONSTRAINT || object->kind == MIGR_KIND_INDEX ||
		(object->kind == MIGR_KIND_COLUMN && object->parent->kind == MIGR_KIND_TABLE);
}

/* A column that is added is filled by its default, or by what it is generated from. */
static void
note_runs(MigrDiff *diff)
{
	const MigrDiffEdges *edges = &diff->to.edges;

	for (int i = 0; i < edges->count; i++)
	{
		MigrUnit   *unit = &diff->units[edges->items[i].object];
		const MigrUnit *needed = &diff->units[edges->items[i].needed];

		if (edges->items[i].weak || needed->facet != MIGR_FACET_OBJECT ||
			!migr_kind_has(needed->to->kind, MIGR_KIND_IS_IN_BODIES) || !evaluates(unit))
			continue;
		diff->units[unit->to->unit].runs = true;
	}
}

/*
 * Is a key over the same columns inside already?  Of keys that are alike, CREATE
 * TABLE makes but one: the primary key, or the first.
 */
static bool
is_repeated(const MigrObject *key)
{
	const char *columns = migr_ddl_list_parenthesis(value(key, MIGR_ATTR_DEFINITION));
	ListCell   *lc;

	foreach(lc, key->parent->children)
	{
		const MigrObject *other = lfirst(lc);

		if (other != key && other->kind == MIGR_KIND_CONSTRAINT && !migr_diff_is_check(other) &&
			migr_constraint_form(key) != CONSTRAINT_PRIMARY &&
			(migr_constraint_form(other) == CONSTRAINT_PRIMARY || strcmp(other->name, key->name) < 0) &&
			strcmp(migr_ddl_list_parenthesis(value(other, MIGR_ATTR_DEFINITION)), columns) == 0)
			return true;
	}
	return false;
}

/*
 * Constraints that are not valid can't be so from the beginning; those that run
 * come late, and some come when partitions and children are attached.
 */
static void
note_outside(MigrDiff *diff)
{
	const MigrDiffEdges *edges = &diff->to.edges;

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		if (unit->facet == MIGR_FACET_OBJECT && unit->to && unit->to->kind == MIGR_KIND_CONSTRAINT)
			unit->outside = unit->runs || !migr_diff_is_valid(unit->to) ||
				(!migr_diff_is_check(unit->to) && is_repeated(unit->to));
	}
	for (int i = 0; i < edges->count; i++)
	{
		MigrUnit   *unit = &diff->units[edges->items[i].object];
		const MigrUnit *needed = &diff->units[edges->items[i].needed];

		if (unit->facet == MIGR_FACET_OBJECT && unit->to->kind == MIGR_KIND_CONSTRAINT &&
			(needed->facet == MIGR_FACET_INHERITS || needed->to->kind == MIGR_KIND_PARTITION))
			unit->outside = true;
	}
}

void
migr_diff_see_inside(MigrDiff *diff)
{
	note_runs(diff);
	note_outside(diff);
}
