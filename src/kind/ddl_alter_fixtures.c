/*
 * ddl_alter_fixtures.c
 *		Changes of rules, triggers and policies to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/ddl_alter.h"
#include "model/attribute_list.h"

#define value migr_object_value

static bool
same(const MigrObject *from, const MigrObject *to, const char *attribute)
{
	return migr_ddl_same(value(from, attribute), value(to, attribute));
}

const char *
migr_ddl_enable(char state)
{
	switch (state)
	{
		case 'D':
			return "DISABLE";
		case 'R':
			return "ENABLE REPLICA";
		case 'A':
			return "ENABLE ALWAYS";
		default:
			return "ENABLE";
	}
}

/* Append "CREATE OR REPLACE what …" from a definition "CREATE what …". */
static bool
replace(StringInfo out, const char *what, const MigrObject *object)
{
	const char *prefix = psprintf("CREATE %s ", what);
	const char *definition = value(object, "definition");

	if (strncmp(definition, prefix, strlen(prefix)) != 0)
		return false;
	appendStringInfo(out, "CREATE OR REPLACE %s;\n",
					 definition + strlen("CREATE "));
	return true;
}

/* A rule keeps its state when it is replaced. */
static bool
alter_rule(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, "definition") && !replace(out, "RULE", to))
		return false;
	if (!same(from, to, "enabled"))
		appendStringInfo(out, "ALTER TABLE %s %s RULE %s;\n", to->parent->identity,
						 migr_ddl_enable(*value(to, "enabled")),
						 quote_identifier(to->name));
	return true;
}

/* The setting of a table that is the state of a trigger, or NULL. */
static const MigrObject *
find_state(const MigrObject *trigger)
{
	const char *words = psprintf(" TRIGGER %s", quote_identifier(trigger->name));
	ListCell   *lc;

	foreach(lc, trigger->parent->children)
	{
		const MigrObject *setting = lfirst(lc);
		const char *sql;
		int			len;

		if (setting->kind != MIGR_KIND_TABLE_SETTING)
			continue;
		sql = value(setting, "sql");
		len = strlen(sql) - strlen(words);
		if (len > 0 && strcmp(sql + len, words) == 0)
			return setting;
	}
	return NULL;
}

static bool
is_partitioned(const MigrObject *relation)
{
	return relation->kind == MIGR_KIND_TABLE &&
		strcmp(value(relation, "relkind"), "p") == 0;
}

/*
 * A trigger is enabled when it is replaced.  Its state is an object of its own;
 * where that does not change, it is set again here.  The triggers that come of
 * one in partitions have states as well.
 */
static bool
alter_trigger(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const MigrObject *old_state = find_state(from);
	const MigrObject *state = find_state(to);

	if (same(from, to, "definition"))
		return true;
	/* None that is a constraint can be replaced, or take the place of another. */
	if (MIGR_SERVER_MAJOR < 14 || is_partitioned(to->parent) ||
		strncmp(value(from, "definition"), "CREATE CONSTRAINT ", strlen("CREATE CONSTRAINT ")) == 0 ||
		!replace(out, "TRIGGER", to))
		return false;
	if (old_state && state && same(old_state, state, "sql"))
		appendStringInfo(out, "ALTER TABLE ONLY %s %s;\n", state->identity,
						 value(state, "sql"));
	return true;
}

/* Append a clause that can be changed, but not taken away. */
static void
alter_clause(StringInfo out, const char *format, const MigrObject *from,
			 const MigrObject *to, const char *attribute)
{
	if (!same(from, to, attribute))
		appendStringInfo(out, format, value(to, attribute));
}

static bool
alter_policy(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	int			head;

	if (!same(from, to, "permissive") || !same(from, to, "command") ||
		migr_object_has(from, "using") > migr_object_has(to, "using") ||
		migr_object_has(from, "with_check") > migr_object_has(to, "with_check"))
		return false;
	appendStringInfo(out, "ALTER POLICY %s", to->identity);
	head = out->len;
	if (!same(from, to, "roles"))
		appendStringInfo(out, " TO %s", migr_object_has(to, "roles")
						 ? value(to, "roles") : "PUBLIC");
	alter_clause(out, "\n    USING (%s)", from, to, "using");
	alter_clause(out, "\n    WITH CHECK (%s)", from, to, "with_check");
	migr_ddl_list_end(out, out->len > head, len);
	return true;
}

/* A materialized view that was filled, and is to be empty. */
static void
empty_view(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "REFRESH MATERIALIZED VIEW %s WITH NO DATA;\n",
					 object->identity);
}

const MigrDdlChange migr_ddl_alter_fixtures[] = {
	{MIGR_KIND_RULE, NULL, alter_rule},
	{MIGR_KIND_TRIGGER, NULL, alter_trigger},
	{MIGR_KIND_POLICY, NULL, alter_policy},
	{MIGR_KIND_POPULATE, empty_view, NULL},
	{0}
};
