/*
 * diff_sort.c
 *		Steps in an order that works, and that people can read.
 *
 * Of the steps that wait for nothing, the first by preference is taken.  So
 * the arcs decide where they must, and everywhere else a script reads like a
 * printed schema, whatever order the catalogs have things in.
 *
 * Steps left over are in loops, or behind one.  A loop is looked for, one thing
 * about one unit changed that opens it, and all is planned again: what is
 * carried by whom, and who waits for whom, follows from the units, and to mend
 * a graph in place would mean to know all of that a second time.  Each remedy
 * sets a flag or a mode for good, so the same loop is not met twice.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/toposort.h"
#include "diff/diff_plan.h"
#include "kind/ddl.h"
#include "kind/kind.h"

/* More rounds than this are not tried to resolve loops. */
#define MAX_ROUNDS 1000

typedef struct Sorting
{
	MigrDiffPlan *plan;
	int		   *step;			/* in the order of preference */
	int64	   *place;			/* the reverse: by step */
	MigrToposort *sort;
} Sorting;

/* --- the order of preference ---------------------------------------------- */

/* In this order. */
typedef enum Phase
{
	PHASE_SUSPEND,				/* default privileges are off */
	PHASE_END,
	PHASE_MAKE,
	PHASE_RUN,					/* what calls functions, which can read anything */
	PHASE_LAST,					/* what acts upon what is done */
	PHASE_POPULATE,
	PHASE_REVOKE				/* what those need who get an object */
} Phase;

/* What goes first goes in the reverse order of what is made. */
static Phase
phase(const MigrUnit *unit, MigrStepKind step)
{
	const MigrObject *object = migr_diff_object(unit);

	/* Whoever gets an object in a schema has to have its privileges then. */
	if (step == MIGR_STEP_REVOKE)
		return PHASE_REVOKE;
	if (object->kind == MIGR_KIND_POPULATE)
		return step == MIGR_STEP_END ? PHASE_END : PHASE_POPULATE;
	if (object->kind == MIGR_KIND_COLUMN)
		return unit->runs && step == MIGR_STEP_MAKE ? PHASE_RUN : PHASE_MAKE;
	/* They are off, or not yet on, while objects are created. */
	if (object->kind == MIGR_KIND_DEFAULT_PRIVILEGES)
		return step == MIGR_STEP_END ? PHASE_SUSPEND : PHASE_LAST;
	if (step <= MIGR_STEP_END)
		return PHASE_END;
	return object->kind == MIGR_KIND_EVENT_TRIGGER ? PHASE_LAST
		: unit->runs ? PHASE_RUN : PHASE_MAKE;
}

/*
 * With what an object is done: columns with their tables, a domain's constraints
 * with the domain, a new sequence with the new table that owns it.
 */
static const MigrObject *
root(const MigrDiffPlan *plan, const MigrUnit *unit)
{
	const MigrObject *object = migr_diff_object(unit);
	const MigrUnit *units = plan->diff->units;

	if (object->kind == MIGR_KIND_COLUMN ||
		(object->parent && object->parent->kind == MIGR_KIND_DOMAIN))
		return object->parent;
	if (unit->beside && unit->from == NULL && units[unit->beside->unit].from == NULL)
		return unit->beside;
	Assert(object->parent || object->kind != MIGR_KIND_SEQUENCE_OWNER);
	if (object->kind == MIGR_KIND_SEQUENCE_OWNER && unit->from == NULL &&
		units[object->parent->unit].from == NULL)
		return object->parent;
	return object;
}

/*
 * Within a table: its sequences, the default goes, columns go, are added,
 * changed, sequences are owned.
 */
static int
rank_in_table(const MigrUnit *unit, MigrStepKind step)
{
	bool		is_default = unit->facet == MIGR_FACET_DEFAULT;

	if (unit->beside)
		return -1;
	if (migr_diff_object(unit)->kind == MIGR_KIND_SEQUENCE_OWNER)
		return 6;
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
	const MigrObject *this = root(plan, one);
	const MigrObject *that = root(plan, other);
	int			order = (int) phase(one, left->kind) - (int) phase(other, right->kind);

	if (order == 0)
		order = phase(one, left->kind) <= PHASE_END ? (int) that->kind - (int) this->kind
			: (int) this->kind - (int) that->kind;
	if (order == 0)
		order = compare_text(this->schema, that->schema);
	if (order == 0 && this->kind == MIGR_KIND_FOREIGN_KEY && this->kind == that->kind)
		order = migr_diff_order_keys(this, that);
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

static void
begin(Sorting *sorting, MigrDiffPlan *plan)
{
	int			count = plan->count;

	sorting->plan = plan;
	sorting->place = MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * sizeof(int64));
	sorting->step = MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * sizeof(int));
	for (int i = 0; i < count; i++)
		sorting->step[i] = i;
	qsort_arg(sorting->step, count, sizeof(int), compare_steps, plan);
	for (int i = 0; i < count; i++)
		sorting->place[sorting->step[i]] = i;
	sorting->sort = migr_toposort_create(count, sorting->place);
	for (int i = 0; i < plan->arc_count; i++)
		migr_toposort_arc(sorting->sort, plan->arcs[i].before, plan->arcs[i].after);
}

/* Take all that can be taken. */
static List *
take(Sorting *sorting, List *result)
{
	int			step;

	while ((step = migr_toposort_next(sorting->sort)) >= 0)
		result = lappend(result, &sorting->plan->steps[step]);
	return result;
}

/* --- loops ---------------------------------------------------------------- */

static int
compare_arcs(const void *a, const void *b)
{
	const MigrArc *left = a;
	const MigrArc *right = b;

	return left->before != right->before ? left->before - right->before
		: left->after != right->after ? left->after - right->after
		: left->origin - right->origin;
}

/* The arc (MigrArc *) by which each step that waits waits for another that does. */
static const MigrArc **
find_waiting(const Sorting *sorting)
{
	const MigrDiffPlan *plan = sorting->plan;
	const MigrArc **into = palloc0((plan->count + 1) * sizeof(MigrArc *));

	/* The same one is found whatever order the catalogs have. */
	qsort(plan->arcs, plan->arc_count, sizeof(MigrArc), compare_arcs);
	for (int i = 0; i < plan->arc_count; i++)
	{
		const MigrArc *arc = &plan->arcs[i];

		if (into[arc->after] == NULL && migr_toposort_waits(sorting->sort, arc->before) &&
			migr_toposort_waits(sorting->sort, arc->after))
			into[arc->after] = arc;
	}
	return into;
}

/* The arcs of the loop that a step is in, backwards, from that preferred most. */
static List *
collect_loop(const Sorting *sorting, const MigrArc *const *into, int member)
{
	List	   *loop = NIL;
	int			start = member;
	int			step;

	for (step = into[member]->before; step != member; step = into[step]->before)
	{
		if (sorting->place[step] < sorting->place[start])
			start = step;
	}
	step = start;
	do
	{
		loop = lappend(loop, unconstify(MigrArc *, into[step]));
		step = into[step]->before;
	} while (step != start);
	return loop;
}

/*
 * Loops, lists of arcs (MigrArc *), among the steps that still wait, no two of
 * which have a step in common.  Going back from one that waits to one that it
 * waits for can't end, and so comes round; to go forward could lead to what
 * merely stands behind a loop.
 */
static List *
find_loops(const Sorting *sorting)
{
	int			count = sorting->plan->count;
	const MigrArc **into = find_waiting(sorting);
	int		   *walk = palloc0((count + 1) * sizeof(int));
	List	   *loops = NIL;

	for (int i = 0; i < count; i++)
	{
		int			step = sorting->step[i];

		if (!migr_toposort_waits(sorting->sort, step))
			continue;
		for (; walk[step] == 0; step = into[step]->before)
			walk[step] = i + 1;
		if (walk[step] == i + 1)
			loops = lappend(loops, collect_loop(sorting, into, step));
	}
	pfree(walk);
	pfree(into);
	return loops;
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
	/* It can still go with the table. */
	if (kind == MIGR_KIND_CONSTRAINT && !unit->outside &&
		(arc->before == unit->make || arc->after == unit->make))
	{
		unit->outside = true;
		return true;
	}
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
	return migr_kind_has(object->kind, MIGR_KIND_IS_FORWARDABLE) &&
		migr_object_has(object, MIGR_ATTR_FORWARD);
}

/*
 * A type is never less than it is, unless it stands aside, and only a new one can
 * be known before.
 */
static bool
is_lasting_type(const MigrUnit *unit)
{
	return unit->from && migr_kind_has(unit->from->kind, MIGR_KIND_IS_TYPE);
}

/* Make a routine or a view known before it is complete, or less before it goes. */
static bool
set_forward(MigrDiff *diff, const MigrStep *step)
{
	MigrUnit   *unit = &diff->units[step->unit];

	if (step->kind == MIGR_STEP_END && !unit->loosen && unit->facet == MIGR_FACET_OBJECT &&
		((has_forward(unit->from) && !is_lasting_type(unit)) ||
		 (unit->aside && migr_kind_of(unit->from)->loosen && migr_object_has(unit->from, MIGR_ATTR_FORWARD))))
	{
		unit->loosen = true;
		return true;
	}
	if (step->kind != MIGR_STEP_MAKE || unit->forward || unit->facet != MIGR_FACET_OBJECT ||
		is_lasting_type(unit) || !has_forward(unit->to))
		return false;
	unit->forward = true;
	return true;
}

/* Does one that stays keep others in order? */
static bool
is_in_between(const MigrDiffPlan *plan, const MigrArc *arc)
{
	const MigrUnit *unit = &plan->diff->units[arc->origin];

	return (unit->mode == MIGR_MODE_SAME || unit->mode == MIGR_MODE_ALTER) &&
		plan->steps[arc->before].unit != arc->origin && plan->steps[arc->after].unit != arc->origin;
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

		if (migr_diff_object(unit)->kind == MIGR_KIND_FOREIGN_KEY && is_in_between(plan, lfirst(lc)))
		{
			migr_diff_escalate(diff, ((MigrArc *) lfirst(lc))->origin);
			return true;
		}
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

/*
 * Open loops; false if that can't be done.  What is done about one thing that is
 * there may open other loops as well: one at a time then.
 */
static bool
resolve_loops(MigrDiff *diff, const MigrDiffPlan *plan, const List *loops)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, loops)
	{
		any = resolve(diff, plan, lfirst(lc)) || any;
		if (diff->from.count > 0)
			break;
	}
	return any;
}

/* Rows are not put at risk by a script that begins somewhere. */
static void
raise_stuck_rows(const MigrDiff *diff, const MigrDiffPlan *plan, const List *loop)
{
	ListCell   *lc;

	foreach(lc, loop)
	{
		const MigrStep *step = &plan->steps[((MigrArc *) lfirst(lc))->after];

		if (step->kind == MIGR_STEP_SAVE || step->kind == MIGR_STEP_MOVE)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the rows of %s can't be moved together with the other changes",
							migr_ddl_title(diff->units[step->unit].from)),
					 errdetail("It is made anew, because it becomes a partitioned table or ceases to be one, or is partitioned by something else."),
					 errhint("Change that in one revision, and what it is tied to in another.")));
	}
}

List *
migr_diff_plan(MigrDiff *diff)
{
	for (int round = 0;; round++)
	{
		MigrDiffPlan *plan = palloc(sizeof(MigrDiffPlan));
		Sorting		sorting;
		List	   *result;

		CHECK_FOR_INTERRUPTS();
		migr_diff_follow(diff);
		migr_diff_find_moves(diff);
		migr_diff_graph(plan, diff);
		begin(&sorting, plan);
		result = take(&sorting, NIL);
		if (list_length(result) < plan->count && round < MAX_ROUNDS &&
			resolve_loops(diff, plan, find_loops(&sorting)))
			continue;

		/*
		 * For want of better, a loop begins somewhere.  The server says what
		 * is wrong when the script is tried; an error here would keep people
		 * from a script that they can mend by hand.
		 */
		while (list_length(result) < plan->count)
		{
			const List *loop = linitial(find_loops(&sorting));

			raise_stuck_rows(diff, plan, loop);
			migr_toposort_release(sorting.sort, ((MigrArc *) linitial(loop))->after);
			result = take(&sorting, result);
		}
		return migr_diff_gather(plan, result);
	}
}
