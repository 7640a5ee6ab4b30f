/*
 * ddl_alter_types.c
 *		Changes of types to SQL text.
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
differs(const MigrObject *from, const MigrObject *to, const char *attribute)
{
	return !migr_ddl_same(value(from, attribute), value(to, attribute));
}

/* Are all texts of some found in others, in the same order? */
static bool
is_subsequence(const List *some, const List *others)
{
	int			found = 0;
	ListCell   *lc;

	foreach(lc, others)
	{
		if (found < list_length(some) &&
			strcmp(((MigrDdlItem *) list_nth(some, found))->text,
				   ((MigrDdlItem *) lfirst(lc))->text) == 0)
			found++;
	}
	return found == list_length(some);
}

/*
 * Labels can be added.  One that is missing in the middle may be a new name or
 * have gone with its rows' values: the type has to be built anew.
 */
static bool
alter_enum(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, "labels"));
	List	   *new = migr_ddl_list(value(to, "labels"));
	const char *previous = NULL;
	int			passed = 0;
	ListCell   *lc;

	if (!is_subsequence(old, new))
		return false;
	foreach(lc, new)
	{
		const char *label = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(old, label))
			passed++;
		else
		{
			appendStringInfo(out, "ALTER TYPE %s ADD VALUE %s", to->identity,
							 label);
			if (passed < list_length(old) && previous)
				appendStringInfo(out, " AFTER %s", previous);
			else if (passed < list_length(old))
				appendStringInfo(out, " BEFORE %s",
								 ((MigrDdlItem *) linitial(old))->text);
			appendStringInfoString(out, ";\n");
		}
		previous = label;
	}
	return true;
}

/*
 * Can attributes be changed so that they come out in that order?  New ones can
 * only be added at the end.
 */
static bool
keeps_order(const List *old, const List *new)
{
	int			last = -1;
	bool		added = false;
	ListCell   *lc;

	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		int			position = 0;
		ListCell   *cell;

		foreach(cell, old)
		{
			if (strcmp(((MigrDdlItem *) lfirst(cell))->key, item->key) == 0)
				break;
			position++;
		}
		if (position == list_length(old))
			added = true;
		else if (added || position < last)
			return false;
		else
			last = position;
	}
	return true;
}

static bool
retypes_attributes(const List *old, const List *new)
{
	ListCell   *lc;

	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, item->key);

		if (was && strcmp(was->text, item->text) != 0)
			return true;
	}
	return false;
}

/* ALTER TYPE with one action an attribute; no table is of the type meanwhile. */
static void
alter_attributes(StringInfo out, const MigrObject *to, const List *old,
				 const List *new)
{
	const char *alter = psprintf("ALTER TYPE %s\n    ", to->identity);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		appendStringInfo(out, "DROP ATTRIBUTE %s", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, item->key);

		if (was && strcmp(was->text, item->text) == 0)
			continue;
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		if (was)
			appendStringInfo(out, "ALTER ATTRIBUTE %s TYPE %s", item->key,
							 item->rest);
		else
			appendStringInfo(out, "ADD ATTRIBUTE %s", item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
}

/* The attribute that a comment is on. */
static const char *
commented_attribute(const char *statement, int is)
{
	List	   *path = migr_ddl_list_by(pnstrdup(statement, is), '.');

	return ((MigrDdlItem *) llast(path))->key;
}

static void
alter_attribute_comments(StringInfo out, const MigrObject *from,
						 const MigrObject *to, const List *attributes)
{
	List	   *old = migr_ddl_list_by(value(from, "attribute_comments"), ';');
	List	   *new = migr_ddl_list_by(value(to, "attribute_comments"), ';');
	List	   *kept = NIL;
	ListCell   *lc;

	foreach(lc, new)
	{
		const char *statement = ((MigrDdlItem *) lfirst(lc))->text;
		int			is = migr_ddl_list_word(statement, "IS");

		kept = lappend(kept, makeString(unconstify(char *, commented_attribute(statement, is))));
		if (migr_ddl_list_text(old, statement) == NULL)
			appendStringInfo(out, "%s;\n", statement);
	}
	foreach(lc, old)
	{
		const char *statement = ((MigrDdlItem *) lfirst(lc))->text;
		int			is = migr_ddl_list_word(statement, "IS");
		const char *attribute = commented_attribute(statement, is);

		if (migr_ddl_list_key(attributes, attribute) &&
			!list_member(kept, makeString(unconstify(char *, attribute))))
			appendStringInfo(out, "%.*sIS NULL;\n", is, statement);
	}
}

/*
 * The server refuses another type of an attribute while a column holds values
 * of the composite type.
 */
static bool
alter_composite(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, "attributes"));
	List	   *new = migr_ddl_list(value(to, "attributes"));

	if (!keeps_order(old, new) ||
		(retypes_attributes(old, new) && migr_object_is(from, "stored")))
		return false;
	alter_attributes(out, to, old, new);
	alter_attribute_comments(out, from, to, new);
	return true;
}

/* The name of a domain's NOT NULL constraint, which is its own since 17. */
static const char *
not_null_name(const MigrObject *domain)
{
	return migr_object_has(domain, "not_null_name")
		? value(domain, "not_null_name")
		: quote_identifier(psprintf("%s_not_null", domain->name));
}

static void
alter_not_null(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	bool		was = migr_object_is(from, "not_null");

	if (was != migr_object_is(to, "not_null"))
	{
		appendStringInfo(out, "ALTER DOMAIN %s ", to->identity);
		if (was)
			appendStringInfoString(out, "DROP NOT NULL;\n");
		else if (migr_object_has(to, "not_null_name"))
			appendStringInfo(out, "ADD CONSTRAINT %s NOT NULL;\n",
							 not_null_name(to));
		else
			appendStringInfoString(out, "SET NOT NULL;\n");
	}
	else if (was && differs(from, to, "not_null_name"))
		appendStringInfo(out, "ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s;\n",
						 to->identity, not_null_name(from), not_null_name(to));
}

static bool
alter_domain(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (differs(from, to, "base") || differs(from, to, "collation"))
		return false;
	if (migr_object_has(to, "default") && differs(from, to, "default"))
		appendStringInfo(out, "ALTER DOMAIN %s SET DEFAULT %s;\n", to->identity,
						 value(to, "default"));
	else if (differs(from, to, "default"))
		appendStringInfo(out, "ALTER DOMAIN %s DROP DEFAULT;\n", to->identity);
	alter_not_null(out, from, to);
	return true;
}

static bool
alter_range(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	return !differs(from, to, "options");
}

/* What ALTER TYPE can set, and since which server major. */
static const struct
{
	const char *key;
	int			since;
}			settable[] =
{
	{"RECEIVE", 13},
	{"SEND", 13},
	{"TYPMOD_IN", 13},
	{"TYPMOD_OUT", 13},
	{"ANALYZE", 13},
	{"SUBSCRIPT", 14},
	{"STORAGE", 13}
};

static bool
is_settable(const char *key)
{
	for (int i = 0; i < (int) lengthof(settable); i++)
	{
		if (strcmp(settable[i].key, key) == 0)
			return MIGR_SERVER_MAJOR >= settable[i].since;
	}
	return false;
}

/* Can all be set that some options have and others have not? */
static bool
can_set_options(const List *some, const List *others)
{
	ListCell   *lc;

	foreach(lc, some)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(others, item->text) == NULL &&
			!is_settable(item->key))
			return false;
	}
	return true;
}

static bool
alter_base_type(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, "options"));
	List	   *new = migr_ddl_list(value(to, "options"));
	const char *alter = psprintf("ALTER TYPE %s SET (", to->identity);
	int			count = 0;
	ListCell   *lc;

	if (!can_set_options(old, new) || !can_set_options(new, old) ||
		(migr_ddl_list_text(new, "STORAGE = plain") &&
		 migr_ddl_list_text(old, "STORAGE = plain") == NULL))
		return false;
	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, alter, ", ");
		appendStringInfo(out, "%s = NONE", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(old, item->text))
			continue;
		migr_ddl_list_next(out, &count, alter, ", ");
		appendStringInfoString(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ");\n");
	return true;
}

/* The functions of the type know it as well: they go along. */
static void
drop_with_functions(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "DROP TYPE %s CASCADE;\n", object->identity);
}

static void
drop_range(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "DROP TYPE %s%s;\n", object->identity,
					 migr_object_is(object, "needs_shell") ? " CASCADE" : "");
}

/* What announces another type goes with that. */
static void
drop_shell_type(StringInfo out, const MigrObject *object)
{
	if (!migr_object_is(object, "announces"))
		appendStringInfo(out, "DROP TYPE %s;\n", object->identity);
}

/* To define the type is the work of another object, and to drop it as well. */
static bool
alter_shell_type(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	return !migr_object_is(from, "announces") || migr_object_is(to, "announces");
}

const MigrDdlChange migr_ddl_alter_types[] = {
	{MIGR_KIND_SHELL_TYPE, drop_shell_type, alter_shell_type},
	{MIGR_KIND_ENUM, NULL, alter_enum},
	{MIGR_KIND_COMPOSITE, NULL, alter_composite},
	{MIGR_KIND_DOMAIN, NULL, alter_domain},
	{MIGR_KIND_RANGE, drop_range, alter_range},
	{MIGR_KIND_BASE_TYPE, drop_with_functions, alter_base_type},
	{0}
};
