/*
 * ddl.c
 *		Objects to SQL text: dispatch, comments.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/ddl.h"
#include "model/privileges.h"

static const MigrDdl *const lists[] = {
	migr_ddl_others, migr_ddl_types, migr_ddl_routines, migr_ddl_relations
};

static const MigrDdl *
find(MigrKind kind)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
	{
		for (const MigrDdl *ddl = lists[i]; ddl->create; ddl++)
		{
			if (ddl->kind == kind)
				return ddl;
		}
	}
	elog(ERROR, "objects of kind %d can't be printed", kind);
	return NULL;				/* keep compiler quiet */
}

const char *
migr_ddl_noun(const MigrObject *object)
{
	const MigrDdl *ddl = find(object->kind);

	return ddl->noun ? ddl->noun : migr_object_value(object, "noun");
}

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
append_extensions(StringInfo out, const MigrObject *object, const char *no,
				  const char *list, const char *but)
{
	bool		is_aggregate = object->kind == MIGR_KIND_AGGREGATE;

	while (list && *list != '\0')
	{
		int			len = strcspn(list, "\n");

		/* ALTER AGGREGATE can't. */
		if (!has_line(but, list, len))
			appendStringInfo(out, "ALTER %s %s %sDEPENDS ON EXTENSION %.*s;\n",
							 is_aggregate ? "ROUTINE" : migr_ddl_noun(object),
							 is_aggregate ? migr_object_value(object, "signature")
							 : object->identity, no, len, list);
		list += len + (list[len] == '\n');
	}
}

void
migr_ddl_extensions(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *extensions;

	if (migr_object_attribute(to, "extensions") < 0)
		return;
	extensions = migr_object_value(to, "extensions");
	if (from)
		append_extensions(out, to, "NO ", migr_object_value(from, "extensions"), extensions);
	append_extensions(out, to, "", extensions, NULL);
}

static void
append_comment(StringInfo out, const char *noun, const MigrObject *object)
{
	if (object->comment)
		appendStringInfo(out, "COMMENT ON %s %s IS %s;\n", noun,
						 migr_object_identity(object),
						 quote_literal_cstr(object->comment));
}

void
migr_ddl_column(StringInfo out, const MigrObject *column)
{
	migr_ddl_column_definition(out, column);
	append_comment(out, "COLUMN", column);
	migr_ddl_privileges(out, "COLUMN", column);
}

void
migr_ddl_create(StringInfo out, const MigrObject *object)
{
	const MigrDdl *ddl = find(object->kind);
	const char *noun = ddl->noun ? ddl->noun : migr_object_value(object, "noun");
	ListCell   *lc;

	if (object->is_forward && object->kind == MIGR_KIND_TABLE)
	{
		ddl->create(out, object);
		return;
	}
	if (object->is_forward)
	{
		appendStringInfo(out, "%s;\n", migr_object_value(object, "forward"));
		return;
	}
	ddl->create(out, object);
	append_comment(out, noun, object);
	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN)
			append_comment(out, "COLUMN", lfirst(lc));
	}
	migr_ddl_owner(out, noun, object);
	migr_ddl_privileges(out, noun, object);
	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN)
			migr_ddl_privileges(out, "COLUMN", lfirst(lc));
	}
}
