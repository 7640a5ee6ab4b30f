/*
 * diff_sort.c
 *		Steps in an order that works, and that people can read.
 *
 * Of the steps that wait for nothing, the first by preference is taken.  So
 * the arcs decide where they must, and everywhere else a script reads like a
 * printed schema, whatever order the catalogs have things in.
 *
 * Steps left over are in loops, or behind one.  One loop is looked for, one
 * thing about one unit changed that opens it, and all is planned again: what
 * is carried by whom, and who waits for whom, follows from the units, and to
 * mend a graph in place would mean to know all of that a second time.  Each
 * remedy sets a flag or a mode for good, so the same loop is not met twice.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"

#include "diff/diff_plan.h"
#include "diff/order.h"
#include "kind/kind.h"

/* In Sorting.waiting: in the result. */
#define DONE (-1)

/* More rounds than this are not tried to resolve loops. */
#define MAX_ROUNDS 1000

typedef struct Sorting
{
	MigrDiffPlan *plan;
	int		   *place;			/* by step: its number in the order of preference */
	int		   *step;			/* the reverse */
	int		   *waiting;		/* by step: for how many arcs */
	int		   *first;			/* by step: where its arcs begin, sorted by before */
	binaryheap *ready;
} Sorting;

/* --- the order of preference ---------------------------------------------- */

/* What goes first goes in the reverse order of what is made. */
static int
phase(const MigrUnit *unit, MigrStepKind step)
{
	const MigrObject *object = migr_diff_object(unit);

	if (object->kind == MIGR_KIND_POPULATE)
		return step == MIGR_STEP_END ? 0 : 3;
	if (object->kind == MIGR_KIND_COLUMN)
		return 1;
	/* They are off, or not yet on, while objects are created. */
	if (object->kind == MIGR_KIND_DEFAULT_PRIVILEGES)
		return step == MIGR_STEP_END ? -1 : 2;
	return step <= MIGR_STEP_END ? 0 : 1;
}

/* Columns are changed with their tables. */
static const MigrObject *
root(const MigrObject *object)
{
	return object->kind == MIGR_KIND_COLUMN ? object->parent : object;
}

/* Within a table: the default goes, columns go, are added, changed. */
static int
rank_in_table(const MigrUnit *unit, MigrStepKind step)
{
	bool		is_default = unit->facet == MIGR_FACET_DEFAULT;

	if (migr_diff_object(unit)->kind != MIGR_KIND_COLUMN)
		return 2;
	if (step == MIGR_STEP_END)
		return is_default ? 0 : 1;
	return is_default ? 5 : step == MIGR_STEP_MAKE ? 4 : 3;
}

static int
compare_text(const char *left, const char *right)
{
	return strcmp(left ? left : "", right ? right : "");
}

static int
compare_steps(const void *a, const void *b, void *arg)
{
	const MigrDiffPlan *plan = arg;
	const MigrStep *left = &plan->steps[*(const int *) a];
	const MigrStep *right = &plan->steps[*(const int *) b];
	const MigrUnit *one = &plan->diff->units[left->unit];
	const MigrUnit *other = &plan->diff->units[right->unit];
	const MigrObject *this = root(migr_diff_object(one));
	const MigrObject *that = root(migr_diff_object(other));
	int			order = phase(one, left->kind) - phase(other, right->kind);

	if (order == 0)
		order = phase(one, left->kind) <= 0 ? (int) that->kind - (int) this->kind
			: (int) this->kind - (int) that->kind;
	if (order == 0)
		order = compare_text(this->schema, that->schema);
	if (order == 0 && this->kind == MIGR_KIND_FOREIGN_KEY && this->kind == that->kind)
		order = migr_order_foreign_keys(this, that);
	if (order == 0)
		order = compare_text(this->identity, that->identity);
	if (order == 0)
		order = rank_in_table(one, left->kind) - rank_in_table(other, right->kind);
	if (order == 0)
		order = migr_diff_object(one)->subid - migr_diff_object(other)->subid;
	if (order == 0)
		order = (int) left->kind - (int) right->kind;
	return order ? order : left->unit - right->unit;
}

/* --- sorting -------------------------------------------------------------- */

static int
smaller_first(Datum a, Datum b, void *arg)
{
	return DatumGetInt32(b) - DatumGetInt32(a);
}

static int
compare_arcs(const void *a, const void *b)
{
	return ((const MigrArc *) a)->before - ((const MigrArc *) b)->before;
}

static void
begin(Sorting *sort, MigrDiffPlan *plan)
{
	int			count = plan->count;

	sort->plan = plan;
	sort->place = palloc((count + 1) * sizeof(int));
	sort->step = palloc((count + 1) * sizeof(int));
	sort->waiting = palloc0((count + 1) * sizeof(int));
	sort->first = palloc0((count + 2) * sizeof(int));
	for (int i = 0; i < count; i++)
		sort->step[i] = i;
	qsort_arg(sort->step, count, sizeof(int), compare_steps, plan);
	for (int i = 0; i < count; i++)
		sort->place[sort->step[i]] = i;
	qsort(plan->arcs, plan->arc_count, sizeof(MigrArc), compare_arcs);
	for (int i = 0; i < plan->arc_count; i++)
	{
		sort->first[plan->arcs[i].before + 1]++;
		sort->waiting[plan->arcs[i].after]++;
	}
	for (int i = 0; i < count; i++)
		sort->first[i + 1] += sort->first[i];
	sort->ready = binaryheap_allocate(count + 1, smaller_first, NULL);
	for (int i = 0; i < count; i++)
	{
		if (sort->waiting[i] == 0)
			binaryheap_add(sort->ready, Int32GetDatum(sort->place[i]));
	}
}

/* Take all that can be taken. */
static List *
take(Sorting *sort, List *result)
{
	while (!binaryheap_empty(sort->ready))
	{
		int			step = sort->step[DatumGetInt32(binaryheap_remove_first(sort->ready))];

		CHECK_FOR_INTERRUPTS();
		if (sort->waiting[step] == DONE)
			continue;
		sort->waiting[step] = DONE;
		result = lappend(result, &sort->plan->steps[step]);
		for (int i = sort->first[step]; i < sort->first[step + 1]; i++)
		{
			int			after = sort->plan->arcs[i].after;

			if (sort->waiting[after] > 0 && --sort->waiting[after] == 0)
				binaryheap_add(sort->ready, Int32GetDatum(sort->place[after]));
		}
	}
	return result;
}

/* --- loops ---------------------------------------------------------------- */

/*
 * The arcs (MigrArc *) of a loop among the steps that still wait.  Going back
 * from one that waits to one that it waits for can't end, and so comes round;
 * to go forward could lead to what merely stands behind a loop.
 */
static List *
find_loop(const Sorting *sort)
{
	const MigrDiffPlan *plan = sort->plan;
	const MigrArc **into = palloc0((plan->count + 1) * sizeof(MigrArc *));
	bool	   *seen = palloc0((plan->count + 1) * sizeof(bool));
	List	   *loop = NIL;
	int			step = -1;

	/* Each step that waits waits for another one that does. */
	for (int i = 0; i < plan->arc_count; i++)
	{
		const MigrArc *arc = &plan->arcs[i];

		if (sort->waiting[arc->before] > 0 && sort->waiting[arc->after] > 0 &&
			into[arc->after] == NULL)
			into[arc->after] = arc;
	}
	for (int i = 0; i < plan->count && step < 0; i++)
	{
		if (sort->waiting[sort->step[i]] > 0)
			step = sort->step[i];
	}
	if (step < 0)
		return NIL;
	while (!seen[step])
	{
		seen[step] = true;
		step = into[step]->before;
	}
	do
	{
		loop = lappend(loop, unconstify(MigrArc *, into[step]));
		step = into[step]->before;
	} while (((MigrArc *) linitial(loop))->after != step);
	return loop;
}

/*
 * What comes or goes with another has to do so by itself.  It is carried if
 * neither step is its own; otherwise there is nothing to take it from.
 * Columns, sequences and partitions can't be taken from what carries them.
 */
static bool
set_apart(MigrDiff *diff, const MigrDiffPlan *plan, const MigrArc *arc)
{
	MigrUnit   *unit = &diff->units[arc->origin];
	MigrKind	kind = migr_diff_object(unit)->kind;
	bool		carried = plan->steps[arc->before].unit != arc->origin &&
		plan->steps[arc->after].unit != arc->origin;

	/* CREATE TABLE names the parents. */
	if (!carried || unit->apart ||
		(unit->facet == MIGR_FACET_INHERITS && unit->to &&
		 plan->steps[unit->make].unit == unit->to->unit) ||
		(unit->facet == MIGR_FACET_OBJECT &&
		 (kind == MIGR_KIND_COLUMN || kind == MIGR_KIND_SEQUENCE || kind == MIGR_KIND_PARTITION)))
		return false;
	unit->apart = true;
	/* Seen by what prints the column. */
	if (unit->facet == MIGR_FACET_DEFAULT && unit->to)
		unit->to->mark = 1;
	return true;
}

/* Can an object go and come back without loss? */
static bool
is_replaceable(const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_DEFAULT ||
		(unit->facet == MIGR_FACET_OBJECT &&
		 !migr_kind_has(migr_diff_object(unit)->kind, MIGR_KIND_IS_LASTING));
}

/* Can it be known with its name and columns or arguments alone? */
static bool
has_forward(const MigrObject *object)
{
	/* What a type stands on can't be left out. */
	return migr_kind_has(object->kind, MIGR_KIND_IS_FORWARDABLE) &&
		!migr_kind_has(object->kind, MIGR_KIND_IS_TYPE) && migr_object_has(object, MIGR_ATTR_FORWARD);
}

/* Make a routine or a view known before it is complete, or less before it goes. */
static bool
set_forward(MigrDiff *diff, const MigrStep *step)
{
	MigrUnit   *unit = &diff->units[step->unit];

	if (step->kind == MIGR_STEP_END && !unit->loosen && unit->facet == MIGR_FACET_OBJECT &&
		has_forward(unit->from))
	{
		unit->loosen = true;
		return true;
	}
	if (step->kind != MIGR_STEP_MAKE || unit->forward || unit->facet != MIGR_FACET_OBJECT ||
		!has_forward(unit->to))
		return false;
	unit->forward = true;
	return true;
}

/*
 * Change the units of a loop so that it is none; false if nothing helps.  The
 * cheapest remedy first: a statement of its own costs a line; what is dropped
 * and created, instead of changed, takes along those that need it, and time;
 * to make a routine known before it is complete puts it into the script twice.
 */
static bool
resolve(MigrDiff *diff, const MigrDiffPlan *plan, const List *loop)
{
	ListCell   *lc;

	/* A foreign key can always go first; an index may belong to another one. */
	foreach(lc, loop)
	{
		const MigrUnit *unit = &diff->units[((MigrArc *) lfirst(lc))->origin];

		if (migr_diff_object(unit)->kind == MIGR_KIND_FOREIGN_KEY &&
			set_apart(diff, plan, lfirst(lc)))
			return true;
	}
	foreach(lc, loop)
	{
		if (set_apart(diff, plan, lfirst(lc)))
			return true;
	}
	foreach(lc, loop)
	{
		const MigrStep *step = &plan->steps[((MigrArc *) lfirst(lc))->after];

		if (step->kind == MIGR_STEP_ALTER && is_replaceable(&diff->units[step->unit]))
		{
			migr_diff_escalate(diff, step->unit);
			return true;
		}
	}
	foreach(lc, loop)
	{
		if (set_forward(diff, &plan->steps[((MigrArc *) lfirst(lc))->after]))
			return true;
	}
	return false;
}

List *
migr_diff_plan(MigrDiff *diff)
{
	for (int round = 0;; round++)
	{
		MigrDiffPlan *plan = palloc(sizeof(MigrDiffPlan));
		Sorting		sort;
		List	   *result;
		List	   *loop;

		CHECK_FOR_INTERRUPTS();
		migr_diff_follow(diff);
		migr_diff_graph(plan, diff);
		begin(&sort, plan);
		result = take(&sort, NIL);
		loop = find_loop(&sort);
		if (loop != NIL && round < MAX_ROUNDS && resolve(diff, plan, loop))
			continue;

		/*
		 * For want of better, a loop begins somewhere.  The server says what
		 * is wrong when the script is tried; an error here would keep people
		 * from a script that they can mend by hand.
		 */
		for (; loop != NIL; loop = find_loop(&sort))
		{
			int			step = ((MigrArc *) linitial(loop))->after;

			sort.waiting[step] = 0;
			binaryheap_add(sort.ready, Int32GetDatum(sort.place[step]));
			result = take(&sort, result);
		}
		return result;
	}
}
