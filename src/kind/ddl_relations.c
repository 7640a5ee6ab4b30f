/*
 * ddl_relations.c
 *		Objects to SQL text: tables, views, sequences and what stands on them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/scan.h"
#include "kind/ddl.h"
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

static const char *
persistence_word(const MigrObject *object)
{
	return strcmp(value(object, "persistence"), "u") == 0 ? "UNLOGGED " : "";
}

static void
create_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE %sSEQUENCE %s\n    AS %s",
					 persistence_word(object), object->identity,
					 value(object, "type"));
	migr_ddl_sequence_options(out, object, "\n    ");
	appendStringInfoString(out, ";\n");
}

static void
own_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER SEQUENCE %s OWNED BY %s.%s;\n", object->identity,
					 object->parent->identity,
					 quote_identifier(value(object, "column")));
}

/* The sequence of an identity column comes with it. */
static void
keep_identity(StringInfo out, const MigrObject *object)
{
}

/* Has a column of a typed table anything of its own? */
static bool
column_says_more(const MigrObject *column)
{
	return migr_object_is(column, "not_null") ||
		migr_object_has(column, "default") || migr_object_has(column, "identity");
}

static int
append_columns(StringInfo out, const MigrObject *table)
{
	bool		typed = migr_object_has(table, "of_type");
	int			count = 0;
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN ||
			(!migr_ddl_column_is_plain(column) && migr_object_is(column, "merely_inherited")) ||
			(typed && !column_says_more(column)))
			continue;
		appendStringInfoString(out, count++ == 0 ? " (\n    " : ",\n    ");
		migr_ddl_column_spec(out, column, typed);
	}
	if (count > 0)
		appendStringInfoString(out, "\n)");
	else if (!typed)
		appendStringInfoString(out, " ()");
	return count;
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
static void
append_overrides(StringInfo out, const MigrObject *table, const MigrObject *column)
{
	const char *alter = psprintf(MIGR_ALTER_COLUMN, table->identity,
								 quote_identifier(column->name));
	const char *own = value(column, "default") ? value(column, "default") : "";
	const char *parents = value(column, "parent_default");
	bool		merged = migr_ddl_column_is_merged(column);

	if (parents == NULL || migr_object_has(column, "generated") ||
		(strncmp(parents, own, strlen(own)) == 0 &&
		 strcmp(parents + strlen(own), migr_object_is(column, "not_null") ? "true" : "false") == 0))
		parents = NULL;
	if (column->mark)
		;						/* it is set when the function is there */
	else if (*own && !merged && !migr_object_has(column, "generated") &&
			 (parents || inherits_default_late(table, column->name)))
		appendStringInfo(out, "%sSET DEFAULT %s;\n", alter, own);
	else if (parents && !*own && strcmp(parents, "true") != 0 && strcmp(parents, "false") != 0)
		appendStringInfo(out, "%sDROP DEFAULT;\n", alter);
	if (parents && migr_object_is(column, "not_null") && !merged)
		appendStringInfo(out, "%sSET NOT NULL;\n", alter);
	if (migr_object_has(column, "identity") && !merged)
	{
		appendStringInfo(out, "%sADD", alter);
		migr_ddl_identity(out, column);
		appendStringInfoString(out, ";\n");
	}
}

/* The defaults that a table, which is there, could not have at first. */
static void
set_defaults(StringInfo out, const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN && column->mark)
			appendStringInfo(out, MIGR_ALTER_COLUMN "SET DEFAULT %s;\n", table->identity,
							 quote_identifier(column->name), value(column, "default"));
	}
}

void
migr_ddl_column_definition(StringInfo out, const MigrObject *column)
{
	const MigrObject *table = column->parent;

	if (!migr_ddl_column_is_plain(column) && migr_object_is(column, "merely_inherited"))
		append_overrides(out, table, column);
	else
	{
		appendStringInfo(out, "ALTER TABLE %s ADD COLUMN ", table->identity);
		migr_ddl_column_spec(out, column, false);
		appendStringInfoString(out, ";\n");
	}
	if (!migr_ddl_column_is_plain(column))
		migr_ddl_column_settings(out, table, column);
}

static void
create_table(StringInfo out, const MigrObject *table)
{
	bool		later = migr_ddl_inherits_later(table);
	ListCell   *lc;

	if (table->has_forward)
	{
		set_defaults(out, table);
		return;
	}

	appendStringInfo(out, "CREATE %s%s %s", persistence_word(table),
					 value(table, "noun"), table->identity);
	append_clause(out, "OF", table, "of_type");
	append_columns(out, table);
	if (migr_object_has(table, "inherits") && !later)
		appendStringInfo(out, "\nINHERITS (%s)", value(table, "inherits"));
	if (strcmp(value(table, "relkind"), "p") == 0)
		appendStringInfo(out, "\nPARTITION BY %s", value(table, "partition_key"));
	if (migr_object_has(table, "server"))
		appendStringInfo(out, "\nSERVER %s", value(table, "server"));
	if (migr_object_has(table, "server_options"))
		appendStringInfo(out, "\nOPTIONS (%s)", value(table, "server_options"));
	if (migr_object_has(table, "access_method"))
		appendStringInfo(out, "\nUSING %s", value(table, "access_method"));
	if (migr_object_has(table, "options"))
		appendStringInfo(out, "\nWITH (%s)", value(table, "options"));
	if (migr_object_has(table, "tablespace"))
		appendStringInfo(out, "\nTABLESPACE %s", quote_identifier(value(table, "tablespace")));
	appendStringInfoString(out, ";\n");
	if (later)
		appendStringInfo(out, "ALTER TABLE ONLY %s %s;\n", table->identity,
						 value(table, "inherit"));

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN || migr_ddl_column_is_plain(column))
			continue;
		if (migr_object_has(column, "merely_inherited") && !later)
			append_overrides(out, table, column);
		migr_ddl_column_settings(out, table, column);
	}
	if (migr_object_is(table, "row_security"))
		appendStringInfo(out, "ALTER TABLE %s ENABLE ROW LEVEL SECURITY;\n", table->identity);
	if (migr_object_is(table, "force_row_security"))
		appendStringInfo(out, "ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY;\n", table->identity);
}

static void
attach_partition(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE ONLY %s ATTACH PARTITION %s %s;\n",
					 value(object, "of"), object->identity, value(object, "bound"));
}

static void
add_constraint(StringInfo out, const MigrObject *object)
{
	if (object->parent->kind == MIGR_KIND_TABLE && !migr_ddl_is_for_children(object))
		appendStringInfo(out, "ALTER TABLE ONLY %s", object->parent->identity);
	else
		appendStringInfo(out, "ALTER %s", migr_ddl_constrained(object));
	appendStringInfo(out, "\n    ADD CONSTRAINT %s %s;\n",
					 quote_identifier(object->name), value(object, "definition"));
}

/* A constraint of a table or a domain; one with an index may comment on that. */
static void
add_local_constraint(StringInfo out, const MigrObject *object)
{
	add_constraint(out, object);
	if (object->parent->kind == MIGR_KIND_TABLE &&
		migr_object_has(object, "index_comment"))
		appendStringInfo(out, "%s\n", value(object, "index_comment"));
}

static void
create_view(StringInfo out, const MigrObject *view)
{
	bool		materialized = strcmp(value(view, "noun"), "VIEW") != 0;
	bool		recursive = migr_object_is(view, "recursive");
	ListCell   *lc;

	/* A view that reads itself was another one when it was created. */
	if (recursive && !view->has_forward)
		appendStringInfo(out, "%s;\n", value(view, "forward"));
	appendStringInfo(out, "CREATE %s%s %s", view->has_forward || recursive ? "OR REPLACE " : "",
					 value(view, "noun"), view->identity);
	append_clause(out, "USING", view, "access_method");
	if (migr_object_has(view, "options"))
		appendStringInfo(out, " WITH (%s)", value(view, "options"));
	if (migr_object_has(view, "tablespace"))
		appendStringInfo(out, " TABLESPACE %s", quote_identifier(value(view, "tablespace")));
	appendStringInfo(out, " AS\n%s%s;\n", value(view, "definition"),
					 materialized ? "\nWITH NO DATA" : "");
	migr_ddl_extensions(out, value(view, "noun"), NULL, view);

	foreach(lc, view->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN)
			continue;
		/* One that is marked is set when the function is there. */
		if (migr_object_has(column, "default") && !column->mark)
			appendStringInfo(out, "ALTER VIEW %s ALTER COLUMN %s SET DEFAULT %s;\n",
							 view->identity, quote_identifier(column->name),
							 value(column, "default"));
		if (materialized && !migr_ddl_column_is_plain(column))
			migr_ddl_column_settings(out, view, column);
	}
}

static void
populate_view(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "REFRESH MATERIALIZED VIEW %s;\n", object->identity);
}

/* The length of an index's definition up to its WHERE. */
static int
head_of_index(const char *definition)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, definition, strlen(definition));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END)
	{
		if (token.kind == MIGR_TOKEN_WORD && token.end - token.start == (int) strlen("WHERE") &&
			strncmp(definition + token.start, "WHERE", strlen("WHERE")) == 0)
			return token.start - 1;
	}
	return strlen(definition);
}

static void
create_index(StringInfo out, const MigrObject *index)
{
	const char *definition = value(index, "definition");

	if (!migr_object_is(index, "is_valid"))
		appendStringInfo(out, "-- The index %s is invalid.\n", index->identity);
	if (migr_object_has(index, "tablespace"))
	{
		int			head = head_of_index(definition);

		appendStringInfo(out, "%.*s TABLESPACE %s%s;\n", head, definition,
						 quote_identifier(value(index, "tablespace")),
						 definition + head);
	}
	else
		appendStringInfo(out, "%s;\n", definition);
	if (migr_object_has(index, "statistics"))
		appendStringInfo(out, "%s\n", value(index, "statistics"));
	migr_ddl_extensions(out, "INDEX", NULL, index);
}

static void
attach_index(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER INDEX %s ATTACH PARTITION %s;\n",
					 value(object, "of"), object->identity);
}

static void
set_table(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE ONLY %s %s;\n", object->identity, value(object, "sql"));
}

static void
create_statistics(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "%s;\n", value(object, "definition"));
	if (atoi(value(object, "target")) >= 0)
		appendStringInfo(out, "ALTER STATISTICS %s SET STATISTICS %s;\n",
						 object->identity, value(object, "target"));
}

static void
create_rule(StringInfo out, const MigrObject *rule)
{
	char		enabled = *value(rule, "enabled");

	appendStringInfo(out, "%s;\n", value(rule, "definition"));
	if (enabled != 'O')
		appendStringInfo(out, "ALTER TABLE %s %s RULE %s;\n", rule->parent->identity,
						 enabled == 'D' ? "DISABLE" : enabled == 'R' ? "ENABLE REPLICA"
						 : "ENABLE ALWAYS", quote_identifier(rule->name));
}

static void
create_trigger(StringInfo out, const MigrObject *trigger)
{
	appendStringInfo(out, "%s;\n", value(trigger, "definition"));
	migr_ddl_extensions(out, "TRIGGER", NULL, trigger);
}

static void
create_policy(StringInfo out, const MigrObject *policy)
{
	appendStringInfo(out, "CREATE POLICY %s", policy->identity);
	if (!migr_object_is(policy, "permissive"))
		appendStringInfoString(out, " AS RESTRICTIVE");
	append_clause(out, "FOR", policy, "command");
	append_clause(out, "TO", policy, "roles");
	if (migr_object_has(policy, "using"))
		appendStringInfo(out, "\n    USING (%s)", value(policy, "using"));
	if (migr_object_has(policy, "with_check"))
		appendStringInfo(out, "\n    WITH CHECK (%s)", value(policy, "with_check"));
	appendStringInfoString(out, ";\n");
}

const MigrDdl migr_ddl_relations[] = {
	{MIGR_KIND_SEQUENCE, NULL, create_sequence},
	{MIGR_KIND_SEQUENCE_OWNER, "SEQUENCE", own_sequence},
	{MIGR_KIND_IDENTITY, "SEQUENCE", keep_identity},
	{MIGR_KIND_TABLE, NULL, create_table},
	{MIGR_KIND_PARTITION, "TABLE", attach_partition},
	{MIGR_KIND_CONSTRAINT, "CONSTRAINT", add_local_constraint},
	{MIGR_KIND_FOREIGN_KEY, "CONSTRAINT", add_constraint},
	{MIGR_KIND_VIEW, NULL, create_view},
	{MIGR_KIND_POPULATE, "MATERIALIZED VIEW", populate_view},
	{MIGR_KIND_INDEX, "INDEX", create_index},
	{MIGR_KIND_INDEX_PARTITION, "INDEX", attach_index},
	{MIGR_KIND_TABLE_SETTING, "TABLE", set_table},
	{MIGR_KIND_STATISTICS, "STATISTICS", create_statistics},
	{MIGR_KIND_RULE, "RULE", create_rule},
	{MIGR_KIND_TRIGGER, "TRIGGER", create_trigger},
	{MIGR_KIND_POLICY, "POLICY", create_policy},
	{0}
};
