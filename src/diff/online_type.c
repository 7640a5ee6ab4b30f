/*
 * online_type.c
 *		Columns that get another type, beside the old one.
 *
 * A new column, a trigger that keeps both in step, values in batches, indexes
 * concurrently; then one takes the place of the other, and what stands on the
 * column is made on the new one: indexes are there, constraints are not validated
 * until later.  Here is decided for which columns that can be done, and what
 * stands on them; the statements are in online_beside.c.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "parser/parse_coerce.h"
#include "utils/builtins.h"

#include "diff/hazard_change.h"
#include "diff/online_beside.h"
#include "kind/column.h"
#include "kind/ddl.h"
#include "kind/type_loss.h"
#include "model/attributes.h"

/* --- what stands on a column ----------------------------------------------- */

/* Is it there on both sides and the same, or made? */
static bool
is_same_or_new(const MigrUnit *unit)
{
	return unit->mode == MIGR_MODE_CREATE ||
		(unit->from && unit->to &&
		 strcmp(migr_diff_definition(unit->from), migr_diff_definition(unit->to)) == 0);
}

static bool
is_plain_table(const MigrObject *table)
{
	return table->kind == MIGR_KIND_TABLE && *value(table, MIGR_ATTR_RELKIND) == 'r' &&
		!migr_diff_is_partition(table);
}

/* Can what needs a column, or its index, be made on the new one? */
static bool
can_follow(const MigrUnit *unit, const MigrUnit *column)
{
	const MigrObject *to = unit->to;

	if (unit->facet != MIGR_FACET_OBJECT || to == NULL || to->is_foreign)
		return false;
	if (to->kind == MIGR_KIND_SEQUENCE_OWNER)
		return unit->mode == MIGR_MODE_SAME || unit->mode == MIGR_MODE_CREATE;
	if (to->kind == MIGR_KIND_IDENTITY)
		return unit->from != NULL;
	if (to->kind == MIGR_KIND_FOREIGN_KEY)
		return is_same_or_new(unit) && is_plain_table(to->parent);
	return (migr_online_has_index(to) || migr_diff_is_check(to)) && is_same_or_new(unit) &&
		to->parent == column->to->parent && migr_diff_attachment(to) == NULL;
}

/*
 * Note in a set what needs a unit, and what needs the indexes among that; the name
 * of what can't follow, or NULL.  What is dropped is so before.
 */
static const char *
add_needers(const MigrDiff *diff, int number, int column, bool *set)
{
	for (int side = 0; side < 2; side++)
	{
		const MigrDiffEdges *edges = side ? &diff->to.edges : &diff->from.edges;

		for (int i = edges->first[number]; i < edges->first[number + 1]; i++)
		{
			int			object = edges->items[i].object;
			const MigrUnit *unit = &diff->units[object];
			const char *hindrance;

			if (edges->items[i].weak || set[object] || unit->mode == MIGR_MODE_DROP ||
				object == diff->units[column].partner)
				continue;
			if (!can_follow(unit, &diff->units[column]))
				return migr_ddl_title(migr_diff_object(unit));
			set[object] = true;
			hindrance = migr_online_has_index(unit->to) ? add_needers(diff, object, column, set) : NULL;
			if (hindrance)
				return hindrance;
		}
	}
	return NULL;
}

/* --- which columns --------------------------------------------------------- */

/* What converts a value is an assignment, or a cast of the column. */
static bool
is_cast(const char *expression, const char *name)
{
	return expression == NULL ||
		(strncmp(expression, name, strlen(name)) == 0 &&
		 strncmp(expression + strlen(name), "::", 2) == 0);
}

/*
 * Does each value become one of another type?  Else who writes one that does not
 * would fail, long before the type is the other one.
 */
static bool
always_fits(const MigrObject *from, const MigrObject *to)
{
	MigrLossType old = {value(from, MIGR_ATTR_TYPE)};
	MigrLossType new = {value(to, MIGR_ATTR_TYPE)};
	int32		modifier;
	Oid			source = migr_type_builtin(old.name, &modifier);
	Oid			target = migr_type_builtin(new.name, &modifier);
	Oid			function;

	return OidIsValid(source) && OidIsValid(target) && migr_type_loss(&old, &new) == NULL &&
		(source == target ||
		 find_coercion_pathway(target, source, COERCION_IMPLICIT, &function) != COERCION_PATH_NONE);
}

/* Has somebody said something of the column, of which no script knows? */
static bool
is_other_there(const MigrOnline *online, const MigrUnit *unit)
{
	const MigrObject *from = unit->from;
	const MigrObject *live = migr_lookup_find(online->live, unit->to);

	for (int i = 0; live && i < from->columns->count; i++)
	{
		MigrAttribute attribute = from->columns->attributes[i];

		if (migr_object_attribute(live, attribute) >= 0 &&
			!migr_ddl_same(migr_object_value(live, attribute), migr_object_value(from, attribute)))
			return true;
	}
	return live && !migr_ddl_same(live->comment, from->comment);
}

/* Has somebody given privileges on the column, of whom no script knows? */
static bool
has_other_grants(const MigrOnline *online, const MigrUnit *unit)
{
	const MigrObject *live = migr_lookup_find(online->live, unit->to);

	return live && live->acl && !migr_ddl_same(live->acl, unit->to->acl);
}

/* May a trigger change the row behind the one that keeps columns in step, or have its name? */
static bool
has_later_trigger(const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_TRIGGER && strcmp(child->name, MIGR_ONLINE_TRIGGER) >= 0)
			return true;
	}
	return false;
}

/* Why a column that gets another type has no online form; NULL: it may have one. */
static const char *
why_not(const MigrOnline *online, const MigrUnit *unit)
{
	const MigrDiff *diff = online->diff;
	const MigrObject *from = unit->from;
	const MigrObject *to = unit->to;
	int			parents = diff->units[to->parent->unit].partner;

	if (!is_plain_table(to->parent) || to->parent->has_children || parents >= 0)
		return "the column is one of several tables";
	if (has_later_trigger(from->parent) || has_later_trigger(to->parent))
		return "a trigger fires behind \"" MIGR_ONLINE_TRIGGER "\", which would keep columns in step";
	if (unit->retype || unit->via_text)
		return "the type is made anew in the same script";
	if (migr_object_has(from, MIGR_ATTR_GENERATED) || migr_object_has(to, MIGR_ATTR_GENERATED))
		return "the column is generated";
	if (migr_object_has(from, MIGR_ATTR_IDENTITY) != migr_object_has(to, MIGR_ATTR_IDENTITY))
		return "the column becomes an identity column, or ceases to be one";
	if (has_other_grants(online, unit))
		return "others have privileges on the column, which would go with it";
	if (is_other_there(online, unit))
		return "the column is another one in the live database, and what that has would go with it";
	if (migr_type_zone(value(from, MIGR_ATTR_TYPE), value(to, MIGR_ATTR_TYPE)) != MIGR_TYPE_ZONE_NONE ||
		!is_cast(migr_column_conversion(from, to), quote_identifier(to->name)))
		return "what a value becomes takes more than a cast";
	if (!always_fits(from, to))
		return "there are values that do not become one of the new type: who writes one would fail";
	return NULL;
}

/* Is it a column of a table with rows that gets another type, for which all are written anew? */
static bool
is_rewritten(const MigrOnline *online, const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_OBJECT && unit->mode == MIGR_MODE_ALTER &&
		unit->to->kind == MIGR_KIND_COLUMN && unit->follows < 0 && !unit->to->is_foreign &&
		migr_diff_is_retyped(unit) && migr_online_is_kept(online, unit->to->parent) &&
		migr_hazard_rewrites(online->diff, unit);
}

/* Take a column, and what stands on it, if all of it can follow. */
static bool
take_column(MigrOnlineBeside *beside, int number)
{
	const MigrDiff *diff = beside->online->diff;
	const MigrUnit *unit = &diff->units[number];
	const char *why = why_not(beside->online, unit);
	bool	   *set = palloc0((diff->count + 1) * sizeof(bool));
	const char *hindrance = why ? NULL : add_needers(diff, number, number, set);

	if (hindrance)
		why = psprintf("%s needs the column", hindrance);
	if (why)
	{
		migr_online_remark(beside->online, unit->to, why);
		return false;
	}
	for (int i = 0; i < diff->count; i++)
		beside->stands[i] = beside->stands[i] || set[i];
	beside->columns = lappend_int(beside->columns, number);
	return true;
}

/* --- what it is meanwhile -------------------------------------------------- */

/* A column as it is when it has been exchanged, before all else is said of it. */
static MigrObject *
bare_column(const MigrObject *to)
{
	MigrObject *bare = palloc(sizeof(MigrObject));

	*bare = *to;
	bare->comment = bare->acl = NULL;
	bare->count = to->columns->count;
	bare->values = palloc0((bare->count + 1) * sizeof(char *));
	for (int i = 0; i < to->count; i++)
	{
		MigrAttribute attribute = to->columns->attributes[i];

		if (attribute == MIGR_ATTR_TYPE || attribute == MIGR_ATTR_COLLATION ||
			attribute == MIGR_ATTR_NOT_NULL)
			bare->values[i] = to->values[i];
	}
	return bare;
}

/* Before, it is as it was; exchanged, it is not there, and then made in the rest. */
static void
make_in_rest(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];

	migr_online_remove(online, MIGR_ONLINE_REST_FROM, unit->to);
	if (unit->mode == MIGR_MODE_CREATE)
	{
		migr_online_remove(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_BACK, unit->to);
		online->late[number] = true;
	}
	else
		migr_online_as(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_BACK, unit->to, unit->from);
}

static void
edit_models(MigrOnlineBeside *beside, bool *done)
{
	MigrOnline *online = beside->online;
	ListCell   *lc;

	foreach(lc, beside->columns)
	{
		const MigrUnit *unit = &online->diff->units[lfirst_int(lc)];

		done[lfirst_int(lc)] = true;
		migr_online_as(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_BACK, unit->to, unit->from);
		migr_online_as(online, MIGR_ONLINE_REST_FROM, unit->to, bare_column(unit->to));
	}
	for (int i = 0; i < online->diff->count; i++)
	{
		const MigrUnit *unit = &online->diff->units[i];

		if (!beside->stands[i])
			continue;
		if (!migr_online_has_index(unit->to))
			make_in_rest(online, i);
		else if (unit->mode == MIGR_MODE_CREATE)
			migr_online_remove(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_BACK, unit->to);
		else
			migr_online_as(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_BACK, unit->to, unit->from);
		/* New ones have forms of their own, which let them be made in the rest. */
		if (unit->from && (unit->to->kind == MIGR_KIND_FOREIGN_KEY || migr_diff_is_check(unit->to)) &&
			!migr_hazard_is_unchecked(value(unit->to, MIGR_ATTR_DEFINITION)))
			migr_online_validate_later(online, i, true);
		done[i] = unit->from || migr_online_has_index(unit->to);
	}
}

void
migr_online_types(MigrOnline *online, const List *steps, bool *done)
{
	MigrOnlineBeside beside = {.online = online};
	ListCell   *lc;

	beside.stands = palloc0((online->diff->count + 1) * sizeof(bool));
	foreach(lc, steps)
	{
		int			number = ((MigrStep *) lfirst(lc))->unit;

		if (is_rewritten(online, &online->diff->units[number]))
			done[number] = !take_column(&beside, number) || done[number];
	}
	if (beside.columns == NIL)
		return;
	edit_models(&beside, done);
	migr_online_say_beside(&beside);
}
