/*
 * obstacle.c
 *		What is made by hand already, and stands in the way of a script.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_pair.h"
#include "diff/foreign.h"
#include "diff/obstacle.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "snapshot/snap.h"

/* A difference of which only the decisions are of interest. */
typedef struct Trial
{
	MigrSchema *from;
	MigrSchema *to;
	List	   *obstacles;
} Trial;

/* Has what is there to go for a while, although it is as desired, and can it? */
static bool
is_obstacle(const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_OBJECT && unit->from && unit->from->is_foreign &&
		unit->to && !unit->to->is_foreign && migr_diff_ends(unit) &&
		!migr_ddl_differs(unit->from, unit->to) &&
		!migr_kind_has(unit->to->kind, MIGR_KIND_HOLDS_DATA) &&
		!migr_kind_has(unit->to->kind, MIGR_KIND_IS_LASTING) &&
		!migr_kind_has(unit->to->kind, MIGR_KIND_IS_TYPE);
}

static void
decide(void *arg)
{
	Trial	   *trial = arg;
	MigrDiff	diff = {.from.schema = trial->from, .to.schema = trial->to};

	migr_diff_pair(&diff);
	if (!migr_diff_decide(&diff))
		return;
	migr_diff_take_sequences_along(&diff);
	migr_diff_connect(&diff);
	migr_diff_close(&diff);
	for (int i = 0; i < diff.count; i++)
	{
		if (is_obstacle(&diff.units[i]))
			trial->obstacles = lappend(trial->obstacles, diff.units[i].to);
	}
}

List *
migr_obstacles(MigrSchema *from, MigrSchema *to, MigrSchema *live)
{
	Trial		trial = {.from = from, .to = to};

	migr_foreign_mark(live, from, to);
	migr_foreign_add(to, live);
	migr_foreign_mark_missing(live);
	migr_foreign_add(from, live);
	migr_snap_pinned(decide, &trial);
	migr_foreign_remove(from);
	migr_foreign_remove(to);
	return trial.obstacles;
}
