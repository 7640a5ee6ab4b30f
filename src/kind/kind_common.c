/*
 * kind_common.c
 *		What the SQL of several kinds has in common.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "kind/kind_common.h"
#include "model/attributes.h"

void
migr_kind_append(StringInfo out, const char *format, const MigrObject *object,
				 MigrAttribute attribute)
{
	if (migr_object_has(object, attribute))
		appendStringInfo(out, format, value(object, attribute));
}

void
migr_kind_nothing(StringInfo out, const MigrObject *object)
{
}

/* --- what hangs on relations ---------------------------------------------- */

const char *
migr_kind_enable(char state)
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
bool
migr_kind_replace(StringInfo out, const char *what, const MigrObject *object)
{
	const char *prefix = psprintf("CREATE %s ", what);
	const char *definition = value(object, MIGR_ATTR_DEFINITION);

	if (strncmp(definition, prefix, strlen(prefix)) != 0)
		return false;
	appendStringInfo(out, "CREATE OR REPLACE %s;\n",
					 definition + strlen("CREATE "));
	return true;
}

/* Is a line of some length among those of a list, which may be NULL? */
static bool
has_line(const char *list, const char *line, int len)
{
	while (list && *list != '\0')
	{
		int			other = strcspn(list, "\n");

		if (other == len && strncmp(list, line, len) == 0)
			return true;
		list += other + (list[other] == '\n');
	}
	return false;
}

/* Of the extensions in a list, those that are not in another one. */
static void
append_extensions(StringInfo out, const char *alter, const char *list, const char *but)
{
	while (list && *list != '\0')
	{
		int			len = strcspn(list, "\n");

		if (!has_line(but, list, len))
			appendStringInfo(out, "%s DEPENDS ON EXTENSION %.*s;\n", alter, len, list);
		list += len + (list[len] == '\n');
	}
}

void
migr_kind_extensions(StringInfo out, const char *noun, const char *name,
					 const MigrObject *from, const MigrObject *to)
{
	const char *extensions = value(to, MIGR_ATTR_EXTENSIONS);

	if (from)
		append_extensions(out, psprintf("ALTER %s %s NO", noun, name),
						  value(from, MIGR_ATTR_EXTENSIONS), extensions);
	append_extensions(out, psprintf("ALTER %s %s", noun, name), extensions, NULL);
}

/* --- types ---------------------------------------------------------------- */

void
migr_kind_create_type(StringInfo out, const MigrObject *object, const char *what,
					  const char *list)
{
	appendStringInfo(out, "CREATE TYPE %s %s(", object->identity, what);
	if (list && *list)
		appendStringInfo(out, "\n    %s\n", list);
	appendStringInfoString(out, ");\n");
}

/* --- relations ------------------------------------------------------------ */

const char *
migr_kind_persistence(const MigrObject *object)
{
	return strcmp(value(object, MIGR_ATTR_PERSISTENCE), "u") == 0 ? "UNLOGGED " : "";
}

void
migr_kind_alter_relation(StringInfo out, const MigrObject *relation, const char *action)
{
	appendStringInfo(out, "ALTER %s %s %s;\n", value(relation, MIGR_ATTR_NOUN), relation->identity,
					 action);
}

/* What stands for none: a partitioned table that says heap is not one that says nothing. */
static const char *
access_method(const MigrObject *relation)
{
	if (migr_object_has(relation, MIGR_ATTR_ACCESS_METHOD))
		return value(relation, MIGR_ATTR_ACCESS_METHOD);
	return migr_object_has(relation, MIGR_ATTR_RELKIND) &&
		strcmp(value(relation, MIGR_ATTR_RELKIND), "p") == 0 ? "DEFAULT" : "heap";
}

void
migr_kind_alter_storage(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_TABLESPACE))
		migr_kind_alter_relation(out, to, psprintf("SET TABLESPACE %s", migr_object_has(to, MIGR_ATTR_TABLESPACE)
												   ? quote_identifier(value(to, MIGR_ATTR_TABLESPACE)) : "pg_default"));
	if (!same(from, to, MIGR_ATTR_ACCESS_METHOD))
		migr_kind_alter_relation(out, to, psprintf("SET ACCESS METHOD %s", access_method(to)));
}

/* --- options -------------------------------------------------------------- */

/* An option's name, which may be toast.name. */
static char *
option_name(const MigrDdlItem *option)
{
	return pnstrdup(option->text, strchr(option->text, '=') - option->text);
}

static bool
has_option(const List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		if (strcmp(option_name(lfirst(lc)), name) == 0)
			return true;
	}
	return false;
}

void
migr_kind_alter_options(StringInfo out, const char *alter, const char *from,
						const char *to)
{
	List	   *old = migr_ddl_list(from);
	List	   *new = migr_ddl_list(to);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, new)
	{
		const char *text = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(old, text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sSET (", alter), ", ");
		appendStringInfoString(out, text);
	}
	appendStringInfoString(out, count > 0 ? ");\n" : "");
	count = 0;
	foreach(lc, old)
	{
		const char *name = option_name(lfirst(lc));

		if (has_option(new, name))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sRESET (", alter), ", ");
		appendStringInfoString(out, name);
	}
	appendStringInfoString(out, count > 0 ? ");\n" : "");
}

void
migr_kind_alter_foreign_options(StringInfo out, const char *alter,
								const char *from, const char *to)
{
	int			len = out->len;

	appendStringInfoString(out, alter);
	migr_ddl_list_end(out, migr_ddl_list_options(out, from, to), len);
}

/* --- rows of catalogs ----------------------------------------------------- */

bool
migr_kind_is_sequence(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_class *) row)->relkind == RELKIND_SEQUENCE;
}

/* A table or an index. */
bool
migr_kind_is_partition(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_class *) row)->relispartition;
}

bool
migr_kind_is_domain(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_type *) row)->typtype == TYPTYPE_DOMAIN;
}

/* Every type has one of arrays. */
bool
migr_kind_is_base_type(const MigrReading *reading, const void *row)
{
	const FormData_pg_type *type = row;

	return type->typtype == TYPTYPE_BASE && type->typinput != F_ARRAY_IN;
}
