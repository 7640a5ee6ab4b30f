/*
 * rename_owned.c
 *		The sequences of columns follow what they belong to.
 *
 * A serial column's sequence is known by its column: of a column that is the
 * same before and after, it is the same sequence, whatever it is called.  That of
 * an identity column is no object of the schema; it is renamed here if others are,
 * since these may get its name.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/rename.h"
#include "model/attributes.h"

/* The name that something has when all is renamed. */
static const char *
new_name(const MigrObject *object, const List *renamings)
{
	ListCell   *lc;

	foreach(lc, renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);

		if (renaming->object == object && renaming->part == NULL)
			return migr_rename_new(renaming);
	}
	return object->name;
}

static const MigrObject *
find_column(const MigrObject *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN && strcmp(column->name, name) == 0)
			return column;
	}
	return NULL;
}

static const MigrObject *
find_sequence(const MigrSchema *schema, const char *identity)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_SEQUENCE && strcmp(object->identity, identity) == 0)
			return object;
	}
	return NULL;
}

/* The objects of a schema that say which column a sequence belongs to. */
typedef struct Owners
{
	int			count;
	const MigrObject **items;	/* sorted by what they belong to */
} Owners;

static int
compare_columns(const char *table, const char *column, const MigrObject *owner)
{
	int			result = strcmp(table, owner->parent->identity);

	return result ? result : strcmp(column, value(owner, MIGR_ATTR_COLUMN));
}

static int
compare_owners(const void *a, const void *b)
{
	const MigrObject *owner = *(const MigrObject *const *) a;

	return compare_columns(owner->parent->identity, value(owner, MIGR_ATTR_COLUMN),
						   *(const MigrObject *const *) b);
}

static Owners
collect_owners(const MigrSchema *schema)
{
	Owners		owners = {0};
	ListCell   *lc;

	owners.items = MemoryContextAllocHuge(CurrentMemoryContext,
										  (list_length(schema->objects) + 1) * sizeof(MigrObject *));
	foreach(lc, schema->objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_SEQUENCE_OWNER)
			owners.items[owners.count++] = lfirst(lc);
	}
	qsort(owners.items, owners.count, sizeof(MigrObject *), compare_owners);
	return owners;
}

/* What belongs to a column of a table: NULL if nothing does, or several do. */
static const MigrObject *
find_owned(const Owners *owners, const char *table, const char *column)
{
	int			low = 0;
	int			high = owners->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (compare_columns(table, column, owners->items[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == owners->count || compare_columns(table, column, owners->items[low]) != 0 ||
		(low + 1 < owners->count && compare_columns(table, column, owners->items[low + 1]) == 0))
		return NULL;
	return owners->items[low];
}

/* Both schemas, and what is to be called otherwise. */
typedef struct Following
{
	const MigrSchema *schema;
	const MigrSchema *desired;
	Owners		owners;
	Owners		desired_owners;
	const List *renamings;
} Following;

/* What an owned sequence is to be called otherwise, or NULL. */
static const MigrObject *
desired_owner(const Following *following, const MigrObject *owner)
{
	const List *renamings = following->renamings;
	const MigrObject *table = owner->parent;
	const MigrObject *column = find_column(table, value(owner, MIGR_ATTR_COLUMN));
	const MigrObject *wanted;

	if (column == NULL ||
		find_owned(&following->owners, table->identity, value(owner, MIGR_ATTR_COLUMN)) != owner)
		return NULL;
	wanted = find_owned(&following->desired_owners,
						quote_qualified_identifier(table->schema, new_name(table, renamings)),
						new_name(column, renamings));
	if (wanted == NULL || strcmp(wanted->identity, owner->identity) == 0 ||
		strcmp(wanted->schema, owner->schema) != 0)
		return NULL;
	/* Neither name may stand for another sequence, which has values of its own. */
	return find_sequence(following->schema, wanted->identity) ||
		find_sequence(following->desired, owner->identity) ? NULL : wanted;
}

static List *
add_renaming(List *all, const MigrObject *sequence, const char *name)
{
	MigrRenaming *renaming = palloc0(sizeof(MigrRenaming));

	renaming->old = pstrdup(sequence->identity);
	renaming->new = pstrdup(quote_identifier(name));
	renaming->object = sequence;
	return lappend(all, renaming);
}

/* The column that one will be, or NULL. */
static const MigrObject *
desired_column(const MigrSchema *desired, const List *renamings, const MigrObject *column)
{
	const MigrObject *table = column->parent;
	const char *identity = quote_qualified_identifier(table->schema, new_name(table, renamings));
	ListCell   *lc;

	foreach(lc, desired->objects)
	{
		const MigrObject *other = lfirst(lc);

		if (other->kind == MIGR_KIND_TABLE && strcmp(other->identity, identity) == 0)
			return find_column(other, new_name(column, renamings));
	}
	return NULL;
}

/* The sequence of an identity column, as far as it takes to rename it. */
static const MigrObject *
as_sequence(const MigrObject *column)
{
	static const MigrAttribute attributes[] = {MIGR_ATTR_NOUN};
	static const MigrColumns columns = {lengthof(attributes), attributes};
	static const char *values[] = {"SEQUENCE"};
	MigrObject *sequence = palloc0(sizeof(MigrObject));

	sequence->kind = MIGR_KIND_SEQUENCE;
	sequence->identity = value(column, MIGR_ATTR_SEQUENCE);
	sequence->schema = column->parent->schema;
	sequence->name = llast(migr_rename_split(sequence->identity));
	migr_object_fill(sequence, &columns, values);
	return sequence;
}

static List *
add_identity(List *all, const MigrSchema *desired, const List *renamings, const MigrObject *column)
{
	const MigrObject *wanted = desired_column(desired, renamings, column);

	if (wanted == NULL || !migr_object_has(wanted, MIGR_ATTR_IDENTITY) ||
		same(column, wanted, MIGR_ATTR_SEQUENCE))
		return all;
	return add_renaming(all, as_sequence(column), as_sequence(wanted)->name);
}

List *
migr_rename_owned(const MigrSchema *schema, const MigrSchema *desired, const List *renamings)
{
	Following	following = {schema, desired, collect_owners(schema), collect_owners(desired), renamings};
	List	   *all = list_copy(renamings);
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		const MigrObject *wanted = object->kind == MIGR_KIND_SEQUENCE_OWNER
			? desired_owner(&following, object) : NULL;
		const MigrObject *sequence = wanted ? find_sequence(schema, object->identity) : NULL;

		if (sequence && strcmp(new_name(sequence, renamings), sequence->name) == 0)
			all = add_renaming(all, sequence, wanted->name);
		else if (renamings != NIL && object->kind == MIGR_KIND_COLUMN &&
				 object->parent->kind == MIGR_KIND_TABLE && migr_object_has(object, MIGR_ATTR_IDENTITY))
			all = add_identity(all, desired, renamings, object);
	}
	return all;
}
