/*
 * diff_steps.c
 *		Steps, and what makes one come before another.
 *
 * What ends what was comes after the end of all that needed it; what makes what
 * is to be comes after all that it needs has been made.  A change in place is
 * both.  Some objects come and go with others, and have no steps of their own.
 *
 * So there are two orders, of the old side backwards and of the new one
 * forwards, and what ties them together is only a unit that is on both: its
 * change, or its end before its making.  That is why they can contradict each
 * other, where each by itself has no loop: diff_sort.c deals with it.
 *
 * An arc keeps the unit for whose sake it is.  The steps at its ends can be
 * those of carriers, and if the arc is part of a loop, it is that unit which
 * may be taken from its carrier.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "diff/diff_plan.h"
#include "kind/kind.h"
#include "model/attribute_list.h"
#include "model/ddl_text.h"

static int
add_step(MigrDiffPlan *plan, int unit, MigrStepKind kind)
{
	if (plan->count == plan->room)
	{
		plan->room *= 2;
		plan->steps = repalloc_huge(plan->steps, plan->room * sizeof(MigrStep));
	}
	plan->steps[plan->count].unit = unit;
	plan->steps[plan->count].kind = kind;
	plan->steps[plan->count].joins = false;
	return plan->count++;
}

/* --- what goes with others ------------------------------------------------ */

/* The unit with whose end this one ends, as far as its parent tells; or -1. */
static int
parent_carrier(const MigrDiff *diff, const MigrUnit *unit)
{
	int			owner;

	if (unit->apart)
		return -1;
	if (unit->facet != MIGR_FACET_OBJECT)
		owner = diff->units[unit->from->unit].via_text ? -1 : unit->from->unit;
	else if (unit->follows >= 0 && migr_diff_ends(&diff->units[unit->follows]))
		return unit->follows;
	else if (unit->from->parent && unit->from->kind != MIGR_KIND_SEQUENCE_OWNER)
		owner = unit->from->parent->unit;
	else
		return -1;
	return owner >= 0 && migr_diff_ends(&diff->units[owner]) ? owner : -1;
}

/* Is a table detached from what it is a partition of, and so on its own? */
static bool
is_detached(const MigrDiff *diff, const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table ? table->children : NIL)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_PARTITION && migr_diff_ends(&diff->units[child->unit]))
			return true;
	}
	return false;
}

/*
 * Does the end of what one unit needs take it along?  This is what the server
 * does without CASCADE: a statement of our own would come too late, for what
 * is gone already.  Where the server does not, there has to be one, before.
 */
static bool
goes_along(const MigrDiff *diff, const MigrUnit *unit, const MigrUnit *needed)
{
	const MigrObject *object = unit->from;
	const MigrObject *other = needed->from;
	const MigrKindRecord *kind;

	if (unit->facet != MIGR_FACET_OBJECT || needed->facet != MIGR_FACET_OBJECT ||
		unit->apart || needed->via_text)
		return false;
	kind = migr_kind_of(object);
	if (kind->goes_along == NULL || !kind->goes_along(object, other))
		return false;
	/* A part of an index stays with a partition that is detached. */
	return !migr_kind_is_index(object->kind) || !migr_kind_is_index(other->kind) ||
		!is_detached(diff, object->parent);
}

/* A sequence goes with the column that owns it. */
static void
carry_sequences(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		const MigrUnit *owner = &diff->units[edges->items[i].object];
		const MigrUnit *column = &diff->units[edges->items[i].needed];
		MigrObject *sequence;

		/* Edges of what was there are between what was there. */
		Assert(owner->from && column->from);
		if (owner->facet != MIGR_FACET_OBJECT || column->facet != MIGR_FACET_OBJECT ||
			owner->from->kind != MIGR_KIND_SEQUENCE_OWNER ||
			column->from->kind != MIGR_KIND_COLUMN || !migr_diff_ends(column))
			continue;
		sequence = migr_diff_find(&diff->from, MIGR_KIND_SEQUENCE, owner->from->identity);
		if (sequence && migr_diff_ends(&diff->units[sequence->unit]))
			plan->carrier_of_end[sequence->unit] = edges->items[i].needed;
	}
}

/* The functions that know a type go with it, see migr_diff_connect(). */
static void
carry_functions(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		int			routine = edges->items[i].needed;
		const MigrUnit *type = &diff->units[edges->items[i].object];
		const MigrObject *shell;

		if (type->facet != MIGR_FACET_OBJECT || !migr_diff_ends(type) ||
			!migr_diff_ends(&diff->units[routine]) ||
			!migr_kind_has(type->from->kind, MIGR_KIND_IS_ANNOUNCED))
			continue;
		shell = migr_diff_find(&diff->from, MIGR_KIND_SHELL_TYPE, type->from->identity);
		if (shell && migr_diff_has_need(&diff->from, routine, shell->unit))
			plan->carrier_of_end[routine] = edges->items[i].object;
	}
}

static void
find_carriers(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	plan->carrier_of_end = palloc((diff->count + 1) * sizeof(int));
	for (int i = 0; i < diff->count; i++)
		plan->carrier_of_end[i] = migr_diff_ends(&diff->units[i])
			? parent_carrier(diff, &diff->units[i]) : -1;
	for (int i = 0; i < edges->count; i++)
	{
		int			object = edges->items[i].object;
		int			needed = edges->items[i].needed;

		if (!edges->items[i].weak && plan->carrier_of_end[object] < 0 &&
			migr_diff_ends(&diff->units[object]) && migr_diff_ends(&diff->units[needed]) &&
			diff->units[object].from && goes_along(diff, &diff->units[object], &diff->units[needed]))
			plan->carrier_of_end[object] = needed;
	}
	carry_sequences(plan);
	carry_functions(plan);
}

/*
 * The unit whose step ends this one: a carrier can have one.  The limit is for
 * carriers in a circle, which only needs in a circle could make.
 */
static int
who_ends(const MigrDiffPlan *plan, int unit)
{
	for (int depth = 0; plan->carrier_of_end[unit] >= 0 && depth < 100; depth++)
		unit = plan->carrier_of_end[unit];
	return unit;
}

/* The unit whose step makes this one. */
static int
who_makes(const MigrDiff *diff, int number)
{
	const MigrUnit *unit = &diff->units[number];
	int			owner = -1;

	if (unit->facet != MIGR_FACET_OBJECT)
		owner = unit->to->unit;
	else if (unit->to->kind == MIGR_KIND_COLUMN ||
			 (unit->to->kind == MIGR_KIND_CONSTRAINT && unit->follows < 0 && !unit->outside &&
			  unit->to->parent->kind == MIGR_KIND_TABLE))
		owner = unit->to->parent->unit;
	/* What waits as text is not made anew, and so is its default by itself. */
	if (owner < 0 || unit->apart || diff->units[owner].via_text || !migr_diff_is_made(&diff->units[owner]))
		return number;
	return who_makes(diff, owner);
}

/* --- steps ---------------------------------------------------------------- */

static void
add_steps(MigrDiffPlan *plan)
{
	MigrDiff   *diff = plan->diff;

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		unit->end = unit->make = unit->save = unit->move = -1;
		plan->forward[i] = plan->loosen[i] = -1;
		if (unit->mode == MIGR_MODE_ALTER)
			unit->end = unit->make = add_step(plan, i, MIGR_STEP_ALTER);
		/* It comes last, see diff_sort.c. */
		unit->revokes_late = migr_diff_revokes_late(diff, unit);
		if (unit->revokes_late)
			(void) add_step(plan, i, MIGR_STEP_REVOKE);
		if (migr_diff_ends(unit) && who_ends(plan, i) == i)
			unit->end = add_step(plan, i, MIGR_STEP_END);
		if (migr_diff_is_made(unit) && who_makes(diff, i) == i)
			unit->make = add_step(plan, i, MIGR_STEP_MAKE);
		if (migr_diff_is_made(unit) && unit->forward)
			plan->forward[i] = add_step(plan, i, MIGR_STEP_FORWARD);
		if (unit->moves)
		{
			unit->save = add_step(plan, i, MIGR_STEP_SAVE);
			unit->move = add_step(plan, i, MIGR_STEP_MOVE);
		}
		if (migr_diff_ends(unit) && unit->loosen)
			plan->loosen[i] = add_step(plan, i, MIGR_STEP_LOOSEN);
	}
	/* What is carried has the steps of its carrier: arcs are drawn to those. */
	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		if (migr_diff_ends(unit))
			unit->end = diff->units[who_ends(plan, i)].end;
		if (migr_diff_is_made(unit))
			unit->make = diff->units[who_makes(diff, i)].make;
	}
}

static bool
is_step(const MigrDiffPlan *plan, int step, MigrStepKind kind)
{
	return step >= 0 && plan->steps[step].kind == kind;
}

/*
 * A column that follows its parents' changes with theirs: what is in the way of
 * that goes before the change of the first of them.
 */
static void
add_old_arcs_above(MigrDiffPlan *plan, int end, const MigrUnit *column, int origin)
{
	for (; column->follows >= 0; column = &plan->diff->units[column->follows])
		migr_diff_add_arc(plan, end, plan->diff->units[column->follows].end, origin);
}

/*
 * What is found by the name of a type that is to stand aside, or hangs on it, is
 * dropped while that has its name.
 */
static void
add_aside_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		int			number = edges->items[i].object;
		const MigrUnit *object = &diff->units[number];
		const MigrUnit *type = &diff->units[edges->items[i].needed];

		if (!type->aside || object->facet != MIGR_FACET_OBJECT)
			continue;
		if (is_step(plan, object->end, MIGR_STEP_END) && plan->steps[object->end].unit == number &&
			(object->from->parent == type->from ||
			 (migr_kind_has(object->from->kind, MIGR_KIND_IS_FOUND_BY_TYPES) &&
			  migr_ddl_text_names(object->from->identity, type->from->name))))
			migr_diff_add_arc(plan, object->end, type->make, number);
	}
}

/* What was needs what was: the first goes before the second. */
static void
add_old_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		int			number = edges->items[i].object;
		const MigrUnit *object = &diff->units[number];
		const MigrUnit *needed = &diff->units[edges->items[i].needed];
		int			end = object->end;

		/* What stands aside goes late, and hinders no change. */
		if (is_step(plan, object->end, MIGR_STEP_END) &&
			diff->units[plan->steps[object->end].unit].aside &&
			is_step(plan, needed->end, MIGR_STEP_ALTER))
			continue;
		/* And it does without its constraints, as a domain. */
		if (edges->items[i].weak && needed->from && needed->from->parent &&
			diff->units[needed->from->parent->unit].aside)
			continue;
		/*
		 * Loosened, it is without its body or query, and still has arguments
		 * or columns, whose types it needs.
		 */
		Assert(plan->loosen[number] < 0 || needed->from);
		if (plan->loosen[number] >= 0 &&
			!migr_kind_has(needed->from->kind, MIGR_KIND_IS_IN_SIGNATURES))
			end = plan->loosen[number];
		/* A schema that is changed is in nobody's way. */
		if (needed->from && needed->from->kind == MIGR_KIND_SCHEMA &&
			!migr_diff_ends(needed))
			continue;
		/*
		 * Of two that are changed, the one that needs the other no more.  If
		 * it still does, the new side says which comes first, and the other
		 * way round: to ask for both would be a loop.
		 */
		if (is_step(plan, object->end, MIGR_STEP_END) ||
			is_step(plan, needed->end, MIGR_STEP_END) ||
			(object->end >= 0 && needed->end >= 0 && !edges->items[i].weak &&
			 !migr_diff_has_need(&diff->to, number, edges->items[i].needed)))
		{
			migr_diff_add_arc(plan, end, needed->end, number);
			add_old_arcs_above(plan, end, needed, number);
		}
	}
}

/* Does a table get its parents, or its type, when it is created? */
static bool
is_created_attached(const MigrDiff *diff, const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_INHERITS && unit->to && !unit->apart &&
		migr_diff_is_made(&diff->units[unit->to->unit]);
}

/* What is to be needs what is to be; what is known already is enough for some. */
static void
add_new_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;
	const MigrDiffEdges *edges = &diff->to.edges;

	for (int i = 0; i < edges->count; i++)
	{
		int			number = edges->items[i].object;
		int			needed = edges->items[i].needed;
		int			forward = plan->forward[needed];
		const MigrObject *object = diff->units[number].to;

		/*
		 * Constraints of its own are added to what is attached already, and
		 * its parents' come down to it.
		 */
		if (is_created_attached(diff, &diff->units[number]) &&
			(diff->units[needed].to->parent == object ||
			 diff->units[needed].to->kind == MIGR_KIND_CONSTRAINT))
			continue;
		migr_diff_add_arc(plan, forward >= 0 ? forward : diff->units[needed].make,
						  diff->units[number].make, number);
		/* Known early, it has the types of its arguments or columns already. */
		if (plan->forward[number] >= 0 &&
			migr_kind_has(migr_diff_object(&diff->units[needed])->kind, MIGR_KIND_IS_IN_SIGNATURES))
			migr_diff_add_arc(plan, diff->units[needed].make, plan->forward[number], number);
	}
}

/*
 * While a table is detached, it gets nothing through its parent: so it is
 * taken off before anything of the parent's that it is to do without, or to
 * get in a way of its own, is dropped, changed or made.
 */
static void
add_detached_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;

	for (int side = 0; side < 2; side++)
	{
		const MigrDiffEdges *edges = side ? &diff->to.edges : &diff->from.edges;

		for (int i = 0; i < edges->count; i++)
		{
			const MigrUnit *object = &diff->units[edges->items[i].object];
			const MigrUnit *needed = &diff->units[edges->items[i].needed];

			if (edges->items[i].weak && migr_diff_ends(object) &&
				(object->facet == MIGR_FACET_INHERITS ||
				 object->from->kind == MIGR_KIND_PARTITION))
			{
				migr_diff_add_arc(plan, object->end, needed->end, edges->items[i].object);
				migr_diff_add_arc(plan, object->end, needed->make, edges->items[i].object);
			}
		}
	}
}

/*
 * What is attached lacks what its parent is to lose: ATTACH and INHERIT ask
 * for all columns and constraints that the parent has at the time.
 */
static void
add_attached_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];
		ListCell   *lc;
		ListCell   *cell;

		if (!is_step(plan, unit->make, MIGR_STEP_MAKE) || plan->steps[unit->make].unit != i ||
			(unit->facet != MIGR_FACET_INHERITS && unit->to->kind != MIGR_KIND_PARTITION))
			continue;
		foreach(lc, migr_diff_parents(&diff->to, unit->facet == MIGR_FACET_INHERITS
									  ? unit->to : unit->to->parent))
		{
			const MigrObject *parent = diff->units[((MigrObject *) lfirst(lc))->unit].from;

			foreach(cell, parent ? parent->children : NIL)
			{
				const MigrObject *child = lfirst(cell);

				if ((child->kind == MIGR_KIND_COLUMN || child->kind == MIGR_KIND_CONSTRAINT) &&
					diff->units[child->unit].mode == MIGR_MODE_DROP)
					migr_diff_add_arc(plan, diff->units[child->unit].end, unit->make, i);
			}
		}
	}
}

static void
add_end_arc(MigrDiffPlan *plan, const MigrObject *object, const MigrObject *child)
{
	const MigrUnit *units = plan->diff->units;
	const MigrObject *own = migr_diff_namesake(child, object);

	if (own && (own->kind == MIGR_KIND_COLUMN || own->kind == MIGR_KIND_CONSTRAINT) &&
		migr_diff_ends(&units[own->unit]) && migr_diff_ends(&units[object->unit]))
		migr_diff_add_arc(plan, units[object->unit].end, units[own->unit].end, own->unit);
}

static void
add_make_arc(MigrDiffPlan *plan, const MigrObject *object, const MigrObject *child)
{
	const MigrUnit *units = plan->diff->units;
	const MigrObject *own = migr_diff_namesake(child, object);

	if (own && own->kind == MIGR_KIND_COLUMN && units[own->unit].follows < 0 &&
		migr_diff_is_made(&units[own->unit]) && migr_diff_is_made(&units[object->unit]))
		migr_diff_add_arc(plan, units[own->unit].make, units[object->unit].make, own->unit);
}

/*
 * What a child has of its own goes when the parents' namesake is gone; a column
 * comes before that, which is merged with it.
 */
static void
add_inherited_arcs(MigrDiffPlan *plan)
{
	MigrDiff   *diff = plan->diff;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];
		ListCell   *lc;
		ListCell   *cell;

		if (unit->facet != MIGR_FACET_INHERITS || unit->mode != MIGR_MODE_SAME)
			continue;
		foreach(lc, migr_diff_parents(&diff->from, unit->from))
		{
			foreach(cell, ((MigrObject *) lfirst(lc))->children)
				add_end_arc(plan, lfirst(cell), unit->from);
		}
		foreach(lc, migr_diff_parents(&diff->to, unit->to))
		{
			foreach(cell, ((MigrObject *) lfirst(lc))->children)
				add_make_arc(plan, lfirst(cell), unit->to);
		}
	}
}

/* A unit's own steps. */
static void
add_own_arcs(MigrDiffPlan *plan)
{
	const MigrDiff *diff = plan->diff;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (unit->mode == MIGR_MODE_REPLACE || unit->mode == MIGR_MODE_REBUILD)
		{
			/* What stands aside keeps what goes with it. */
			if (unit->aside)
			{
				migr_diff_add_arc(plan, unit->make, unit->end, i);
				migr_diff_add_arc(plan, plan->loosen[i], unit->make, i);
			}
			else if (unit->end >= 0 && !diff->units[plan->steps[unit->end].unit].aside)
				migr_diff_add_arc(plan, unit->end, unit->make, i);
		}
		if (unit->follows >= 0)
			migr_diff_add_arc(plan, diff->units[unit->follows].make, unit->make, i);
		migr_diff_add_arc(plan, plan->forward[i], unit->make, i);
		migr_diff_add_arc(plan, plan->loosen[i], unit->end, i);
		if (unit->mode == MIGR_MODE_REPLACE)
			migr_diff_add_arc(plan, unit->end, plan->forward[i], i);
	}
}

void
migr_diff_graph(MigrDiffPlan *plan, MigrDiff *diff)
{
	memset(plan, 0, sizeof(MigrDiffPlan));
	plan->diff = diff;
	plan->room = 256;
	plan->steps = palloc(plan->room * sizeof(MigrStep));
	plan->forward = palloc((diff->count + 1) * sizeof(int));
	plan->loosen = palloc((diff->count + 1) * sizeof(int));
	find_carriers(plan);
	add_steps(plan);
	add_old_arcs(plan);
	add_aside_arcs(plan);
	add_new_arcs(plan);
	add_detached_arcs(plan);
	add_attached_arcs(plan);
	add_inherited_arcs(plan);
	add_own_arcs(plan);
	migr_diff_add_logged_arcs(plan);
	migr_diff_add_moves(plan);
	migr_diff_add_index_arcs(plan);
	migr_diff_wait_for_names(plan);
}
