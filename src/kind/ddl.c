/*
 * ddl.c
 *		Objects, and changes of them, to SQL text, whatever their kind.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/formatting.h"

#include "kind/ddl.h"
#include "kind/kind.h"

const char *
migr_ddl_noun(const MigrObject *object)
{
	const char *noun = migr_kind_of(object)->noun;

	return noun ? noun : migr_object_value(object, MIGR_ATTR_NOUN);
}

const char *
migr_ddl_title(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);
	const char *noun = migr_ddl_noun(object);
	const char *title = kind->title ? kind->title : asc_tolower(noun, strlen(noun));

	return kind->subject
		? psprintf("%s of %s %s", kind->subject(object), title, migr_object_identity(object))
		: psprintf("%s %s", title, migr_object_identity(object));
}

static void
append_comment(StringInfo out, const MigrObject *object)
{
	if (object->comment)
		appendStringInfo(out, "COMMENT ON %s %s IS %s;\n", migr_ddl_noun(object),
						 migr_object_identity(object),
						 quote_literal_cstr(object->comment));
}

static void
append_privileges(StringInfo out, const MigrObject *object)
{
	migr_privileges_create(out, migr_ddl_noun(object), &migr_kind_of(object)->rights, object);
}

void
migr_ddl_create(StringInfo out, const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);
	ListCell   *lc;

	if (object->is_forward && (kind->flags & MIGR_KIND_IS_FORWARDABLE))
	{
		appendStringInfo(out, "%s;\n", migr_object_value(object, MIGR_ATTR_FORWARD));
		return;
	}
	kind->create(out, object);
	if (object->is_forward)
		return;
	append_comment(out, object);
	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN)
			append_comment(out, lfirst(lc));
	}
	migr_privileges_owner(out, migr_ddl_noun(object), object);
	append_privileges(out, object);
	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN)
			append_privileges(out, lfirst(lc));
	}
}

void
migr_ddl_drop(StringInfo out, const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	if (kind->drop)
		kind->drop(out, object);
	else
		appendStringInfo(out, "DROP %s %s;\n", migr_ddl_noun(object),
						 migr_object_identity(object));
}

static bool
is_apart(const MigrObject *object, MigrAttribute attribute)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return kind->is_apart && kind->is_apart(object, attribute);
}

bool
migr_ddl_differs(const MigrObject *from, const MigrObject *to)
{
	int			count = Max(from->count, to->count);

	if (from->kind != to->kind || from->columns->count != to->columns->count)
		return true;
	for (int i = 0; i < count; i++)
	{
		const char *old = i < from->count ? from->values[i] : NULL;
		const char *new = i < to->count ? to->values[i] : NULL;

		if (old == new || (old && new && strcmp(old, new) == 0))
			continue;
		if (!is_apart(from, from->columns->attributes[i]) ||
			!is_apart(to, to->columns->attributes[i]))
			return true;
	}
	return false;
}

bool
migr_ddl_alter(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const MigrKindRecord *kind = migr_kind_of(to);
	int			len = out->len;

	if (!migr_ddl_differs(from, to))
		return true;
	if (from->kind == to->kind && kind->alter && kind->alter(out, from, to))
		return true;
	out->len = len;
	out->data[len] = '\0';
	return false;
}

/* The identity of an object that has another name. */
static char *
renamed_identity(const MigrObject *object, const char *name)
{
	const char *prefix = object->schema
		? psprintf("%s.", quote_identifier(object->schema)) : "";
	const char *rest = object->identity + strlen(prefix) +
		strlen(quote_identifier(object->name));

	return psprintf("%s%s%s", prefix, quote_identifier(name), rest);
}

void
migr_ddl_rename(StringInfo out, const MigrObject *object, const char *from, const char *to)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	if (kind->rename)
		kind->rename(out, object, from, to);
	else if (kind->flags & MIGR_KIND_IS_PART)
		appendStringInfo(out, "ALTER %s %s ON %s RENAME TO %s;\n", migr_ddl_noun(object),
						 quote_identifier(from), object->parent->identity,
						 quote_identifier(to));
	else
		appendStringInfo(out, "ALTER %s %s RENAME TO %s;\n", migr_ddl_noun(object),
						 renamed_identity(object, from), quote_identifier(to));
}
