/*
 * diff_columns.c
 *		What is done to columns of one table at once.
 *
 * Another type is given to a column by going through all rows, and NOT NULL too:
 * so steps that do so in one table stand next to each other, as far as the order
 * lets them, and are printed as one statement.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_plan.h"
#include "kind/column.h"
#include "kind/ddl.h"
#include "model/attributes.h"

/* --- the change of one column ---------------------------------------------- */

/* What a table's column is when its parent's has changed it. */
static MigrObject
as_inherited(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrUnit *above = &diff->units[unit->follows];
	const MigrObject *parents = above->to;
	bool		keeps_null = (unit->mode == MIGR_MODE_ALTER || unit->via_text) && above->from &&
		migr_object_is(above->from, MIGR_ATTR_NOT_NULL) == migr_object_is(parents, MIGR_ATTR_NOT_NULL);
	MigrObject	column = unit->from ? *unit->from : *parents;
	const char **values = palloc0(column.columns->count * sizeof(char *));

	for (int i = 0; i < column.columns->count; i++)
	{
		MigrAttribute attribute = column.columns->attributes[i];
		bool		of_parent = unit->from == NULL || i == 0 ||
			(attribute == MIGR_ATTR_NOT_NULL && !keeps_null) ||
			attribute == MIGR_ATTR_COLLATION || attribute == MIGR_ATTR_GENERATED ||
			(attribute == MIGR_ATTR_DEFAULT && migr_object_has(parents, MIGR_ATTR_GENERATED));
		const MigrObject *source = of_parent ? parents : unit->from;

		/* Set for one table alone. */
		if (unit->from == NULL && (attribute == MIGR_ATTR_STORAGE || attribute == MIGR_ATTR_STATISTICS ||
								   attribute == MIGR_ATTR_COMPRESSION || attribute == MIGR_ATTR_OPTIONS))
			continue;
		values[i] = i < source->count ? source->values[i] : NULL;
	}
	column.values = values;
	column.count = column.columns->count;
	column.parent = unit->to->parent;
	if (unit->from == NULL)
		column.comment = column.acl = NULL;
	return column;
}

static void
follow_column(MigrColumnChange *change, const MigrDiff *diff, const MigrUnit *unit)
{
	MigrObject	inherited = as_inherited(diff, unit);

	(void) migr_column_change(change, &inherited, unit->to, false);
	if (unit->mode != MIGR_MODE_ALTER && !unit->via_text &&
		!migr_ddl_same(migr_diff_default(diff->units[unit->follows].to),
					   migr_diff_default(unit->to)))
		migr_column_set_default(&change->after, unit->to, migr_diff_default(unit->to));
	migr_ddl_alter_extras(&change->after, &inherited, unit->to);
}

/* A column that a table will have from a parent is its own until then. */
static void
add_column(MigrColumnChange *change, const MigrObject *column)
{
	MigrObject	bare = *column;
	StringInfoData spec;

	initStringInfo(&spec);
	appendStringInfoString(&spec, "ADD COLUMN ");
	migr_column_spec(&spec, column, false);
	change->actions = lappend(change->actions, spec.data);
	if (!migr_column_is_plain(column))
		migr_column_settings(&change->after, column->parent, column);
	bare.comment = bare.acl = NULL;
	migr_ddl_alter_extras(&change->after, &bare, column);
}

static MigrObject
as_nullable(const MigrObject *column)
{
	MigrObject	nullable = *column;
	const char **values = palloc0(column->columns->count * sizeof(char *));

	for (int i = 0; i < column->count; i++)
		values[i] = column->columns->attributes[i] == MIGR_ATTR_NOT_NULL ? "f" : column->values[i];
	nullable.values = values;
	return nullable;
}

static void
alter_column(MigrColumnChange *change, const MigrDiff *diff, const MigrUnit *unit)
{
	MigrObject	from = *unit->from;

	if (migr_diff_drop_not_null(&change->before, diff, unit))
		from = as_nullable(unit->from);
	(void) migr_column_change(change, &from, unit->to, unit->retype || unit->via_text);
	migr_ddl_alter_extras(&change->after, unit->from, unit->to);
}

/* Is it a step that changes a column, or adds one to a table? */
static bool
changes_column(const MigrDiff *diff, const MigrStep *step)
{
	const MigrUnit *unit = &diff->units[step->unit];
	const MigrObject *object = migr_diff_object(unit);

	return unit->facet == MIGR_FACET_OBJECT && object->kind == MIGR_KIND_COLUMN &&
		(step->kind == MIGR_STEP_ALTER ||
		 (object->parent->kind == MIGR_KIND_TABLE &&
		  (step->kind == MIGR_STEP_MAKE || unit->via_text)));
}

static void
change_column(MigrColumnChange *change, const MigrDiff *diff, const MigrStep *step)
{
	const MigrUnit *unit = &diff->units[step->unit];
	const char *name = quote_identifier(migr_diff_object(unit)->name);

	if (step->kind == MIGR_STEP_END)
		change->actions = lappend(change->actions, psprintf("ALTER COLUMN %s TYPE text USING %s::text",
															name, name));
	else if (unit->follows >= 0)
		follow_column(change, diff, unit);
	else if (step->kind == MIGR_STEP_ALTER || unit->via_text)
		alter_column(change, diff, unit);
	else
	{
		add_column(change, unit->to);
		migr_diff_keep(&change->after, diff, unit);
	}
}

/* --- several ---------------------------------------------------------------- */

/* Can the server have to go through all rows to add a column? */
static bool
is_added_by_rows(const MigrObject *column)
{
	const char *expression = value(column, MIGR_ATTR_DEFAULT);

	return migr_object_has(column, MIGR_ATTR_GENERATED) || migr_object_has(column, MIGR_ATTR_IDENTITY) ||
		(expression && strchr(expression, '(') != NULL);
}

bool
migr_diff_takes_rows(const MigrDiff *diff, const MigrStep *step)
{
	const MigrUnit *unit = &diff->units[step->unit];
	const MigrObject *table = migr_diff_object(unit)->parent;
	MigrColumnChange change;

	if (!changes_column(diff, step) || table->kind != MIGR_KIND_TABLE ||
		*value(table, MIGR_ATTR_RELKIND) == 'f')
		return false;
	if (unit->follows < 0 && step->kind == MIGR_STEP_MAKE && !unit->via_text)
		return is_added_by_rows(unit->to);
	migr_column_begin(&change);
	change_column(&change, diff, step);
	return change.actions != NIL;
}

List *
migr_diff_at_once(const List *steps, int first)
{
	List	   *result = list_make1(list_nth(steps, first));

	for (int i = first + 1; i < list_length(steps) && ((MigrStep *) list_nth(steps, i))->joins; i++)
		result = lappend(result, list_nth(steps, i));
	return result;
}

bool
migr_diff_emit_columns(StringInfo out, const MigrDiff *diff, const List *steps)
{
	MigrColumnChange change;
	const ListCell *lc;

	if (!changes_column(diff, linitial(steps)))
		return false;
	migr_column_begin(&change);
	foreach(lc, steps)
		change_column(&change, diff, lfirst(lc));
	appendBinaryStringInfo(out, change.before.data, change.before.len);
	migr_column_actions(out, migr_diff_object(&diff->units[((MigrStep *) linitial(steps))->unit])->parent,
						change.actions);
	appendBinaryStringInfo(out, change.after.data, change.after.len);
	return true;
}
