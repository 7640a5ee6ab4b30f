/*
 * ddl_alter_routines.c
 *		Changes of routines, aggregates, operators and families to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/compat.h"
#include "kind/ddl_alter.h"
#include "model/attribute_list.h"

#define value migr_object_value

static bool
same(const MigrObject *from, const MigrObject *to, const char *attribute)
{
	return migr_ddl_same(value(from, attribute), value(to, attribute));
}

/* How many arguments have defaults: they can become more, but not fewer. */
static int
defaults(const MigrObject *routine)
{
	return atoi(value(routine, "defaults"));
}

/*
 * CREATE OR REPLACE, as the server words it, sets all properties anew; owner,
 * privileges and comment stay.
 */
static bool
alter_routine(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *definition = value(to, "definition");
	int			len = strlen(definition);

	if (!same(from, to, "prokind") || !same(from, to, "result") ||
		!same(from, to, "result_columns") || defaults(from) > defaults(to))
		return false;
	if (same(from, to, "definition") && same(from, to, "exact"))
		return true;
	while (len > 0 && definition[len - 1] == '\n')
		len--;
	appendBinaryStringInfo(out, definition, len);
	appendStringInfoString(out, ";\n");
	if (migr_object_has(to, "exact"))
		appendStringInfo(out, "ALTER %s %s %s;\n", value(to, "noun"),
						 to->identity, value(to, "exact"));
	return true;
}

static bool
alter_aggregate(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, "result") || !same(from, to, "aggkind") ||
		!same(from, to, "direct_arguments"))
		return false;
	if (!same(from, to, "options"))
		appendStringInfo(out, "CREATE OR REPLACE AGGREGATE %s (\n    %s\n);\n",
						 to->identity, value(to, "options"));
	return true;
}

/*
 * Can an option of an operator be changed?  17 can give it, for good, what it
 * did not have; but a commutator or negator only where that is defined by then,
 * which nothing here tells, while CREATE OPERATOR takes any name.
 */
static bool
can_change_option(const char *key, bool was, bool is)
{
	if (strcmp(key, "RESTRICT") == 0 || strcmp(key, "JOIN") == 0)
		return true;
	return MIGR_SERVER_MAJOR >= 17 && !was && is &&
		(strcmp(key, "MERGES") == 0 || strcmp(key, "HASHES") == 0);
}

static bool
alter_operator(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, "options"));
	List	   *new = migr_ddl_list(value(to, "options"));
	const char *alter = psprintf("ALTER OPERATOR %s SET (", to->identity);
	StringInfoData text;
	int			count = 0;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		if (!can_change_option(item->key, true, false))
			return false;
		migr_ddl_list_next(&text, &count, alter, ", ");
		appendStringInfo(&text, "%s = NONE", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		bool		was = migr_ddl_list_key(old, item->key) != NULL;

		if (migr_ddl_list_text(old, item->text))
			continue;
		if (!can_change_option(item->key, was, true))
			return false;
		migr_ddl_list_next(&text, &count, alter, ", ");
		appendStringInfoString(&text, item->text);
	}
	if (count > 0)
		appendStringInfo(out, "%s);\n", text.data);
	return true;
}

/* OPERATOR n or FUNCTION n, with the types in the first parentheses. */
static void
append_member_to_drop(StringInfo out, const char *member)
{
	const char *number = strchr(member, ' ') + 1;
	char	   *types = migr_ddl_list_parenthesis(member);

	appendStringInfo(out, "%.*s %s", (int) (strchr(number, ' ') - member), member,
					 types);
}

/* The members that no class has, those of the classes are the classes'. */
static bool
alter_opfamily(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, "members"));
	List	   *new = migr_ddl_list(value(to, "members"));
	const char *alter = psprintf("ALTER OPERATOR FAMILY %s ", to->identity);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(new, item->text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sDROP\n    ", alter), ",\n    ");
		append_member_to_drop(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
	count = 0;
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(old, item->text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sADD\n    ", alter), ",\n    ");
		appendStringInfoString(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
	return true;
}

const MigrDdlChange migr_ddl_alter_routines[] = {
	{MIGR_KIND_ROUTINE, NULL, alter_routine},
	{MIGR_KIND_AGGREGATE, NULL, alter_aggregate},
	{MIGR_KIND_OPERATOR, NULL, alter_operator},
	{MIGR_KIND_OPFAMILY, NULL, alter_opfamily},
	{0}
};
