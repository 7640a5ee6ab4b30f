/*
 * diff_gather.c
 *		Steps that take all rows of a table, next to each other.
 *
 * The order that they have been sorted into is one of several that the arcs let.
 * To bring a step to the one of its table that is before it, what stands between
 * them goes to either side: behind, what has to come after the first, and in
 * front, all else.  It is not done where the second has to come after the
 * former.
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
	bool	   *after;			/* by step: has to come after those gathered */
} Gathering;

/* Those that one statement does at once: begin and end are places in the order. */
typedef struct Group
{
	int			begin;
	int			end;			/* behind the last */
} Group;

/* Note that what a step comes before is after it. */
static void
mark_after(Gathering *gathering, int step)
{
	for (int i = gathering->first[step]; i < gathering->first[step + 1]; i++)
		gathering->after[gathering->plan->arcs[i].after] = true;
}

/*
 * A statement adds columns when the types of others have changed: to come after
 * such a change is no hindrance then.
 */
static bool
can_be_with(const Gathering *gathering, const Group *group, int next)
{
	const MigrDiffPlan *plan = gathering->plan;
	bool		adds = plan->steps[next].kind == MIGR_STEP_MAKE &&
		!plan->diff->units[plan->steps[next].unit].via_text;

	for (int i = group->begin; i < group->end; i++)
	{
		int			step = gathering->order[i];

		if (plan->steps[step].unit == plan->steps[next].unit)
			return false;
		for (int j = gathering->first[step]; j < gathering->first[step + 1]; j++)
		{
			if (plan->arcs[j].after == next &&
				!(adds && plan->steps[step].kind != MIGR_STEP_MAKE))
				return false;
		}
	}
	return true;
}

/* Bring the step at a place to a group that is before it; false: it can't be. */
static bool
bring(Gathering *gathering, Group *group, int place)
{
	int		   *order = gathering->order;
	int			next = order[place];
	int			front = group->begin;
	int			behind = 0;

	memset(gathering->after, 0, gathering->plan->count * sizeof(bool));
	for (int i = group->begin; i < group->end; i++)
		mark_after(gathering, order[i]);
	gathering->after[next] = false;
	for (int i = group->end; i < place; i++)
	{
		if (gathering->after[order[i]])
			mark_after(gathering, order[i]);
	}
	if (gathering->after[next] || !can_be_with(gathering, group, next))
		return false;
	for (int i = group->begin; i < place; i++)
	{
		if (i < group->end || gathering->after[order[i]])
			gathering->moved[behind++] = order[i];
		else
			order[front++] = order[i];
	}
	group->end += front - group->begin;
	group->begin = front;
	memcpy(order + group->begin, gathering->moved, (group->end - group->begin) * sizeof(int));
	order[group->end] = next;
	memcpy(order + group->end + 1, gathering->moved + (group->end - group->begin),
		   (place - group->end) * sizeof(int));
	group->end++;
	return true;
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
			(void) bring(gathering, &group, i);
	}
	return group.end;
}

List *
migr_diff_gather(const MigrDiffPlan *plan, const int *first, List *steps)
{
	Gathering	gathering = {.plan = plan, .first = first};
	List	   *result = NIL;
	ListCell   *lc;

	gathering.order = palloc((plan->count + 1) * sizeof(int));
	gathering.moved = palloc((plan->count + 1) * sizeof(int));
	gathering.table = palloc((plan->count + 1) * sizeof(int));
	gathering.after = palloc((plan->count + 1) * sizeof(bool));
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
