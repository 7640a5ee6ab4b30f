/*
 * column_spec.c
 *		Columns as CREATE TABLE has them, and what it can't say of them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/column.h"
#include "kind/kind_common.h"
#include "kind/sequence.h"
#include "model/attributes.h"

bool
migr_column_is_plain(const MigrObject *column)
{
	return migr_object_ends(column, MIGR_ATTR_DEFAULT);
}

bool
migr_column_is_merged(const MigrObject *column)
{
	return column->kind == MIGR_KIND_COLUMN && !migr_column_is_plain(column) &&
		migr_object_has(column, MIGR_ATTR_MERELY_INHERITED) &&
		!migr_object_is(column, MIGR_ATTR_MERELY_INHERITED);
}

bool
migr_column_inherits_later(const MigrObject *table)
{
	bool		any = false;
	ListCell   *lc;

	if (!migr_object_has(table, MIGR_ATTR_INHERITS) || table->joins_at_once)
		return false;
	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN || migr_column_is_plain(column))
			continue;
		if (migr_object_is(column, MIGR_ATTR_MERELY_INHERITED))
			return false;
		any |= migr_column_is_merged(column);
	}
	return any;
}

/* Before 16, a child can't say again how its parents' column is generated. */
static bool
parents_generate(const MigrObject *column)
{
	return MIGR_SERVER_MAJOR < 16 && migr_object_is(column, MIGR_ATTR_PARENT_GENERATED) &&
		!migr_column_inherits_later(column->parent);
}

void
migr_column_identity(StringInfo out, const MigrObject *column)
{
	appendStringInfo(out, " GENERATED %s AS IDENTITY (SEQUENCE NAME %s",
					 strcmp(value(column, MIGR_ATTR_IDENTITY), "a") == 0
					 ? "ALWAYS" : "BY DEFAULT", value(column, MIGR_ATTR_SEQUENCE));
	migr_sequence_options(out, column, " ");
	appendStringInfoChar(out, ')');
}

/* The default, generation or identity of a column, with what goes before it. */
static void
append_default(StringInfo out, const MigrObject *column)
{
	const char *expression = value(column, MIGR_ATTR_DEFAULT);
	const char *generated = migr_column_is_plain(column) ? NULL : value(column, MIGR_ATTR_GENERATED);

	if (!migr_column_is_plain(column) && migr_object_has(column, MIGR_ATTR_IDENTITY))
		migr_column_identity(out, column);
	else if (generated && parents_generate(column))
		;						/* it comes from there */
	else if (generated)
		appendStringInfo(out, " GENERATED ALWAYS AS (%s)%s", expression,
						 *generated == 's' ? " STORED" : "");
	else if (expression && !column->mark)
	{
		appendStringInfoString(out, " DEFAULT ");
		appendStringInfoString(out, expression);
	}
}

void
migr_column_spec(StringInfo out, const MigrObject *column, bool typed)
{
	appendStringInfoString(out, quote_identifier(column->name));
	if (typed)
		appendStringInfoString(out, " WITH OPTIONS");
	else
	{
		appendStringInfoChar(out, ' ');
		appendStringInfoString(out, value(column, MIGR_ATTR_TYPE));
	}
	if (!migr_column_is_plain(column) && migr_object_has(column, MIGR_ATTR_SERVER_OPTIONS))
		appendStringInfo(out, " OPTIONS (%s)", value(column, MIGR_ATTR_SERVER_OPTIONS));
	if (!migr_column_is_plain(column) && !typed)
		migr_kind_append(out, " COLLATE %s", column, MIGR_ATTR_COLLATION);
	append_default(out, column);
	if (migr_object_is(column, MIGR_ATTR_NOT_NULL))
		appendStringInfoString(out, " NOT NULL");
}

const char *
migr_column_storage_word(char storage)
{
	return storage == 'p' ? "PLAIN" : storage == 'e' ? "EXTERNAL"
		: storage == 'm' ? "MAIN" : "EXTENDED";
}

void
migr_column_settings(StringInfo out, const MigrObject *table,
					 const MigrObject *column)
{
	const char *alter = psprintf(MIGR_COLUMN_ALTER, table->identity,
								 quote_identifier(column->name));
	const char *storage = value(column, MIGR_ATTR_STORAGE);

	if (storage)
		appendStringInfo(out, "%sSET STORAGE %s;\n", alter,
						 migr_column_storage_word(*storage));
	if (migr_object_has(column, MIGR_ATTR_SEQUENCE_PERSISTENCE))
		appendStringInfo(out, "ALTER SEQUENCE %s SET %s;\n", value(column, MIGR_ATTR_SEQUENCE),
						 *value(column, MIGR_ATTR_SEQUENCE_PERSISTENCE) == 'u' ? "UNLOGGED" : "LOGGED");
	if (migr_object_has(column, MIGR_ATTR_COMPRESSION))
		appendStringInfo(out, "%sSET COMPRESSION %s;\n", alter,
						 *value(column, MIGR_ATTR_COMPRESSION) == 'l' ? "lz4" : "pglz");
	if (migr_object_has(column, MIGR_ATTR_STATISTICS))
		appendStringInfo(out, "%sSET STATISTICS %s;\n", alter, value(column, MIGR_ATTR_STATISTICS));
	if (migr_object_has(column, MIGR_ATTR_OPTIONS))
		appendStringInfo(out, "%sSET (%s);\n", alter, value(column, MIGR_ATTR_OPTIONS));
}

/* Has a table a parent whose default of a column is set later on? */
static bool
inherits_default_late(const MigrObject *table, const char *name)
{
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, table->depends)
	{
		const MigrObject *parent = lfirst(lc);

		foreach(cell, parent->kind == MIGR_KIND_TABLE ? parent->children : NIL)
		{
			const MigrObject *column = lfirst(cell);

			if (column->kind == MIGR_KIND_COLUMN && column->mark &&
				strcmp(column->name, name) == 0)
				return true;
		}
	}
	return false;
}

/* Where an inherited column differs from the parents' one. */
void
migr_column_overrides(StringInfo out, const MigrObject *table, const MigrObject *column)
{
	const char *alter = psprintf(MIGR_COLUMN_ALTER, table->identity,
								 quote_identifier(column->name));
	const char *own = value(column, MIGR_ATTR_DEFAULT) ? value(column, MIGR_ATTR_DEFAULT) : "";
	const char *parents = value(column, MIGR_ATTR_PARENT_DEFAULT);
	bool		merged = migr_column_is_merged(column);

	if (parents == NULL || migr_object_has(column, MIGR_ATTR_GENERATED) ||
		(strncmp(parents, own, strlen(own)) == 0 &&
		 strcmp(parents + strlen(own), migr_object_is(column, MIGR_ATTR_NOT_NULL) ? "true" : "false") == 0))
		parents = NULL;
	if (column->mark)
		;						/* it is set when the function is there */
	else if (*own && !merged && !migr_object_has(column, MIGR_ATTR_GENERATED) &&
			 (parents || inherits_default_late(table, column->name)))
		appendStringInfo(out, "%sSET DEFAULT %s;\n", alter, own);
	else if (parents && !*own && strcmp(parents, "true") != 0 && strcmp(parents, "false") != 0)
		appendStringInfo(out, "%sDROP DEFAULT;\n", alter);
	if (parents && migr_object_is(column, MIGR_ATTR_NOT_NULL) && !merged)
		appendStringInfo(out, "%sSET NOT NULL;\n", alter);
	if (migr_object_has(column, MIGR_ATTR_IDENTITY) && !merged)
	{
		appendStringInfo(out, "%sADD", alter);
		migr_column_identity(out, column);
		appendStringInfoString(out, ";\n");
	}
}
