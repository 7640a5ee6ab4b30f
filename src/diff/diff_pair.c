/*
 * diff_pair.c
 *		The objects of two schemas in pairs.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_colocation.h"
#include "diff/diff_pair.h"
#include "kind/kind.h"

static char *
make_key(MigrKind kind, const char *key, const char *parent)
{
	/* Types of one name are one type, whatever they are. */
	return psprintf("%02d\n%s\n%s\n",
					migr_kind_has(kind, MIGR_KIND_IS_TYPE) ? MIGR_KIND_ENUM : kind, key, parent);
}

/* An index or the ownership of a sequence belongs to its table. */
char *
migr_diff_key(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return make_key(object->kind, kind->key ? kind->key(object) : migr_object_signature(object),
					object->parent ? object->parent->identity : "");
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const MigrKey *) a)->key, ((const MigrKey *) b)->key);
}

static void
make_keys(MigrSide *side)
{
	ListCell   *lc;

	side->keys = palloc((list_length(side->schema->objects) + 1) * sizeof(MigrKey));
	foreach(lc, side->schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_COLUMN)
			continue;
		side->keys[side->count].key = migr_diff_key(object);
		side->keys[side->count].renamed = NULL;
		side->keys[side->count++].object = object;
	}
	qsort(side->keys, side->count, sizeof(MigrKey), compare_keys);
}

MigrObject *
migr_diff_find(const MigrSide *side, MigrKind kind, const char *identity)
{
	char	   *prefix = make_key(kind, identity, "");
	int			len = strlen(prefix) - 2;
	int			low = 0;
	int			high = side->count;

	/* The first key that is not below the prefix. */
	prefix[len + 1] = '\0';
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (strcmp(side->keys[middle].key, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < side->count && strncmp(side->keys[low].key, prefix, len + 1) == 0)
		return side->keys[low].object;
	return NULL;
}

MigrObject *
migr_diff_find_column(const MigrObject *relation, const char *name)
{
	ListCell   *lc;

	foreach(lc, relation->children)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind != MIGR_KIND_COLUMN)
			break;
		if (strcmp(child->name, name) == 0)
			return child;
	}
	return NULL;
}

static int
add_unit(MigrDiff *diff, MigrFacet facet, MigrObject *from, MigrObject *to)
{
	MigrUnit   *unit;

	if (diff->count == diff->room)
	{
		diff->room *= 2;
		diff->units = repalloc_huge(diff->units, diff->room * sizeof(MigrUnit));
	}
	unit = &diff->units[diff->count];
	memset(unit, 0, sizeof(MigrUnit));
	unit->facet = facet;
	unit->from = from;
	unit->to = to;
	unit->partner = unit->follows = unit->end = unit->make = -1;
	return diff->count++;
}

static int
add_pair(MigrDiff *diff, MigrObject *from, MigrObject *to)
{
	int			unit = add_unit(diff, MIGR_FACET_OBJECT, from, to);

	if (from)
		from->unit = unit;
	if (to)
		to->unit = unit;
	return unit;
}

static void
add_columns(MigrDiff *diff, MigrObject *from, MigrObject *to)
{
	int			unit = add_pair(diff, from, to);

	if (migr_diff_default(from) || migr_diff_default(to))
	{
		int			partner = add_unit(diff, MIGR_FACET_DEFAULT,
									   migr_diff_default(from) ? from : NULL,
									   migr_diff_default(to) ? to : NULL);

		diff->units[unit].partner = partner;
	}
}

/* The columns of a pair of relations; mostly they stand in the same order. */
static void
pair_columns(MigrDiff *diff, const MigrObject *from, const MigrObject *to)
{
	int			next = 0;
	ListCell   *lc;

	foreach(lc, from ? from->children : NIL)
	{
		MigrObject *column = lfirst(lc);
		MigrObject *other = NULL;

		if (column->kind != MIGR_KIND_COLUMN)
			break;
		if (to && next < list_length(to->children))
			other = list_nth(to->children, next++);
		if (to && (other == NULL || other->kind != MIGR_KIND_COLUMN ||
				   strcmp(other->name, column->name) != 0))
			other = migr_diff_find_column(to, column->name);
		add_columns(diff, column, other);
	}
	foreach(lc, to ? to->children : NIL)
	{
		MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN)
			break;
		if (column->unit < 0)
			add_columns(diff, NULL, column);
	}
}

/* Has a table columns that are not its own alone? */
static bool
has_shape(const MigrObject *table)
{
	return migr_object_has(table, MIGR_ATTR_INHERITS) || migr_object_has(table, MIGR_ATTR_OF_TYPE);
}

static void
pair_parents(MigrDiff *diff, MigrObject *from, MigrObject *to)
{
	bool		had = from && has_shape(from);
	bool		has = to && has_shape(to);
	int			unit = (to ? to : from)->unit;

	if (had || has)
	{
		int			partner = add_unit(diff, MIGR_FACET_INHERITS, had ? from : NULL,
									   has ? to : NULL);

		diff->units[unit].partner = partner;
	}
}

static void
add_objects(MigrDiff *diff, MigrObject *from, MigrObject *to)
{
	/* cppcheck-suppress nullPointer ; there is one of the two */
	MigrKind	kind = (to ? to : from)->kind;

	add_pair(diff, from, to);
	if (kind == MIGR_KIND_TABLE)
		pair_parents(diff, from, to);
	if (kind == MIGR_KIND_TABLE || kind == MIGR_KIND_VIEW)
		pair_columns(diff, from, to);
}

static void
unmark(const MigrSchema *schema)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		object->unit = -1;
		object->mark = 0;
		object->has_forward = object->is_inside = false;
	}
}

void
migr_diff_pair(MigrDiff *diff)
{
	int			i = 0;
	int			j = 0;

	unmark(diff->from.schema);
	unmark(diff->to.schema);
	migr_diff_settle_distributions(diff->from.schema, diff->to.schema);
	make_keys(&diff->from);
	make_keys(&diff->to);
	diff->room = Max(list_length(diff->from.schema->objects), 64);
	diff->units = MemoryContextAllocHuge(CurrentMemoryContext, diff->room * sizeof(MigrUnit));
	migr_diff_pair_renamed(diff);
	while (i < diff->from.count || j < diff->to.count)
	{
		int			order = i == diff->from.count ? 1 : j == diff->to.count ? -1
			: strcmp(diff->from.keys[i].key, diff->to.keys[j].key);

		if (order < 0 && diff->from.keys[i].renamed)
			add_objects(diff, diff->from.keys[i].object, diff->from.keys[i].renamed);
		else if (order <= 0 || diff->to.keys[j].renamed == NULL)
			add_objects(diff, order <= 0 ? diff->from.keys[i].object : NULL,
						order >= 0 ? diff->to.keys[j].object : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}
