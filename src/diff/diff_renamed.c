/*
 * diff_renamed.c
 *		Constraints and indexes that differ in nothing but their names.
 *
 * They hold no data, and which of two that are alike got which name makes no
 * difference: so they are taken for the same, and nobody has to be asked, as
 * for tables and columns.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/constraint.h"
#include "kind/ddl.h"
#include "model/attributes.h"

/* One that the other side has none of by name. */
typedef struct Single
{
	const char *what;			/* all but the name */
	MigrKey    *key;
} Single;

typedef struct Singles
{
	int			count;
	Single	   *items;
} Singles;

bool
migr_diff_is_renamed(const MigrObject *from, const MigrObject *to)
{
	return from->kind == to->kind &&
		(to->kind == MIGR_KIND_CONSTRAINT || to->kind == MIGR_KIND_FOREIGN_KEY ||
		 to->kind == MIGR_KIND_INDEX) &&
		strcmp(from->name, to->name) != 0;
}

/* Has a table parents, or children that are no partitions? */
static bool
is_related(const MigrSide *side, const MigrObject *table)
{
	ListCell   *lc;

	if (migr_object_has(table, MIGR_ATTR_INHERITS))
		return true;
	foreach(lc, side->schema->objects)
	{
		const MigrObject *other = lfirst(lc);

		if (other->kind == MIGR_KIND_TABLE &&
			migr_ddl_list_text(migr_ddl_list(value(other, MIGR_ATTR_INHERITS)), table->identity))
			return true;
	}
	return false;
}

/* Is it so that nothing is renamed with it, or has it to be with something? */
static bool
stands_alone(const MigrSide *side, const MigrObject *object)
{
	const MigrObject *parent = object->parent;

	if (parent == NULL || parent->kind != MIGR_KIND_TABLE)
		return parent != NULL;
	if (migr_object_has(parent, MIGR_ATTR_PARTITION_KEY) || migr_diff_is_partition(parent))
		return false;
	/* What checks the rows of children is theirs too. */
	return object->kind != MIGR_KIND_CONSTRAINT ||
		!migr_constraint_is_for_children(object) ||
		!is_related(side, parent);
}

/* An index's definition has its name behind the first words. */
static void
append_definition(StringInfo out, const MigrObject *object, const char *definition)
{
	const char *name = strstr(definition, "INDEX ");

	if (object->kind != MIGR_KIND_INDEX || name == NULL)
	{
		appendStringInfoString(out, definition);
		return;
	}
	name += strlen("INDEX ");
	appendBinaryStringInfo(out, definition, name - definition);
	appendStringInfoString(out, name + strlen(quote_identifier(object->name)));
}

static char *
describe(const MigrObject *object)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%02d\n%s", object->kind, object->parent->identity);
	for (int i = 0; i < object->columns->count; i++)
	{
		const char *one = i < object->count ? object->values[i] : NULL;

		appendStringInfoString(&out, one ? "\n" : "\n-");
		if (one && object->columns->attributes[i] == MIGR_ATTR_DEFINITION)
			append_definition(&out, object, one);
		else if (one)
			appendStringInfoString(&out, one);
	}
	return out.data;
}

static int
compare_singles(const void *a, const void *b)
{
	const Single *left = a;
	const Single *right = b;
	int			order = strcmp(left->what, right->what);

	return order ? order : strcmp(left->key->key, right->key->key);
}

static void
add_single(Singles *singles, const MigrSide *side, MigrKey *key)
{
	MigrKind	kind = key->object->kind;

	if ((kind != MIGR_KIND_CONSTRAINT && kind != MIGR_KIND_FOREIGN_KEY &&
		 kind != MIGR_KIND_INDEX) || !stands_alone(side, key->object))
		return;
	singles->items[singles->count].what = describe(key->object);
	singles->items[singles->count++].key = key;
}

void
migr_diff_pair_renamed(MigrDiff *diff)
{
	MigrSide   *from = &diff->from;
	MigrSide   *to = &diff->to;
	Singles		old = {.items = palloc((from->count + 1) * sizeof(Single))};
	Singles		new = {.items = palloc((to->count + 1) * sizeof(Single))};
	int			i = 0;
	int			j = 0;

	while (i < from->count || j < to->count)
	{
		int			order = i == from->count ? 1 : j == to->count ? -1
			: strcmp(from->keys[i].key, to->keys[j].key);

		if (order < 0)
			add_single(&old, from, &from->keys[i]);
		else if (order > 0)
			add_single(&new, to, &to->keys[j]);
		i += order <= 0;
		j += order >= 0;
	}
	qsort(old.items, old.count, sizeof(Single), compare_singles);
	qsort(new.items, new.count, sizeof(Single), compare_singles);
	for (i = j = 0; i < old.count && j < new.count;)
	{
		int			order = strcmp(old.items[i].what, new.items[j].what);

		if (order == 0)
		{
			old.items[i].key->renamed = new.items[j].key->object;
			new.items[j].key->renamed = old.items[i].key->object;
		}
		i += order <= 0;
		j += order >= 0;
	}
	pfree(old.items);
	pfree(new.items);
}
