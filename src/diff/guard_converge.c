/*
 * guard_converge.c
 *		What makes of an object that is there already the desired one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "diff/guard_converge.h"
#include "diff/guard_text.h"
#include "kind/ddl.h"
#include "model/attributes.h"

/* Append what makes of a live column the desired one; false if nothing does. */
static bool
converge_column(StringInfo out, const MigrObject *live, const MigrObject *to)
{
	const char *is = migr_diff_default(live);
	const char *wanted = migr_diff_default(to);

	if (!migr_ddl_differs(live, to))
		return true;
	if (!same(live, to, MIGR_ATTR_GENERATED) || !same(live, to, MIGR_ATTR_IDENTITY) ||
		!migr_ddl_alter(out, live, to))
		return false;
	if (wanted && !migr_ddl_same(is, wanted))
		appendStringInfo(out, "ALTER TABLE ONLY %s ALTER COLUMN %s SET DEFAULT %s;\n",
						 to->parent->identity, quote_identifier(to->name), wanted);
	else if (is && wanted == NULL)
		appendStringInfo(out, "ALTER TABLE ONLY %s ALTER COLUMN %s DROP DEFAULT;\n",
						 to->parent->identity, quote_identifier(to->name));
	return true;
}

static const MigrObject *
find_constraint(const MigrObject *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_CONSTRAINT && strcmp(child->name, name) == 0)
			return child;
	}
	return NULL;
}

/* The same for the constraints that CREATE TABLE has. */
static bool
converge_constraints(StringInfo out, const MigrObject *live, const MigrObject *to)
{
	ListCell   *lc;

	foreach(lc, to->children)
	{
		const MigrObject *constraint = lfirst(lc);
		const MigrObject *is;
		StringInfoData added;

		if (constraint->kind != MIGR_KIND_CONSTRAINT || !constraint->is_inside)
			continue;
		is = find_constraint(live, constraint->name);
		if (is && migr_ddl_differs(is, constraint))
			return false;
		initStringInfo(&added);
		migr_ddl_create(&added, constraint);
		migr_guard_text_if(&added, psprintf("NOT %s", migr_guard_text_exists(constraint)), "");
		appendStringInfoString(out, added.data);
	}
	return true;
}

/*
 * The same for a table: it gets the columns and constraints that it lacks, and
 * keeps the others.
 */
static bool
converge_table(StringInfo out, const MigrObject *live, const MigrObject *to)
{
	ListCell   *lc;

	if (migr_ddl_differs(live, to))
		return false;
	foreach(lc, to->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *is;
		StringInfoData added;

		if (column->kind != MIGR_KIND_COLUMN)
			break;
		is = migr_diff_find_column(live, column->name);
		if (is && !converge_column(out, is, column))
			return false;
		if (is)
			continue;
		initStringInfo(&added);
		migr_ddl_create(&added, column);
		(void) migr_ddl_create_if_missing(&added, column);
		appendStringInfoString(out, added.data);
	}
	return converge_constraints(out, live, to);
}

bool
migr_guard_converge(StringInfo out, const MigrObject *live, const MigrObject *to)
{
	if (live->kind != to->kind)
		return false;
	if (to->kind == MIGR_KIND_TABLE)
		return converge_table(out, live, to);
	if (to->kind == MIGR_KIND_COLUMN)
		return converge_column(out, live, to);
	return !migr_ddl_differs(live, to);
}
