/*
 * ddl_alter.c
 *		Changes of one object to SQL text: dispatch.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kind/ddl.h"
#include "kind/ddl_alter.h"

static const MigrDdlChange *const lists[] = {
	migr_ddl_alter_others, migr_ddl_alter_types, migr_ddl_alter_routines,
	migr_ddl_alter_relations, migr_ddl_alter_fixtures
};

/*
 * Attributes that are no difference by themselves: they follow from others, or
 * are told by statements of their own.
 */
static const struct
{
	MigrKind	kind;
	const char *attribute;
}			apart[] =
{
	{MIGR_KIND_COLUMN, "merely_inherited"},
	{MIGR_KIND_COLUMN, "parent_default"},
	{MIGR_KIND_COLUMN, "parent_generated"},
	{MIGR_KIND_TABLE, "inherits"},
	{MIGR_KIND_TABLE, "of_type"},
	{MIGR_KIND_SEQUENCE, "owned"},
	{MIGR_KIND_COMPOSITE, "stored"}
};

static const MigrDdlChange *
find(MigrKind kind)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
	{
		for (const MigrDdlChange *change = lists[i]; change->drop || change->alter; change++)
		{
			if (change->kind == kind)
				return change;
		}
	}
	return NULL;
}

void
migr_ddl_drop(StringInfo out, const MigrObject *object)
{
	const MigrDdlChange *change = find(object->kind);

	if (change && change->drop)
		change->drop(out, object);
	else
		appendStringInfo(out, "DROP %s %s;\n", migr_ddl_noun(object),
						 migr_object_identity(object));
}

static bool
is_apart(const MigrObject *object, const char *attribute)
{
	for (int i = 0; i < (int) lengthof(apart); i++)
	{
		if (apart[i].kind == object->kind &&
			strcmp(apart[i].attribute, attribute) == 0)
			return true;
	}
	/* The default of a column that is not generated is set apart. */
	return object->kind == MIGR_KIND_COLUMN && strcmp(attribute, "default") == 0 &&
		!migr_object_has(object, "generated");
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
		if (!is_apart(from, from->columns->names[i]) ||
			!is_apart(to, to->columns->names[i]))
			return true;
	}
	return false;
}

bool
migr_ddl_alter(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const MigrDdlChange *change;
	int			len = out->len;

	if (!migr_ddl_differs(from, to))
		return true;
	change = find(to->kind);
	if (from->kind == to->kind && change && change->alter &&
		change->alter(out, from, to))
	{
		/* CREATE OR REPLACE forgets them. */
		if (migr_object_attribute(to, "extensions") >= 0)
			migr_ddl_extensions(out, migr_ddl_noun(to), from, to);
		return true;
	}
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
migr_ddl_rename(StringInfo out, const MigrObject *object, const char *from,
				const char *to)
{
	switch (object->kind)
	{
		case MIGR_KIND_COLUMN:
			appendStringInfo(out, "ALTER %s %s RENAME COLUMN %s TO %s;\n",
							 migr_ddl_noun(object->parent), object->parent->identity,
							 quote_identifier(from), quote_identifier(to));
			break;
		case MIGR_KIND_CONSTRAINT:
		case MIGR_KIND_FOREIGN_KEY:
			/* Of a foreign table's constraints only ALTER TABLE knows. */
			appendStringInfo(out, "ALTER %s RENAME CONSTRAINT %s TO %s;\n",
							 migr_ddl_constrained(object), quote_identifier(from),
							 quote_identifier(to));
			break;
		case MIGR_KIND_RULE:
		case MIGR_KIND_TRIGGER:
		case MIGR_KIND_POLICY:
			appendStringInfo(out, "ALTER %s %s ON %s RENAME TO %s;\n",
							 migr_ddl_noun(object), quote_identifier(from),
							 object->parent->identity, quote_identifier(to));
			break;
		default:
			appendStringInfo(out, "ALTER %s %s RENAME TO %s;\n", migr_ddl_noun(object),
							 renamed_identity(object, from), quote_identifier(to));
	}
}
