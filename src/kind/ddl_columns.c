/*
 * ddl_columns.c
 *		Columns, and the options of sequences, as SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/ddl_columns.h"

#define value migr_object_value

/* Append " word value" if the attribute has one. */
static void
append_clause(StringInfo out, const char *word, const MigrObject *object,
			  const char *attribute)
{
	if (migr_object_has(object, attribute))
		appendStringInfo(out, " %s %s", word, value(object, attribute));
}

void
migr_ddl_sequence_options(StringInfo out, const MigrObject *object,
						  const char *indent)
{
	appendStringInfo(out, "%sSTART WITH %s%sINCREMENT BY %s%sMINVALUE %s%sMAXVALUE %s%sCACHE %s",
					 indent, value(object, "start"), indent, value(object, "increment"),
					 indent, value(object, "min"), indent, value(object, "max"),
					 indent, value(object, "cache"));
	if (migr_object_is(object, "cycle"))
		appendStringInfo(out, "%sCYCLE", indent);
}

bool
migr_ddl_column_is_plain(const MigrObject *column)
{
	return migr_object_ends(column, "default");
}

bool
migr_ddl_column_is_merged(const MigrObject *column)
{
	return column->kind == MIGR_KIND_COLUMN && !migr_ddl_column_is_plain(column) &&
		migr_object_has(column, "merely_inherited") &&
		!migr_object_is(column, "merely_inherited");
}

bool
migr_ddl_inherits_later(const MigrObject *table)
{
	bool		any = false;
	ListCell   *lc;

	if (!migr_object_has(table, "inherits") || table->joins_at_once)
		return false;
	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN || migr_ddl_column_is_plain(column))
			continue;
		if (migr_object_is(column, "merely_inherited"))
			return false;
		any |= migr_ddl_column_is_merged(column);
	}
	return any;
}

/* Before 16, a child can't say again how its parents' column is generated. */
static bool
parents_generate(const MigrObject *column)
{
	return MIGR_SERVER_MAJOR < 16 && migr_object_is(column, "parent_generated") &&
		!migr_ddl_inherits_later(column->parent);
}

void
migr_ddl_identity(StringInfo out, const MigrObject *column)
{
	appendStringInfo(out, " GENERATED %s AS IDENTITY (SEQUENCE NAME %s",
					 strcmp(value(column, "identity"), "a") == 0
					 ? "ALWAYS" : "BY DEFAULT", value(column, "sequence"));
	migr_ddl_sequence_options(out, column, " ");
	appendStringInfoChar(out, ')');
}

/* The default, generation or identity of a column, with what goes before it. */
static void
append_default(StringInfo out, const MigrObject *column)
{
	const char *expression = value(column, "default");
	const char *generated = migr_ddl_column_is_plain(column) ? NULL : value(column, "generated");

	if (!migr_ddl_column_is_plain(column) && migr_object_has(column, "identity"))
		migr_ddl_identity(out, column);
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
migr_ddl_column_spec(StringInfo out, const MigrObject *column, bool typed)
{
	appendStringInfoString(out, quote_identifier(column->name));
	if (typed)
		appendStringInfoString(out, " WITH OPTIONS");
	else
	{
		appendStringInfoChar(out, ' ');
		appendStringInfoString(out, value(column, "type"));
	}
	if (!migr_ddl_column_is_plain(column) && migr_object_has(column, "server_options"))
		appendStringInfo(out, " OPTIONS (%s)", value(column, "server_options"));
	if (!migr_ddl_column_is_plain(column) && !typed)
		append_clause(out, "COLLATE", column, "collation");
	append_default(out, column);
	if (migr_object_is(column, "not_null"))
		appendStringInfoString(out, " NOT NULL");
}

const char *
migr_ddl_storage_word(char storage)
{
	return storage == 'p' ? "PLAIN" : storage == 'e' ? "EXTERNAL"
		: storage == 'm' ? "MAIN" : "EXTENDED";
}

void
migr_ddl_column_settings(StringInfo out, const MigrObject *table,
						 const MigrObject *column)
{
	const char *alter = psprintf(MIGR_ALTER_COLUMN, table->identity,
								 quote_identifier(column->name));
	const char *storage = value(column, "storage");

	if (storage)
		appendStringInfo(out, "%sSET STORAGE %s;\n", alter,
						 migr_ddl_storage_word(*storage));
	if (migr_object_has(column, "sequence_persistence"))
		appendStringInfo(out, "ALTER SEQUENCE %s SET %s;\n", value(column, "sequence"),
						 *value(column, "sequence_persistence") == 'u' ? "UNLOGGED" : "LOGGED");
	if (migr_object_has(column, "compression"))
		appendStringInfo(out, "%sSET COMPRESSION %s;\n", alter,
						 *value(column, "compression") == 'l' ? "lz4" : "pglz");
	if (migr_object_has(column, "statistics"))
		appendStringInfo(out, "%sSET STATISTICS %s;\n", alter, value(column, "statistics"));
	if (migr_object_has(column, "options"))
		appendStringInfo(out, "%sSET (%s);\n", alter, value(column, "options"));
}
