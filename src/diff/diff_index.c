/*
 * diff_index.c
 *		Indexes of partitions, and those of the parent that they are parts of.
 *
 * What is a part of an index can't be taken off it, nor dropped by itself.  And a
 * partition that is attached gives the parent's index the first of its own that
 * will do, whichever is meant.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_plan.h"
#include "kind/kind.h"
#include "model/attributes.h"

/* The parent's index that an attachment is about, or NULL. */
static MigrObject *
index_above(const MigrSide *side, const MigrObject *attachment)
{
	List	   *parents = migr_diff_parents(side, attachment->parent);

	return parents == NIL ? NULL : migr_diff_find_index(linitial(parents), value(attachment, MIGR_ATTR_OF));
}

bool
migr_diff_is_attached_alike(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *old = migr_diff_find_index(unit->from->parent, unit->from->identity);
	const MigrObject *new = migr_diff_find_index(unit->to->parent, unit->to->identity);
	const MigrObject *above = index_above(&diff->from, unit->from);
	const MigrObject *now = index_above(&diff->to, unit->to);

	return old && new && above && now && old->unit == new->unit && above->unit == now->unit;
}

/* What makes a table a partition, as a unit; or NULL. */
static const MigrUnit *
partition_unit(const MigrDiff *diff, const MigrObject *table)
{
	const MigrObject *partition = migr_diff_child(table, MIGR_KIND_PARTITION);

	return partition ? &diff->units[partition->unit] : NULL;
}

/* The index above one that is to be no part of it any more, or to go. */
static MigrObject *
index_left(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrUnit *partition = partition_unit(diff, unit->from->parent);
	const MigrObject *own = migr_diff_find_index(unit->from->parent, unit->from->identity);

	if (migr_diff_ends(&diff->units[unit->from->parent->unit]) ||
		partition == NULL || migr_diff_ends(partition) || own == NULL ||
		!(migr_diff_ends(unit) || migr_diff_ends(&diff->units[own->unit])))
		return NULL;
	return index_above(&diff->from, unit->from);
}

static bool
is_definition_same(const MigrObject *index, const MigrObject *other)
{
	return index->kind == other->kind &&
		strcmp(migr_diff_definition(index), migr_diff_definition(other)) == 0;
}

/* Could ATTACH take it for one that is to be a part of the parent's? */
static bool
is_rival(const MigrObject *index)
{
	ListCell   *lc;

	if (!migr_kind_is_index(index->kind) || migr_diff_is_check(index) || migr_diff_attachment(index))
		return false;
	foreach(lc, index->parent->children)
	{
		const MigrObject *other = lfirst(lc);

		if (other != index && is_definition_same(index, other) && migr_diff_attachment(other))
			return true;
	}
	return false;
}

static bool
is_attached_anew(const MigrDiff *diff, const MigrObject *table)
{
	const MigrUnit *partition = partition_unit(diff, table);

	return partition && partition->to && partition->mode != MIGR_MODE_SAME &&
		partition->mode != MIGR_MODE_ALTER;
}

MigrObject *
migr_diff_index_in_the_way(const MigrDiff *diff, const MigrUnit *unit)
{
	if (unit->facet != MIGR_FACET_OBJECT || unit->from == NULL)
		return NULL;
	if (unit->from->kind == MIGR_KIND_INDEX_PARTITION)
		return index_left(diff, unit);
	if (unit->to && unit->to->parent && unit->to->parent->kind == MIGR_KIND_TABLE &&
		!migr_diff_ends(&diff->units[unit->to->parent->unit]) &&
		is_rival(unit->to) && is_attached_anew(diff, unit->to->parent))
		return unit->to;
	return NULL;
}

void
migr_diff_add_index_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (unit->facet == MIGR_FACET_OBJECT && unit->mode == MIGR_MODE_REPLACE &&
			unit->to->parent && unit->to->parent->kind == MIGR_KIND_TABLE && is_rival(unit->to) &&
			is_attached_anew(diff, unit->to->parent))
			migr_diff_add_arc(plan, unit->end, partition_unit(diff, unit->to->parent)->make, i);
	}
}
