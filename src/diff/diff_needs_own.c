/*
 * diff_needs_own.c
 *		What kinds that belong together need of each other.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "diff/diff_needs.h"
#include "kind/column.h"
#include "kind/kind.h"
#include "model/attribute_list.h"
#include "model/attributes.h"

/* Is it an index of a partition that belongs to none of the parent's? */
static bool
is_unattached(const MigrObject *index)
{
	return migr_kind_is_index(index->kind) && !migr_diff_is_check(index) &&
		migr_diff_attachment(index) == NULL;
}

/* Is it a part of an index, no key's, that is new, and so made behind ATTACH? */
static bool
is_part_of_new(const MigrDiff *diff, const MigrSide *side, const MigrObject *index)
{
	const MigrObject *attachment = migr_diff_attachment(index);
	ListCell   *lc;

	foreach(lc, attachment ? migr_diff_parents(side, index->parent) : NIL)
	{
		const MigrObject *of = migr_diff_find_index(lfirst(lc), value(attachment, MIGR_ATTR_OF));

		if (of && of->kind == MIGR_KIND_INDEX && diff->units[of->unit].from == NULL)
			return true;
	}
	return false;
}

/*
 * What is attached to a parent has its columns, constraints and indexes.  Other
 * indexes of a partition come later: the server could take them for the parent's.
 * So does what would come down to it, and it is to do without or to have through
 * its parents alone (later).
 */
static void
add_shapes(const MigrDiff *diff, MigrSide *side, int unit, const MigrObject *table,
		   const List *later)
{
	List	   *tables = lappend(migr_diff_parents(side, table), unconstify(MigrObject *, table));
	bool		partition = migr_diff_is_partition(table);
	ListCell   *lc;

	foreach(lc, later)
		migr_diff_add_edge(side, ((MigrObject *) lfirst(lc))->unit, unit, true);
	foreach(lc, tables)
	{
		MigrObject *one = lfirst(lc);
		ListCell   *cell;

		foreach(cell, one->children)
		{
			MigrObject *child = lfirst(cell);

			if (partition && one == table && is_unattached(child))
				migr_diff_add_edge(side, child->unit, unit, true);
			else if (list_member_ptr(later, child))
				;
			else if (child->kind == MIGR_KIND_COLUMN || child->kind == MIGR_KIND_CONSTRAINT ||
					 (child->kind == MIGR_KIND_INDEX && one == table &&
					  !is_part_of_new(diff, side, child)))
				migr_diff_add_edge(side, unit, child->unit, true);
		}
	}
}

/*
 * A foreign key of a partition's own comes after those of the tables above,
 * which would take it for theirs.
 */
static void
add_own_keys(MigrSide *side, const MigrObject *partition)
{
	List	   *above;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, partition->parent->children)
	{
		const MigrObject *key = lfirst(lc);

		if (key->kind != MIGR_KIND_FOREIGN_KEY)
			continue;
		migr_diff_add_edge(side, key->unit, partition->unit, true);
		for (above = migr_diff_parents(side, partition->parent); above != NIL;
			 above = migr_diff_parents(side, linitial(above)))
		{
			foreach(cell, ((MigrObject *) linitial(above))->children)
			{
				const MigrObject *parents = lfirst(cell);

				if (parents->kind == MIGR_KIND_FOREIGN_KEY)
					migr_diff_add_edge(side, key->unit, parents->unit, true);
			}
		}
	}
}

/*
 * The keys and indexes of a partitioned table that have no part in a partition: to
 * attach it would give it one.
 */
static List *
lacking_indexes(const MigrObject *table, const MigrObject *of)
{
	List	   *keys = NIL;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, of->children)
	{
		MigrObject *key = lfirst(lc);
		const char *index;
		bool		attached = false;

		if (!migr_kind_is_index(key->kind) || migr_diff_is_check(key))
			continue;
		index = quote_qualified_identifier(key->schema, key->name);
		foreach(cell, table->children)
		{
			const MigrObject *part = lfirst(cell);

			attached = attached || (part->kind == MIGR_KIND_INDEX_PARTITION &&
									strcmp(value(part, MIGR_ATTR_OF), index) == 0);
		}
		if (!attached)
			keys = lappend(keys, key);
	}
	return keys;
}

static void
add_partition(MigrDiff *diff, MigrSide *side, MigrObject *partition)
{
	MigrObject *of = migr_diff_find(side, MIGR_KIND_TABLE, value(partition, MIGR_ATTR_OF));

	if (of)
		migr_diff_add_edge(side, partition->unit, of->unit, false);
	add_shapes(diff, side, partition->unit, partition->parent,
			   of && side == &diff->to ? lacking_indexes(partition->parent, of) : NIL);
	if (side == &diff->to)
		add_own_keys(side, partition);
}

/*
 * A table that is to be a partition can have two indexes alike, or one that lacks
 * parts.  The server attaches the first that fits to an index that the parent has
 * by then, or makes one: so a new one of the parent's comes later, and is told which
 * is its own.
 */
static void
add_index_partition(MigrDiff *diff, MigrSide *side, MigrObject *object)
{
	const MigrUnit *table = &diff->units[object->parent->unit];
	MigrObject *own = migr_diff_find_index(object->parent, object->identity);
	MigrObject *partition = migr_diff_child(object->parent, MIGR_KIND_PARTITION);
	ListCell   *lc;

	if (own)
		migr_diff_add_edge(side, object->unit, own->unit, false);
	if (partition)
		migr_diff_add_edge(side, object->unit, partition->unit, false);
	foreach(lc, migr_diff_parents(side, object->parent))
	{
		MigrObject *of = migr_diff_find_index(lfirst(lc), value(object, MIGR_ATTR_OF));

		if (of)
			migr_diff_add_edge(side, object->unit, of->unit, false);
		if (of && of->kind == MIGR_KIND_INDEX && partition && side == &diff->to &&
			(table->from || diff->units[of->unit].from == NULL))
			migr_diff_add_edge(side, of->unit, partition->unit, true);
	}
}

static void
add_sequence_owner(MigrDiff *diff, MigrSide *side, MigrObject *object)
{
	MigrObject *sequence = migr_diff_find(side, MIGR_KIND_SEQUENCE, object->identity);
	MigrObject *column = migr_diff_find_column(object->parent, value(object, MIGR_ATTR_COLUMN));

	if (sequence)
	{
		migr_diff_add_edge(side, object->unit, sequence->unit, false);
		if (side == &diff->to)
			diff->units[sequence->unit].beside = object->parent;
	}
	if (column)
		migr_diff_add_edge(side, object->unit, column->unit, false);
}

/* The sequence of an identity column, of which a default can make use. */
static void
add_identity(MigrDiff *diff, MigrSide *side, MigrObject *identity)
{
	ListCell   *lc;

	foreach(lc, identity->parent->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN && !migr_object_ends(column, MIGR_ATTR_DEFAULT) &&
			migr_object_has(column, MIGR_ATTR_SEQUENCE) &&
			strcmp(value(column, MIGR_ATTR_SEQUENCE), identity->identity) == 0)
			migr_diff_add_edge(side, identity->unit, column->unit, false);
	}
}

/* What a setting of a table names there. */
static void
add_setting_of(MigrSide *side, const MigrObject *setting, const MigrObject *table)
{
	const char *name = value(setting, MIGR_ATTR_TARGET);
	bool		of_trigger = strcmp(value(setting, MIGR_ATTR_CLASS), "TRIGGER") == 0;
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, table->children)
	{
		MigrObject *sibling = lfirst(lc);

		if ((of_trigger ? sibling->kind == MIGR_KIND_TRIGGER
			 : sibling->kind == MIGR_KIND_INDEX || sibling->kind == MIGR_KIND_CONSTRAINT) &&
			strcmp(sibling->name, name) == 0)
			migr_diff_add_edge(side, setting->unit, sibling->unit, false);
	}
	/* A partition has triggers of its parents. */
	foreach(lc, of_trigger ? migr_diff_parents(side, table) : NIL)
		add_setting_of(side, setting, lfirst(lc));
}

/* A materialized view is filled after those that are among these, and what they read. */
static void
add_populates(MigrSide *side, const MigrObject *populate, const List *read, bool guessed)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, read)
	{
		MigrObject *needed = lfirst(lc);
		MigrObject *other;

		if (needed->kind == MIGR_KIND_TABLE || needed->mark == side->stamp)
			continue;
		needed->mark = side->stamp;
		other = needed->kind == MIGR_KIND_VIEW ? migr_diff_child(needed, MIGR_KIND_POPULATE) : NULL;
		if (other)
			migr_diff_add_edge(side, populate->unit, other->unit, guessed);
		add_populates(side, populate, needed->depends, guessed);
		if (needed->kind == MIGR_KIND_ROUTINE)
			add_populates(side, populate, migr_diff_mentions(side, needed), true);
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
add_table(MigrDiff *diff, MigrSide *side, MigrObject *table)
{
	int			partner = migr_diff_partner_on(diff, side, table);

	if (partner >= 0)
		add_shapes(diff, side, partner, table,
				   side == &diff->to ? late_checks(diff, table) : NIL);
}

/*
 * A constraint that is not valid goes to the children, where it can't become
 * valid: one there that is comes first, and is kept.
 */
static void
add_valid(MigrSide *side, const MigrObject *constraint, const MigrObject *table)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, migr_diff_parents(side, table))
	{
		const MigrObject *other = migr_diff_namesake(lfirst(lc), constraint);

		if (other && !migr_diff_is_valid(other))
			migr_diff_add_edge(side, other->unit, constraint->unit, true);
		add_valid(side, constraint, lfirst(lc));
	}
}

static void
add_constraint(MigrDiff *diff, MigrSide *side, MigrObject *constraint)
{
	if (side == &diff->to && constraint->parent->kind == MIGR_KIND_TABLE &&
		diff->units[constraint->parent->unit].from == NULL &&
		migr_object_has(constraint->parent, MIGR_ATTR_INHERITS) && migr_diff_is_valid(constraint))
		add_valid(side, constraint, constraint->parent);
}

static void
add_setting(MigrDiff *diff, MigrSide *side, MigrObject *setting)
{
	add_setting_of(side, setting, setting->parent);
}

static void
add_populate(MigrDiff *diff, MigrSide *side, MigrObject *populate)
{
	side->stamp++;
	add_populates(side, populate, populate->parent->depends, false);
}

/*
 * What only kinds that belong together need of each other, which pg_depend does
 * not tell.
 */
static void (*const add_own[MIGR_KIND_COUNT]) (MigrDiff *diff, MigrSide *side,
											   MigrObject *object) = {
	[MIGR_KIND_TABLE] = add_table,
	[MIGR_KIND_CONSTRAINT] = add_constraint,
	[MIGR_KIND_PARTITION] = add_partition,
	[MIGR_KIND_INDEX_PARTITION] = add_index_partition,
	[MIGR_KIND_SEQUENCE_OWNER] = add_sequence_owner,
	[MIGR_KIND_IDENTITY] = add_identity,
	[MIGR_KIND_TABLE_SETTING] = add_setting,
	[MIGR_KIND_POPULATE] = add_populate
};

void
migr_diff_add_own(MigrDiff *diff, MigrSide *side, MigrObject *object)
{
	if (add_own[object->kind])
		add_own[object->kind] (diff, side, object);
}
