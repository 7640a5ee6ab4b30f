/*
 * diff_logged.c
 *		Tables that become logged or unlogged, and what is tied to them.
 *
 * No logged table may refer to an unlogged one, not for a moment: so tables
 * become logged behind those that they refer to, and unlogged before them.  A
 * foreign key of a partitioned table is one of each partition, and one on it is
 * one on each of these.  In a circle of foreign keys there is no such order: the
 * loop is resolved as others are, by taking a key off (diff_sort.c).
 *
 * Since 15, the sequences that a table owns become what it becomes, whatever
 * they were: those that are to be something else are changed behind it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/compat.h"
#include "diff/diff_plan.h"
#include "diff/hazard_rows.h"
#include "model/attributes.h"

/* Does a table become logged or unlogged? */
static bool
changes(const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_OBJECT && unit->mode == MIGR_MODE_ALTER &&
		unit->to->kind == MIGR_KIND_TABLE && !same(unit->from, unit->to, MIGR_ATTR_PERSISTENCE);
}

static bool
becomes_logged(const MigrUnit *unit)
{
	return *value(unit->to, MIGR_ATTR_PERSISTENCE) == 'p';
}

static bool
any_changes(const MigrDiff *diff)
{
	for (int i = 0; i < diff->count; i++)
	{
		if (changes(&diff->units[i]))
			return true;
	}
	return false;
}

/* --- foreign keys --------------------------------------------------------- */

/* Is a table another one, or one of its partitions? */
static bool
is_within(const MigrSide *side, const MigrObject *table, const MigrObject *other)
{
	while (table != other && migr_diff_is_partition(table))
	{
		List	   *above = migr_diff_parents(side, table);

		if (above == NIL)
			return false;
		table = linitial(above);
	}
	return table == other;
}

/* The units that change of a table and its partitions, as a list of integers. */
static List *
changing_within(const MigrDiff *diff, const MigrSide *side, const MigrObject *table)
{
	List	   *units = NIL;

	for (int i = 0; table && i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (changes(unit) &&
			is_within(side, side == &diff->from ? unit->from : unit->to, table))
			units = lappend_int(units, i);
	}
	return units;
}

/* The table that a foreign key refers to, or NULL. */
static const MigrObject *
referenced(const MigrSide *side, const MigrObject *key)
{
	const char *definition = value(key, MIGR_ATTR_DEFINITION);
	int			at = migr_ddl_list_word(definition, "REFERENCES");

	return migr_diff_find(side, MIGR_KIND_TABLE,
						  migr_hazard_name(definition + at + strlen("REFERENCES ")));
}

/* A key that stays, between tables that change: these in their order. */
static void
add_arcs_along(MigrDiffPlan *plan, int key, const List *referring, const List *referred)
{
	const MigrUnit *units = plan->diff->units;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, referring)
	{
		foreach(cell, referred)
		{
			const MigrUnit *one = &units[lfirst_int(lc)];
			const MigrUnit *other = &units[lfirst_int(cell)];

			if (becomes_logged(one))
				migr_diff_add_arc(plan, other->make, one->make, key);
			if (!becomes_logged(other))
				migr_diff_add_arc(plan, one->make, other->make, key);
		}
	}
}

/* One that goes does so before, one that comes does so behind. */
static void
add_key_arcs(MigrDiffPlan *plan, int number)
{
	const MigrDiff *diff = plan->diff;
	const MigrUnit *key = &diff->units[number];
	bool		stays = key->mode == MIGR_MODE_SAME || key->mode == MIGR_MODE_ALTER;
	ListCell   *lc;

	for (int i = 0; i < 2; i++)
	{
		const MigrSide *side = i == 0 ? &diff->from : &diff->to;
		const MigrObject *object = i == 0 ? key->from : key->to;
		List	   *referring = object ? changing_within(diff, side, object->parent) : NIL;
		List	   *referred = object ? changing_within(diff, side, referenced(side, object)) : NIL;

		if (stays && i == 0)
			add_arcs_along(plan, number, referring, referred);
		foreach(lc, stays ? NIL : list_concat(referring, referred))
		{
			int			table = diff->units[lfirst_int(lc)].make;

			migr_diff_add_arc(plan, i == 0 ? key->end : table, i == 0 ? table : key->make, number);
		}
	}
}

/* --- sequences ------------------------------------------------------------ */

/* The table that takes a sequence along when it changes, or NULL. */
static const MigrUnit *
taken_along_by(const MigrDiff *diff, const MigrUnit *owner)
{
	const MigrUnit *table;

	if (MIGR_SERVER_MAJOR < 15 || owner->facet != MIGR_FACET_OBJECT || owner->from == NULL ||
		owner->to == NULL || owner->from->kind != MIGR_KIND_SEQUENCE_OWNER)
		return NULL;
	table = &diff->units[owner->from->parent->unit];
	return changes(table) && owner->to->parent == table->to ? table : NULL;
}

static MigrUnit *
sequence_of(const MigrDiff *diff, const MigrUnit *owner)
{
	const MigrObject *sequence = migr_diff_find(&diff->from, MIGR_KIND_SEQUENCE,
												owner->from->identity);
	MigrUnit   *unit = sequence ? &diff->units[sequence->unit] : NULL;

	return unit && (unit->mode == MIGR_MODE_SAME || unit->mode == MIGR_MODE_ALTER) ? unit : NULL;
}

void
migr_diff_take_sequences_along(MigrDiff *diff)
{
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *table = taken_along_by(diff, &diff->units[i]);
		MigrUnit   *sequence = table ? sequence_of(diff, &diff->units[i]) : NULL;

		if (sequence == NULL)
			continue;
		sequence->persistence = value(table->to, MIGR_ATTR_PERSISTENCE);
		if (strcmp(sequence->persistence, value(sequence->to, MIGR_ATTR_PERSISTENCE)) != 0)
			sequence->mode = MIGR_MODE_ALTER;
	}
}

/* It is changed behind the table that it goes with, and owned while that is. */
static void
add_sequence_arcs(MigrDiffPlan *plan, int number)
{
	const MigrDiff *diff = plan->diff;
	const MigrUnit *owner = &diff->units[number];
	const MigrUnit *table = taken_along_by(diff, owner);
	const MigrUnit *sequence = table ? sequence_of(diff, owner) : NULL;

	if (sequence)
		migr_diff_add_arc(plan, table->make, sequence->make, number);
}

void
migr_diff_add_logged_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;

	if (!any_changes(diff))
		return;
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (unit->facet != MIGR_FACET_OBJECT)
			continue;
		if (migr_diff_object(unit)->kind == MIGR_KIND_FOREIGN_KEY)
			add_key_arcs(plan, i);
		else
			add_sequence_arcs(plan, i);
	}
}
