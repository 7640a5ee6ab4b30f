/*
 * rename_owned.c
 *		The sequences of columns follow what they belong to.
 *
 * A serial column's sequence is known by its column: of a column that is the
 * same before and after, it is the same sequence, whatever it is called.
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

/* What belongs to a column of a table: NULL if nothing does, or several do. */
static const MigrObject *
find_owned(const MigrSchema *schema, const char *table, const char *column)
{
	const MigrObject *owned = NULL;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *owner = lfirst(lc);

		if (owner->kind != MIGR_KIND_SEQUENCE_OWNER ||
			strcmp(owner->parent->identity, table) != 0 || strcmp(value(owner, "column"), column) != 0)
			continue;
		if (owned)
			return NULL;
		owned = owner;
	}
	return owned;
}

/* What an owned sequence is to be called otherwise, or NULL. */
static const MigrObject *
desired_owner(const MigrSchema *schema, const MigrSchema *desired, const List *renamings,
			  const MigrObject *owner)
{
	const MigrObject *table = owner->parent;
	const MigrObject *column = find_column(table, value(owner, "column"));
	const MigrObject *wanted;

	if (column == NULL ||
		find_owned(schema, table->identity, value(owner, "column")) != owner)
		return NULL;
	wanted = find_owned(desired, quote_qualified_identifier(table->schema, new_name(table, renamings)),
						new_name(column, renamings));
	if (wanted == NULL || strcmp(wanted->identity, owner->identity) == 0 ||
		strcmp(wanted->schema, owner->schema) != 0)
		return NULL;
	/* Neither name may stand for another sequence, which has values of its own. */
	return find_sequence(schema, wanted->identity) || find_sequence(desired, owner->identity)
		? NULL : wanted;
}

List *
migr_rename_owned(const MigrSchema *schema, const MigrSchema *desired, const List *renamings)
{
	List	   *all = list_copy(renamings);
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *owner = lfirst(lc);
		const MigrObject *wanted = owner->kind == MIGR_KIND_SEQUENCE_OWNER
			? desired_owner(schema, desired, renamings, owner) : NULL;
		const MigrObject *sequence = wanted ? find_sequence(schema, owner->identity) : NULL;
		MigrRenaming *renaming;

		if (sequence == NULL || strcmp(new_name(sequence, renamings), sequence->name) != 0)
			continue;
		renaming = palloc0(sizeof(MigrRenaming));
		renaming->old = pstrdup(sequence->identity);
		renaming->new = pstrdup(quote_identifier(wanted->name));
		renaming->object = sequence;
		all = lappend(all, renaming);
	}
	return all;
}
