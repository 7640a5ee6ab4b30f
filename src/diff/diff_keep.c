/*
 * diff_keep.c
 *		Owner and privileges of what goes and comes back.
 *
 * What is not compared is not for the script to change: it is what it was.  What is
 * made belongs to whoever runs the script; what was there before had an owner, who
 * decides what a view shows and what a function may.  He may need the privileges
 * of the schema to get it back, so those are taken away at the end
 * (MIGR_STEP_REVOKE).
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"
#include "model/privileges.h"

/* Who creates what the script creates. */
static const char *
creator(void)
{
	return GetUserNameFromId(GetUserId(), false);
}

/*
 * The owner that an object had when it was there; NULL: it was not.  On the way
 * back what was there is the new side.
 */
static const char *
former_owner(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *former = diff->is_back ? unit->to : unit->from;

	return former ? former->owner : NULL;
}

/* Who owns the object of a unit while the script runs. */
static const char *
owner_of(const MigrDiff *diff, const MigrUnit *unit)
{
	const char *owner = former_owner(diff, unit);

	return owner ? owner : creator();
}

/* A schema is made before what is in it; whose public is, is told elsewhere. */
static bool
has_owner_to_keep(const MigrDiff *diff, const MigrObject *object)
{
	return object->owner &&
		(object->kind != MIGR_KIND_SCHEMA || (diff->is_back && !migr_object_is(object, MIGR_ATTR_PUBLIC)));
}

static void
keep_owner(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const char *owner = former_owner(diff, unit);

	if (owner && has_owner_to_keep(diff, unit->to) && !migr_privileges_owners_compared() &&
		strcmp(owner, creator()) != 0)
		appendStringInfo(out, "ALTER %s %s OWNER TO %s;\n", migr_ddl_noun(unit->to),
						 unit->to->identity, quote_identifier(owner));
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
	if (unit->facet != MIGR_FACET_OBJECT || (unit->from && diff->is_guarded))
		return;
	if (unit->from && !migr_privileges_compared())
		keep_privileges(out, diff, unit);
	keep_owner(out, diff, unit);
}

/* A sequence that a column owns has the owner of the table. */
void
migr_diff_own_sequence(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *sequence = migr_diff_find(&diff->to, MIGR_KIND_SEQUENCE, unit->to->identity);
	const char *owner = owner_of(diff, &diff->units[unit->to->parent->unit]);

	if (sequence && !migr_privileges_owners_compared() &&
		strcmp(owner_of(diff, &diff->units[sequence->unit]), owner) != 0)
		appendStringInfo(out, "ALTER SEQUENCE %s OWNER TO %s;\n", sequence->identity,
						 quote_identifier(owner));
}

/*
 * Gets an object an owner?  What is new in public counts for nothing, as a schema
 * is printed as the difference to a database that has an empty one.
 */
static bool
is_given(const MigrDiff *diff, const MigrUnit *unit, bool is_public)
{
	if (unit->facet != MIGR_FACET_OBJECT || unit->to == NULL || unit->mode == MIGR_MODE_SAME)
		return false;
	return former_owner(diff, unit) ||
		(unit->to->owner && migr_privileges_owners_compared() && !is_public);
}

bool
migr_diff_revokes_late(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *schema = unit->to;

	if (unit->mode != MIGR_MODE_ALTER || schema->kind != MIGR_KIND_SCHEMA)
		return false;
	for (int i = 0; i < diff->count; i++)
	{
		const MigrObject *object = diff->units[i].to;

		if (object && object->kind != MIGR_KIND_SCHEMA && object->schema &&
			strcmp(object->schema, schema->name) == 0 &&
			is_given(diff, &diff->units[i], migr_object_is(schema, MIGR_ATTR_PUBLIC)))
			return true;
	}
	return false;
}
