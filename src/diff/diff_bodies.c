/*
 * diff_bodies.c
 *		What the bodies of routines may read, by the names in them.
 *
 * Most bodies are text to the server, which notes nothing of what they read.  A
 * name in one may be anything, and so this serves for an order alone that is
 * the better one if it is right.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "parser/scansup.h"

#include "diff/diff_needs.h"
#include "model/attributes.h"

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(MigrObject *const *) a)->name, (*(MigrObject *const *) b)->name);
}

/* Put the routines and views of a side into the order of their names. */
static void
index_names(MigrSide *side)
{
	ListCell   *lc;

	side->named = palloc((list_length(side->schema->objects) + 1) * sizeof(MigrObject *));
	foreach(lc, side->schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_ROUTINE || object->kind == MIGR_KIND_VIEW)
			side->named[side->named_count++] = object;
	}
	qsort(side->named, side->named_count, sizeof(MigrObject *), compare_names);
}

/* Add those of a name. */
static List *
add_named(List *mentioned, const MigrSide *side, const char *name)
{
	int			low = 0;
	int			high = side->named_count;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (strcmp(side->named[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < side->named_count && strcmp(side->named[low]->name, name) == 0; low++)
		mentioned = list_append_unique_ptr(mentioned, side->named[low]);
	return mentioned;
}

static bool
is_name_byte(char c)
{
	return IS_HIGHBIT_SET(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '$';
}

/* The end of a name that begins here, quoted or not, and the name. */
static const char *
read_name(const char *start, char **name)
{
	const char *end = start;

	if (*start != '"')
	{
		while (is_name_byte(*end))
			end++;
		*name = downcase_truncate_identifier(start, end - start, false);
		return end;
	}
	end = strchr(start + 1, '"');
	if (end == NULL)
		end = start + strlen(start);
	*name = pnstrdup(start + 1, end - start - 1);
	return *end ? end + 1 : end;
}

List *
migr_diff_mentions(MigrSide *side, const MigrObject *routine)
{
	const char *text = value(routine, MIGR_ATTR_DEFINITION);
	List	   *mentioned = NIL;

	if (side->named == NULL)
		index_names(side);
	while (text && *text != '\0')
	{
		char	   *name;

		if (!is_name_byte(*text) && *text != '"')
		{
			text++;
			continue;
		}
		text = read_name(text, &name);
		mentioned = add_named(mentioned, side, name);
		pfree(name);
	}
	return mentioned;
}
