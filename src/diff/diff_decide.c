/*
 * diff_decide.c
 *		What each unit has to go through for what it needs.
 *
 * Each has been looked at alone (diff_mode.c).  What happens to one is passed
 * on to those that need it on the old side, since it is they that stand in the
 * way; what the new side needs is a matter of order.  A mode only ever gets
 * harder (same, alter, replace), so this ends even if there are loops.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "diff/diff_distribution.h"
#include "diff/diff_pair.h"
#include "kind/column.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"
#include "model/ddl_text.h"

/* How much what needs a unit is disturbed by what happens to it. */
typedef enum Disturbance
{
	NOT_AT_ALL,
	BY_TYPE,					/* a column gets another type */
	BY_FAMILY,					/* and one of another kind */
	BY_END						/* it goes */
} Disturbance;

/* Is nothing done to attributes but that some are added at the end? */
static bool
keeps_attributes(const MigrObject *from, const MigrObject *to)
{
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_ATTRIBUTES));
	int			i = 0;
	ListCell   *lc;

	foreach(lc, migr_ddl_list(value(from, MIGR_ATTR_ATTRIBUTES)))
	{
		const char *old = ((MigrDdlItem *) lfirst(lc))->text;

		if (i == list_length(new) ||
			strcmp(((MigrDdlItem *) list_nth(new, i++))->text, old) != 0)
			return false;
	}
	return true;
}

static Disturbance
disturbance(const MigrUnit *unit)
{
	if (migr_diff_ends(unit))
		return BY_END;
	if (unit->mode != MIGR_MODE_ALTER || unit->facet != MIGR_FACET_OBJECT)
		return NOT_AT_ALL;
	if (unit->to->kind == MIGR_KIND_COLUMN)
	{
		if (unit->retype ||
			!migr_column_type_is_family(value(unit->from, MIGR_ATTR_TYPE), value(unit->to, MIGR_ATTR_TYPE)))
			return BY_FAMILY;
		return migr_diff_is_retyped(unit) ? BY_TYPE : NOT_AT_ALL;
	}
	return unit->to->kind == MIGR_KIND_COMPOSITE && !keeps_attributes(unit->from, unit->to)
		? BY_TYPE : NOT_AT_ALL;
}

typedef struct Closure
{
	MigrDiff   *diff;
	int			count;
	int		   *queue;			/* units whose needers are to be looked at */
	bool	   *queued;
} Closure;

static void
put(Closure *closure, int unit)
{
	if (!closure->queued[unit])
	{
		closure->queued[unit] = true;
		closure->queue[closure->count++] = unit;
	}
}

/* Let a unit that stays go and come back; who needs it is looked at again. */
static void
replace_unit(Closure *closure, int number)
{
	MigrUnit   *unit = &closure->diff->units[number];

	if (unit->mode != MIGR_MODE_SAME && unit->mode != MIGR_MODE_ALTER)
		return;
	/* The columns of a view are the view's. */
	if (unit->facet == MIGR_FACET_OBJECT && unit->to->kind == MIGR_KIND_COLUMN &&
		unit->to->parent->kind == MIGR_KIND_VIEW &&
		!migr_diff_ends(&closure->diff->units[unit->to->parent->unit]))
	{
		replace_unit(closure, unit->to->parent->unit);
		return;
	}
	unit->mode = unit->facet == MIGR_FACET_OBJECT && migr_kind_has(unit->to->kind, MIGR_KIND_IS_TYPE)
		? MIGR_MODE_REBUILD : MIGR_MODE_REPLACE;
	put(closure, number);
}

/* Give a column a type that has its old name. */
static void
retype_column(Closure *closure, int number)
{
	MigrUnit   *unit = &closure->diff->units[number];

	if (unit->mode != MIGR_MODE_SAME && unit->mode != MIGR_MODE_ALTER)
		return;
	unit->mode = MIGR_MODE_ALTER;
	if (!unit->retype)
		put(closure, number);
	unit->retype = true;
}

/* A column of a table whose type, default or expression needs what goes. */
static void
react_column(Closure *closure, int number, const MigrUnit *cause)
{
	MigrUnit   *unit = &closure->diff->units[number];
	const MigrObject *needed = cause->facet == MIGR_FACET_OBJECT ? cause->from : NULL;

	if (migr_object_has(unit->from, MIGR_ATTR_GENERATED))
	{
		if (migr_object_has(unit->to, MIGR_ATTR_GENERATED))
			replace_unit(closure, number);
		return;
	}
	/* The functions of a range's old form would be in the way. */
	if (needed && needed->kind == MIGR_KIND_RANGE)
	{
		unit->via_text = true;
		replace_unit(closure, number);
	}
	else if (needed && migr_kind_has(needed->kind, MIGR_KIND_IS_OF_COLUMNS))
		retype_column(closure, number);
}

/* What a unit that needs another one has to do about what happens to that. */
static void
react(Closure *closure, int number, int cause_number, Disturbance how)
{
	MigrDiff   *diff = closure->diff;
	MigrUnit   *unit = &diff->units[number];
	MigrUnit   *cause = &diff->units[cause_number];
	MigrKind	kind;

	if (unit->mode != MIGR_MODE_SAME && unit->mode != MIGR_MODE_ALTER)
		return;
	/* What is changed so that it needs it no more can be changed before. */
	if (unit->mode == MIGR_MODE_ALTER && how == BY_END &&
		!migr_diff_has_need(&diff->to, number, cause_number))
		return;
	kind = unit->to->kind;
	/* A key need not go for a partition that does so, but for rows that return. */
	if (kind == MIGR_KIND_FOREIGN_KEY && cause->mode == MIGR_MODE_DROP &&
		cause->from->kind == MIGR_KIND_PARTITION)
		return;
	if (unit->facet == MIGR_FACET_OBJECT && kind == MIGR_KIND_COLUMN &&
		unit->to->parent->kind == MIGR_KIND_TABLE && cause->facet == MIGR_FACET_OBJECT &&
		cause->from != unit->from->parent)
	{
		/* Its own type, or an expression that has another column in it. */
		react_column(closure, number, cause);
		return;
	}
	if (how == BY_END)
	{
		/*
		 * Tables and sequences hold what no script brings back, and columns
		 * react by themselves.  Rows of a foreign table are not lost.
		 */
		if (unit->facet == MIGR_FACET_OBJECT &&
			migr_kind_has(kind, MIGR_KIND_HOLDS_DATA) &&
			!(cause->from->kind == MIGR_KIND_SERVER || cause->from->kind == MIGR_KIND_FDW))
			return;
		replace_unit(closure, number);
	}
	else if (unit->facet == MIGR_FACET_DEFAULT ||
			 (unit->facet == MIGR_FACET_OBJECT && migr_kind_has(kind, MIGR_KIND_BLOCKS_RETYPING)))
	{
		/* The server casts a default along, which is right within a family. */
		if (unit->facet != MIGR_FACET_DEFAULT || how == BY_FAMILY)
			replace_unit(closure, number);
	}
	else if (kind == MIGR_KIND_FOREIGN_KEY && how == BY_FAMILY)
		replace_unit(closure, number);
	/* Indexes and other constraints are rebuilt by ALTER COLUMN … TYPE. */
}

/* A type that goes has to be announced anew, for the functions that know it. */
static void
announce(Closure *closure, const MigrUnit *type)
{
	const MigrObject *shell;

	if (type->facet != MIGR_FACET_OBJECT ||
		!migr_kind_has(type->from->kind, MIGR_KIND_IS_ANNOUNCED))
		return;
	shell = migr_diff_find(&closure->diff->from, MIGR_KIND_SHELL_TYPE, type->from->identity);
	if (shell)
		replace_unit(closure, shell->unit);
}

/* A table of a type that changes is of none meanwhile: its columns change too. */
static void
detach_typed(Closure *closure, int cause)
{
	MigrDiff   *diff = closure->diff;
	const MigrUnit *type = &diff->units[cause];
	const MigrDiffEdges *edges = &diff->from.edges;

	if (type->facet != MIGR_FACET_OBJECT || type->mode != MIGR_MODE_ALTER ||
		type->from->kind != MIGR_KIND_COMPOSITE ||
		same(type->from, type->to, MIGR_ATTR_ATTRIBUTES))
		return;
	for (int i = edges->first[cause]; i < edges->first[cause + 1]; i++)
	{
		if (diff->units[edges->items[i].object].facet == MIGR_FACET_INHERITS)
			replace_unit(closure, edges->items[i].object);
	}
}

/* Is a column, by name, part of the key by which its table is partitioned? */
static bool
is_partition_key(const MigrObject *column)
{
	return migr_ddl_list_text(migr_ddl_list(value(column->parent, MIGR_ATTR_KEY_COLUMNS)),
							  quote_identifier(column->name)) != NULL;
}

/*
 * The server changes no column of a partition key: the table is made anew, and
 * its partitions, which hold the rows, are attached to that.
 */
static void
replace_partitioned(Closure *closure, int number)
{
	const MigrUnit *unit = &closure->diff->units[number];

	if (unit->mode == MIGR_MODE_ALTER && unit->facet == MIGR_FACET_OBJECT &&
		unit->to->kind == MIGR_KIND_COLUMN && unit->to->parent->kind == MIGR_KIND_TABLE &&
		is_partition_key(unit->from))
		replace_unit(closure, unit->to->parent->unit);
}

static void
run(Closure *closure)
{
	MigrDiff   *diff = closure->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	while (closure->count > 0)
	{
		int			cause = closure->queue[--closure->count];
		Disturbance how = disturbance(&diff->units[cause]);

		CHECK_FOR_INTERRUPTS();
		closure->queued[cause] = false;
		detach_typed(closure, cause);
		if (how == NOT_AT_ALL || diff->units[cause].from == NULL)
			continue;
		if (how == BY_END)
			announce(closure, &diff->units[cause]);
		replace_partitioned(closure, cause);
		for (int i = edges->first[cause]; i < edges->first[cause + 1]; i++)
		{
			if (!edges->items[i].weak)
				react(closure, edges->items[i].object, cause, how);
		}
	}
}

/* --- enum labels ---------------------------------------------------------- */

/* Does what is made of a unit use a label that the old type lacks? */
static bool
uses_new_label(const MigrUnit *user, const MigrUnit *type)
{
	List	   *old = migr_ddl_list(value(type->from, MIGR_ATTR_LABELS));
	StringInfoData text;
	ListCell   *lc;

	if (user->to == NULL || user->mode == MIGR_MODE_SAME)
		return false;
	initStringInfo(&text);
	if (user->facet == MIGR_FACET_DEFAULT)
		appendStringInfoString(&text, value(user->to, MIGR_ATTR_DEFAULT));
	else if (user->to->kind == MIGR_KIND_COLUMN)
		migr_ddl_create(&text, user->to);
	else
		migr_ddl_create(&text, user->to);
	foreach(lc, migr_ddl_list(value(type->to, MIGR_ATTR_LABELS)))
	{
		const char *label = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(old, label) == NULL &&
			migr_ddl_text_uses_label(text.data, label, user->to->kind == MIGR_KIND_ROUTINE))
			return true;
	}
	return false;
}

/*
 * A label that ALTER TYPE adds can't be used before the transaction ends; those
 * of a type that is built anew can.
 */
static bool
rebuild_for_labels(Closure *closure)
{
	MigrDiff   *diff = closure->diff;
	const MigrDiffEdges *edges = &diff->to.edges;
	bool		any = false;

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		if (unit->mode != MIGR_MODE_ALTER || unit->facet != MIGR_FACET_OBJECT ||
			unit->to->kind != MIGR_KIND_ENUM || same(unit->from, unit->to, MIGR_ATTR_LABELS))
			continue;
		for (int j = edges->first[i]; j < edges->first[i + 1]; j++)
		{
			if (!uses_new_label(&diff->units[edges->items[j].object], unit))
				continue;
			replace_unit(closure, i);
			any = true;
			break;
		}
	}
	return any;
}

/* --- default privileges --------------------------------------------------- */

/*
 * What is created gets exactly the rights that it is to have: meanwhile default
 * privileges of whoever runs the script are off.
 */
static void
suspend_default_privileges(Closure *closure)
{
	MigrDiff   *diff = closure->diff;
	const char *me = GetUserNameFromId(GetUserId(), false);

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		if (unit->from == NULL || unit->from->kind != MIGR_KIND_DEFAULT_PRIVILEGES ||
			(unit->mode != MIGR_MODE_SAME && unit->mode != MIGR_MODE_ALTER) ||
			strcmp(value(unit->from, MIGR_ATTR_ROLE), me) != 0)
			continue;
		for (int j = 0; j < diff->count; j++)
		{
			MigrUnit   *made = &diff->units[j];

			if (made->facet == MIGR_FACET_OBJECT && made->to &&
				made->mode != MIGR_MODE_SAME && made->mode != MIGR_MODE_ALTER &&
				migr_kind_of(made->to)->default_privileges == *value(unit->from, MIGR_ATTR_TYPE) &&
				(unit->from->schema == NULL || migr_ddl_same(unit->from->schema, made->to->schema)))
			{
				unit->mode = MIGR_MODE_REPLACE;
				break;
			}
		}
	}
}

/* --- types ---------------------------------------------------------------- */

/*
 * Types whose old form has to stay until columns have moved to the new one.  A
 * column is never without a type, so both forms are there at once, the old one
 * under another name.  What no column holds is simply dropped and created.
 */
static void
set_aside(MigrDiff *diff)
{
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		unit->aside = false;
		if (unit->facet != MIGR_FACET_OBJECT || unit->from == NULL || unit->to == NULL ||
			!migr_diff_ends(unit) ||
			!migr_kind_has(unit->from->kind, MIGR_KIND_IS_OF_COLUMNS))
			continue;
		for (int j = edges->first[i]; j < edges->first[i + 1]; j++)
		{
			const MigrUnit *user = &diff->units[edges->items[j].object];

			if (user->retype || (user->mode == MIGR_MODE_REBUILD && !edges->items[j].weak))
				unit->aside = true;
		}
	}
}

/* --- children ------------------------------------------------------------- */

/* What a table is to have through a new parent comes when it is the child. */
static bool
replace_checks(Closure *closure)
{
	MigrDiff   *diff = closure->diff;
	bool		any = false;
	ListCell   *lc;

	for (int i = 0; i < diff->count; i++)
	{
		foreach(lc, migr_diff_joined_checks(diff, &diff->units[i]))
		{
			int			check = ((MigrObject *) lfirst(lc))->unit;

			any = any || diff->units[check].mode == MIGR_MODE_SAME ||
				diff->units[check].mode == MIGR_MODE_ALTER;
			replace_unit(closure, check);
		}
	}
	return any;
}

/* The server changes no column in a child that has it from another parent too. */
static bool
part_parents(Closure *closure)
{
	MigrDiff   *diff = closure->diff;
	bool		any = false;

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];
		int			kept;

		if (unit->facet != MIGR_FACET_INHERITS || unit->kept_parents > 0)
			continue;
		kept = migr_diff_kept_parents(diff, unit);
		if (kept == 0)
			continue;
		unit->kept_parents = kept;
		replace_unit(closure, i);
		any = true;
	}
	return any;
}

/* --- partitions ----------------------------------------------------------- */

/* An index that is to lose a part of it, and one that ATTACH would take for another. */
static bool
replace_indexes(Closure *closure)
{
	MigrDiff   *diff = closure->diff;
	bool		any = false;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrObject *index = migr_diff_index_in_the_way(diff, &diff->units[i]);

		if (index == NULL || (diff->units[index->unit].mode != MIGR_MODE_SAME &&
							  diff->units[index->unit].mode != MIGR_MODE_ALTER))
			continue;
		any = true;
		replace_unit(closure, index->unit);
	}
	return any;
}

/* --- tables of Citus ------------------------------------------------------ */

static bool
replace_keys(Closure *closure)
{
	List	   *keys = migr_diff_keys_in_the_way(closure->diff);
	ListCell   *lc;

	foreach(lc, keys)
		replace_unit(closure, lfirst_int(lc));
	return keys != NIL;
}

/* One that goes is detached before, if a foreign key on the parent stays. */
static void
detach_referenced(MigrDiff *diff)
{
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		MigrUnit   *unit = &diff->units[edges->items[i].needed];
		const MigrUnit *key = &diff->units[edges->items[i].object];

		if (unit->facet == MIGR_FACET_OBJECT && unit->from->kind == MIGR_KIND_PARTITION &&
			key->from->kind == MIGR_KIND_FOREIGN_KEY && !migr_diff_ends(key))
			unit->apart = true;
	}
}

static void
begin(Closure *closure, MigrDiff *diff)
{
	closure->diff = diff;
	closure->count = 0;
	closure->queue = palloc((diff->count + 1) * sizeof(int));
	closure->queued = palloc0((diff->count + 1) * sizeof(bool));
}

static void
finish(Closure *closure)
{
	/* Each of these can give run() something to do, and the reverse. */
	do
		run(closure);
	while (rebuild_for_labels(closure) || part_parents(closure) || replace_checks(closure) ||
		   replace_indexes(closure) || replace_keys(closure));
	suspend_default_privileges(closure);
	set_aside(closure->diff);
	detach_referenced(closure->diff);
	migr_diff_inherit_apart(closure->diff);
	pfree(closure->queue);
	pfree(closure->queued);
}

void
migr_diff_close(MigrDiff *diff)
{
	Closure		closure;

	begin(&closure, diff);
	for (int i = 0; i < diff->count; i++)
	{
		if (diff->units[i].mode != MIGR_MODE_SAME && diff->units[i].from)
			put(&closure, i);
	}
	finish(&closure);
}

void
migr_diff_escalate(MigrDiff *diff, int unit)
{
	Closure		closure;

	begin(&closure, diff);
	replace_unit(&closure, unit);
	finish(&closure);
}
