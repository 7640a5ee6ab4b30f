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

/* The expression of a check. */
static const char *
check_of(const MigrObject *check)
{
	return migr_ddl_list_parenthesis(value(check, "definition"));
}

static char *
note_constraint(const MigrObject *object)
{
	const char *title = migr_ddl_title(object);

	if (!migr_diff_is_check(object))
		return psprintf("Note: %s has keys from what it gave before: REINDEX INDEX %s", title,
						quote_qualified_identifier(object->parent->schema, object->name));
	if (object->parent->kind != MIGR_KIND_TABLE)
		return psprintf("Note: %s was checked by what it gave before: look for values that violate it",
						title);
	return psprintf("Note: %s was checked by what it gave before: SELECT * FROM %s WHERE NOT %s",
					title, object->parent->identity, check_of(object));
}

/* Something that is kept, and stands on what the function gave; NULL: nothing is kept. */
static char *
note_kept(const MigrObject *object)
{
	const char *title = migr_ddl_title(object);

	switch (object->kind)
	{
		case MIGR_KIND_INDEX:
			return psprintf("Note: %s has keys from what it gave before: REINDEX INDEX %s", title,
							object->identity);
		case MIGR_KIND_CONSTRAINT:
			return note_constraint(object);
		case MIGR_KIND_COLUMN:
			return object->parent->kind != MIGR_KIND_TABLE || !migr_object_has(object, "generated") ||
				*value(object, "generated") != 's' ? NULL
				: psprintf("Note: %s has values from what it gave before: UPDATE %s SET %s = DEFAULT",
						   title, object->parent->identity, quote_identifier(object->name));
		case MIGR_KIND_TABLE:
			return !migr_object_has(object, "partition_key") ? NULL
				: psprintf("Note: %s has rows where what it gave before put them: insert them anew",
						   title);
		case MIGR_KIND_STATISTICS:
			return psprintf("Note: %s is of what it gave before: ANALYZE %s", title,
							object->parent->identity);
		case MIGR_KIND_VIEW:
			return strcmp(migr_ddl_noun(object), "MATERIALIZED VIEW") != 0 ? NULL
				: psprintf("Note: %s has rows from what it gave before: REFRESH MATERIALIZED VIEW %s",
						   title, object->identity);
		default:
			return NULL;
	}
}

/* Does who uses it use the function as well? */
static bool
passes_on(const MigrObject *object)
{
	return object->kind == MIGR_KIND_ROUTINE || object->kind == MIGR_KIND_AGGREGATE ||
		object->kind == MIGR_KIND_OPERATOR || object->kind == MIGR_KIND_OPCLASS ||
		object->kind == MIGR_KIND_OPFAMILY || object->kind == MIGR_KIND_CAST ||
		object->kind == MIGR_KIND_VIEW;
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
			char	   *note;

			if (edges->items[i].weak || seen[number] || !stays(unit))
				continue;
			seen[number] = true;
			note = note_kept(unit->to);
			notes = note ? lappend(notes, note) : notes;
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

	switch (migr_type_zone(value(column->from, "type"), value(column->to, "type")))
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
		!same(unit->from, unit->to, "definition"))
		return note_what_is_kept(diff, step->unit);
	if (step->kind == MIGR_STEP_ALTER && kind == MIGR_KIND_COLUMN && unit->follows < 0 &&
		migr_diff_object(unit)->parent->kind == MIGR_KIND_TABLE)
		return note_zone(unit);
	return NIL;
}
