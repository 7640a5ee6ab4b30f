/*
 * diff_gather.c
 *		Steps that take all rows of a table, next to each other.
 *
 * The order that they have been sorted into is one of several that the arcs let.
 * To bring a step to the one of its table that is before it, what stands between
 * them and has to come before it goes in front of both; all else stays behind.  It
 * is not done where some of that has to come after the first.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "diff/diff_plan.h"

typedef struct Gathering
{
	const MigrDiffPlan *plan;
	const int  *first;			/* by step: where its arcs begin */
	int			count;
	int		   *order;			/* steps */
	int		   *moved;			/* room for some of them */
	int		   *table;			/* by step: of which it takes all rows; -1 */
	bool	   *before;			/* by step: has to come before the one that is brought */
} Gathering;

/* Those that one statement does at once: begin and end are places in the order. */
typedef struct Group
{
	int			begin;
	int			end;			/* behind the last */
} Group;

static bool
adds_column(const MigrDiffPlan *plan, int step)
{
	const MigrUnit *unit = &plan->diff->units[plan->steps[step].unit];

	return plan->steps[step].kind == MIGR_STEP_MAKE && unit->facet == MIGR_FACET_OBJECT &&
		unit->to->kind == MIGR_KIND_COLUMN && !unit->via_text;
}

/* Has a step to come before one that has been noted? */
static bool
is_before(const Gathering *gathering, int step)
{
	for (int i = gathering->first[step]; i < gathering->first[step + 1]; i++)
	{
		if (gathering->before[gathering->plan->arcs[i].after])
			return true;
	}
	return false;
}

/*
 * Note what stands between a group and a place, and has to come before the step
 * there; columns are added in their order.
 */
static void
note_before(const Gathering *gathering, const Group *group, int place)
{
	const MigrDiffPlan *plan = gathering->plan;
	int			next = gathering->order[place];
	int			table = gathering->table[next];

	memset(gathering->before, 0, plan->count * sizeof(bool));
	gathering->before[next] = true;
	for (int i = place - 1; i >= group->end; i--)
	{
		int			step = gathering->order[i];

		gathering->before[step] = is_before(gathering, step) ||
			(adds_column(plan, next) && adds_column(plan, step) &&
			 migr_diff_object(&plan->diff->units[plan->steps[step].unit])->parent->unit == table);
	}
	gathering->before[next] = false;
}

/*
 * Can a step be with those of a group, once what is noted is in front of them?  A
 * statement adds columns when the types of others have changed: to come after
 * such a change is no hindrance then.
 */
static bool
can_be_with(const Gathering *gathering, const Group *group, int next)
{
	const MigrDiffPlan *plan = gathering->plan;

	for (int i = group->begin; i < group->end; i++)
	{
		int			step = gathering->order[i];

		if (plan->steps[step].unit == plan->steps[next].unit || is_before(gathering, step))
			return false;
		for (int j = gathering->first[step]; j < gathering->first[step + 1]; j++)
		{
			if (plan->arcs[j].after == next &&
				(!adds_column(plan, next) || adds_column(plan, step)))
				return false;
		}
	}
	return true;
}

/* Bring the step at a place to a group that is before it, if that can be. */
static void
bring(Gathering *gathering, Group *group, int place)
{
	int		   *order = gathering->order;
	int			next = order[place];
	int			size = group->end - group->begin;
	int			front = group->begin;
	int			count = 0;

	note_before(gathering, group, place);
	if (!can_be_with(gathering, group, next))
		return;
	for (int i = group->begin; i < place; i++)
	{
		if (gathering->before[order[i]])
			order[front++] = order[i];
		else
		{
			if (count == size)
				gathering->moved[count++] = next;
			gathering->moved[count++] = order[i];
		}
	}
	if (count == size)
		gathering->moved[count++] = next;
	memcpy(order + front, gathering->moved, count * sizeof(int));
	group->begin = front;
	group->end = front + size + 1;
}

/* Bring to the step at a place all that can be there; the place behind them. */
static int
gather_at(Gathering *gathering, int place)
{
	Group		group = {.begin = place, .end = place + 1};
	int			table = gathering->table[gathering->order[place]];

	for (int i = place + 1; i < gathering->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (gathering->table[gathering->order[i]] == table)
			bring(gathering, &group, i);
	}
	for (int i = group.begin + 1; i < group.end; i++)
		gathering->plan->steps[gathering->order[i]].joins = true;
	return group.end;
}

static int
compare_arcs(const void *a, const void *b)
{
	return ((const MigrArc *) a)->before - ((const MigrArc *) b)->before;
}

/* By step: where its arcs begin, which are sorted for that. */
static int *
index_arcs(MigrDiffPlan *plan)
{
	int		   *first = palloc0((plan->count + 2) * sizeof(int));

	qsort(plan->arcs, plan->arc_count, sizeof(MigrArc), compare_arcs);
	for (int i = 0; i < plan->arc_count; i++)
		first[plan->arcs[i].before + 1]++;
	for (int i = 0; i < plan->count; i++)
		first[i + 1] += first[i];
	return first;
}

List *
migr_diff_gather(MigrDiffPlan *plan, List *steps)
{
	Gathering	gathering = {.plan = plan, .first = index_arcs(plan)};
	List	   *result = NIL;
	ListCell   *lc;

	gathering.order = palloc((plan->count + 1) * sizeof(int));
	gathering.moved = palloc((plan->count + 1) * sizeof(int));
	gathering.table = palloc((plan->count + 1) * sizeof(int));
	gathering.before = palloc((plan->count + 1) * sizeof(bool));
	foreach(lc, steps)
	{
		int			step = (MigrStep *) lfirst(lc) - plan->steps;

		gathering.order[gathering.count++] = step;
		gathering.table[step] = migr_diff_takes_rows(plan->diff, lfirst(lc))
			? migr_diff_object(&plan->diff->units[plan->steps[step].unit])->parent->unit : -1;
	}
	for (int i = 0; i < gathering.count;)
		i = gathering.table[gathering.order[i]] >= 0 ? gather_at(&gathering, i) : i + 1;
	for (int i = 0; i < gathering.count; i++)
		result = lappend(result, &plan->steps[gathering.order[i]]);
	return result;
}
