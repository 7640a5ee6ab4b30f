/*
 * online_beside.c
 *		A column that gets another type beside the old one, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/scan.h"
#include "base/text.h"
#include "diff/guard_text.h"
#include "diff/online_beside.h"
#include "kind/column.h"
#include "kind/ddl.h"
#include "model/attributes.h"

/* A table of which columns get another type. */
typedef struct Table
{
	MigrOnlineBeside *beside;
	const MigrObject *table;
	List	   *columns;		/* MigrUnit * */
} Table;

static char *
name_beside(const MigrObject *column)
{
	return migr_online_name(column->parent, column->name, "_migr_new");
}

/* The same, quoted. */
static const char *
beside(const MigrUnit *column)
{
	return quote_identifier(name_beside(column->to));
}

static const char *
name(const MigrUnit *column)
{
	return quote_identifier(column->to->name);
}

/* A value of the old column as one of the new: what stands in front of it is given. */
static char *
converted(const MigrUnit *column, const char *in_front)
{
	const char *expression = migr_column_conversion(column->from, column->to);

	return psprintf("%s%s", in_front, expression ? expression : name(column));
}

/* --- the new column, and what keeps it in step ------------------------------ */

static void
add_columns(StringInfo out, const Table *table)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		const MigrUnit *column = lfirst(lc);
		const char *collation = value(column->to, MIGR_ATTR_COLLATION);

		appendStringInfo(out, "ALTER TABLE %s ADD COLUMN %s %s%s%s;\n", table->table->identity,
						 beside(column), value(column->to, MIGR_ATTR_TYPE),
						 collation && *collation ? " COLLATE " : "",
						 collation && *collation ? collation : "");
	}
}

static char *
function_of(const Table *table)
{
	return quote_qualified_identifier(table->table->schema,
									  migr_online_name(table->table, table->table->name, "_migr_sync"));
}

static void
keep_in_step(StringInfo out, const Table *table)
{
	const char *identity = table->table->identity;
	const char *quote;
	StringInfoData body;
	ListCell   *lc;

	initStringInfo(&body);
	foreach(lc, table->columns)
		appendStringInfo(&body, "    NEW.%s := %s;\n", beside(lfirst(lc)), converted(lfirst(lc), "NEW."));
	quote = migr_guard_text_quote(body.data, "migr");
	appendStringInfo(out, "CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %s\nBEGIN\n%s"
					 "    RETURN NEW;\nEND\n%s;\n", function_of(table), quote, body.data, quote);
	appendStringInfo(out, "CREATE TRIGGER " MIGR_ONLINE_TRIGGER " BEFORE INSERT OR UPDATE ON %s\n"
					 "    FOR EACH ROW EXECUTE FUNCTION %s();\n"
					 "ALTER TABLE %s ENABLE ALWAYS TRIGGER " MIGR_ONLINE_TRIGGER ";\n",
					 identity, function_of(table), identity);
}

static void
end_step(StringInfo out, const Table *table)
{
	appendStringInfo(out, "DROP TRIGGER " MIGR_ONLINE_TRIGGER " ON %s;\nDROP FUNCTION %s();\n",
					 table->table->identity, function_of(table));
}

/* One by one, so that each statement has but one table. */
static void
say_first(MigrOnline *online, const Table *table)
{
	StringInfoData up;
	StringInfoData down;
	ListCell   *lc;

	initStringInfo(&up);
	add_columns(&up, table);
	keep_in_step(&up, table);
	initStringInfo(&down);
	end_step(&down, table);
	foreach(lc, table->columns)
		appendStringInfo(&down, "ALTER TABLE %s DROP COLUMN %s;\n", table->table->identity,
						 beside(lfirst(lc)));
	online->apart[MIGR_ONLINE_FILL] = true;
	migr_online_say(online, MIGR_ONLINE_FILL, up.data, down.data);
	foreach(lc, table->columns)
	{
		const MigrObject *to = ((MigrUnit *) lfirst(lc))->to;

		if (migr_object_is(to, MIGR_ATTR_NOT_NULL))
			migr_online_not_null(online, to->parent, name_beside(to));
	}
}

/* --- its values ------------------------------------------------------------ */

/* SET of an UPDATE, and the rows that it is about. */
static void
fill(StringInfo out, const Table *table)
{
	int			count = 0;
	ListCell   *lc;

	appendStringInfo(out, "UPDATE %s SET ", table->table->identity);
	foreach(lc, table->columns)
		appendStringInfo(out, "%s%s = %s", count++ > 0 ? ", " : "", beside(lfirst(lc)),
						 converted(lfirst(lc), ""));
}

/*
 * A rule, a trigger or a policy may keep rows from the batches: their values would
 * go with the old column.  Where there are to be no nulls, that is checked anyway.
 */
static void
check_filled(MigrOnline *online, const Table *table, const MigrUnit *column)
{
	StringInfoData up;
	const char *check;

	if (migr_object_is(column->to, MIGR_ATTR_NOT_NULL))
		return;
	initStringInfo(&up);
	check = quote_identifier(migr_online_name(column->to->parent, name_beside(column->to), "_migr_filled"));
	appendStringInfo(&up, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL OR %s IS NULL) NOT VALID;\n",
					 table->table->identity, check, beside(column), name(column));
	appendStringInfo(&up, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", table->table->identity, check);
	appendStringInfo(&up, "ALTER TABLE %s DROP CONSTRAINT %s;\n", table->table->identity, check);
	online->apart[MIGR_ONLINE_CHECK] = true;
	migr_online_say(online, MIGR_ONLINE_CHECK, up.data, NULL);
}

static void
say_fill(MigrOnline *online, const Table *table)
{
	StringInfoData up;
	int			count = 0;
	ListCell   *lc;

	initStringInfo(&up);
	appendStringInfo(&up, "%s-- migr:batch\n", migr_online_of_other(online, table->table));
	fill(&up, table);
	foreach(lc, table->columns)
		appendStringInfo(&up, "%s(%s IS NULL AND %s IS NOT NULL)", count++ > 0 ? " OR " : "\n WHERE ",
						 beside(lfirst(lc)), name(lfirst(lc)));
	appendStringInfoString(&up, ";\n");
	migr_online_say(online, MIGR_ONLINE_FILL, up.data, NULL);
	foreach(lc, table->columns)
		check_filled(online, table, lfirst(lc));
}

/* --- its indexes ------------------------------------------------------------ */

/* Does a token name a column, and not a function, a type or what stands in a schema? */
static bool
is_column(const char *text, const MigrToken *token, const MigrToken *last, const char *column)
{
	int			len = token->end - token->start;
	char		before = last->end > 0 ? text[last->end - 1] : '\0';
	char		behind = text[token->end];

	return len == (int) strlen(column) && strncmp(text + token->start, column, len) == 0 &&
		before != '.' && before != ':' && behind != '(' && behind != '.' &&
		!(last->end - last->start == (int) strlen("COLLATE") &&
		  strncmp(text + last->start, "COLLATE", strlen("COLLATE")) == 0);
}

/* A definition, from its first parenthesis on about the columns beside. */
static char *
on_new_columns(const char *definition, const Table *table)
{
	MigrScan	scan;
	MigrToken	token;
	MigrToken	last = {MIGR_TOKEN_END};
	StringInfoData out;
	int			copied = 0;
	ListCell   *lc;

	initStringInfo(&out);
	migr_scan_begin(&scan, definition, strlen(definition));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END && token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		foreach(lc, strchr(definition, '(') < definition + token.start ? table->columns : NIL)
		{
			if (!is_column(definition, &token, &last, name(lfirst(lc))))
				continue;
			appendStringInfo(&out, "%.*s%s", token.start - copied, definition + copied,
							 beside(lfirst(lc)));
			copied = token.end;
			break;
		}
		last = token;
	}
	appendStringInfoString(&out, definition + copied);
	return out.data;
}

/* The name that an index has until the exchange; one that is new, its own. */
static const char *
index_beside(const MigrUnit *index)
{
	return index->from ? migr_online_name(index->to->parent, index->to->name, "_migr_new") : index->to->name;
}

static char *
create_index(const Table *table, const MigrUnit *index, bool concurrently)
{
	MigrObject	copy = *index->to;
	const char **values = memcpy(palloc(copy.count * sizeof(char *)), copy.values,
								 copy.count * sizeof(char *));

	values[migr_object_attribute(&copy, MIGR_ATTR_DEFINITION)] =
		on_new_columns(value(index->to, MIGR_ATTR_DEFINITION), table);
	copy.values = values;
	return copy.kind == MIGR_KIND_INDEX
		? migr_online_create_index(&copy, index_beside(index), concurrently, false)
		: migr_online_create_unique(&copy, index_beside(index), concurrently);
}

/* Units that stand on one of its columns, in the order of their numbers. */
static List *
standing(const Table *table, bool with_index)
{
	const MigrDiff *diff = table->beside->online->diff;
	List	   *units = NIL;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrObject *to = table->beside->stands[i] ? diff->units[i].to : NULL;

		if (to && to->parent == table->table && migr_online_has_index(to) == with_index)
			units = lappend(units, &diff->units[i]);
	}
	return units;
}

static void
say_indexes(MigrOnline *online, const Table *table)
{
	ListCell   *lc;

	online->apart[MIGR_ONLINE_INDEX] = true;
	foreach(lc, standing(table, true))
	{
		const MigrUnit *index = lfirst(lc);

		migr_online_say(online, MIGR_ONLINE_INDEX, create_index(table, index, true),
						psprintf("DROP INDEX CONCURRENTLY %s;\n",
								 quote_qualified_identifier(index->to->schema, index_beside(index))));
	}
	/* Plans are to be as good as before from the first moment. */
	migr_online_say(online, MIGR_ONLINE_INDEX, psprintf("ANALYZE %s;\n", table->table->identity), NULL);
}

/* --- the exchange ----------------------------------------------------------- */

/* A sequence would go with its column. */
static void
disown(StringInfo out, const Table *table)
{
	ListCell   *lc;

	foreach(lc, standing(table, false))
	{
		const MigrUnit *unit = lfirst(lc);

		if (unit->to->kind == MIGR_KIND_SEQUENCE_OWNER && unit->from)
			migr_ddl_drop(out, unit->from);
	}
}

/*
 * The sequence of an identity column goes with it, and a new one comes, which goes
 * on where the old one is.
 */
static void
go_on(StringInfo out, const Table *table)
{
	MigrOnline *online = table->beside->online;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		const MigrUnit *column = lfirst(lc);
		const char *setting;

		if (!migr_object_has(column->to, MIGR_ATTR_IDENTITY))
			continue;
		setting = psprintf("migr_online.last_%d", list_length(online->behind) + 1);
		appendStringInfo(out, "SELECT pg_catalog.set_config('%s', pg_catalog.concat_ws(' ', last_value, is_called), true)\n"
						 "  FROM %s;\n", setting, value(column->from, MIGR_ATTR_SEQUENCE));
		online->behind = lappend(online->behind,
			psprintf("SELECT pg_catalog.setval(%s, pg_catalog.split_part(last, ' ', 1)::bigint,\n"
					 "                         pg_catalog.split_part(last, ' ', 2)::boolean)\n"
					 "  FROM pg_catalog.current_setting('%s') AS last;\n",
					 quote_literal_cstr(value(column->to, MIGR_ATTR_SEQUENCE)), setting));
	}
}

static void
take_place(StringInfo out, const Table *table)
{
	const char *identity = table->table->identity;
	ListCell   *lc;

	end_step(out, table);
	disown(out, table);
	go_on(out, table);
	foreach(lc, table->columns)
		appendStringInfo(out, "ALTER TABLE %s DROP COLUMN %s;\n"
						 "ALTER TABLE %s RENAME COLUMN %s TO %s;\n", identity, name(lfirst(lc)),
						 identity, beside(lfirst(lc)), name(lfirst(lc)));
	foreach(lc, standing(table, true))
	{
		const MigrUnit *index = lfirst(lc);

		if (index->to->kind == MIGR_KIND_CONSTRAINT)
			appendStringInfoString(out, migr_online_use_index(index->to, index_beside(index), false));
		else if (index->from)
			appendStringInfo(out, "ALTER INDEX %s RENAME TO %s;\n",
							 quote_qualified_identifier(index->to->schema, index_beside(index)),
							 quote_identifier(index->to->name));
	}
}

/* Is something checked at the end of the transaction, before which the table can't be altered? */
static bool
is_deferred(const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *child = lfirst(lc);

		if ((child->kind == MIGR_KIND_FOREIGN_KEY || child->kind == MIGR_KIND_TRIGGER) &&
			strstr(value(child, MIGR_ATTR_DEFINITION), "INITIALLY DEFERRED"))
			return true;
	}
	return false;
}

/* Behind the change of the type in its place: what was there before the exchange. */
static void
put_back(StringInfo out, const Table *table)
{
	ListCell   *lc;

	migr_text_comment(out, "", psprintf("Note: writes all rows of %s anew, while nobody can use it",
										table->table->identity));
	add_columns(out, table);
	if (is_deferred(table->table))
		appendStringInfoString(out, "SET CONSTRAINTS ALL IMMEDIATE;\n");
	fill(out, table);
	appendStringInfoString(out, ";\n");
	foreach(lc, table->columns)
	{
		if (migr_object_is(((MigrUnit *) lfirst(lc))->to, MIGR_ATTR_NOT_NULL))
			appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\n",
							 table->table->identity, beside(lfirst(lc)));
	}
	foreach(lc, standing(table, true))
		appendStringInfoString(out, create_index(table, lfirst(lc), false));
	keep_in_step(out, table);
}

/* --- all of it --------------------------------------------------------------- */

static List *
tables_of(MigrOnlineBeside *beside)
{
	List	   *tables = NIL;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, beside->columns)
	{
		MigrUnit   *column = &beside->online->diff->units[lfirst_int(lc)];
		Table	   *table = NULL;

		foreach(cell, tables)
		{
			if (((Table *) lfirst(cell))->table == column->to->parent)
				table = lfirst(cell);
		}
		if (table == NULL)
		{
			table = palloc0(sizeof(Table));
			table->beside = beside;
			table->table = column->to->parent;
			tables = lappend(tables, table);
		}
		table->columns = lappend(table->columns, column);
	}
	return tables;
}

/* The foreign keys of columns that are exchanged, and to them, are made again. */
static void
say_keys(MigrOnlineBeside *beside)
{
	const MigrDiff *diff = beside->online->diff;
	StringInfoData up;

	initStringInfo(&up);
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (beside->stands[i] && unit->from && unit->from->kind == MIGR_KIND_FOREIGN_KEY)
			migr_ddl_drop(&up, unit->from);
	}
	if (up.len > 0)
		migr_online_say(beside->online, MIGR_ONLINE_REST, up.data, NULL);
}

void
migr_online_say_beside(MigrOnlineBeside *beside)
{
	MigrOnline *online = beside->online;
	ListCell   *lc;

	online->lock = migr_online_lock(beside);
	say_keys(beside);
	foreach(lc, tables_of(beside))
	{
		const Table *table = lfirst(lc);
		StringInfoData up;
		StringInfoData down;

		say_first(online, table);
		say_fill(online, table);
		say_indexes(online, table);
		initStringInfo(&up);
		initStringInfo(&down);
		take_place(&up, table);
		put_back(&down, table);
		migr_online_say(online, MIGR_ONLINE_REST, up.data, down.data);
	}
}
