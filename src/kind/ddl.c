/*
 * ddl.c
 *		Objects to SQL text: dispatch, comments.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

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
	migr_privileges_create(out, "COLUMN", column);
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
	migr_privileges_owner(out, noun, object);
	migr_privileges_create(out, noun, object);
	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN)
			migr_privileges_create(out, "COLUMN", lfirst(lc));
	}
}
