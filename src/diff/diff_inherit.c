/*
 * diff_inherit.c
 *		What tables have through their parents alone, and what not.
 *
 * Check constraints of parents are no objects of the child.  A table that becomes
 * a child by ALTER TABLE would have to have them before, as its own, so the parent
 * gets them when the child is there; one that is a child no longer is left with
 * copies.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "diff/diff_pair.h"
#include "kind/column.h"
#include "kind/constraint.h"
#include "kind/ddl.h"
#include "model/attributes.h"

List *
migr_diff_parents(const MigrSide *side, const MigrObject *table)
{
	const MigrObject *partition = migr_diff_child(table, MIGR_KIND_PARTITION);
	List	   *parents = NIL;
	const char *names = partition ? value(partition, MIGR_ATTR_OF) : value(table, MIGR_ATTR_INHERITS);

	/* No name of a table can hold what separates the list, unless quoted. */
	while (names && *names != '\0')
	{
		const char *end = names;
		bool		quoted = false;
		MigrObject *parent;

		for (; *end != '\0' && (quoted || *end != ','); end++)
		{
			if (*end == '"')
				quoted = !quoted;
		}
		parent = migr_diff_find(side, MIGR_KIND_TABLE, pnstrdup(names, end - names));
		if (parent)
			parents = lappend(parents, parent);
		names = *end == ',' ? end + 2 : end;
	}
	return parents;
}

static const MigrObject *
find_check(const List *checks, const char *name)
{
	const ListCell *lc;

	foreach(lc, checks)
	{
		const MigrObject *check = lfirst(lc);

		if (migr_diff_is_check(check) && strcmp(check->name, name) == 0)
			return check;
	}
	return NULL;
}

/* The checks that a parent passes on, and are not the table's own. */
static List *
checks_through(const MigrSide *side, const MigrObject *table, const MigrObject *parent)
{
	List	   *checks = NIL;
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, parent->children)
	{
		MigrObject *check = lfirst(lc);

		if (migr_diff_is_check(check) && migr_constraint_is_for_children(check) &&
			find_check(table->children, check->name) == NULL)
			checks = list_append_unique_ptr(checks, check);
	}
	foreach(lc, migr_object_has(parent, MIGR_ATTR_INHERITS) ? migr_diff_parents(side, parent) : NIL)
		checks = list_concat_unique_ptr(checks, checks_through(side, table, lfirst(lc)));
	return checks;
}

List *
migr_diff_inherited_checks(const MigrSide *side, const MigrObject *table)
{
	List	   *checks = NIL;
	ListCell   *lc;

	foreach(lc, migr_diff_parents(side, table))
		checks = list_concat_unique_ptr(checks, checks_through(side, table, lfirst(lc)));
	return checks;
}

/* Is one among the parents of a table, or among the first of them? */
static bool
is_parent(const MigrSide *side, const MigrObject *table, const MigrObject *parent, int first)
{
	int			position = 0;
	ListCell   *lc;

	foreach(lc, migr_diff_parents(side, table))
	{
		if (first > 0 && position++ >= first)
			return false;
		if (strcmp(((MigrObject *) lfirst(lc))->identity, parent->identity) == 0)
			return true;
	}
	return false;
}

bool
migr_diff_keeps_parent(const MigrDiff *diff, const MigrObject *other, const MigrObject *parent)
{
	const MigrUnit *unit = &diff->units[other->unit];
	int			kept = unit->partner >= 0 ? diff->units[unit->partner].kept_parents : 0;

	if (migr_diff_ends(&diff->units[parent->unit]))
		return false;
	if (kept > 0)
		return is_parent(&diff->from, unit->from, parent, kept) &&
			is_parent(&diff->to, unit->to, parent, kept);
	return is_parent(other == unit->from ? &diff->from : &diff->to, other, parent, 0);
}

/* The units of a table and of all above it that have a column. */
static List *
with_column(const MigrSide *side, const MigrObject *table, const char *column)
{
	List	   *tables = NIL;
	ListCell   *lc;

	check_stack_depth();
	if (migr_diff_find_column(table, column) == NULL)
		return NIL;
	tables = lappend_int(tables, table->unit);
	foreach(lc, migr_diff_parents(side, table))
		tables = list_concat_unique_int(tables, with_column(side, lfirst(lc), column));
	return tables;
}

/* How many parents come before the first by which a column can't change; 0: all. */
static int
parents_of_one_tree(const MigrSide *side, const List *parents, const char *column)
{
	List	   *above = NIL;
	int			position = 0;
	const ListCell *lc;

	foreach(lc, parents)
	{
		List	   *others = with_column(side, lfirst(lc), column);

		if (above != NIL && others != NIL)
		{
			above = list_intersection_int(above, others);
			if (above == NIL)
				return position;
		}
		else if (above == NIL)
			above = others;
		position++;
	}
	return 0;
}

int
migr_diff_kept_parents(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *table = unit->from;
	List	   *parents = table && unit->to ? migr_diff_parents(&diff->from, table) : NIL;
	int			result = 0;
	ListCell   *lc;

	foreach(lc, list_length(parents) > 1 ? table->children : NIL)
	{
		const MigrObject *column = lfirst(lc);
		int			kept = column->kind == MIGR_KIND_COLUMN &&
			migr_diff_is_retyped(&diff->units[column->unit])
			? parents_of_one_tree(&diff->from, parents, column->name) : 0;

		if (kept > 0 && (result == 0 || kept < result))
			result = kept;
	}
	return result;
}

List *
migr_diff_joined_checks(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrUnit *table = unit->to ? &diff->units[unit->to->unit] : NULL;
	List	   *checks = NIL;
	ListCell   *lc;

	if (unit->facet != MIGR_FACET_INHERITS || unit->mode == MIGR_MODE_SAME || table == NULL ||
		((table->from == NULL || migr_diff_ends(table)) && !migr_column_inherits_later(unit->to)))
		return NIL;
	foreach(lc, migr_diff_parents(&diff->to, unit->to))
	{
		if (unit->from == NULL || !migr_diff_keeps_parent(diff, unit->from, lfirst(lc)))
			checks = list_concat_unique_ptr(checks, checks_through(&diff->to, unit->to, lfirst(lc)));
	}
	return checks;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((MigrObject *) lfirst(a))->name, ((MigrObject *) lfirst(b))->name);
}

void
migr_diff_drop_checks(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *table = unit->from;
	List	   *kept = NIL;
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, migr_diff_parents(&diff->from, table))
	{
		List	   *checks = checks_through(&diff->from, table, lfirst(lc));

		if (unit->to && migr_diff_keeps_parent(diff, unit->to, lfirst(lc)))
			kept = list_concat(kept, checks);
		else
			left = list_concat(left, checks);
	}
	/* In an order of their own, as the catalogs have none. */
	list_sort(left, compare_names);
	foreach(lc, left)
	{
		const char *name = ((MigrObject *) lfirst(lc))->name;

		if (find_check(kept, name) == NULL)
			appendStringInfo(out, "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s;\n",
							 table->identity, quote_identifier(name));
	}
}

static bool
begins_with_parents(const MigrSide *side, const MigrObject *table)
{
	List	   *names = NIL;
	int			position = 0;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, migr_diff_parents(side, table))
	{
		foreach(cell, ((MigrObject *) lfirst(lc))->children)
		{
			const MigrObject *column = lfirst(cell);

			if (column->kind == MIGR_KIND_COLUMN)
				names = list_append_unique(names, makeString(pstrdup(column->name)));
		}
	}
	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN || position == list_length(names))
			continue;
		if (strcmp(strVal(list_nth(names, position++)), column->name) != 0)
			return false;
	}
	return position == list_length(names);
}

/* Of what is there, the catalog has told whether there may be some that are left out. */
static void
mark_parents(MigrSide *side, bool is_there)
{
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, side->schema->objects)
	{
		MigrObject *table = lfirst(lc);

		if (table->kind == MIGR_KIND_TABLE)
			table->has_children = (is_there && table->has_subclass) ||
				migr_object_has(table, MIGR_ATTR_PARTITION_KEY);
	}
	foreach(lc, side->schema->objects)
	{
		const MigrObject *table = lfirst(lc);

		if (table->kind != MIGR_KIND_TABLE)
			continue;
		foreach(cell, migr_diff_parents(side, table))
			((MigrObject *) lfirst(cell))->has_children = true;
	}
}

void
migr_diff_mark_parents(MigrDiff *diff)
{
	mark_parents(&diff->from, true);
	mark_parents(&diff->to, false);
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (unit->facet == MIGR_FACET_OBJECT && unit->from && unit->to)
			unit->from->has_children = unit->to->has_children =
				unit->from->has_children || unit->to->has_children;
	}
}

void
migr_diff_mark_children(MigrSide *side)
{
	ListCell   *lc;

	foreach(lc, side->schema->objects)
	{
		MigrObject *table = lfirst(lc);

		table->joins_at_once = table->kind == MIGR_KIND_TABLE &&
			migr_object_has(table, MIGR_ATTR_INHERITS) && begins_with_parents(side, table);
	}
}

void
migr_diff_inherit_apart(MigrDiff *diff)
{
	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		if (unit->facet == MIGR_FACET_INHERITS && unit->to &&
			diff->units[unit->to->unit].mode != MIGR_MODE_SAME &&
			diff->units[unit->to->unit].mode != MIGR_MODE_ALTER &&
			migr_column_inherits_later(unit->to))
			unit->apart = true;
	}
}

/* --- NOT NULL ------------------------------------------------------------- */

/* The columns of that name of the old tables that are below one and stay there. */
static List *
columns_below(const MigrDiff *diff, const MigrObject *column)
{
	const MigrDiffEdges *edges = &diff->from.edges;
	int			number = column->parent->unit;
	List	   *below = NIL;

	check_stack_depth();
	for (int i = edges->first[number]; i < edges->first[number + 1]; i++)
	{
		const MigrUnit *unit = &diff->units[edges->items[i].object];
		const MigrObject *table = unit->facet == MIGR_FACET_INHERITS ? unit->from
			: unit->from->kind == MIGR_KIND_PARTITION ? unit->from->parent : NULL;
		MigrObject *one = table && table->unit != number && !migr_diff_ends(unit)
			? migr_diff_find_column(table, column->name) : NULL;

		if (one && diff->units[one->unit].to)
		{
			below = list_append_unique_ptr(below, one);
			below = list_concat_unique_ptr(below, columns_below(diff, one));
		}
	}
	return below;
}

bool
migr_diff_drop_not_null(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const char *name = quote_identifier(unit->to->name);
	List	   *below;
	bool		partitioned;
	bool		apart = false;
	ListCell   *lc;

	if (unit->to->parent->kind != MIGR_KIND_TABLE ||
		!migr_object_is(unit->from, MIGR_ATTR_NOT_NULL) ||
		migr_object_is(unit->to, MIGR_ATTR_NOT_NULL) || migr_object_has(unit->from, MIGR_ATTR_IDENTITY))
		return false;
	partitioned = strcmp(value(unit->to->parent, MIGR_ATTR_RELKIND), "p") == 0;
	below = columns_below(diff, unit->from);
	foreach(lc, below)
	{
		const MigrUnit *one = &diff->units[((MigrObject *) lfirst(lc))->unit];

		/* From 18 on, a child can have it of its own, and does not lose it then. */
		apart = apart || migr_object_is(one->to, MIGR_ATTR_NOT_NULL) ||
			(MIGR_SERVER_MAJOR >= 18 && !partitioned && migr_object_is(one->from, MIGR_ATTR_NOT_NULL));
	}
	if (!apart)
		return false;
	appendStringInfo(out, "ALTER TABLE %s%s ALTER COLUMN %s DROP NOT NULL;\n",
					 partitioned ? "" : "ONLY ", unit->to->parent->identity, name);
	foreach(lc, below)
	{
		const MigrUnit *one = &diff->units[((MigrObject *) lfirst(lc))->unit];
		bool		stays = migr_object_is(one->to, MIGR_ATTR_NOT_NULL);

		if (migr_object_is(one->from, MIGR_ATTR_NOT_NULL) && stays == partitioned &&
			(!stays || one->mode == MIGR_MODE_SAME))
			appendStringInfo(out, "ALTER TABLE ONLY %s ALTER COLUMN %s %s NOT NULL;\n",
							 one->to->parent->identity, name, stays ? "SET" : "DROP");
	}
	return true;
}
