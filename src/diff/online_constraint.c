/*
 * online_constraint.c
 *		Constraints of tables with rows: not valid at first, or of an index.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "utils/builtins.h"

#include "base/scan.h"
#include "diff/hazard_change.h"
#include "diff/online_form.h"
#include "kind/constraint.h"
#include "kind/ddl.h"
#include "model/attributes.h"

#define NOT_VALID " NOT VALID"

/* --- not valid, then validated --------------------------------------------- */

static bool
is_plain_table(const MigrObject *table)
{
	return *value(table, MIGR_ATTR_RELKIND) == 'r';
}

/* A constraint that takes the place of itself, without having looked at the rows. */
static char *
doubt_again(const MigrObject *constraint)
{
	MigrObject	bare = *constraint;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "ALTER TABLE %s\n    DROP CONSTRAINT %s,\n    ADD CONSTRAINT %s %s%s;\n",
					 constraint->parent->identity, quote_identifier(constraint->name),
					 quote_identifier(constraint->name), value(constraint, MIGR_ATTR_DEFINITION),
					 NOT_VALID);
	bare.comment = NULL;
	migr_ddl_alter_extras(&out, &bare, constraint);
	return out.data;
}

void
migr_online_validate_later(MigrOnline *online, int number, bool in_rest)
{
	const MigrDiff *diff = online->diff;
	const MigrObject *to = diff->units[number].to;
	StringInfoData out;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrObject *object = diff->units[i].to;

		if (i == number || (object && migr_online_follows(online, i, number)))
			migr_online_set(online, in_rest ? MIGR_ONLINE_REST_TO : MIGR_ONLINE_FIRST_TO, object,
							MIGR_ATTR_DEFINITION,
							psprintf("%s" NOT_VALID, value(object, MIGR_ATTR_DEFINITION)));
	}
	initStringInfo(&out);
	migr_constraint_validate(&out, to);
	migr_online_say(online, in_rest ? MIGR_ONLINE_KEYS : MIGR_ONLINE_CHECK, out.data, doubt_again(to));
}

/*
 * Is a constraint made, on a table with rows, that none has been checked against?  One
 * that is there already is made where it is not, and that is for guard.h.
 */
static bool
is_new(const MigrOnline *online, const MigrUnit *unit)
{
	return unit->to && migr_diff_is_made(unit) && migr_online_is_kept(online, unit->to->parent) &&
		!migr_hazard_is_unchecked(value(unit->to, MIGR_ATTR_DEFINITION)) &&
		(unit->from || migr_lookup_find(online->live, unit->to) == NULL);
}

bool
migr_online_check(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];

	if (migr_diff_object(unit)->kind != MIGR_KIND_CONSTRAINT || !is_new(online, unit) ||
		!migr_diff_is_check(unit->to))
		return false;
	migr_online_validate_later(online, number, online->late[number]);
	return true;
}

/* The table that a foreign key refers to, if it is another kind than a plain one. */
static bool
refers_to_plain_table(const MigrOnline *online, int number)
{
	const MigrDiffEdges *edges = &online->diff->to.edges;

	for (int i = 0; i < edges->count; i++)
	{
		const MigrObject *needed = edges->items[i].object == number
			? online->diff->units[edges->items[i].needed].to : NULL;

		if (needed && needed->kind != MIGR_KIND_TABLE)
			needed = needed->parent;
		if (needed && needed->kind == MIGR_KIND_TABLE && !is_plain_table(needed))
			return false;
	}
	return true;
}

bool
migr_online_key(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];

	if (migr_diff_object(unit)->kind != MIGR_KIND_FOREIGN_KEY || !is_new(online, unit))
		return false;
	if (!is_plain_table(unit->to->parent) || !refers_to_plain_table(online, number))
	{
		migr_online_remark(online, unit->to, "a foreign key of or to a partitioned table can't be added as NOT VALID");
		return true;
	}
	migr_online_validate_later(online, number, online->late[number]);
	return true;
}

/* --- of an index ----------------------------------------------------------- */

/* The byte behind a word of a definition that is a token of its own, from a byte on; or -1. */
static int
behind_word(const char *definition, const char *word, int from)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, definition, strlen(definition));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END && token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		if (token.start >= from && token.end - token.start == (int) strlen(word) &&
			strncmp(definition + token.start, word, strlen(word)) == 0)
			return token.end;
	}
	return -1;
}

/* What of a constraint's definition is not its index's: DEFERRABLE and the like. */
static const char *
behind_index(const char *definition)
{
	int			at = behind_word(definition, "DEFERRABLE", 0);

	return at < 0 ? "" : definition + at - strlen(" DEFERRABLE");
}

/*
 * The index of a constraint, as an object of its own: from UNIQUE [NULLS NOT
 * DISTINCT] (…) [INCLUDE (…)] [WITH (…)] [USING INDEX TABLESPACE …].
 */
char *
migr_online_create_unique(const MigrObject *constraint, const char *name, bool concurrently)
{
	const char *definition = value(constraint, MIGR_ATTR_DEFINITION);
	int			len = strlen(definition) - strlen(behind_index(definition));
	const char *open = strchr(definition, '(');
	int			nulls = behind_word(definition, "NULLS", 0);
	int			with = behind_word(definition, "WITH", 0);
	int			using = behind_word(definition, "USING", 0);
	int			end = with >= 0 ? with - strlen(" WITH") : using >= 0 ? using - strlen(" USING") : len;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "CREATE UNIQUE INDEX %s%s ON %s USING btree %.*s%s",
					 concurrently ? "CONCURRENTLY " : "", quote_identifier(name), constraint->parent->identity,
					 (int) (definition + end - open), open,
					 nulls >= 0 && definition + nulls < open ? " NULLS NOT DISTINCT" : "");
	if (with >= 0)
		appendStringInfo(&out, " %.*s", (using >= 0 ? using - (int) strlen(" USING") : len) -
						 (with - (int) strlen("WITH")), definition + with - strlen("WITH"));
	if (using >= 0)
		appendStringInfo(&out, " %.*s", len - using - (int) strlen(" INDEX "),
						 definition + using + strlen(" INDEX "));
	appendStringInfoString(&out, ";\n");
	return out.data;
}

/* Does nothing but an index make a constraint what it is, one that can be built before? */
static bool
is_of_index(const MigrObject *constraint)
{
	char		form = migr_constraint_form(constraint);

	return (form == CONSTRAINT_PRIMARY || form == CONSTRAINT_UNIQUE) &&
		behind_word(value(constraint, MIGR_ATTR_DEFINITION), "OVERLAPS", 0) < 0;
}

char *
migr_online_use_index(const MigrObject *constraint, const char *index, bool in_place)
{
	const char *definition = value(constraint, MIGR_ATTR_DEFINITION);
	const char *name = quote_identifier(constraint->name);
	MigrObject	bare = *constraint;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "ALTER TABLE %s", constraint->parent->identity);
	if (in_place)
		appendStringInfo(&out, "\n    DROP CONSTRAINT %s,", name);
	appendStringInfo(&out, "\n    ADD CONSTRAINT %s %s USING INDEX %s%s;\n", name,
					 migr_constraint_form(constraint) == CONSTRAINT_PRIMARY ? "PRIMARY KEY" : "UNIQUE",
					 quote_identifier(index), behind_index(definition));
	bare.comment = NULL;
	migr_ddl_alter_extras(&out, &bare, constraint);
	if (migr_object_has(constraint, MIGR_ATTR_INDEX_COMMENT))
		appendStringInfo(&out, "%s\n", value(constraint, MIGR_ATTR_INDEX_COMMENT));
	return out.data;
}

static char *
build(const MigrObject *constraint, const char *index, bool in_place)
{
	return psprintf("%s%s", migr_online_create_unique(constraint, index, true),
					migr_online_use_index(constraint, index, in_place));
}

/* The columns of a primary key have no nulls until another one has taken its place. */
static void
keep_not_null(MigrOnline *online, int number)
{
	const MigrDiff *diff = online->diff;
	const MigrDiffEdges *edges = &diff->from.edges;

	for (int i = 0; i < edges->count; i++)
	{
		const MigrUnit *column = &diff->units[edges->items[i].needed];

		if (edges->items[i].object == number && column->mode == MIGR_MODE_ALTER &&
			column->facet == MIGR_FACET_OBJECT && column->to->kind == MIGR_KIND_COLUMN &&
			migr_object_is(column->from, MIGR_ATTR_NOT_NULL))
			migr_online_set(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_FROM | MIGR_ONLINE_REST_BACK,
							column->to, MIGR_ATTR_NOT_NULL, "t");
	}
}

/* A constraint that is made in the first part finds the columns that it needs complete. */
static void
complete_columns(MigrOnline *online, int number)
{
	const MigrDiff *diff = online->diff;
	const MigrDiffEdges *edges = &diff->to.edges;

	for (int i = 0; i < edges->count; i++)
	{
		int			column = edges->items[i].needed;

		if (edges->items[i].object != number)
			continue;
		while (diff->units[column].follows >= 0)
			column = diff->units[column].follows;
		online->plain[column] = true;
	}
}

/* Why the index of a new constraint can't be built before it; NULL: it can. */
static const char *
why_not_of_index(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];

	if (!is_of_index(unit->to))
		return "an exclusion constraint can't be added to an index that is there";
	if (!is_plain_table(unit->to->parent))
		return "a constraint of a partitioned table can't be added to an index that is there";
	if (unit->mode == MIGR_MODE_REPLACE && !is_of_index(unit->from))
		return "it takes the place of another constraint";
	if (migr_diff_attachment(unit->to))
		return "its index is a part of one of the table that it is a partition of";
	if (!migr_online_put_off(online, number))
		return "something that is there needs it";
	return NULL;
}

bool
migr_online_unique(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];
	const MigrObject *to = unit->to;
	const char *why;
	bool		in_place = unit->mode == MIGR_MODE_REPLACE;

	if (migr_diff_object(unit)->kind != MIGR_KIND_CONSTRAINT || !to || !is_new(online, unit) ||
		migr_diff_is_check(to) || to->parent->kind != MIGR_KIND_TABLE)
		return false;
	why = why_not_of_index(online, number);
	if (why)
	{
		migr_online_remark(online, to, why);
		complete_columns(online, number);
		return true;
	}
	online->apart[MIGR_ONLINE_INDEX] = true;
	migr_online_remove(online, MIGR_ONLINE_FIRST_TO, to);
	if (in_place)
	{
		const char *index = migr_online_name(to->parent, to->name, "_migr_new");

		migr_online_remove(online, MIGR_ONLINE_FIRST_FROM, unit->from);
		keep_not_null(online, number);
		migr_online_say(online, MIGR_ONLINE_INDEX, build(to, index, true),
						build(unit->from, index, true));
	}
	else
		migr_online_say(online, MIGR_ONLINE_INDEX, build(to, to->name, false),
						psprintf("ALTER TABLE %s DROP CONSTRAINT %s;\n", to->parent->identity,
								 quote_identifier(to->name)));
	return true;
}
