/*
 * diff_unit.c
 *		What one unit, or one object, is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_pair.h"

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
