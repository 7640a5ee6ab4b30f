/*
 * diff_move.c
 *		Rows of a table that is made anew, since it becomes partitioned or ceases to.
 *
 * The server can't turn a plain table into a partitioned one.  What is there is
 * copied before anything of it goes, into a table that has nothing but columns:
 * so no name, type or function that it has can be in the way meanwhile.  From
 * there the rows go through the new table to where it wants them, before it has
 * triggers, rules and foreign keys, which are not about rows that were there.
 *
 * A partition that stays, as a table or as a partition of something else, keeps
 * its rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "diff/diff_plan.h"
#include "kind/column.h"
#include "kind/kind.h"
#include "model/attribute_list.h"
#include "model/attributes.h"

/* --- which ---------------------------------------------------------------- */

/* Does it hold rows of its own, or through partitions? */
static bool
holds_rows(const MigrObject *table)
{
	return *value(table, MIGR_ATTR_RELKIND) == 'r' || *value(table, MIGR_ATTR_RELKIND) == 'p';
}

void
migr_diff_find_moves(MigrDiff *diff)
{
	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		unit->moves = unit->facet == MIGR_FACET_OBJECT && unit->mode == MIGR_MODE_REPLACE &&
			unit->from->kind == MIGR_KIND_TABLE && unit->to->kind == MIGR_KIND_TABLE &&
			holds_rows(unit->from) && holds_rows(unit->to) &&
			(!same(unit->from, unit->to, MIGR_ATTR_RELKIND) ||
			 !same(unit->from, unit->to, MIGR_ATTR_PARTITION_KEY));
	}
}

/* The partitions of a table on a side, and theirs (MigrObject *: tables). */
static List *
tables_below(const MigrSide *side, const MigrObject *table)
{
	List	   *below = NIL;
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, side->schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_PARTITION && strcmp(value(object, MIGR_ATTR_OF), table->identity) == 0)
		{
			below = lappend(below, object->parent);
			below = list_concat(below, tables_below(side, object->parent));
		}
	}
	return below;
}

bool
migr_diff_has_partitions(const MigrDiff *diff, const MigrObject *table)
{
	return tables_below(&diff->to, table) != NIL;
}

/* Is a table, or one that it is a partition of, made anew and keeps its rows? */
bool
migr_diff_rows_move(const MigrDiff *diff, const MigrObject *table)
{
	for (;;)
	{
		const MigrObject *partition = migr_diff_child(table, MIGR_KIND_PARTITION);

		if (diff->units[table->unit].moves)
			return true;
		table = partition ? migr_diff_find(&diff->from, MIGR_KIND_TABLE,
										   value(partition, MIGR_ATTR_OF)) : NULL;
		if (table == NULL)
			return false;
	}
}

/* --- when ----------------------------------------------------------------- */

/* What comes into being behind the rows: it would act on them, or is made of them. */
static bool
comes_behind(const MigrObject *object)
{
	return object->kind == MIGR_KIND_TRIGGER || object->kind == MIGR_KIND_RULE ||
		object->kind == MIGR_KIND_FOREIGN_KEY || object->kind == MIGR_KIND_POPULATE;
}

static void
add_save_arcs(MigrDiffPlan *plan, int number)
{
	const MigrDiff *diff = plan->diff;
	const MigrUnit *unit = &diff->units[number];
	ListCell   *lc;

	migr_diff_add_arc(plan, unit->save, unit->end, number);
	foreach(lc, tables_below(&diff->from, unit->from))
	{
		const MigrObject *table = lfirst(lc);
		const MigrObject *partition = migr_diff_child(table, MIGR_KIND_PARTITION);

		migr_diff_add_arc(plan, unit->save, diff->units[table->unit].end, number);
		migr_diff_add_arc(plan, unit->save, diff->units[partition->unit].end, number);
	}
	/* What is emptied must not be referred to. */
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *key = &diff->units[i];

		if (key->facet == MIGR_FACET_OBJECT && key->from && key->from->kind == MIGR_KIND_FOREIGN_KEY &&
			same(unit->from, unit->to, MIGR_ATTR_RELKIND) && migr_diff_ends(key) &&
			plan->carrier_of_end[i] < 0)
			migr_diff_add_arc(plan, key->end, unit->save, number);
	}
}

static void
add_move_arcs(MigrDiffPlan *plan, int number)
{
	const MigrDiff *diff = plan->diff;
	const MigrUnit *unit = &diff->units[number];
	const MigrObject *partition = migr_diff_child(unit->to, MIGR_KIND_PARTITION);
	ListCell   *lc;

	migr_diff_add_arc(plan, unit->make, unit->move, number);
	foreach(lc, tables_below(&diff->to, unit->to))
	{
		const MigrObject *table = lfirst(lc);
		const MigrObject *below = migr_diff_child(table, MIGR_KIND_PARTITION);

		migr_diff_add_arc(plan, diff->units[table->unit].make, unit->move, number);
		migr_diff_add_arc(plan, diff->units[below->unit].make, unit->move, number);
	}
	/* The triggers of what it is a partition of come with that. */
	if (partition)
		migr_diff_add_arc(plan, unit->move, diff->units[partition->unit].make, number);
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *other = &diff->units[i];

		if (other->facet == MIGR_FACET_OBJECT && other->to && comes_behind(other->to) &&
			other->mode != MIGR_MODE_SAME && other->mode != MIGR_MODE_ALTER)
			migr_diff_add_arc(plan, unit->move, other->make, number);
	}
}

void
migr_diff_add_moves(MigrDiffPlan *plan)
{
	for (int i = 0; i < plan->diff->count; i++)
	{
		if (!plan->diff->units[i].moves)
			continue;
		add_save_arcs(plan, i);
		add_move_arcs(plan, i);
	}
}

/* --- how ------------------------------------------------------------------ */

/* The name of the copy of its rows. */
static char *
copy_name(const MigrObject *table)
{
	return quote_qualified_identifier(table->schema, migr_diff_name_beside(table->name, "_migr_old"));
}

/* And of that of where its sequence stands. */
static char *
sequence_copy_name(const MigrObject *table)
{
	return quote_qualified_identifier(table->schema, migr_diff_name_beside(table->name, "_migr_seq"));
}

/* Does the type of a column, or its collation, go before the rows come back? */
static bool
loses_type(const MigrDiff *diff, const MigrObject *column)
{
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		const MigrUnit *needed = &diff->units[edges->items[i].needed];

		if (edges->items[i].object == column->unit && needed->facet == MIGR_FACET_OBJECT &&
			migr_diff_ends(needed) &&
			migr_kind_has(needed->from->kind, MIGR_KIND_IS_OF_COLUMNS))
			return true;
	}
	return false;
}

/* The column of the new table that takes the values of an old one, or NULL. */
static const MigrObject *
heir_of(const MigrDiff *diff, const MigrObject *column)
{
	const MigrObject *to = column->kind == MIGR_KIND_COLUMN ? diff->units[column->unit].to : NULL;

	return to && !migr_object_has(to, MIGR_ATTR_GENERATED) ? to : NULL;
}

/* Where rows are whose table stays, and is no partition of the new one. */
static void
append_exceptions(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	List	   *kept = tables_below(&diff->to, unit->to);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, tables_below(&diff->from, unit->from))
	{
		const MigrObject *table = lfirst(lc);
		MigrObject *to = diff->units[table->unit].to;

		if (to == NULL || list_member_ptr(kept, to))
			continue;
		appendStringInfo(out, "%s%s::pg_catalog.regclass::oid", count++ == 0 ? " WHERE tableoid NOT IN (" : ", ",
						 quote_literal_cstr(table->identity));
	}
	if (count > 0)
		appendStringInfoChar(out, ')');
}

/* Partitions of both, which are to get rows of others. */
static void
empty_kept(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	List	   *kept = tables_below(&diff->to, unit->to);
	ListCell   *lc;

	foreach(lc, tables_below(&diff->from, unit->from))
	{
		const MigrObject *table = lfirst(lc);

		if (diff->units[table->unit].to && *value(table, MIGR_ATTR_RELKIND) == 'r' &&
			list_member_ptr(kept, diff->units[table->unit].to))
			appendStringInfo(out, "TRUNCATE ONLY %s;\n", table->identity);
	}
}

/* The identity column of a table whose sequence is to go on, or NULL. */
static const MigrObject *
find_identity(const MigrDiff *diff, const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *heir = heir_of(diff, column);

		if (heir && migr_object_has(column, MIGR_ATTR_IDENTITY) && migr_object_has(heir, MIGR_ATTR_IDENTITY))
			return column;
	}
	return NULL;
}

void
migr_diff_save_rows(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *table = unit->from;
	const MigrObject *identity = find_identity(diff, table);
	int			count = 0;
	ListCell   *lc;

	if (migr_object_is(table, MIGR_ATTR_FORCE_ROW_SECURITY))
		appendStringInfo(out, "ALTER TABLE ONLY %s NO FORCE ROW LEVEL SECURITY;\n", table->identity);
	appendStringInfo(out, "CREATE TABLE %s AS SELECT ", copy_name(table));
	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);
		const char *name = quote_identifier(column->name);

		if (heir_of(diff, column) == NULL)
			continue;
		migr_ddl_list_next(out, &count, "", ", ");
		if (loses_type(diff, column))
			appendStringInfo(out, "%s::text COLLATE pg_catalog.\"C\" AS %s", name, name);
		else
			appendStringInfoString(out, name);
	}
	appendStringInfo(out, " FROM %s%s", *value(table, MIGR_ATTR_RELKIND) == 'p' ? "" : "ONLY ", table->identity);
	append_exceptions(out, diff, unit);
	appendStringInfoString(out, ";\n");
	if (identity)
		appendStringInfo(out, "CREATE TABLE %s AS SELECT last_value, is_called FROM %s;\n",
						 sequence_copy_name(table), value(identity, MIGR_ATTR_SEQUENCE));
	empty_kept(out, diff, unit);
}

/* The value of a column of the copy, as the new table takes it. */
static const char *
value_of(const MigrDiff *diff, const MigrObject *from, const MigrObject *to)
{
	MigrObject	saved = *from;
	MigrColumns type = {1, (const MigrAttribute[]){MIGR_ATTR_TYPE}};
	const char *converted;

	saved.columns = &type;
	saved.count = 1;
	saved.values = (const char *[]){loses_type(diff, from) ? "text" : value(from, MIGR_ATTR_TYPE)};
	saved.name = to->name;
	converted = migr_column_conversion(&saved, to);
	return converted ? converted : quote_identifier(to->name);
}

/* A new identity column's sequence goes on behind the old one, or the values. */
static void
advance_identities(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *had = find_identity(diff, unit->from);
	MigrObject	copy = *unit->to;
	ListCell   *lc;

	copy.identity = copy_name(unit->from);
	foreach(lc, unit->to->children)
	{
		MigrObject	column = *(MigrObject *) lfirst(lc);

		if (column.kind != MIGR_KIND_COLUMN || !migr_object_has(&column, MIGR_ATTR_IDENTITY))
			continue;
		column.parent = &copy;
		if (had && diff->units[had->unit].to == lfirst(lc))
			appendStringInfo(out, "SELECT pg_catalog.setval(%s, last_value, is_called) FROM %s;\nDROP TABLE %s;\n",
							 quote_literal_cstr(value(&column, MIGR_ATTR_SEQUENCE)),
							 sequence_copy_name(unit->from), sequence_copy_name(unit->from));
		else if (diff->units[column.unit].from)
			migr_column_advance_sequence(out, &column, value(&column, MIGR_ATTR_SEQUENCE), &column);
	}
}

static void
insert_rows(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	StringInfoData values;
	bool		always = false;
	int			count = 0;
	ListCell   *lc;

	initStringInfo(&values);
	appendStringInfo(out, "INSERT INTO %s", unit->to->identity);
	foreach(lc, unit->from->children)
	{
		const MigrObject *from = lfirst(lc);
		const MigrObject *to = heir_of(diff, from);

		if (to == NULL)
			continue;
		migr_ddl_list_next(out, &count, " (", ", ");
		appendStringInfoString(out, quote_identifier(to->name));
		appendStringInfo(&values, "%s%s", count > 1 ? ", " : " ", value_of(diff, from, to));
		always = always || migr_object_has(to, MIGR_ATTR_IDENTITY);
	}
	appendStringInfo(out, "%s%s\n    SELECT%s FROM %s;\n", count > 0 ? ")" : "",
					 always ? " OVERRIDING SYSTEM VALUE" : "", values.data, copy_name(unit->from));
}

void
migr_diff_move_rows(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const char *alter = psprintf("ALTER TABLE ONLY %s", unit->to->identity);
	bool		forced = migr_object_is(unit->to, MIGR_ATTR_FORCE_ROW_SECURITY);

	if (forced)
		appendStringInfo(out, "%s NO FORCE ROW LEVEL SECURITY;\n", alter);
	insert_rows(out, diff, unit);
	if (forced)
		appendStringInfo(out, "%s FORCE ROW LEVEL SECURITY;\n", alter);
	advance_identities(out, diff, unit);
	appendStringInfo(out, "DROP TABLE %s;\n", copy_name(unit->from));
}
