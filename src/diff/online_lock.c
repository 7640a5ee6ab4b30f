/*
 * online_lock.c
 *		Which tables are locked when columns take the place of others, and in which order.
 *
 * Who writes to a table locks it, and then those that its foreign keys refer to.
 * In the same order, nobody gets into a deadlock with the exchange, which would
 * end one or the other.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/online_beside.h"

static const MigrObject *
table_of(const MigrObject *object)
{
	return object && object->kind != MIGR_KIND_TABLE ? object->parent : object;
}

static List *
add_table(const MigrOnline *online, List *tables, const MigrObject *table)
{
	return table && migr_online_is_kept(online, table)
		? list_append_unique_int(tables, table->unit) : tables;
}

/* The tables of the columns, and those that foreign keys of and to these tie to them: units. */
static List *
find_tables(const MigrOnlineBeside *beside)
{
	const MigrDiff *diff = beside->online->diff;
	const MigrDiffEdges *edges = &diff->to.edges;
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, beside->columns)
		tables = add_table(beside->online, tables, diff->units[lfirst_int(lc)].to->parent);
	for (int i = 0; i < edges->count; i++)
	{
		const MigrObject *key = diff->units[edges->items[i].object].to;

		if (!beside->stands[edges->items[i].object] || key->kind != MIGR_KIND_FOREIGN_KEY)
			continue;
		tables = add_table(beside->online, tables, key->parent);
		tables = add_table(beside->online, tables, table_of(diff->units[edges->items[i].needed].to));
	}
	return tables;
}

/* Has a table a foreign key to another one? */
static bool
refers(const MigrDiff *diff, int table, int other)
{
	for (int side = 0; side < 2; side++)
	{
		const MigrDiffEdges *edges = side ? &diff->to.edges : &diff->from.edges;

		for (int i = 0; i < edges->count; i++)
		{
			const MigrUnit *key = &diff->units[edges->items[i].object];
			const MigrUnit *needed = &diff->units[edges->items[i].needed];
			const MigrObject *object = side ? key->to : key->from;
			const MigrObject *target = table_of(side ? needed->to : needed->from);

			if (object->kind == MIGR_KIND_FOREIGN_KEY && object->parent->unit == table &&
				target && target->unit == other)
				return true;
		}
	}
	return false;
}

/* The first one to which none of the others refers; in a circle, the first. */
static int
next_table(const MigrDiff *diff, const List *tables)
{
	const ListCell *lc;
	const ListCell *cell;

	foreach(lc, tables)
	{
		bool		referred = false;

		foreach(cell, tables)
			referred = referred || (lfirst_int(cell) != lfirst_int(lc) &&
									refers(diff, lfirst_int(cell), lfirst_int(lc)));
		if (!referred)
			return lfirst_int(lc);
	}
	return linitial_int(tables);
}

char *
migr_online_lock(const MigrOnlineBeside *beside)
{
	List	   *tables = find_tables(beside);
	StringInfoData out;

	initStringInfo(&out);
	while (tables != NIL)
	{
		int			table = next_table(beside->online->diff, tables);

		appendStringInfo(&out, "%s%s", out.len > 0 ? ", " : "LOCK TABLE ",
						 beside->online->diff->units[table].to->identity);
		tables = list_delete_int(tables, table);
	}
	appendStringInfoString(&out, " IN ACCESS EXCLUSIVE MODE;\n");
	return out.data;
}
