/*
 * hazard_type.c
 *		Values that do not become values of a column's new type.
 *
 * All rows are converted, once, to see whether it can be done.  The first that
 * can't be ends that, so it is not known how many more there are: what is told
 * is how many values stand before the change.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/hazard_change.h"
#include "diff/hazard_rows.h"
#include "kind/column.h"
#include "kind/type_loss.h"
#include "model/attributes.h"

/* A change of a column's type, and what its rows answer. */
typedef struct Change
{
	MigrHazards *hazards;
	const MigrObject *from;
	const MigrObject *to;
	const char *name;			/* of the column, quoted */
} Change;

/* Is a type of the new side, or what it is an array of, the one that is there? */
static bool
is_type_there(const MigrDiff *diff, const char *type)
{
	int			len = strlen(type);
	bool		is_array = len > 2 && strcmp(type + len - 2, "[]") == 0;
	const MigrObject *object = migr_diff_find(&diff->to, MIGR_KIND_DOMAIN, is_array
											  ? pnstrdup(type, len - 2) : type);

	/* Types of all kinds are found by their names. */
	return object == NULL || diff->units[object->unit].mode == MIGR_MODE_SAME;
}

/* The rows whose value becomes another one, or NULL; an error for others. */
static char *
question(const Change *change, const char *expression)
{
	const char *type = value(change->to, MIGR_ATTR_TYPE);
	const char *rows = migr_hazard_from(change->to->parent, false);
	int			limit = migr_type_limit(type);

	/* A cast would cut it off, where an assignment is an error. */
	if (limit > 0)
		return migr_hazard_where(rows, psprintf("pg_catalog.char_length(pg_catalog.rtrim((%s)::text, ' ')) > %d",
												expression ? expression : change->name, limit));
	return migr_hazard_where(rows, psprintf("num_nulls((%s)::%s) > num_nulls(%s)",
											expression ? expression : change->name, type,
											change->name));
}

static int64
count_values(const Change *change, bool *at_least)
{
	MigrHazardAnswer answer = migr_hazard_ask(change->to->parent->identity, migr_hazard_where(
		migr_hazard_from(change->to->parent, false), psprintf("num_nulls(%s) = 0", change->name)));

	*at_least = answer.at_least;
	return answer.bad;
}

static List *
add_line(List *lines, const Change *change, const char *rest)
{
	return lappend(lines, psprintf("  ALTER TABLE %s %s;", change->to->parent->identity, rest));
}

/* The column made anew beside the old one; commands that need one expression. */
static List *
steps(const Change *change)
{
	const MigrObject *to = change->to;
	const char *beside = quote_identifier(psprintf("%.*s_new", NAMEDATALEN - 6, to->name));
	List	   *lines = list_make1("In steps, with an expression of yours in place of ...:");

	lines = add_line(lines, change, psprintf("ADD COLUMN %s %s", beside, value(to, MIGR_ATTR_TYPE)));
	lines = lappend(lines, psprintf("  UPDATE %s SET %s = ...;", to->parent->identity, beside));
	lines = add_line(lines, change, psprintf("DROP COLUMN %s", change->name));
	lines = add_line(lines, change, psprintf("RENAME COLUMN %s TO %s", beside, change->name));
	if (migr_diff_default(to))
		lines = add_line(lines, change, psprintf("ALTER COLUMN %s SET DEFAULT %s", change->name,
												 migr_diff_default(to)));
	if (migr_object_is(to, MIGR_ATTR_NOT_NULL))
		lines = add_line(lines, change, psprintf("ALTER COLUMN %s SET NOT NULL", change->name));
	return lines;
}

static List *
remarks(const Change *change, const MigrHazardAnswer *answer)
{
	bool		at_least = answer->at_least;
	int64		rows = answer->is_of_value ? count_values(change, &at_least) : answer->bad;
	const char *how = answer->is_of_value ? "not all of them become" : "too long for";
	char	   *what = psprintf("%s" INT64_FORMAT " %s of %s %s a value in column %s, %s %s%s%s",
								at_least ? "at least " : "", rows, rows == 1 ? "row" : "rows",
								change->to->parent->identity, rows == 1 ? "has" : "have",
								change->name, how, value(change->to, MIGR_ATTR_TYPE),
								answer->is_of_value ? ": " : "",
								answer->is_of_value ? answer->unknown : "");

	change->hazards->failing = lappend(change->hazards->failing, what);
	return list_concat(list_make1(psprintf("Note: %s", what)), steps(change));
}

static List *
unchecked(const Change *change, const char *why)
{
	char	   *what = psprintf("%s was not checked against type %s of column %s: %s",
								change->to->parent->identity, value(change->to, MIGR_ATTR_TYPE),
								change->name, why);

	change->hazards->unchecked = lappend(change->hazards->unchecked, what);
	return list_make1(psprintf("Note: %s", what));
}

List *
migr_hazard_conversion(MigrHazards *hazards, const MigrDiff *diff, const MigrUnit *unit)
{
	Change		change = {hazards, unit->from, unit->to};
	MigrHazardAnswer answer;
	const char *asked;

	if (unit->to->kind != MIGR_KIND_COLUMN || unit->mode != MIGR_MODE_ALTER ||
		unit->to->parent->kind != MIGR_KIND_TABLE || *value(unit->to->parent, MIGR_ATTR_RELKIND) == 'f' ||
		!migr_hazard_is_kept(diff, unit->to->parent) || same(unit->from, unit->to, MIGR_ATTR_TYPE) ||
		migr_object_has(unit->to, MIGR_ATTR_GENERATED) ||
		!is_type_there(diff, value(unit->to, MIGR_ATTR_TYPE)) ||
		!is_type_there(diff, value(unit->from, MIGR_ATTR_TYPE)))
		return NIL;
	change.name = quote_identifier(unit->to->name);
	asked = question(&change, migr_column_conversion(unit->from, unit->to));
	if (migr_hazard_is_renamed(hazards, asked))
		return NIL;
	answer = migr_hazard_ask(unit->to->parent->identity, asked);
	if (answer.unknown && !answer.is_new && !answer.is_of_value && !answer.at_least)
		return unchecked(&change, answer.unknown);
	return answer.is_of_value || answer.bad > 0 ? remarks(&change, &answer) : NIL;
}
