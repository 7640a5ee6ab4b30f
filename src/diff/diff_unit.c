/*
 * diff_unit.c
 *		What one unit, or one object, is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/constraint.h"
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
migr_diff_is_made(const MigrUnit *unit)
{
	return unit->mode == MIGR_MODE_CREATE || unit->mode == MIGR_MODE_REPLACE ||
		unit->mode == MIGR_MODE_REBUILD;
}

bool
migr_diff_is_check(const MigrObject *object)
{
	return object->kind == MIGR_KIND_CONSTRAINT && migr_constraint_form(object) == CONSTRAINT_CHECK;
}

bool
migr_diff_is_valid(const MigrObject *constraint)
{
	const char *definition = migr_object_value(constraint, MIGR_ATTR_DEFINITION);
	int			head = strlen(definition) - strlen(" NOT VALID");

	return head < 0 || strcmp(definition + head, " NOT VALID") != 0;
}

bool
migr_diff_is_partition(const MigrObject *table)
{
	return migr_diff_child(table, MIGR_KIND_PARTITION) != NULL;
}

const char *
migr_diff_default(const MigrObject *column)
{
	return column && !migr_object_has(column, MIGR_ATTR_GENERATED)
		? migr_object_value(column, MIGR_ATTR_DEFAULT) : NULL;
}

MigrObject *
migr_diff_child(const MigrObject *object, MigrKind kind)
{
	ListCell   *lc;

	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == kind)
			return lfirst(lc);
	}
	return NULL;
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

int
migr_diff_partner_on(const MigrDiff *diff, const MigrSide *side, const MigrObject *object)
{
	int			partner = diff->units[object->unit].partner;
	const MigrUnit *unit = partner >= 0 ? &diff->units[partner] : NULL;

	return unit && (side == &diff->from ? unit->from : unit->to) ? partner : -1;
}

bool
migr_diff_is_retyped(const MigrUnit *unit)
{
	return unit->via_text ||
		(unit->mode == MIGR_MODE_ALTER && unit->facet == MIGR_FACET_OBJECT &&
		 unit->to->kind == MIGR_KIND_COLUMN &&
		 (unit->retype || !same(unit->from, unit->to, MIGR_ATTR_TYPE) ||
		  !same(unit->from, unit->to, MIGR_ATTR_COLLATION)));
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
