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

/* What attaches a table to the one that it is a partition of, or NULL. */
static const MigrObject *
find_partition(const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_PARTITION)
			return lfirst(lc);
	}
	return NULL;
}

List *
migr_diff_parents(const MigrSide *side, const MigrObject *table)
{
	const MigrObject *partition = find_partition(table);
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

bool
migr_diff_keeps_parent(const MigrDiff *diff, const MigrObject *other, const MigrObject *parent)
{
	const MigrSide *side = other == diff->units[other->unit].from ? &diff->from : &diff->to;
	ListCell   *lc;

	foreach(lc, migr_diff_ends(&diff->units[parent->unit]) ? NIL : migr_diff_parents(side, other))
	{
		if (strcmp(((MigrObject *) lfirst(lc))->identity, parent->identity) == 0)
			return true;
	}
	return false;
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
