/*
 * diff_unit.c
 *		What one unit, or one object, is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/kind.h"
#include "model/attributes.h"

MigrObject *
migr_diff_object(const MigrUnit *unit)
{
	return unit->to ? unit->to : unit->from;
}

bool
migr_diff_ends(const MigrUnit *unit)
{
	return unit->mode == MIGR_MODE_DROP || unit->mode == MIGR_MODE_REPLACE ||
		unit->mode == MIGR_MODE_REBUILD;
}

bool
migr_diff_is_check(const MigrObject *object)
{
	return object->kind == MIGR_KIND_CONSTRAINT &&
		strncmp(migr_object_value(object, MIGR_ATTR_DEFINITION), "CHECK", 5) == 0;
}

bool
migr_diff_is_partition(const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_PARTITION)
			return true;
	}
	return false;
}

const char *
migr_diff_default(const MigrObject *column)
{
	return column && !migr_object_has(column, MIGR_ATTR_GENERATED)
		? migr_object_value(column, MIGR_ATTR_DEFAULT) : NULL;
}

char *
migr_diff_name_beside(const char *name, const char *suffix)
{
	int			len = pg_mbcliplen(name, strlen(name), NAMEDATALEN - 1 - strlen(suffix));

	return psprintf("%.*s%s", len, name, suffix);
}

/* An index's definition has its name behind the first words. */
const char *
migr_diff_definition(const MigrObject *object)
{
	const char *definition = value(object, MIGR_ATTR_DEFINITION);
	const char *name = strstr(definition, "INDEX ");

	if (object->kind != MIGR_KIND_INDEX || name == NULL)
		return definition;
	name += strlen("INDEX ");
	return psprintf("%.*s%s", (int) (name - definition), definition,
					name + strlen(quote_identifier(object->name)));
}

MigrObject *
migr_diff_find_index(const MigrObject *table, const char *identity)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_INDEX && strcmp(child->identity, identity) == 0)
			return child;
		if (child->kind == MIGR_KIND_CONSTRAINT &&
			strcmp(quote_qualified_identifier(child->schema, child->name), identity) == 0)
			return child;
	}
	return NULL;
}

MigrObject *
migr_diff_attachment(const MigrObject *index)
{
	ListCell   *lc;

	if (!migr_kind_is_index(index->kind) || migr_diff_is_check(index))
		return NULL;
	foreach(lc, index->parent->children)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_INDEX_PARTITION &&
			migr_diff_find_index(index->parent, child->identity) == index)
			return child;
	}
	return NULL;
}
