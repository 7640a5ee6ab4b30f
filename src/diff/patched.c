/*
 * patched.c
 *		A schema with some of its objects in the form that another build has made of them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/lookup.h"
#include "diff/patched.h"

/* In the catalogs of addresses of another build, whose oids may be used here. */
#define OTHER_BUILD 0x20000000

typedef struct Patching
{
	MigrSchema *was;
	const MigrPatchPart *was_parts;
	MigrSchema *built;
	const MigrPatchPart *built_parts;
	MigrLookup *by_key;			/* what was built */
	MigrObject **twins;			/* by the unit of what was built: what it was */
	MigrSchema *result;
	bool		fits;
} Patching;

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* A value by the number of its attribute; those at the end may be missing. */
static const char *
value_at(const MigrObject *object, int number)
{
	return number < object->count ? object->values[number] : NULL;
}

static bool
same_columns(const MigrColumns *a, const MigrColumns *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->count == b->count &&
		memcmp(a->attributes, b->attributes, a->count * sizeof(MigrAttribute)) == 0;
}

/* Are two objects the same, but for their comments and what they need? */
static bool
is_same(const MigrObject *object, const MigrObject *other)
{
	if (object->kind != other->kind || !same_columns(object->columns, other->columns) ||
		!same_text(object->schema, other->schema) || !same_text(object->name, other->name) ||
		!same_text(object->identity, other->identity) ||
		!same_text(object->owner, other->owner) || !same_text(object->acl, other->acl) ||
		object->joins_at_once != other->joins_at_once)
		return false;
	for (int i = 0; i < Max(object->count, other->count); i++)
	{
		if (!same_text(value_at(object, i), value_at(other, i)))
			return false;
	}
	return true;
}

/* --- which object is which ---------------------------------------------------- */

/*
 * Number the objects of both: what was below zero, or 0 if it goes; what was built
 * from 1 on.  What was and is to be built alike finds its twin.
 */
static void
find_twins(Patching *patching)
{
	int			number = 0;
	ListCell   *lc;

	foreach(lc, patching->built->objects)
		((MigrObject *) lfirst(lc))->unit = ++number;
	patching->twins = palloc0((number + 1) * sizeof(MigrObject *));
	number = 0;
	foreach(lc, patching->was->objects)
	{
		MigrObject *object = lfirst(lc);
		MigrPatchPart part = patching->was_parts[number++];
		MigrObject *twin = part == MIGR_PATCH_KEPT ? NULL
			: migr_lookup_find(patching->by_key, object);

		object->unit = part == MIGR_PATCH_CHANGED ? 0 : -1;
		if (twin)
			patching->twins[twin->unit] = object;
		else if (part == MIGR_PATCH_ALIKE || part == MIGR_PATCH_GIVEN)
			patching->fits = false;
	}
}

/* Is what was built for others what it was? */
static void
check_alike(Patching *patching)
{
	int			number = 0;
	ListCell   *lc;

	foreach(lc, patching->built->objects)
	{
		MigrObject *object = lfirst(lc);
		const MigrObject *twin = patching->twins[object->unit];
		MigrPatchPart part = patching->built_parts[number++];

		if (part == MIGR_PATCH_CHANGED)
			continue;
		if (twin == NULL || twin->unit == 0 || !is_same(object, twin) ||
			(part == MIGR_PATCH_GIVEN && !same_text(object->comment, twin->comment)))
			patching->fits = false;
		object->unit = -object->unit;
	}
}

/* What stands for an object in the result; NULL if nothing does. */
static MigrObject *
stand_in(const Patching *patching, MigrObject *object, bool was)
{
	MigrObject *built;

	if (was && object->unit < 0)
		return object;
	if (was)
	{
		built = migr_lookup_find(patching->by_key, object);
		return built && built->unit > 0 ? built : NULL;
	}
	return object->unit > 0 ? object : patching->twins[-object->unit];
}

/* --- putting together ------------------------------------------------------------ */

static List *
stand_ins(Patching *patching, const List *objects, bool was)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		MigrObject *object = stand_in(patching, lfirst(lc), was);

		if (object)
			result = lappend(result, object);
		else
			patching->fits = false;
	}
	return result;
}

static bool
stays(const MigrObject *object, bool was)
{
	return was ? object->unit < 0 : object->unit > 0;
}

/* Parts come and go with what they are parts of. */
static void
check_family(Patching *patching, const MigrObject *object, bool was)
{
	ListCell   *lc;

	if (object->parent && !stays(object->parent, was))
		patching->fits = false;
	foreach(lc, object->children)
	{
		if (!stays(lfirst(lc), was))
			patching->fits = false;
	}
}

static void
take_objects(Patching *patching, const MigrSchema *schema, bool was)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (!stays(object, was))
			continue;
		check_family(patching, object, was);
		object->depends = stand_ins(patching, object->depends, was);
		patching->result->objects = lappend(patching->result->objects, object);
	}
}

static void
take_was_address(MigrAddress address, MigrObject *object, void *arg)
{
	if (stays(object, true))
		migr_schema_alias(arg, address, object);
}

static void
take_built_address(MigrAddress address, MigrObject *object, void *arg)
{
	address.classid |= OTHER_BUILD;
	if (stays(object, false))
		migr_schema_alias(arg, address, object);
}

static void
take_needs(Patching *patching, const MigrSchema *schema, bool was)
{
	for (int i = 0; i < schema->need_count; i++)
	{
		const MigrNeed *need = &schema->needs[i];
		MigrObject *needed;

		if (!stays(need->object, was))
			continue;
		needed = stand_in(patching, need->needed, was);
		if (needed)
			migr_schema_need(patching->result, need->object, needed, need->by_default);
		else
			patching->fits = false;
	}
}

static void
put_together(Patching *patching)
{
	ListCell   *lc;

	take_objects(patching, patching->was, true);
	take_objects(patching, patching->built, false);
	migr_schema_each_address(patching->was, take_was_address, patching->result);
	migr_schema_each_address(patching->built, take_built_address, patching->result);
	take_needs(patching, patching->was, true);
	take_needs(patching, patching->built, false);
	foreach(lc, patching->result->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->unit > 0)
			object->address.classid |= OTHER_BUILD;
		object->unit = 0;
	}
}

MigrSchema *
migr_patched(MigrSchema *was, const MigrPatchPart *was_parts,
			 MigrSchema *built, const MigrPatchPart *built_parts)
{
	Patching	patching = {was, was_parts, built, built_parts, .fits = true};

	patching.by_key = migr_lookup_create(built);
	find_twins(&patching);
	check_alike(&patching);
	if (!patching.fits)
		return NULL;
	patching.result = migr_schema_create();
	put_together(&patching);
	patching.result->said = was->said;
	return patching.fits ? patching.result : NULL;
}
