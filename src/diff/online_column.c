/*
 * online_column.c
 *		Columns of tables with rows: NOT NULL, and values for all rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/hazard_change.h"
#include "diff/online_form.h"
#include "kind/column.h"
#include "model/attributes.h"

/* --- NOT NULL -------------------------------------------------------------- */

/*
 * A check that is validated proves that there are no nulls, so SET NOT NULL does
 * not look.  Each statement waits for its lock by itself: what the long one has
 * done is not lost when a short one has to try again.  The check is not there
 * before rows have their values: who updates one would fail.
 */
void
migr_online_not_null(MigrOnline *online, const MigrObject *table, const char *name)
{
	const char *identity = table->identity;
	const char *check = quote_identifier(migr_online_name(table, name, "_migr_not_null"));
	const char *column = quote_identifier(name);
	StringInfoData up;

	initStringInfo(&up);
	appendStringInfo(&up, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID;\n",
					 identity, check, column);
	appendStringInfo(&up, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", identity, check);
	appendStringInfo(&up, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\n", identity, column);
	appendStringInfo(&up, "ALTER TABLE %s DROP CONSTRAINT %s;\n", identity, check);
	online->apart[MIGR_ONLINE_CHECK] = true;
	migr_online_say(online, MIGR_ONLINE_CHECK, up.data,
					psprintf("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL;\n", identity, column));
}

/* A column of the new side, and what follows it in partitions and children, with nulls. */
static void
let_be_null(MigrOnline *online, int number)
{
	const MigrDiff *diff = online->diff;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if ((i == number || migr_online_follows(online, i, number)) &&
			unit->facet == MIGR_FACET_OBJECT && unit->to)
			migr_online_set(online, MIGR_ONLINE_FIRST_TO, unit->to, MIGR_ATTR_NOT_NULL, "f");
	}
}

/* Is the index that tells rows apart chosen in the same script?  Its columns have no nulls. */
static bool
is_chosen_key(const MigrDiff *diff, const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_TABLE_SETTING && diff->units[child->unit].mode != MIGR_MODE_SAME)
			return true;
	}
	return false;
}

static bool
set_not_null(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];
	const MigrObject *from = unit->from;
	const MigrObject *to = unit->to;

	if (unit->mode != MIGR_MODE_ALTER || migr_object_is(from, MIGR_ATTR_NOT_NULL) ||
		!migr_object_is(to, MIGR_ATTR_NOT_NULL) || migr_object_has(to, MIGR_ATTR_IDENTITY) ||
		migr_diff_is_retyped(unit) || online->plain[number] || is_chosen_key(online->diff, to->parent) ||
		!migr_hazard_costs(online->diff, unit))
		return false;
	let_be_null(online, number);
	migr_online_not_null(online, to->parent, to->name);
	return true;
}

/* --- values for all rows --------------------------------------------------- */

/* Why the values of a new column can't be given in batches; NULL: they can. */
static const char *
why_not(const MigrOnline *online, const MigrUnit *unit)
{
	const MigrObject *to = unit->to;

	if (migr_object_has(to, MIGR_ATTR_GENERATED))
		return "a column can't become generated when it has its values";
	if (migr_object_has(to, MIGR_ATTR_IDENTITY))
		return "an identity column has values from the beginning";
	if (to->parent->has_children || *value(to->parent, MIGR_ATTR_RELKIND) != 'r' ||
		migr_diff_is_partition(to->parent) || migr_object_has(to, MIGR_ATTR_MERELY_INHERITED))
		return "partitions and children get the column with their parent";
	if (migr_diff_default(to) == NULL || !migr_hazard_is_volatile(online->diff, migr_diff_default(to)))
		return "the checks of a domain are put to each row";
	return NULL;
}

/* Checks of a column wait for its values: as they were, or not there, until then. */
static void
put_off_checks(MigrOnline *online, int number)
{
	const MigrDiff *diff = online->diff;
	const MigrDiffEdges *edges = &diff->to.edges;
	int			before = MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_FROM | MIGR_ONLINE_REST_BACK;

	for (int i = edges->first[number]; i < edges->first[number + 1]; i++)
	{
		const MigrUnit *check = &diff->units[edges->items[i].object];

		if (check->facet != MIGR_FACET_OBJECT || !migr_diff_is_check(check->to))
			continue;
		online->late[edges->items[i].object] = true;
		if (check->from)
			migr_online_as(online, before, check->to, check->from);
		else
			migr_online_remove(online, before, check->to);
	}
}

/*
 * New rows get the default at once, those that are there in batches: what the
 * default says is another value for each row, or the server would not go through
 * them.
 */
static void
fill_later(MigrOnline *online, int number)
{
	const MigrObject *column = online->diff->units[number].to;
	const char *name = quote_identifier(column->name);
	StringInfoData out;

	migr_online_set(online, MIGR_ONLINE_FIRST_TO, column, MIGR_ATTR_DEFAULT, NULL);
	initStringInfo(&out);
	migr_column_set_default(&out, column, migr_diff_default(column));
	migr_online_say(online, MIGR_ONLINE_FIRST, out.data, NULL);
	online->apart[MIGR_ONLINE_FILL] = true;
	migr_online_say(online, MIGR_ONLINE_FILL,
					psprintf("%s-- migr:batch\nUPDATE %s SET %s = DEFAULT WHERE %s IS NULL;\n",
							 migr_online_of_other(online, column->parent), column->parent->identity,
							 name, name), NULL);
	put_off_checks(online, number);
	if (!migr_object_is(column, MIGR_ATTR_NOT_NULL))
		return;
	migr_online_set(online, MIGR_ONLINE_FIRST_TO, column, MIGR_ATTR_NOT_NULL, "f");
	migr_online_not_null(online, column->parent, column->name);
}

bool
migr_online_column(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];
	const char *why;

	if (migr_diff_object(unit)->kind != MIGR_KIND_COLUMN || !unit->to ||
		!migr_online_is_kept(online, unit->to->parent))
		return false;
	if (unit->mode == MIGR_MODE_ALTER)
		return set_not_null(online, number);
	if (unit->mode != MIGR_MODE_CREATE || !migr_hazard_rewrites(online->diff, unit) ||
		migr_lookup_find(online->live, unit->to))
		return false;
	why = why_not(online, unit);
	if (why)
		migr_online_remark(online, unit->to, why);
	else
		fill_later(online, number);
	return true;
}
