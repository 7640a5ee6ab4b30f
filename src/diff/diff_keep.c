/*
 * diff_keep.c
 *		Owner and privileges of what goes and comes back.
 *
 * What is not compared is not for the script to change: it is what it was.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/privileges.h"

/* Who creates what the script creates. */
static const char *
creator(void)
{
	return GetUserNameFromId(GetUserId(), false);
}

const char *
migr_diff_owner(const MigrUnit *unit)
{
	return unit->from && unit->from->owner ? unit->from->owner : creator();
}

static void
keep_owner(StringInfo out, const MigrUnit *unit)
{
	if (unit->from->owner && unit->to->owner && !migr_privileges_owners_compared() &&
		unit->to->kind != MIGR_KIND_SCHEMA && strcmp(unit->from->owner, creator()) != 0)
		appendStringInfo(out, "ALTER %s %s OWNER TO %s;\n", migr_ddl_noun(unit->to),
						 unit->to->identity, quote_identifier(unit->from->owner));
}

/* The default privileges under which the script runs. */
static List *
find_defaults(const MigrDiff *diff)
{
	List	   *defaults = NIL;
	ListCell   *lc;

	foreach(lc, diff->from.schema->objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_DEFAULT_PRIVILEGES)
			defaults = lappend(defaults, lfirst(lc));
	}
	return defaults;
}

static void
put_back(StringInfo out, const MigrUnit *unit, const List *defaults)
{
	const MigrKindRecord *kind = migr_kind_of(unit->to);
	MigrCreation creation = {creator(), kind->default_privileges, defaults};

	/* What has become another kind of thing has other rights. */
	if (unit->from->kind == unit->to->kind)
		migr_privileges_put_back(out, migr_ddl_noun(unit->to), &kind->rights, unit->from,
								 unit->to, &creation);
}

/* Those of a table or view, and of the columns that come with it. */
static void
keep_privileges(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	List	   *defaults = find_defaults(diff);
	ListCell   *lc;

	put_back(out, unit, defaults);
	foreach(lc, unit->to->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN && diff->units[column->unit].from)
			put_back(out, &diff->units[column->unit], defaults);
	}
}

void
migr_diff_keep(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	if (unit->from == NULL || unit->facet != MIGR_FACET_OBJECT)
		return;
	if (!migr_privileges_compared())
		keep_privileges(out, diff, unit);
	keep_owner(out, unit);
}
