/*
 * diff_mode.c
 *		What each unit has to go through by itself.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "diff/diff_pair.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"

/* Is there a difference in comment, owner or privileges, as far as compared? */
static bool
is_altered_by_extras(const MigrObject *from, const MigrObject *to)
{
	StringInfoData text;

	if (migr_ddl_same(from->comment, to->comment) &&
		migr_ddl_same(from->owner, to->owner) &&
		migr_ddl_same(from->acl, to->acl) &&
		(to->kind != MIGR_KIND_COLUMN || to->acl == NULL ||
		 migr_ddl_same(from->parent->acl, to->parent->acl)))
		return false;
	initStringInfo(&text);
	migr_ddl_alter_extras(&text, from, to);
	return text.len > 0;
}

/* Two that are there on both sides. */
static MigrMode
mode_of_pair(const MigrObject *from, const MigrObject *to)
{
	StringInfoData text;
	MigrMode	replace = migr_kind_has(to->kind, MIGR_KIND_IS_TYPE) ? MIGR_MODE_REBUILD
		: MIGR_MODE_REPLACE;

	if (migr_diff_is_renamed(from, to))
		return MIGR_MODE_ALTER;
	if (from->kind != to->kind ||
		(from->identity && strcmp(from->identity, to->identity) != 0))
		return replace;
	if (!migr_ddl_differs(from, to))
		return is_altered_by_extras(from, to) ? MIGR_MODE_ALTER : MIGR_MODE_SAME;
	initStringInfo(&text);
	if (!migr_ddl_alter(&text, from, to))
		return replace;
	return text.len > 0 || is_altered_by_extras(from, to)
		? MIGR_MODE_ALTER : MIGR_MODE_SAME;
}

static MigrMode
mode_of_facet(const MigrUnit *unit)
{
	if (unit->facet == MIGR_FACET_DEFAULT)
		return same(unit->from, unit->to, MIGR_ATTR_DEFAULT) ? MIGR_MODE_SAME : MIGR_MODE_ALTER;
	return same(unit->from, unit->to, MIGR_ATTR_INHERITS) && same(unit->from, unit->to, MIGR_ATTR_OF_TYPE)
		? MIGR_MODE_SAME : MIGR_MODE_REPLACE;
}

bool
migr_diff_decide(MigrDiff *diff)
{
	bool		any = false;

	for (int i = 0; i < diff->count; i++)
	{
		MigrUnit   *unit = &diff->units[i];

		CHECK_FOR_INTERRUPTS();
		unit->mode = unit->from == NULL ? MIGR_MODE_CREATE
			: unit->to == NULL ? MIGR_MODE_DROP
			: unit->facet == MIGR_FACET_OBJECT ? mode_of_pair(unit->from, unit->to)
			: mode_of_facet(unit);
		any = any || unit->mode != MIGR_MODE_SAME;
	}
	return any;
}
