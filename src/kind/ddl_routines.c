/*
 * ddl_routines.c
 *		DDL of routines, aggregates, operators, their families and classes.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "kind/ddl.h"

#define OR_REPLACE "CREATE OR REPLACE "

/*
 * The server says CREATE OR REPLACE, and ends the line.  A routine that calls
 * itself is made known first.
 */
static void
create_routine(StringInfo out, const MigrObject *object)
{
	const char *definition = migr_object_value(object, "definition");
	int			len = strlen(definition);

	if (object->has_forward)
		;						/* it is there, without its body */
	else if (migr_object_is(object, "recursive"))
		appendStringInfo(out, "%s;\n", migr_object_value(object, "forward"));
	else if (strncmp(definition, OR_REPLACE, strlen(OR_REPLACE)) == 0)
	{
		appendStringInfoString(out, "CREATE ");
		definition += strlen(OR_REPLACE);
		len -= strlen(OR_REPLACE);
	}
	while (len > 0 && definition[len - 1] == '\n')
		len--;
	appendBinaryStringInfo(out, definition, len);
	appendStringInfoString(out, ";\n");
	if (migr_object_has(object, "exact"))
		appendStringInfo(out, "ALTER %s %s %s;\n",
						 migr_object_value(object, "noun"), object->identity,
						 migr_object_value(object, "exact"));
	migr_ddl_extensions(out, migr_object_value(object, "noun"), NULL, object);
}

static void
create_aggregate(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE AGGREGATE %s (\n    %s\n);\n",
					 object->identity, migr_object_value(object, "options"));
	migr_ddl_extensions(out, "ROUTINE", NULL, object);
}

static void
create_operator(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE OPERATOR %s (\n    %s\n);\n",
					 migr_object_value(object, "operator"),
					 migr_object_value(object, "options"));
}

/* Members that no class has are added before any class is there. */
static void
create_opfamily(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE OPERATOR FAMILY %s;\n", object->identity);
	if (migr_object_has(object, "members"))
		appendStringInfo(out, "ALTER OPERATOR FAMILY %s ADD\n    %s;\n",
						 object->identity,
						 migr_object_value(object, "members"));
}

/* A class must list something: STORAGE of its own type means nothing. */
static void
create_opclass(StringInfo out, const MigrObject *object)
{
	const char *type = migr_object_value(object, "type");

	appendStringInfo(out, "CREATE OPERATOR CLASS %s\n    %sFOR TYPE %s USING %s"
					 " FAMILY %s AS\n    ",
					 migr_object_value(object, "class"),
					 migr_object_is(object, "default") ? "DEFAULT " : "",
					 type, migr_object_value(object, "method"),
					 migr_object_value(object, "family"));
	if (migr_object_has(object, "members"))
		appendStringInfoString(out, migr_object_value(object, "members"));
	else
		appendStringInfo(out, "STORAGE %s", type);
	appendStringInfoString(out, ";\n");
}

const MigrDdl migr_ddl_routines[] = {
	{MIGR_KIND_ROUTINE, NULL, create_routine},
	{MIGR_KIND_AGGREGATE, "AGGREGATE", create_aggregate},
	{MIGR_KIND_OPERATOR, "OPERATOR", create_operator},
	{MIGR_KIND_OPFAMILY, "OPERATOR FAMILY", create_opfamily},
	{MIGR_KIND_OPCLASS, "OPERATOR CLASS", create_opclass},
	{0}
};
