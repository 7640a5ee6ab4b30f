/*
 * ddl_alter_relations.c
 *		Changes of tables, views, sequences and what stands on them to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/ddl.h"
#include "kind/ddl_alter.h"
#include "kind/ddl_alter_columns.h"
#include "kind/ddl_columns.h"
#include "model/attribute_list.h"
#include "model/ddl_text.h"

#define value migr_object_value

static bool
is_same(const MigrObject *from, const MigrObject *to, const char *attribute)
{
	return migr_ddl_same(value(from, attribute), value(to, attribute));
}

/* --- tables --------------------------------------------------------------- */

/* Append "ALTER TABLE … action;". */
static void
append_action(StringInfo out, const MigrObject *table, const char *action)
{
	appendStringInfo(out, "ALTER %s %s %s;\n", value(table, "noun"), table->identity,
					 action);
}

static void
alter_storage(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!is_same(from, to, "tablespace"))
		append_action(out, to, psprintf("SET TABLESPACE %s", migr_object_has(to, "tablespace")
										? quote_identifier(value(to, "tablespace")) : "pg_default"));
	if (!is_same(from, to, "access_method"))
		append_action(out, to, psprintf("SET ACCESS METHOD %s", migr_object_has(to, "access_method")
										? value(to, "access_method") : "heap"));
}

static bool
alter_table(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!is_same(from, to, "relkind") || !is_same(from, to, "partition_key") ||
		!is_same(from, to, "server") ||
		(!is_same(from, to, "access_method") && MIGR_SERVER_MAJOR < 15))
		return false;
	if (!is_same(from, to, "persistence"))
		append_action(out, to, strcmp(value(to, "persistence"), "u") == 0
					  ? "SET UNLOGGED" : "SET LOGGED");
	alter_storage(out, from, to);
	migr_ddl_alter_options(out, psprintf("ALTER %s %s ", value(to, "noun"), to->identity),
						   value(from, "options"), value(to, "options"));
	migr_ddl_alter_foreign_options(out, psprintf("ALTER FOREIGN TABLE %s", to->identity),
								   value(from, "server_options"), value(to, "server_options"));
	if (!is_same(from, to, "row_security"))
		append_action(out, to, migr_object_is(to, "row_security")
					  ? "ENABLE ROW LEVEL SECURITY" : "DISABLE ROW LEVEL SECURITY");
	if (!is_same(from, to, "force_row_security"))
		append_action(out, to, migr_object_is(to, "force_row_security")
					  ? "FORCE ROW LEVEL SECURITY" : "NO FORCE ROW LEVEL SECURITY");
	return true;
}

/* --- columns -------------------------------------------------------------- */

static void
drop_column(StringInfo out, const MigrObject *column)
{
	append_action(out, column->parent,
				  psprintf("DROP COLUMN %s", quote_identifier(column->name)));
}

static bool
alter_column(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (to->parent->kind == MIGR_KIND_VIEW &&
		(!is_same(from, to, "type") || !is_same(from, to, "collation")))
		return false;
	return migr_ddl_alter_column(out, from, to, false);
}

/* --- partitions and sequences --------------------------------------------- */

static void
detach_partition(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE %s DETACH PARTITION %s;\n", value(object, "of"),
					 object->identity);
}

/* It goes with the partition, or with the index that it is a part of. */
static void
drop_nothing(StringInfo out, const MigrObject *object)
{
}

static void
disown_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER SEQUENCE %s OWNED BY NONE;\n", object->identity);
}

static bool
alter_sequence(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	static const struct
	{
		const char *attribute;
		const char *word;
	}			options[] =
	{
		{"type", "AS"}, {"increment", "INCREMENT BY"}, {"min", "MINVALUE"},
		{"max", "MAXVALUE"}, {"start", "START WITH"}, {"cache", "CACHE"}
	};
	const char *restart;
	StringInfoData list;

	if (!is_same(from, to, "persistence") && MIGR_SERVER_MAJOR < 15)
		return false;
	if (!is_same(from, to, "persistence"))
		appendStringInfo(out, "ALTER SEQUENCE %s SET %s;\n", to->identity,
						 strcmp(value(to, "persistence"), "u") == 0 ? "UNLOGGED" : "LOGGED");
	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(options); i++)
	{
		const char *attribute = options[i].attribute;
		bool		bound = strcmp(attribute, "min") == 0 || strcmp(attribute, "max") == 0;

		if (!migr_ddl_same(bound ? migr_ddl_retyped_bound(from, to, attribute)
						   : value(from, attribute), value(to, attribute)))
			appendStringInfo(&list, " %s %s", options[i].word, value(to, attribute));
	}
	if (!is_same(from, to, "cycle"))
		appendStringInfoString(&list, migr_object_is(to, "cycle") ? " CYCLE" : " NO CYCLE");
	restart = migr_ddl_move_sequence(out, to->identity, from, to);
	if (*restart)
		appendStringInfo(&list, " %s", restart);
	if (list.len > 0)
		appendStringInfo(out, "ALTER SEQUENCE %s%s;\n", to->identity, list.data);
	return true;
}

/* --- constraints ---------------------------------------------------------- */

static void
drop_constraint(StringInfo out, const MigrObject *object)
{
	/* From all partitions and children of the table as well. */
	appendStringInfo(out, "ALTER %s DROP CONSTRAINT %s;\n",
					 migr_ddl_constrained(object), quote_identifier(object->name));
}

/* Cut the words off the end of *definition, if it has them. */
static bool
cut(char *definition, const char *words)
{
	int			len = strlen(definition) - strlen(words);

	if (len < 0 || strcmp(definition + len, words) != 0)
		return false;
	definition[len] = '\0';
	return true;
}

static void
validate(StringInfo out, const MigrObject *to)
{
	appendStringInfo(out, "ALTER %s VALIDATE CONSTRAINT %s;\n",
					 migr_ddl_constrained(to), quote_identifier(to->name));
}

static bool
alter_constraint(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	char	   *old = pstrdup(value(from, "definition"));
	char	   *new = pstrdup(value(to, "definition"));

	if (strcmp(old, new) != 0)
	{
		if (!cut(old, " NOT VALID") || strcmp(old, new) != 0)
			return false;
		validate(out, to);
	}
	if (to->parent->kind != MIGR_KIND_TABLE)
		return true;
	if (!is_same(from, to, "index_comment"))
	{
		if (migr_object_has(to, "index_comment"))
			appendStringInfo(out, "%s\n", value(to, "index_comment"));
		else
			appendStringInfo(out, "COMMENT ON INDEX %s.%s IS NULL;\n",
							 quote_identifier(to->schema), quote_identifier(to->name));
	}
	return true;
}

static bool
alter_foreign_key(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	char	   *old = pstrdup(value(from, "definition"));
	char	   *new = pstrdup(value(to, "definition"));
	bool		was_invalid = cut(old, " NOT VALID");
	bool		is_invalid = cut(new, " NOT VALID");
	bool		was_late = cut(old, " INITIALLY DEFERRED");
	bool		is_late = cut(new, " INITIALLY DEFERRED");
	bool		could = cut(old, " DEFERRABLE");
	bool		can = cut(new, " DEFERRABLE");

	if (strcmp(old, new) != 0 || (is_invalid && !was_invalid))
		return false;
	if (was_late != is_late || could != can)
		appendStringInfo(out, "ALTER TABLE %s ALTER CONSTRAINT %s %s;\n",
						 to->parent->identity, quote_identifier(to->name),
						 is_late ? "DEFERRABLE INITIALLY DEFERRED"
						 : can ? "DEFERRABLE INITIALLY IMMEDIATE" : "NOT DEFERRABLE");
	if (was_invalid && !is_invalid)
		validate(out, to);
	return true;
}

/* --- views and indexes ---------------------------------------------------- */

static const MigrObject *
next_column(const MigrObject *view, int *i)
{
	while (*i < list_length(view->children))
	{
		const MigrObject *child = list_nth(view->children, (*i)++);

		if (child->kind == MIGR_KIND_COLUMN)
			return child;
	}
	return NULL;
}

/* Are the columns of one view the first ones of the other? */
static bool
columns_continue(const MigrObject *from, const MigrObject *to)
{
	int			i = 0;
	int			j = 0;
	const MigrObject *old;

	while ((old = next_column(from, &i)))
	{
		const MigrObject *new = next_column(to, &j);

		if (new == NULL || strcmp(old->name, new->name) != 0 ||
			!is_same(old, new, "type") || !is_same(old, new, "collation"))
			return false;
	}
	return true;
}

static bool
alter_view(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	bool		redefined = !is_same(from, to, "definition");

	if (!is_same(from, to, "noun") || !columns_continue(from, to) ||
		(redefined && strcmp(value(to, "noun"), "VIEW") != 0) ||
		(!is_same(from, to, "access_method") && MIGR_SERVER_MAJOR < 15))
		return false;
	if (redefined)
	{
		appendStringInfo(out, "CREATE OR REPLACE VIEW %s", to->identity);
		if (migr_object_has(to, "options"))
			appendStringInfo(out, " WITH (%s)", value(to, "options"));
		appendStringInfo(out, " AS\n%s;\n", value(to, "definition"));
		return true;
	}
	alter_storage(out, from, to);
	migr_ddl_alter_options(out, psprintf("ALTER %s %s ", value(to, "noun"), to->identity),
						   value(from, "options"), value(to, "options"));
	return true;
}

/* What the index is, without the statistics of its columns. */
static bool
alter_index(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!is_same(from, to, "definition") || migr_object_has(from, "statistics"))
		return false;
	if (!is_same(from, to, "tablespace"))
		appendStringInfo(out, "ALTER INDEX %s SET TABLESPACE %s;\n", to->identity,
						 migr_object_has(to, "tablespace")
						 ? quote_identifier(value(to, "tablespace")) : "pg_default");
	if (migr_object_has(to, "statistics"))
		appendStringInfo(out, "%s\n", value(to, "statistics"));
	if (migr_object_is(to, "is_valid") && !migr_object_is(from, "is_valid"))
		appendStringInfo(out, "REINDEX INDEX %s;\n", to->identity);
	return true;
}

/* What statistics are on, and last the table, of text that begins with ON. */
static List *
columns_and_table(const char *text)
{
	int			from = migr_ddl_text_clause(text, "FROM");

	return migr_ddl_list(psprintf("%.*s, %s", from - (int) strlen("ON "), text + strlen("ON "),
								  text + from));
}

/* The server lists the columns in the order that they have in the table. */
static bool
lists_same_columns(const MigrObject *from, const MigrObject *to)
{
	const char *old = value(from, "definition");
	const char *new = value(to, "definition");
	int			on = migr_ddl_text_clause(old, "ON");
	List	   *columns;
	ListCell   *lc;

	if (on < 0 || on != migr_ddl_text_clause(new, "ON") || strncmp(old, new, on) != 0)
		return false;
	columns = columns_and_table(new + on);
	foreach(lc, columns_and_table(old + on))
	{
		if (migr_ddl_list_text(columns, ((MigrDdlItem *) lfirst(lc))->text) == NULL)
			return false;
	}
	return strlen(old) == strlen(new);
}

static bool
alter_statistics(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!is_same(from, to, "definition") && !lists_same_columns(from, to))
		return false;
	if (is_same(from, to, "target"))
		return true;
	appendStringInfo(out, "ALTER STATISTICS %s SET STATISTICS %s;\n", to->identity,
					 value(to, "target"));
	return true;
}

/* --- settings ------------------------------------------------------------- */

static void
reset_table(StringInfo out, const MigrObject *object)
{
	const char *sql = value(object, "sql");
	const char *trigger = strstr(sql, " TRIGGER ");

	appendStringInfo(out, "ALTER TABLE ONLY %s %s%s;\n", object->identity,
					 strncmp(sql, "REPLICA", 7) == 0 ? "REPLICA IDENTITY DEFAULT"
					 : strncmp(sql, "CLUSTER", 7) == 0 ? "SET WITHOUT CLUSTER" : "ENABLE",
					 strncmp(sql, "REPLICA", 7) == 0 || strncmp(sql, "CLUSTER", 7) == 0
					 ? "" : trigger);
}

/* One takes the place of the other. */
static bool
alter_setting(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_ddl_create(out, to);
	return true;
}

const MigrDdlChange migr_ddl_alter_relations[] = {
	{MIGR_KIND_SEQUENCE, NULL, alter_sequence},
	{MIGR_KIND_TABLE, NULL, alter_table},
	{MIGR_KIND_COLUMN, drop_column, alter_column},
	{MIGR_KIND_IDENTITY, drop_nothing, NULL},
	{MIGR_KIND_SEQUENCE_OWNER, disown_sequence, alter_setting},
	{MIGR_KIND_CONSTRAINT, drop_constraint, alter_constraint},
	{MIGR_KIND_FOREIGN_KEY, drop_constraint, alter_foreign_key},
	{MIGR_KIND_PARTITION, detach_partition, NULL},
	{MIGR_KIND_VIEW, NULL, alter_view},
	{MIGR_KIND_INDEX, NULL, alter_index},
	{MIGR_KIND_INDEX_PARTITION, drop_nothing, NULL},
	{MIGR_KIND_STATISTICS, NULL, alter_statistics},
	{MIGR_KIND_TABLE_SETTING, reset_table, alter_setting},
	{0}
};
