/*
 * diff_needs.c
 *		Who needs whom, on both sides.
 *
 * The needs of the snapshot as needs of units, and those that pg_depend does
 * not tell: of children on their parents, of what names other objects.
 *
 * A need is weak if what needs can go on without what is needed, and must
 * merely not be done at the wrong time.  If what is needed goes for a while,
 * only those with a need that is not weak go as well; steps are in order for
 * both.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "diff/diff_distribution.h"
#include "diff/diff_needs.h"
#include "kind/kind.h"
#include "model/attributes.h"

/* Does an object need another one, directly or not?  Visited: mark = stamp. */
static bool
reaches(MigrObject *object, const MigrObject *goal, int stamp)
{
	ListCell   *lc;

	check_stack_depth();
	if (object == goal)
		return true;
	if (object->mark == stamp)
		return false;
	object->mark = stamp;
	foreach(lc, object->depends)
	{
		if (reaches(lfirst(lc), goal, stamp))
			return true;
	}
	return false;
}

/* Does a constraint call what users have written, and so may read anything? */
static bool
calls_functions(const MigrObject *constraint)
{
	ListCell   *lc;

	foreach(lc, constraint->depends)
	{
		if (migr_kind_has(((MigrObject *) lfirst(lc))->kind, MIGR_KIND_IS_IN_BODIES))
			return true;
	}
	return false;
}

/* Is a domain used so that constraints can still be added to it? */
static bool
is_plain_use(const MigrNeed *need)
{
	return need->object->kind == MIGR_KIND_COLUMN &&
		strcmp(value(need->object, MIGR_ATTR_TYPE), need->needed->identity) == 0;
}

/*
 * A constraint can't be added to a domain once a table has an array or a row of
 * it: what uses a domain waits for its constraints too, but for what these use
 * themselves.  One that may read the table comes later if it can.
 */
static void
add_domain_constraints(MigrSide *side, int object, const MigrNeed *need)
{
	const MigrObject *user = need->object->kind == MIGR_KIND_COLUMN
		? need->object->parent : need->object;
	ListCell   *lc;

	foreach(lc, need->needed->children)
	{
		if (is_plain_use(need) && calls_functions(lfirst(lc)))
			continue;
		if (!reaches(lfirst(lc), user, ++side->stamp))
			migr_diff_add_edge(side, object, ((MigrObject *) lfirst(lc))->unit, true);
	}
}

/* A need of the snapshot. */
static void
add_need(MigrDiff *diff, MigrSide *side, const MigrNeed *need)
{
	int			object = need->object->unit;
	MigrKind	needed = need->needed->kind;

	/* OWNED BY is a unit of its own; so is what a table inherits from. */
	if (need->object->kind == MIGR_KIND_SEQUENCE &&
		(needed == MIGR_KIND_TABLE || needed == MIGR_KIND_COLUMN))
		return;
	/* A routine depends on transforms that were there, whether it names them or not. */
	if (needed == MIGR_KIND_TRANSFORM && side == &diff->to &&
		!list_member_ptr(need->object->depends, need->needed))
		return;
	if (need->by_default)
		object = diff->units[object].partner;
	else if (need->object->kind == MIGR_KIND_TABLE && needed == MIGR_KIND_TABLE)
	{
		MigrObject *partition = migr_diff_child(need->object, MIGR_KIND_PARTITION);

		object = partition ? partition->unit : diff->units[object].partner;
	}
	else if (need->object->kind == MIGR_KIND_TABLE && needed == MIGR_KIND_COMPOSITE &&
			 migr_object_has(need->object, MIGR_ATTR_OF_TYPE))
		object = diff->units[object].partner;
	migr_diff_add_edge(side, object, need->needed->unit, false);
	if (needed == MIGR_KIND_DOMAIN && need->object->parent != need->needed)
		add_domain_constraints(side, object, need);
}

/*
 * A type whose functions know it needs to be announced: they need that, and it
 * needs them.
 */
static void
announce_type(MigrSide *side, const MigrObject *shell)
{
	MigrObject *type = migr_schema_find(side->schema, shell->address);
	MigrSchema *schema = side->schema;
	List	   *routines = NIL;

	if (type == shell)
		return;					/* announced and never defined */
	migr_diff_add_edge(side, type->unit, shell->unit, false);
	for (int i = 0; i < schema->need_count; i++)
	{
		if (schema->needs[i].object == type &&
			schema->needs[i].needed->kind == MIGR_KIND_ROUTINE)
			routines = lappend(routines, schema->needs[i].needed);
	}
	for (int i = 0; i < schema->need_count; i++)
	{
		MigrNeed   *need = &schema->needs[i];

		if (need->needed == type && list_member_ptr(routines, need->object))
			need->needed = unconstify(MigrObject *, shell);
	}
}

/* A foreign key on a partitioned table is one on each of its partitions. */
static void
add_referenced_partitions(MigrSide *side)
{
	MigrSchema *schema = side->schema;
	List	   *keys = NIL;
	List	   *targets = NIL;
	ListCell   *lc;
	ListCell   *key;
	ListCell   *target;

	for (int i = 0; i < schema->need_count; i++)
	{
		MigrObject *needed = schema->needs[i].needed;
		MigrObject *table = needed->kind == MIGR_KIND_TABLE ? needed : needed->parent;

		if (schema->needs[i].object->kind == MIGR_KIND_FOREIGN_KEY && table &&
			table->kind == MIGR_KIND_TABLE && migr_object_has(table, MIGR_ATTR_PARTITION_KEY))
		{
			keys = lappend(keys, schema->needs[i].object);
			targets = lappend(targets, table);
		}
	}
	foreach(lc, keys == NIL ? NIL : schema->objects)
	{
		MigrObject *partition = lfirst(lc);
		List	   *above;

		if (partition->kind != MIGR_KIND_PARTITION)
			continue;
		for (above = migr_diff_parents(side, partition->parent); above != NIL;
			 above = migr_diff_parents(side, linitial(above)))
		{
			forboth(key, keys, target, targets)
			{
				if (lfirst(target) == linitial(above))
					migr_diff_add_edge(side, ((MigrObject *) lfirst(key))->unit, partition->unit, false);
			}
		}
	}
}

/* What the model tells of an object. */
static void
add_structure(MigrDiff *diff, MigrSide *side, MigrObject *object)
{
	if (object->parent)
		migr_diff_add_edge(side, object->unit, object->parent->unit, false);
	migr_diff_add_edge(side, migr_diff_partner_on(diff, side, object), object->unit, false);
	migr_diff_add_own(diff, side, object);
}

/* Does a schema come or go?  Not public that is merely printed, and is there. */
static bool
is_apart(const MigrDiff *diff, const MigrObject *schema)
{
	const MigrUnit *unit = &diff->units[schema->unit];

	return unit->mode != MIGR_MODE_SAME && (unit->from || !migr_object_is(schema, MIGR_ATTR_PUBLIC));
}

static void
add_schema(const MigrDiff *diff, MigrSide *side, const MigrObject *object)
{
	const char *name = object->kind == MIGR_KIND_EXTENSION ? value(object, MIGR_ATTR_IN_SCHEMA)
		: object->schema ? quote_identifier(object->schema) : NULL;
	const MigrObject *schema = name ? migr_diff_find(side, MIGR_KIND_SCHEMA, name) : NULL;

	if (schema && is_apart(diff, schema))
		migr_diff_add_edge(side, object->unit, schema->unit, true);
}

/* Objects need their schemas: told for those that come or go. */
static void
add_schemas(const MigrDiff *diff, MigrSide *side)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, side->schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		any = any || (object->kind == MIGR_KIND_SCHEMA && is_apart(diff, object));
	}
	foreach(lc, any ? side->schema->objects : NIL)
		add_schema(diff, side, lfirst(lc));
}

static void
connect_side(MigrDiff *diff, MigrSide *side)
{
	ListCell   *lc;

	foreach(lc, side->schema->objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_SHELL_TYPE)
			announce_type(side, lfirst(lc));
	}
	for (int i = 0; i < side->schema->need_count; i++)
		add_need(diff, side, &side->schema->needs[i]);
	foreach(lc, side->schema->objects)
		add_structure(diff, side, lfirst(lc));
	add_referenced_partitions(side);
	migr_diff_connect_distributions(side);
	add_schemas(diff, side);
	foreach(lc, side->schema->objects)
		((MigrObject *) lfirst(lc))->mark = 0;
	migr_diff_index_edges(diff, &side->edges);
}

void
migr_diff_connect(MigrDiff *diff)
{
	migr_diff_mark_children(&diff->to);
	connect_side(diff, &diff->from);
	connect_side(diff, &diff->to);
}
