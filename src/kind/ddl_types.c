/*
 * ddl_types.c
 *		DDL of types.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "kind/ddl.h"

/* CREATE TYPE what (list), one entry a line. */
static void
append_type(StringInfo out, const MigrObject *object, const char *what,
			const char *list)
{
	appendStringInfo(out, "CREATE TYPE %s %s(", object->identity, what);
	if (list && *list)
		appendStringInfo(out, "\n    %s\n", list);
	appendStringInfoString(out, ");\n");
}

static void
create_enum(StringInfo out, const MigrObject *object)
{
	append_type(out, object, "AS ENUM ", migr_object_value(object, "labels"));
}

static void
create_composite(StringInfo out, const MigrObject *object)
{
	append_type(out, object, "AS ", migr_object_value(object, "attributes"));
	if (migr_object_has(object, "attribute_comments"))
		appendStringInfoString(out,
							   migr_object_value(object, "attribute_comments"));
}

/* What is left to say of a domain that has been made known. */
static void
finish_domain(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER DOMAIN %s SET DEFAULT %s;\n", object->identity,
					 migr_object_value(object, "default"));
	if (!migr_object_is(object, "not_null"))
		return;
	if (migr_object_has(object, "not_null_name"))
		appendStringInfo(out, "ALTER DOMAIN %s ADD CONSTRAINT %s NOT NULL;\n",
						 object->identity,
						 migr_object_value(object, "not_null_name"));
	else
		appendStringInfo(out, "ALTER DOMAIN %s SET NOT NULL;\n", object->identity);
}

static void
create_domain(StringInfo out, const MigrObject *object)
{
	if (object->has_forward)
	{
		finish_domain(out, object);
		return;
	}
	appendStringInfo(out, "CREATE DOMAIN %s AS %s", object->identity,
					 migr_object_value(object, "base"));
	if (migr_object_has(object, "collation"))
		appendStringInfo(out, "\n    COLLATE %s",
						 migr_object_value(object, "collation"));
	if (migr_object_has(object, "default"))
		appendStringInfo(out, "\n    DEFAULT %s",
						 migr_object_value(object, "default"));
	if (migr_object_is(object, "not_null"))
	{
		appendStringInfoString(out, "\n    ");
		if (migr_object_has(object, "not_null_name"))
			appendStringInfo(out, "CONSTRAINT %s ",
							 migr_object_value(object, "not_null_name"));
		appendStringInfoString(out, "NOT NULL");
	}
	appendStringInfoString(out, ";\n");
}

static void
create_range(StringInfo out, const MigrObject *object)
{
	append_type(out, object, "AS RANGE ", migr_object_value(object, "options"));
}

static void
create_base_type(StringInfo out, const MigrObject *object)
{
	append_type(out, object, "", migr_object_value(object, "options"));
}

static void
create_shell_type(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TYPE %s;\n", object->identity);
}

const MigrDdl migr_ddl_types[] = {
	{MIGR_KIND_SHELL_TYPE, "TYPE", create_shell_type},
	{MIGR_KIND_ENUM, "TYPE", create_enum},
	{MIGR_KIND_COMPOSITE, "TYPE", create_composite},
	{MIGR_KIND_DOMAIN, "DOMAIN", create_domain},
	{MIGR_KIND_RANGE, "TYPE", create_range},
	{MIGR_KIND_BASE_TYPE, "TYPE", create_base_type},
	{0}
};
