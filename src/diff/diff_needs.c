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
#include "utils/memutils.h"

#include "diff/diff_pair.h"
#include "kind/column.h"
#include "model/attributes.h"

static void
add_edge(MigrSide *side, int object, int needed, bool weak)
{
	MigrDiffEdges *edges = &side->edges;

	if (object == needed || object < 0 || needed < 0)
		return;
	if (edges->count == edges->room)
	{
		Size		size;

		edges->room = Max(edges->room * 2, 1024);
		size = edges->room * sizeof(MigrEdge);
		edges->items = edges->items ? repalloc_huge(edges->items, size)
			: MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	edges->items[edges->count].object = object;
	edges->items[edges->count].weak = weak;
	edges->items[edges->count++].needed = needed;
}

/* A child of that kind, the first, or NULL. */
static MigrObject *
find_child(const MigrObject *object, MigrKind kind)
{
	ListCell   *lc;

	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == kind)
			return lfirst(lc);
	}
	return NULL;
}

/*
 * The default of a column or the parents of a table, if a side has any: the
 * unit is there as soon as one of them has.
 */
static int
partner_on(const MigrDiff *diff, const MigrSide *side, const MigrObject *object)
{
	int			partner = diff->units[object->unit].partner;
	const MigrUnit *unit = partner >= 0 ? &diff->units[partner] : NULL;

	return unit && (side == &diff->from ? unit->from : unit->to) ? partner : -1;
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
	if (need->by_default)
		object = diff->units[object].partner;
	else if (need->object->kind == MIGR_KIND_TABLE && needed == MIGR_KIND_TABLE)
	{
		MigrObject *partition = find_child(need->object, MIGR_KIND_PARTITION);

		object = partition ? partition->unit : diff->units[object].partner;
	}
	else if (need->object->kind == MIGR_KIND_TABLE && needed == MIGR_KIND_COMPOSITE &&
			 migr_object_has(need->object, MIGR_ATTR_OF_TYPE))
		object = diff->units[object].partner;
	add_edge(side, object, need->needed->unit, false);

	/* A domain is whole with its constraints. */
	if (needed == MIGR_KIND_DOMAIN && need->object->parent != need->needed)
	{
		ListCell   *lc;

		foreach(lc, need->needed->children)
			add_edge(side, object, ((MigrObject *) lfirst(lc))->unit, true);
	}
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
	add_edge(side, type->unit, shell->unit, false);
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

/* The index of a name, or the constraint that it belongs to, of a table. */
static MigrObject *
find_index(const MigrObject *table, const char *identity)
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

/* Is it an index of a partition that belongs to none of the parent's? */
static bool
is_unattached(const MigrObject *table, const MigrObject *index)
{
	ListCell   *lc;

	if (index->kind != MIGR_KIND_INDEX &&
		(index->kind != MIGR_KIND_CONSTRAINT || migr_diff_is_check(index)))
		return false;
	foreach(lc, table->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_INDEX_PARTITION &&
			find_index(table, child->identity) == index)
			return false;
	}
	return true;
}

/*
 * What is attached to a parent has its columns, constraints and indexes.  Other
 * indexes of a partition come later: the server could take them for the parent's.
 * So do checks that a child is to have through its parents alone (later).
 */
static void
add_shapes(MigrSide *side, int unit, const MigrObject *table, const List *later)
{
	List	   *tables = lappend(migr_diff_parents(side, table), unconstify(MigrObject *, table));
	bool		partition = migr_diff_is_partition(table);
	ListCell   *lc;

	foreach(lc, later)
		add_edge(side, ((MigrObject *) lfirst(lc))->unit, unit, true);
	foreach(lc, tables)
	{
		MigrObject *one = lfirst(lc);
		ListCell   *cell;

		foreach(cell, one->children)
		{
			MigrObject *child = lfirst(cell);

			if (partition && one == table && is_unattached(table, child))
				add_edge(side, child->unit, unit, true);
			else if (list_member_ptr(later, child))
				;
			else if (child->kind == MIGR_KIND_COLUMN || child->kind == MIGR_KIND_CONSTRAINT ||
					 (child->kind == MIGR_KIND_INDEX && one == table))
				add_edge(side, unit, child->unit, true);
		}
	}
}

/*
 * A foreign key of a partition's own comes after those of its parents, which
 * would take it for theirs.
 */
static void
add_own_keys(MigrSide *side, const MigrObject *partition)
{
	List	   *above = migr_diff_parents(side, partition->parent);
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, partition->parent->children)
	{
		const MigrObject *key = lfirst(lc);

		if (key->kind != MIGR_KIND_FOREIGN_KEY)
			continue;
		add_edge(side, key->unit, partition->unit, true);
		foreach(cell, above != NIL ? ((MigrObject *) linitial(above))->children : NIL)
		{
			const MigrObject *parents = lfirst(cell);

			if (parents->kind == MIGR_KIND_FOREIGN_KEY)
				add_edge(side, key->unit, parents->unit, true);
		}
	}
}

static void
add_partition(MigrDiff *diff, MigrSide *side, MigrObject *partition, int stamp)
{
	MigrObject *of = migr_diff_find(side, MIGR_KIND_TABLE, value(partition, MIGR_ATTR_OF));

	if (of)
		add_edge(side, partition->unit, of->unit, false);
	add_shapes(side, partition->unit, partition->parent, NIL);
	if (side == &diff->to)
		add_own_keys(side, partition);
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
					add_edge(side, ((MigrObject *) lfirst(key))->unit, partition->unit, false);
			}
		}
	}
}

/*
 * A table that is to be a partition can have two indexes alike.  The server
 * attaches the first of them to an index that the parent has by then, so a new
 * one of the parent's comes later and is told which of them is its own.
 */
static void
add_index_partition(MigrDiff *diff, MigrSide *side, MigrObject *object, int stamp)
{
	const MigrUnit *table = &diff->units[object->parent->unit];
	MigrObject *own = find_index(object->parent, object->identity);
	MigrObject *partition = find_child(object->parent, MIGR_KIND_PARTITION);
	ListCell   *lc;

	if (own)
		add_edge(side, object->unit, own->unit, false);
	if (partition)
		add_edge(side, object->unit, partition->unit, false);
	foreach(lc, migr_diff_parents(side, object->parent))
	{
		MigrObject *of = find_index(lfirst(lc), value(object, MIGR_ATTR_OF));

		if (of)
			add_edge(side, object->unit, of->unit, false);
		if (of && of->kind == MIGR_KIND_INDEX && partition && table->from && side == &diff->to)
			add_edge(side, of->unit, partition->unit, true);
	}
}

static void
add_sequence_owner(MigrDiff *diff, MigrSide *side, MigrObject *object, int stamp)
{
	MigrObject *sequence = migr_diff_find(side, MIGR_KIND_SEQUENCE, object->identity);
	MigrObject *column = migr_diff_find_column(object->parent, value(object, MIGR_ATTR_COLUMN));

	if (sequence)
		add_edge(side, object->unit, sequence->unit, false);
	if (column)
		add_edge(side, object->unit, column->unit, false);
}

/* The sequence of an identity column, of which a default can make use. */
static void
add_identity(MigrDiff *diff, MigrSide *side, MigrObject *identity, int stamp)
{
	ListCell   *lc;

	foreach(lc, identity->parent->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN && !migr_object_ends(column, MIGR_ATTR_DEFAULT) &&
			migr_object_has(column, MIGR_ATTR_SEQUENCE) &&
			strcmp(value(column, MIGR_ATTR_SEQUENCE), identity->identity) == 0)
			add_edge(side, identity->unit, column->unit, false);
	}
}

/* What a setting of a table, whose words end with its name, means there. */
static void
add_setting_of(MigrSide *side, const MigrObject *setting, const MigrObject *table)
{
	const char *sql = value(setting, MIGR_ATTR_SQL);
	bool		of_trigger = migr_ddl_list_word(sql, "TRIGGER") >= 0;
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, table->children)
	{
		MigrObject *sibling = lfirst(lc);
		const char *name = psprintf(" %s", quote_identifier(sibling->name));
		int			start = strlen(sql) - strlen(name);

		if ((of_trigger ? sibling->kind == MIGR_KIND_TRIGGER
			 : sibling->kind == MIGR_KIND_INDEX || sibling->kind == MIGR_KIND_CONSTRAINT) &&
			start > 0 && strcmp(sql + start, name) == 0)
			add_edge(side, setting->unit, sibling->unit, false);
	}
	/* A partition has triggers of its parents. */
	foreach(lc, of_trigger ? migr_diff_parents(side, table) : NIL)
		add_setting_of(side, setting, lfirst(lc));
}

/* A materialized view is filled after those that it reads, by functions too. */
static void
add_populates(MigrSide *side, const MigrObject *populate, const MigrObject *object,
			  int stamp)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, object->depends)
	{
		MigrObject *needed = lfirst(lc);
		MigrObject *other;

		if (needed->kind == MIGR_KIND_TABLE || needed->kind == MIGR_KIND_COLUMN ||
			needed->mark == stamp)
			continue;
		needed->mark = stamp;
		other = needed->kind == MIGR_KIND_VIEW ? find_child(needed, MIGR_KIND_POPULATE) : NULL;
		if (other)
			add_edge(side, populate->unit, other->unit, false);
		add_populates(side, populate, needed, stamp);
	}
}

/* The checks of parents that are to come when the table is their child. */
static List *
late_checks(const MigrDiff *diff, const MigrObject *table)
{
	if (diff->units[table->unit].from == NULL && !migr_column_inherits_later(table))
		return NIL;
	return migr_diff_inherited_checks(&diff->to, table);
}

static void
add_table(MigrDiff *diff, MigrSide *side, MigrObject *table, int stamp)
{
	int			partner = partner_on(diff, side, table);

	if (partner >= 0)
		add_shapes(side, partner, table,
				   side == &diff->to ? late_checks(diff, table) : NIL);
}

static void
add_setting(MigrDiff *diff, MigrSide *side, MigrObject *setting, int stamp)
{
	add_setting_of(side, setting, setting->parent);
}

static void
add_populate(MigrDiff *diff, MigrSide *side, MigrObject *populate, int stamp)
{
	add_populates(side, populate, populate->parent, stamp);
}

/*
 * What only kinds that belong together need of each other, which pg_depend does
 * not tell; stamp: a number of its own, for walks.
 */
static void (*const add_own[MIGR_KIND_COUNT]) (MigrDiff *diff, MigrSide *side,
											   MigrObject *object, int stamp) = {
	[MIGR_KIND_TABLE] = add_table,
	[MIGR_KIND_PARTITION] = add_partition,
	[MIGR_KIND_INDEX_PARTITION] = add_index_partition,
	[MIGR_KIND_SEQUENCE_OWNER] = add_sequence_owner,
	[MIGR_KIND_IDENTITY] = add_identity,
	[MIGR_KIND_TABLE_SETTING] = add_setting,
	[MIGR_KIND_POPULATE] = add_populate
};

/* What the model tells of an object. */
static void
add_structure(MigrDiff *diff, MigrSide *side, MigrObject *object, int stamp)
{
	if (object->parent)
		add_edge(side, object->unit, object->parent->unit, false);
	add_edge(side, partner_on(diff, side, object), object->unit, false);
	if (add_own[object->kind])
		add_own[object->kind] (diff, side, object, stamp);
}

/* Objects need their schemas: told for those that come or go. */
static void
add_schemas(MigrDiff *diff, MigrSide *side)
{
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, side->schema->objects)
	{
		MigrObject *schema = lfirst(lc);

		if (schema->kind != MIGR_KIND_SCHEMA ||
			diff->units[schema->unit].mode == MIGR_MODE_SAME)
			continue;
		foreach(cell, side->schema->objects)
		{
			MigrObject *object = lfirst(cell);
			const char *in = object->kind == MIGR_KIND_EXTENSION
				? value(object, MIGR_ATTR_IN_SCHEMA) : object->schema;

			if (in && strcmp(in, object->kind == MIGR_KIND_EXTENSION
							 ? schema->identity : schema->name) == 0)
				add_edge(side, object->unit, schema->unit, true);
		}
	}
}

/* Sort the edges by what is needed. */
static void
index_edges(MigrDiff *diff, MigrDiffEdges *edges)
{
	MigrEdge   *sorted = MemoryContextAllocHuge(CurrentMemoryContext,
												(edges->count + 1) * sizeof(MigrEdge));
	int		   *next = palloc0((diff->count + 2) * sizeof(int));

	edges->first = palloc0((diff->count + 2) * sizeof(int));
	for (int i = 0; i < edges->count; i++)
		edges->first[edges->items[i].needed + 1]++;
	for (int i = 0; i < diff->count; i++)
		edges->first[i + 1] += edges->first[i];
	memcpy(next, edges->first, (diff->count + 1) * sizeof(int));
	for (int i = 0; i < edges->count; i++)
		sorted[next[edges->items[i].needed]++] = edges->items[i];
	edges->items = sorted;
}

static void
connect_side(MigrDiff *diff, MigrSide *side)
{
	int			stamp = 0;
	ListCell   *lc;

	foreach(lc, side->schema->objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_SHELL_TYPE)
			announce_type(side, lfirst(lc));
	}
	for (int i = 0; i < side->schema->need_count; i++)
		add_need(diff, side, &side->schema->needs[i]);
	foreach(lc, side->schema->objects)
		add_structure(diff, side, lfirst(lc), ++stamp);
	add_referenced_partitions(side);
	add_schemas(diff, side);
	foreach(lc, side->schema->objects)
		((MigrObject *) lfirst(lc))->mark = 0;
	index_edges(diff, &side->edges);
}

void
migr_diff_connect(MigrDiff *diff)
{
	migr_diff_mark_children(&diff->to);
	connect_side(diff, &diff->from);
	connect_side(diff, &diff->to);
}

bool
migr_diff_has_need(const MigrSide *side, int object, int needed)
{
	for (int i = side->edges.first[needed]; i < side->edges.first[needed + 1]; i++)
	{
		if (side->edges.items[i].object == object && !side->edges.items[i].weak)
			return true;
	}
	return false;
}
