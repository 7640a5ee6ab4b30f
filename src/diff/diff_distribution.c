/*
 * diff_distribution.c
 *		Tables that are distributed by Citus, in a difference.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_distribution.h"
#include "kind/distribution.h"
#include "model/attributes.h"

/* The distribution of a table, or of what is a part of it; NULL: it has none. */
static MigrObject *
distribution_of(const MigrObject *object)
{
	const MigrObject *table = object->kind == MIGR_KIND_TABLE ? object : object->parent;

	return table && table->kind == MIGR_KIND_TABLE
		? migr_diff_child(table, MIGR_KIND_DISTRIBUTION) : NULL;
}

static void
add_distribution(MigrSide *side, const MigrObject *object)
{
	const char *column = value(object, MIGR_ATTR_COLUMN);
	const char *leader = migr_distribution_leader(object);
	const MigrObject *key = column ? migr_diff_find_column(object->parent, column) : NULL;
	const MigrObject *citus = migr_diff_find(side, MIGR_KIND_EXTENSION, "citus");
	const MigrObject *with = leader ? migr_diff_find(side, MIGR_KIND_TABLE, leader) : NULL;

	if (citus)
		migr_diff_add_edge(side, object->unit, citus->unit, true);
	if (key)
		migr_diff_add_edge(side, object->unit, key->unit, false);
	if (with && distribution_of(with))
		migr_diff_add_edge(side, object->unit, distribution_of(with)->unit, true);
}

void
migr_diff_connect_distributions(MigrSide *side)
{
	MigrSchema *schema = side->schema;
	bool		any = false;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_DISTRIBUTION)
			continue;
		add_distribution(side, object);
		any = true;
	}
	for (int i = 0; any && i < schema->need_count; i++)
	{
		const MigrObject *key = schema->needs[i].object;
		const MigrObject *own = distribution_of(key);
		const MigrObject *other = distribution_of(schema->needs[i].needed);

		if (key->kind != MIGR_KIND_FOREIGN_KEY)
			continue;
		if (own)
			migr_diff_add_edge(side, key->unit, own->unit, false);
		if (other)
			migr_diff_add_edge(side, key->unit, other->unit, false);
	}
}

List *
migr_diff_keys_in_the_way(const MigrDiff *diff)
{
	const MigrDiffEdges *edges = &diff->to.edges;
	List	   *keys = NIL;

	for (int i = 0; i < edges->count; i++)
	{
		const MigrUnit *unit = &diff->units[edges->items[i].needed];
		const MigrUnit *key = &diff->units[edges->items[i].object];

		if (unit->facet == MIGR_FACET_OBJECT && unit->to && unit->from == NULL &&
			unit->to->kind == MIGR_KIND_DISTRIBUTION && key->to->kind == MIGR_KIND_FOREIGN_KEY &&
			(key->mode == MIGR_MODE_SAME || key->mode == MIGR_MODE_ALTER))
			keys = list_append_unique_int(keys, edges->items[i].object);
	}
	return keys;
}
