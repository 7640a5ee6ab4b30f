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
#include "kind/kind.h"

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
add_name(TakenNames *names, MigrNameSpace space, const char *name, int unit, bool given_up)
{
	if (names->count == names->room)
	{
		names->room *= 2;
		names->items = repalloc(names->items, names->room * sizeof(TakenName));
	}
	names->items[names->count].name = psprintf("%c%s", space, name);
	names->items[names->count].unit = unit;
	names->items[names->count++].given_up = given_up;
}

/* A unit whose names are being added. */
typedef struct Naming
{
	TakenNames *names;
	int			unit;
	bool		given_up;
} Naming;

static void
add_other_name(void *arg, MigrNameSpace space, const char *name)
{
	const Naming *naming = arg;

	add_name(naming->names, space, name, naming->unit, naming->given_up);
}

static void
add_names(TakenNames *names, const MigrObject *object, int unit, bool given_up)
{
	const MigrKindRecord *kind = migr_kind_of(object);
	Naming		naming = {.names = names, .unit = unit, .given_up = given_up};

	/* A routine that goes must not make a call of one that comes ambiguous. */
	if (kind->name_space == MIGR_NAMES_ROUTINES)
		add_name(names, kind->name_space,
				 quote_qualified_identifier(object->schema, object->name), unit, given_up);
	else if (kind->name_space != MIGR_NAMES_NONE)
		add_name(names, kind->name_space, object->identity, unit, given_up);
	if (kind->visit_names)
		kind->visit_names(object, add_other_name, &naming);
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
	TakenNames	names = {.room = 64};

	if (diff->from.count == 0)
		return;					/* nothing gives up a name */
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
