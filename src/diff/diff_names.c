/*
 * diff_names.c
 *		What takes a name waits for what gives it up.
 *
 * Relations, indexes and types share one space of names, routines and
 * aggregates another, the constraints of a table a third.  Nobody needs what
 * is merely in the way, so no dependency tells of this.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_plan.h"
#include "model/attribute_list.h"

typedef struct TakenName
{
	const char *name;			/* with a letter for its space in front */
	int			unit;
	bool		given_up;
} TakenName;

typedef struct TakenNames
{
	int			count;
	int			room;
	TakenName	   *items;
} TakenNames;

static void
add_name(TakenNames *names, const char *space, const char *name, int unit, bool given_up)
{
	if (names->count == names->room)
	{
		names->room *= 2;
		names->items = repalloc(names->items, names->room * sizeof(TakenName));
	}
	names->items[names->count].name = psprintf("%s%s", space, name);
	names->items[names->count].unit = unit;
	names->items[names->count++].given_up = given_up;
}

/* Is it a constraint with an index? */
static bool
has_index(const MigrObject *constraint)
{
	return constraint->parent->kind == MIGR_KIND_TABLE &&
		strncmp(migr_object_value(constraint, "definition"), "CHECK", 5) != 0;
}

/* A range type comes with a multirange type, and both with functions. */
static void
add_range_names(TakenNames *names, const MigrObject *range, int unit, bool given_up)
{
	const MigrDdlItem *multirange =
		migr_ddl_list_key(migr_ddl_list(migr_object_value(range, "options")),
						  "MULTIRANGE_TYPE_NAME");

	add_name(names, "r", range->identity, unit, given_up);
	add_name(names, "f", range->identity, unit, given_up);
	if (multirange)
	{
		add_name(names, "r", multirange->rest, unit, given_up);
		add_name(names, "f", multirange->rest, unit, given_up);
	}
}

static void
add_names(TakenNames *names, const MigrObject *object, int unit, bool given_up)
{
	switch (object->kind)
	{
		case MIGR_KIND_COLUMN:
			if (!migr_object_ends(object, "default") && migr_object_has(object, "sequence"))
				add_name(names, "r", migr_object_value(object, "sequence"), unit, given_up);
			break;
		case MIGR_KIND_CONSTRAINT:
			if (has_index(object))
				add_name(names, "r", quote_qualified_identifier(object->schema, object->name),
						 unit, given_up);
			/* FALLTHROUGH */
		case MIGR_KIND_FOREIGN_KEY:
			add_name(names, "c", object->identity, unit, given_up);
			break;
		case MIGR_KIND_ROUTINE:
		case MIGR_KIND_AGGREGATE:
			/* One that goes must not make a call of one that comes ambiguous. */
			add_name(names, "f", quote_qualified_identifier(object->schema, object->name),
					 unit, given_up);
			break;
		case MIGR_KIND_RANGE:
			add_range_names(names, object, unit, given_up);
			break;
		case MIGR_KIND_TABLE:
		case MIGR_KIND_VIEW:
		case MIGR_KIND_SEQUENCE:
		case MIGR_KIND_INDEX:
			add_name(names, "r", object->identity, unit, given_up);
			break;
		default:
			if (migr_diff_is_type(object->kind))
				add_name(names, "r", object->identity, unit, given_up);
	}
}

static int
compare_names(const void *a, const void *b)
{
	const TakenName *left = a;
	const TakenName *right = b;
	int			order = strcmp(left->name, right->name);

	return order ? order : left->unit - right->unit;
}

void
migr_diff_wait_for_names(MigrDiffPlan *plan)
{
	MigrDiff   *diff = plan->diff;
	TakenNames		names = {.room = 64};

	names.items = palloc(names.room * sizeof(TakenName));
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (unit->mode == MIGR_MODE_SAME || unit->facet != MIGR_FACET_OBJECT)
			continue;
		if (unit->from && unit->end >= 0)
			add_names(&names, unit->from, i, true);
		if (unit->to && unit->make >= 0)
			add_names(&names, unit->to, i, false);
	}
	qsort(names.items, names.count, sizeof(TakenName), compare_names);
	for (int i = 0; i < names.count; i++)
	{
		for (int j = i + 1; j < names.count &&
			 strcmp(names.items[i].name, names.items[j].name) == 0; j++)
		{
			const TakenName *old = names.items[i].given_up ? &names.items[i] : &names.items[j];
			const TakenName *new = names.items[i].given_up ? &names.items[j] : &names.items[i];

			if (old->unit != new->unit && old->given_up && !new->given_up)
				migr_diff_add_arc(plan, diff->units[old->unit].end,
								  diff->units[new->unit].make, old->unit);
		}
	}
}
