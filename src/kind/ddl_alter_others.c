/*
 * ddl_alter_others.c
 *		Changes of all but relations, types and routines to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kind/ddl_alter.h"
#include "model/attribute_list.h"
#include "model/privileges.h"

#define value migr_object_value

static bool
same(const MigrObject *from, const MigrObject *to, const char *attribute)
{
	return migr_ddl_same(value(from, attribute), value(to, attribute));
}

/* Are all attributes the same? */
static bool
unchanged(const MigrObject *from, const MigrObject *to)
{
	for (int i = 0; i < to->columns->count; i++)
	{
		if (!same(from, to, to->columns->names[i]))
			return false;
	}
	return true;
}

/* Append format, which has one %s, with an attribute, if that has a value. */
static void
append_value(StringInfo out, const char *format, const MigrObject *object,
			 const char *attribute)
{
	if (migr_object_has(object, attribute))
		appendStringInfo(out, format, value(object, attribute));
}

/* The comment of a schema that the reader leaves to the schema's own query. */
static void
alter_schema_comment(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *comment = value(to, "comment");

	if (!migr_object_is(to, "has_comment") || same(from, to, "comment"))
		return;
	appendStringInfo(out, "COMMENT ON SCHEMA %s IS %s;\n", to->identity,
					 comment && *comment ? quote_literal_cstr(comment) : "NULL");
}

/* Schema public is an object even where it is not there. */
static bool
alter_schema(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!migr_object_is(to, "present"))
	{
		if (migr_object_is(from, "present"))
			appendStringInfo(out, "DROP SCHEMA %s;\n", to->identity);
		return true;
	}
	if (!migr_object_is(from, "present"))
		appendStringInfo(out, "CREATE SCHEMA %s;\n", to->identity);
	alter_schema_comment(out, from, to);
	return true;
}

static void
alter_extension_comment(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *comment = value(to, "own_comment");

	if (same(from, to, "own_comment"))
		return;
	if (comment == NULL)
		comment = value(to, "brought_comment");
	appendStringInfo(out, "COMMENT ON EXTENSION %s IS %s;\n", to->identity,
					 comment ? comment : "NULL");
}

static bool
alter_extension(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	/* The members of some have to stay where they were made. */
	if (!same(from, to, "in_schema") && !migr_object_is(from, "relocatable"))
		return false;
	if (!same(from, to, "in_schema"))
		appendStringInfo(out, "ALTER EXTENSION %s SET SCHEMA %s;\n", to->identity,
						 value(to, "in_schema"));
	alter_extension_comment(out, from, to);
	return true;
}

/* No privilege of a language that is not trusted can be granted or revoked. */
static bool
alter_language(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (unchanged(from, to))
		return true;
	if (from->acl && !migr_object_is(to, "trusted"))
		return false;
	appendStringInfo(out, "CREATE OR REPLACE %sLANGUAGE %s\n    HANDLER %s",
					 migr_object_is(to, "trusted") ? "TRUSTED " : "",
					 to->identity, value(to, "handler"));
	append_value(out, "\n    INLINE %s", to, "inline");
	append_value(out, "\n    VALIDATOR %s", to, "validator");
	appendStringInfoString(out, ";\n");
	return true;
}

static bool
alter_transform(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (unchanged(from, to))
		return true;
	appendStringInfo(out, "CREATE OR REPLACE TRANSFORM %s (\n    ", to->identity);
	append_value(out, "FROM SQL WITH FUNCTION %s", to, "from_sql");
	if (migr_object_has(to, "from_sql") && migr_object_has(to, "to_sql"))
		appendStringInfoString(out, ",\n    ");
	append_value(out, "TO SQL WITH FUNCTION %s", to, "to_sql");
	appendStringInfoString(out, "\n);\n");
	return true;
}

/*
 * An option that is named without a value goes.  Each that is named with one
 * becomes the last of all: to name all gives the order that a new dictionary
 * would have.
 */
static bool
alter_ts_dictionary(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, "options"));
	List	   *new = migr_ddl_list(value(to, "options"));
	const char *alter = psprintf("ALTER TEXT SEARCH DICTIONARY %s (\n    ",
								 to->identity);
	int			count = 0;
	ListCell   *lc;

	if (!same(from, to, "template"))
		return false;
	if (same(from, to, "options"))
		return true;
	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		appendStringInfoString(out, item->key);
	}
	foreach(lc, new)
	{
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		appendStringInfoString(out, ((MigrDdlItem *) lfirst(lc))->text);
	}
	appendStringInfoString(out, "\n);\n");
	return true;
}

/* The tokens of a configuration, each as the key of its dictionaries. */
static List *
read_mappings(const MigrObject *configuration)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, migr_ddl_list_by(value(configuration, "mappings"), ';'))
	{
		const char *statement = ((MigrDdlItem *) lfirst(lc))->text;
		int			tokens = migr_ddl_list_word(statement, "FOR") + strlen("FOR");
		int			with = migr_ddl_list_word(statement, "WITH");
		ListCell   *cell;

		foreach(cell, migr_ddl_list(pnstrdup(statement + tokens, with - tokens)))
		{
			MigrDdlItem *mapping = lfirst(cell);

			mapping->rest = statement + with + strlen("WITH ");
			result = lappend(result, mapping);
		}
	}
	return result;
}

/* Append a statement for all tokens of a list that have these dictionaries. */
static void
append_mapping(StringInfo out, const MigrObject *to, const char *verb,
			   const List *mappings, const char *dictionaries)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, mappings)
	{
		const MigrDdlItem *mapping = lfirst(lc);

		if (strcmp(mapping->rest, dictionaries) != 0)
			continue;
		migr_ddl_list_next(out, &count,
						   psprintf("ALTER TEXT SEARCH CONFIGURATION %s\n"
									"    %s MAPPING FOR ", to->identity, verb), ", ");
		appendStringInfoString(out, mapping->key);
	}
	appendStringInfo(out, "\n    WITH %s;\n", dictionaries);
}

/* Append statements for all tokens, as few as there are dictionary lists. */
static void
append_mappings(StringInfo out, const MigrObject *to, const char *verb,
				const List *mappings)
{
	List	   *done = NIL;
	ListCell   *lc;

	foreach(lc, mappings)
	{
		MigrDdlItem *mapping = lfirst(lc);
		MigrDdlItem as_text = {.text = mapping->rest};

		if (migr_ddl_list_text(done, mapping->rest))
			continue;
		append_mapping(out, to, verb, mappings, mapping->rest);
		done = lappend(done, memcpy(palloc(sizeof(MigrDdlItem)), &as_text,
									sizeof(MigrDdlItem)));
	}
}

static bool
alter_ts_configuration(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = read_mappings(from);
	List	   *new = read_mappings(to);
	List	   *added = NIL;
	List	   *changed = NIL;
	int			count = 0;
	ListCell   *lc;

	if (!same(from, to, "parser"))
		return false;
	foreach(lc, old)
	{
		const MigrDdlItem *mapping = lfirst(lc);

		if (migr_ddl_list_key(new, mapping->key))
			continue;
		migr_ddl_list_next(out, &count,
						   psprintf("ALTER TEXT SEARCH CONFIGURATION %s\n"
									"    DROP MAPPING FOR ", to->identity), ", ");
		appendStringInfoString(out, mapping->key);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
	foreach(lc, new)
	{
		MigrDdlItem *mapping = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, mapping->key);

		if (was == NULL)
			added = lappend(added, mapping);
		else if (strcmp(was->rest, mapping->rest) != 0)
			changed = lappend(changed, mapping);
	}
	append_mappings(out, to, "ADD", added);
	append_mappings(out, to, "ALTER", changed);
	return true;
}

/* Append a clause of a foreign data wrapper, which may have been taken away. */
static bool
append_wrapper_function(StringInfo out, const MigrObject *from,
						const MigrObject *to, const char *clause,
						const char *attribute)
{
	if (same(from, to, attribute))
		return false;
	if (migr_object_has(to, attribute))
		appendStringInfo(out, " %s %s", clause, value(to, attribute));
	else
		appendStringInfo(out, " NO %s", clause);
	return true;
}

static bool
alter_fdw(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	bool		any;

	appendStringInfo(out, "ALTER FOREIGN DATA WRAPPER %s", to->identity);
	any = append_wrapper_function(out, from, to, "HANDLER", "handler");
	any |= append_wrapper_function(out, from, to, "VALIDATOR", "validator");
	any |= migr_ddl_list_options(out, value(from, "options"), value(to, "options"));
	migr_ddl_list_end(out, any, len);
	return true;
}

static bool
alter_server(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	bool		any = !same(from, to, "version");

	if (!same(from, to, "type") || !same(from, to, "wrapper"))
		return false;
	appendStringInfo(out, "ALTER SERVER %s", to->identity);
	if (any)
		appendStringInfo(out, " VERSION %s", migr_object_has(to, "version")
						 ? value(to, "version") : "NULL");
	any |= migr_ddl_list_options(out, value(from, "options"), value(to, "options"));
	migr_ddl_list_end(out, any, len);
	return true;
}

/* What a publication lists: "TABLE ONLY a (b)" or "TABLES IN SCHEMA c". */
static List *
read_published(const MigrObject *publication, const char *attribute,
			   const char *prefix)
{
	const char *text = value(publication, attribute);

	return text ? migr_ddl_list(text + strlen(prefix)) : NIL;
}

/* Are all of some among others? */
static bool
is_subset(const List *some, const List *others)
{
	ListCell   *lc;

	foreach(lc, some)
	{
		if (!migr_ddl_list_text(others, ((MigrDdlItem *) lfirst(lc))->text))
			return false;
	}
	return true;
}

/* Append ADD prefix and what is new. */
static void
append_published(StringInfo out, const MigrObject *to, const char *prefix,
				 const List *old, const List *new)
{
	const char *first = psprintf("ALTER PUBLICATION %s ADD %s", to->identity, prefix);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(old, item->text))
			continue;
		migr_ddl_list_next(out, &count, first, ",\n    ");
		appendStringInfoString(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
}

#define TABLE "TABLE "
#define SCHEMAS "TABLES IN SCHEMA "

/*
 * What is published no more may not be there any more: then the whole list is
 * set, and that can't be empty.
 */
static bool
alter_published(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = read_published(from, "tables", TABLE);
	List	   *new = read_published(to, "tables", TABLE);
	List	   *old_schemas = read_published(from, "schemas", SCHEMAS);
	List	   *new_schemas = read_published(to, "schemas", SCHEMAS);
	const char *tables = value(to, "tables");
	const char *schemas = value(to, "schemas");

	if (is_subset(old, new) && is_subset(old_schemas, new_schemas))
	{
		append_published(out, to, TABLE, old, new);
		append_published(out, to, SCHEMAS, old_schemas, new_schemas);
		return true;
	}
	if (tables == NULL && schemas == NULL)
		return false;
	appendStringInfo(out, "ALTER PUBLICATION %s SET\n    %s%s%s;\n", to->identity,
					 tables ? tables : "", tables && schemas ? ",\n    " : "",
					 schemas ? schemas : "");
	return true;
}

static bool
alter_publication(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *set = psprintf("ALTER PUBLICATION %s SET (", to->identity);
	int			count = 0;

	if (!same(from, to, "all_tables") || !alter_published(out, from, to))
		return false;
	if (!same(from, to, "publish"))
	{
		migr_ddl_list_next(out, &count, set, ", ");
		appendStringInfo(out, "publish = '%s'", value(to, "publish"));
	}
	if (!same(from, to, "via_root"))
	{
		migr_ddl_list_next(out, &count, set, ", ");
		appendStringInfo(out, "publish_via_partition_root = %s",
						 migr_object_is(to, "via_root") ? "true" : "false");
	}
	if (!same(from, to, "generated"))
	{
		migr_ddl_list_next(out, &count, set, ", ");
		appendStringInfo(out, "publish_generated_columns = %s",
						 *value(to, "generated") == 's' ? "stored" : "none");
	}
	if (count > 0)
		appendStringInfoString(out, ");\n");
	return true;
}

static bool
alter_event_trigger(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, "event") || !same(from, to, "tags") ||
		!same(from, to, "function"))
		return false;
	if (!same(from, to, "enabled"))
		appendStringInfo(out, "ALTER EVENT TRIGGER %s %s;\n", to->identity,
						 migr_ddl_enable(*value(to, "enabled")));
	return true;
}

static void
drop_default_privileges(StringInfo out, const MigrObject *object)
{
	migr_privileges_alter_default(out, object, NULL);
}

static bool
alter_default_privileges(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_privileges_alter_default(out, from, to);
	return true;
}

const MigrDdlChange migr_ddl_alter_others[] = {
	{MIGR_KIND_SCHEMA, NULL, alter_schema},
	{MIGR_KIND_EXTENSION, NULL, alter_extension},
	{MIGR_KIND_LANGUAGE, NULL, alter_language},
	{MIGR_KIND_TRANSFORM, NULL, alter_transform},
	{MIGR_KIND_TS_DICTIONARY, NULL, alter_ts_dictionary},
	{MIGR_KIND_TS_CONFIGURATION, NULL, alter_ts_configuration},
	{MIGR_KIND_FDW, NULL, alter_fdw},
	{MIGR_KIND_SERVER, NULL, alter_server},
	{MIGR_KIND_PUBLICATION, NULL, alter_publication},
	{MIGR_KIND_EVENT_TRIGGER, NULL, alter_event_trigger},
	{MIGR_KIND_DEFAULT_PRIVILEGES, drop_default_privileges, alter_default_privileges},
	{0}
};
