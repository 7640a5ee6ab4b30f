/*
 * ddl_common.c
 *		What the SQL of several kinds has in common.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "kind/ddl.h"

const char *
migr_ddl_constrained(const MigrObject *constraint)
{
	const MigrObject *parent = constraint->parent;

	return psprintf("%s %s", parent->kind == MIGR_KIND_DOMAIN ? "DOMAIN" : "TABLE",
					parent->identity);
}

bool
migr_ddl_is_for_children(const MigrObject *constraint)
{
	return constraint->kind == MIGR_KIND_FOREIGN_KEY
		? migr_object_has(constraint->parent, "partition_key")
		: migr_object_is(constraint, "for_children");
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
append_extensions(StringInfo out, const char *noun, const MigrObject *object,
				  const char *no, const char *list, const char *but)
{
	bool		is_aggregate = object->kind == MIGR_KIND_AGGREGATE;

	while (list && *list != '\0')
	{
		int			len = strcspn(list, "\n");

		/* ALTER AGGREGATE can't. */
		if (!has_line(but, list, len))
			appendStringInfo(out, "ALTER %s %s %sDEPENDS ON EXTENSION %.*s;\n",
							 is_aggregate ? "ROUTINE" : noun,
							 is_aggregate ? migr_object_value(object, "signature")
							 : object->identity, no, len, list);
		list += len + (list[len] == '\n');
	}
}

void
migr_ddl_extensions(StringInfo out, const char *noun, const MigrObject *from,
					const MigrObject *to)
{
	const char *extensions;

	if (migr_object_attribute(to, "extensions") < 0)
		return;
	extensions = migr_object_value(to, "extensions");
	if (from)
		append_extensions(out, noun, to, "NO ", migr_object_value(from, "extensions"), extensions);
	append_extensions(out, noun, to, "", extensions, NULL);
}
