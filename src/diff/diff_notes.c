/*
 * diff_notes.c
 *		What people should know of a step, and its text does not say.
 *
 * What goes with a column, what a function gave that is kept by what stands on
 * it, and by whose time zone values are converted.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/type_loss.h"
#include "model/attributes.h"

/* --- what goes with a column ----------------------------------------------- */

/* Has an object a name that people know, and no place in a table's text? */
static bool
is_worth_naming(const MigrObject *object)
{
	return object->kind == MIGR_KIND_SEQUENCE || object->kind == MIGR_KIND_INDEX ||
		object->kind == MIGR_KIND_CONSTRAINT || object->kind == MIGR_KIND_FOREIGN_KEY ||
		object->kind == MIGR_KIND_STATISTICS;
}

/* One note that names all for good; what comes back is in the script. */
static List *
note_what_goes_along(const MigrDiff *diff, const MigrUnit *column)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (unit == column || unit->facet != MIGR_FACET_OBJECT || unit->mode != MIGR_MODE_DROP ||
			unit->end != column->end || !is_worth_naming(unit->from))
			continue;
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", migr_ddl_title(unit->from));
	}
	return names.len > 0 ? list_make1(psprintf("Note: with it go %s", names.data)) : NIL;
}

/* --- what a function gave -------------------------------------------------- */

/* Why an object is not what it would be, and what to do about it. */
static char *
note(const MigrObject *object, const char *why, const char *remedy)
{
	return psprintf("Note: %s %s what it gave before: %s", migr_ddl_title(object), why, remedy);
}

static char *
note_constraint(const MigrObject *object)
{
	const char *table = object->parent->identity;

	if (!migr_diff_is_check(object))
		return note(object, "has keys from", psprintf("REINDEX INDEX %s", quote_qualified_identifier(
			object->parent->schema, object->name)));
	return note(object, "was checked by", object->parent->kind != MIGR_KIND_TABLE
				? "look for values that violate it"
				: psprintf("SELECT * FROM %s WHERE NOT %s", table,
						   migr_ddl_list_parenthesis(value(object, MIGR_ATTR_DEFINITION))));
}

static char *
note_index(const MigrObject *object)
{
	return note(object, "has keys from", psprintf("REINDEX INDEX %s", object->identity));
}

static char *
note_column(const MigrObject *object)
{
	if (object->parent->kind != MIGR_KIND_TABLE || !migr_object_has(object, MIGR_ATTR_GENERATED) ||
		*value(object, MIGR_ATTR_GENERATED) != 's')
		return NULL;
	return note(object, "has values from",
				psprintf("UPDATE %s SET %s = DEFAULT", object->parent->identity,
						 quote_identifier(object->name)));
}

static char *
note_table(const MigrObject *object)
{
	return !migr_object_has(object, MIGR_ATTR_PARTITION_KEY) ? NULL
		: note(object, "has rows in partitions by", "insert them anew");
}

static char *
note_statistics(const MigrObject *object)
{
	return note(object, "are of", "ANALYZE");
}

static char *
note_view(const MigrObject *object)
{
	return strcmp(migr_ddl_noun(object), "MATERIALIZED VIEW") != 0 ? NULL
		: note(object, "has rows from",
			   psprintf("REFRESH MATERIALIZED VIEW %s", object->identity));
}

/* What keeps results of a function that it stands on: a note, or NULL. */
static char *(*const note_kept[MIGR_KIND_COUNT]) (const MigrObject *object) = {
	[MIGR_KIND_INDEX] = note_index,
	[MIGR_KIND_CONSTRAINT] = note_constraint,
	[MIGR_KIND_COLUMN] = note_column,
	[MIGR_KIND_TABLE] = note_table,
	[MIGR_KIND_STATISTICS] = note_statistics,
	[MIGR_KIND_VIEW] = note_view
};

/* Does who uses it use the function as well? */
static bool
passes_on(const MigrObject *object)
{
	return object->kind == MIGR_KIND_ROUTINE || object->kind == MIGR_KIND_AGGREGATE ||
		object->kind == MIGR_KIND_OPERATOR || object->kind == MIGR_KIND_OPCLASS ||
		object->kind == MIGR_KIND_OPFAMILY || object->kind == MIGR_KIND_CAST ||
		object->kind == MIGR_KIND_VIEW ||
		(object->kind == MIGR_KIND_COLUMN && object->parent->kind == MIGR_KIND_VIEW);
}

static bool
stays(const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_OBJECT &&
		(unit->mode == MIGR_MODE_SAME || unit->mode == MIGR_MODE_ALTER);
}

/* All that stays and is kept by way of a routine that gets another definition. */
static List *
note_what_is_kept(const MigrDiff *diff, int routine)
{
	const MigrDiffEdges *edges = &diff->to.edges;
	bool	   *seen = palloc0(diff->count * sizeof(bool));
	List	   *queue = list_make1_int(routine);
	List	   *notes = NIL;

	seen[routine] = true;
	while (queue != NIL)
	{
		int			needed = linitial_int(queue);

		queue = list_delete_first(queue);
		for (int i = edges->first[needed]; i < edges->first[needed + 1]; i++)
		{
			int			number = edges->items[i].object;
			const MigrUnit *unit = &diff->units[number];
			char	   *what;

			if (edges->items[i].weak || seen[number] || !stays(unit))
				continue;
			seen[number] = true;
			what = note_kept[unit->to->kind] ? note_kept[unit->to->kind] (unit->to) : NULL;
			notes = what ? lappend(notes, what) : notes;
			queue = passes_on(unit->to) ? lappend_int(queue, number) : queue;
		}
	}
	return notes;
}

/* --- time zones ------------------------------------------------------------ */

static List *
note_zone(const MigrUnit *column)
{
	const char *name = quote_identifier(column->to->name);

	switch (migr_type_zone(value(column->from, MIGR_ATTR_TYPE), value(column->to, MIGR_ATTR_TYPE)))
	{
		case MIGR_TYPE_ZONE_UTC:
			return list_make1(psprintf("Note: values of column %s without a time zone are taken as UTC;"
									   " name another zone if they are of that", name));
		case MIGR_TYPE_ZONE_SESSION:
			return list_make1(psprintf("Note: values of column %s become what TimeZone says"
									   " of who runs this", name));
		default:
			return NIL;
	}
}

/* --- steps ----------------------------------------------------------------- */

List *
migr_diff_notes(const MigrDiff *diff, const MigrStep *step)
{
	const MigrUnit *unit = &diff->units[step->unit];
	MigrKind	kind = migr_diff_object(unit)->kind;

	if (unit->facet != MIGR_FACET_OBJECT || unit->via_text)
		return NIL;
	if (step->kind == MIGR_STEP_END && kind == MIGR_KIND_COLUMN)
		return note_what_goes_along(diff, unit);
	if (step->kind == MIGR_STEP_ALTER && kind == MIGR_KIND_ROUTINE &&
		!same(unit->from, unit->to, MIGR_ATTR_DEFINITION))
		return note_what_is_kept(diff, step->unit);
	if (step->kind == MIGR_STEP_ALTER && kind == MIGR_KIND_COLUMN && unit->follows < 0 &&
		migr_diff_object(unit)->parent->kind == MIGR_KIND_TABLE)
		return note_zone(unit);
	return NIL;
}
