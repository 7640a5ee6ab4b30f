/*
 * diff_arcs.c
 *		What makes one step come before another, as it is found.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "diff/diff_plan.h"

void
migr_diff_add_arc(MigrDiffPlan *plan, int before, int after, int origin)
{
	MigrArc    *arc;

	if (before < 0 || after < 0 || before == after)
		return;
	if (plan->arc_count == plan->arc_room)
	{
		Size		size;

		plan->arc_room = Max(plan->arc_room * 2, 256);
		size = plan->arc_room * sizeof(MigrArc);
		plan->arcs = plan->arcs ? repalloc_huge(plan->arcs, size)
			: MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	arc = &plan->arcs[plan->arc_count++];
	arc->before = before;
	arc->after = after;
	arc->origin = origin;
}
