/*
 * ddl_others.c
 *		DDL of all but relations, types and routines.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kind/ddl.h"
#include "model/privileges.h"

/* The comment that initdb gives schema public. */
#define PUBLIC_COMMENT "standard public schema"

/* Append format, which has one %s, with an attribute, if that has a value. */
static void
append_value(StringInfo out, const char *format, const MigrObject *object,
			 const char *attribute)
{
	if (migr_object_has(object, attribute))
		appendStringInfo(out, format, migr_object_value(object, attribute));
}

/* A comment that the reader leaves to the schema's own query, see there. */
static void
append_schema_comment(StringInfo out, const MigrObject *object)
{
	const char *comment = migr_object_value(object, "comment");
	const char *created = migr_object_is(object, "public") ? PUBLIC_COMMENT : "";

	if (strcmp(comment ? comment : "", created) == 0)
		return;
	appendStringInfo(out, "COMMENT ON SCHEMA %s IS %s;\n", object->identity,
					 comment ? quote_literal_cstr(comment) : "NULL");
}

/* Schema public is there; a database may have none, though. */
static void
create_schema(StringInfo out, const MigrObject *object)
{
	if (!migr_object_is(object, "present"))
		appendStringInfo(out, "DROP SCHEMA %s;\n", object->identity);
	else if (!migr_object_is(object, "public"))
		appendStringInfo(out, "CREATE SCHEMA %s;\n", object->identity);
	if (migr_object_is(object, "has_comment"))
		append_schema_comment(out, object);
}

/* Its comment is what it brings, unless it has got another one. */
static void
create_extension(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE EXTENSION %s WITH SCHEMA %s;\n",
					 object->identity, migr_object_value(object, "in_schema"));
	if (migr_object_has(object, "own_comment"))
		appendStringInfo(out, "COMMENT ON EXTENSION %s IS %s;\n", object->identity,
						 migr_object_value(object, "own_comment"));
}

static void
create_language(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE %sLANGUAGE %s\n    HANDLER %s",
					 migr_object_is(object, "trusted") ? "TRUSTED " : "",
					 object->identity, migr_object_value(object, "handler"));
	append_value(out, "\n    INLINE %s", object, "inline");
	append_value(out, "\n    VALIDATOR %s", object, "validator");
	appendStringInfoString(out, ";\n");
}

static void
create_collation(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE COLLATION %s (\n    provider = %s",
					 object->identity, migr_object_value(object, "provider"));
	if (migr_object_has(object, "locale"))
		append_value(out, ",\n    locale = %s", object, "locale");
	else
	{
		append_value(out, ",\n    lc_collate = %s", object, "lc_collate");
		append_value(out, ",\n    lc_ctype = %s", object, "lc_ctype");
	}
	if (!migr_object_is(object, "deterministic"))
		appendStringInfoString(out, ",\n    deterministic = false");
	append_value(out, ",\n    rules = %s", object, "rules");
	appendStringInfoString(out, "\n);\n");
}

static void
create_access_method(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE ACCESS METHOD %s TYPE %s HANDLER %s;\n",
					 object->identity, migr_object_value(object, "type"),
					 migr_object_value(object, "handler"));
}

static void
create_cast(StringInfo out, const MigrObject *object)
{
	char		context = migr_object_value(object, "context")[0];

	appendStringInfo(out, "CREATE CAST %s ", object->identity);
	switch (migr_object_value(object, "method")[0])
	{
		case 'f':
			append_value(out, "WITH FUNCTION %s", object, "function");
			break;
		case 'i':
			appendStringInfoString(out, "WITH INOUT");
			break;
		default:
			appendStringInfoString(out, "WITHOUT FUNCTION");
	}
	if (context == 'a')
		appendStringInfoString(out, " AS ASSIGNMENT");
	else if (context == 'i')
		appendStringInfoString(out, " AS IMPLICIT");
	appendStringInfoString(out, ";\n");
}

static void
create_transform(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TRANSFORM %s (\n    ", object->identity);
	append_value(out, "FROM SQL WITH FUNCTION %s", object, "from_sql");
	if (migr_object_has(object, "from_sql") && migr_object_has(object, "to_sql"))
		appendStringInfoString(out, ",\n    ");
	append_value(out, "TO SQL WITH FUNCTION %s", object, "to_sql");
	appendStringInfoString(out, "\n);\n");
}

static void
create_conversion(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE %sCONVERSION %s\n    FOR %s TO %s FROM %s;\n",
					 migr_object_is(object, "is_default") ? "DEFAULT " : "",
					 object->identity, migr_object_value(object, "source"),
					 migr_object_value(object, "target"),
					 migr_object_value(object, "function"));
}

static void
create_ts_parser(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH PARSER %s (\n    START = %s,\n"
					 "    GETTOKEN = %s,\n    END = %s,\n    LEXTYPES = %s",
					 object->identity, migr_object_value(object, "start"),
					 migr_object_value(object, "gettoken"),
					 migr_object_value(object, "finish"),
					 migr_object_value(object, "lextypes"));
	append_value(out, ",\n    HEADLINE = %s", object, "headline");
	appendStringInfoString(out, "\n);\n");
}

static void
create_ts_template(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH TEMPLATE %s (\n    ",
					 object->identity);
	append_value(out, "INIT = %s,\n    ", object, "init");
	append_value(out, "LEXIZE = %s\n);\n", object, "lexize");
}

/* The server keeps the options as the list that CREATE takes. */
static void
create_ts_dictionary(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH DICTIONARY %s (\n    TEMPLATE = %s",
					 object->identity, migr_object_value(object, "template"));
	append_value(out, ",\n    %s", object, "options");
	appendStringInfoString(out, "\n);\n");
}

static void
create_ts_configuration(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH CONFIGURATION %s (\n"
					 "    PARSER = %s\n);\n",
					 object->identity, migr_object_value(object, "parser"));
	append_value(out, "%s", object, "mappings");
}

static void
create_fdw(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE FOREIGN DATA WRAPPER %s", object->identity);
	append_value(out, "\n    HANDLER %s", object, "handler");
	append_value(out, "\n    VALIDATOR %s", object, "validator");
	append_value(out, " OPTIONS (\n    %s\n)", object, "options");
	appendStringInfoString(out, ";\n");
}

static void
create_server(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE SERVER %s", object->identity);
	append_value(out, " TYPE %s", object, "type");
	append_value(out, " VERSION %s", object, "version");
	append_value(out, "\n    FOREIGN DATA WRAPPER %s", object, "wrapper");
	append_value(out, " OPTIONS (\n    %s\n)", object, "options");
	appendStringInfoString(out, ";\n");
}

/* What a publication publishes, and which it does so by default. */
static void
append_publication_options(StringInfo out, const MigrObject *object)
{
	const char *separator = "\n    WITH (";
	const char *publish = migr_object_value(object, "publish");

	if (strcmp(publish, "insert, update, delete, truncate") != 0)
	{
		appendStringInfo(out, "%spublish = '%s'", separator, publish);
		separator = ", ";
	}
	if (migr_object_is(object, "via_root"))
	{
		appendStringInfo(out, "%spublish_via_partition_root = true", separator);
		separator = ", ";
	}
	if (strcmp(migr_object_value(object, "generated"), "s") == 0)
	{
		appendStringInfo(out, "%spublish_generated_columns = stored", separator);
		separator = ", ";
	}
	if (strcmp(separator, ", ") == 0)
		appendStringInfoChar(out, ')');
}

static void
create_publication(StringInfo out, const MigrObject *object)
{
	const char *tables = migr_object_value(object, "tables");
	const char *schemas = migr_object_value(object, "schemas");

	appendStringInfo(out, "CREATE PUBLICATION %s", object->identity);
	if (migr_object_is(object, "all_tables"))
		appendStringInfoString(out, " FOR ALL TABLES");
	else if (tables || schemas)
		appendStringInfo(out, " FOR\n    %s%s%s", tables ? tables : "",
						 tables && schemas ? ",\n    " : "",
						 schemas ? schemas : "");
	append_publication_options(out, object);
	appendStringInfoString(out, ";\n");
}

static void
create_event_trigger(StringInfo out, const MigrObject *object)
{
	const char *state = NULL;

	appendStringInfo(out, "CREATE EVENT TRIGGER %s ON %s", object->identity,
					 migr_object_value(object, "event"));
	append_value(out, "\n    WHEN TAG IN (%s)", object, "tags");
	append_value(out, "\n    EXECUTE FUNCTION %s();\n", object, "function");
	switch (migr_object_value(object, "enabled")[0])
	{
		case 'D':
			state = "DISABLE";
			break;
		case 'R':
			state = "ENABLE REPLICA";
			break;
		case 'A':
			state = "ENABLE ALWAYS";
			break;
	}
	if (state)
		appendStringInfo(out, "ALTER EVENT TRIGGER %s %s;\n", object->identity,
						 state);
}

const MigrDdl migr_ddl_others[] = {
	{MIGR_KIND_SCHEMA, "SCHEMA", create_schema},
	{MIGR_KIND_EXTENSION, "EXTENSION", create_extension},
	{MIGR_KIND_LANGUAGE, "LANGUAGE", create_language},
	{MIGR_KIND_COLLATION, "COLLATION", create_collation},
	{MIGR_KIND_ACCESS_METHOD, "ACCESS METHOD", create_access_method},
	{MIGR_KIND_CAST, "CAST", create_cast},
	{MIGR_KIND_TRANSFORM, "TRANSFORM", create_transform},
	{MIGR_KIND_CONVERSION, "CONVERSION", create_conversion},
	{MIGR_KIND_TS_PARSER, "TEXT SEARCH PARSER", create_ts_parser},
	{MIGR_KIND_TS_TEMPLATE, "TEXT SEARCH TEMPLATE", create_ts_template},
	{MIGR_KIND_TS_DICTIONARY, "TEXT SEARCH DICTIONARY", create_ts_dictionary},
	{MIGR_KIND_TS_CONFIGURATION, "TEXT SEARCH CONFIGURATION", create_ts_configuration},
	{MIGR_KIND_FDW, "FOREIGN DATA WRAPPER", create_fdw},
	{MIGR_KIND_SERVER, "SERVER", create_server},
	{MIGR_KIND_PUBLICATION, "PUBLICATION", create_publication},
	{MIGR_KIND_EVENT_TRIGGER, "EVENT TRIGGER", create_event_trigger},
	{MIGR_KIND_DEFAULT_PRIVILEGES, "DEFAULT PRIVILEGES", migr_privileges_create_default},
	{0}
};
