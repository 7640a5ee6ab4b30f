/*
 * guard.c
 *		A script for all databases at a revision, and what one of them has besides.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/text.h"
#include "diff/diff_pair.h"
#include "diff/foreign.h"
#include "diff/guard.h"
#include "diff/guard_columns.h"
#include "diff/guard_converge.h"
#include "diff/guard_text.h"
#include "diff/hazard_rows.h"
#include "diff/lookup.h"
#include "diff/obstacle.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"
#include "model/other_grants.h"

#define HERE "where this was written"

static void
add_once(List **lines, const char *line)
{
	ListCell   *lc;

	foreach(lc, *lines)
	{
		if (strcmp(lfirst(lc), line) == 0)
			return;
	}
	*lines = lappend(*lines, pstrdup(line));
}

/* Say of a step why it fails in the live database. */
static void
note_failing(MigrDiffGuard *guard, const char *why)
{
	add_once(&guard->failing, why);
	guard->notes = lappend(guard->notes, psprintf("Note: %s " HERE, why));
}

/* --- before all steps ----------------------------------------------------- */

/* Are there default privileges of nobody's script, which what is made gets? */
static bool
has_other_defaults(const MigrSchema *live)
{
	ListCell   *lc;

	foreach(lc, live->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_DEFAULT_PRIVILEGES && object->is_foreign)
			return true;
	}
	return false;
}

/*
 * Has an object in the live database rights that no script has given it, or will
 * it get some when it is made again?
 */
static bool
has_other_rights(const MigrDiffGuard *guard, const MigrUnit *unit)
{
	const MigrObject *live = migr_lookup_find(guard->lookup, unit->to);

	if (live == NULL || migr_ddl_row_owner(unit->to) == NULL || migr_ddl_row_acl(unit->to) == NULL)
		return false;
	return has_other_defaults(guard->live) ||
		migr_other_grants(&migr_kind_of(unit->to)->rights, live, unit->from, unit->to) > 0 ||
		migr_guard_columns_other(live, unit->from, unit->to) ||
		(!migr_privileges_owners_compared() &&
		 strcmp(live->owner, GetUserNameFromId(GetUserId(), false)) != 0);
}

/* Itself, or what it says something about: its row tells whether it is there. */
static const MigrObject *
found_by(const MigrObject *object)
{
	return migr_ddl_row(object) == NULL && object->parent ? object->parent : object;
}

/* Note what of no revision a step has to do with. */
static void
begin_foreign(MigrDiffGuard *guard, const MigrUnit *unit, const MigrStep *step, StringInfo body)
{
	const MigrObject *object = migr_diff_object(unit);
	const char *title = migr_ddl_title(object);

	if (unit->mode == MIGR_MODE_CREATE || guard->numbers[step->unit] > 0)
		return;
	if (unit->mode == MIGR_MODE_DROP)
	{
		if (unit->facet == MIGR_FACET_OBJECT && !migr_kind_has(object->kind, MIGR_KIND_LETS_GO))
			add_once(&guard->failing,
					 psprintf("%s, which no revision made, needs what goes", title));
		return;
	}
	if (migr_ddl_row(found_by(object)) == NULL)
	{
		add_once(&guard->failing,
				 psprintf("%s, which no revision made, is in the way", title));
		return;
	}
	guard->numbers[step->unit] = ++guard->last;
	if (found_by(object) == object)
		add_once(&guard->kept, title);
	appendStringInfoString(body, migr_guard_text_note(guard->last, found_by(object)));
	if (migr_diff_ends(unit) && migr_ddl_row_owner(object))
		appendStringInfoString(body, migr_guard_text_note_owner(guard->last, object));
}

/* Append comments with what is told of the whole. */
static void
append_lines(StringInfo out, const char *before, const List *lines)
{
	ListCell   *lc;

	foreach(lc, lines)
		migr_text_comment(out, before, lfirst(lc));
}

/* Drop what was made by hand, and stands in the way of what makes it. */
static void
append_obstacles(MigrDiffGuard *guard, const MigrDiff *diff, const List *steps, StringInfo out)
{
	for (int i = list_length(steps) - 1; i >= 0; i--)
	{
		const MigrStep *step = list_nth(steps, i);
		const MigrUnit *unit = &diff->units[step->unit];
		StringInfoData drop;

		if (step->kind != MIGR_STEP_MAKE || unit->facet != MIGR_FACET_OBJECT ||
			!list_member_ptr(guard->obstacles, unit->to))
			continue;
		initStringInfo(&drop);
		migr_ddl_drop(&drop, unit->to);
		if (!migr_ddl_drop_if_exists(&drop, unit->to) && migr_ddl_row(unit->to))
			migr_guard_text_if(&drop, migr_guard_text_exists(unit->to), "");
		appendStringInfo(out, "-- Note: it is there already " HERE ", and in the way\n%s", drop.data);
	}
}

static void
begin(void *arg, const MigrDiff *diff, const List *steps, StringInfo out)
{
	MigrDiffGuard  *guard = arg;
	StringInfoData body;
	ListCell   *lc;

	initStringInfo(&body);
	guard->numbers = palloc0((diff->count + 1) * sizeof(int));
	foreach(lc, steps)
	{
		const MigrStep *step = lfirst(lc);
		const MigrUnit *unit = &diff->units[step->unit];

		if (migr_diff_object(unit)->is_foreign)
			begin_foreign(guard, unit, step, &body);
		else if (step->kind == MIGR_STEP_MAKE && unit->facet == MIGR_FACET_OBJECT &&
				 unit->from && has_other_rights(guard, unit))
		{
			guard->numbers[step->unit] = ++guard->last;
			appendStringInfoString(&body, migr_guard_text_note_rights(guard->last, unit->to));
		}
	}
	append_obstacles(guard, diff, steps, out);
	append_lines(out, "Not made by any revision, goes and comes back where it is: ", guard->kept);
	append_lines(out, "Note: the script fails where this is so: ", guard->failing);
	if (body.len > 0)
		migr_guard_text_block(out, "", psprintf("\n%s", body.data));
}

/* --- what is there already ------------------------------------------------ */

/* The extras behind what creates an object: they are given in any case. */
static char *
cut_extras(StringInfo text, const MigrObject *object)
{
	StringInfoData all;
	StringInfoData bare;
	int			len;

	initStringInfo(&all);
	initStringInfo(&bare);
	migr_ddl_create(&all, object);
	migr_kind_of(object)->create(&bare, object);
	len = all.len - bare.len;
	if (len <= 0 || len >= text->len ||
		strcmp(text->data + text->len - len, all.data + bare.len) != 0)
		return "";
	text->len -= len;
	text->data[text->len] = '\0';
	return all.data + bare.len;
}

/* Make of CREATE what takes the place of one that is there, if it can. */
static bool
replace(StringInfo text)
{
	static const char *const nouns[] = {"FUNCTION ", "PROCEDURE ", "VIEW "};

	for (int i = 0; i < (int) lengthof(nouns); i++)
	{
		const char *create = psprintf("CREATE %s", nouns[i]);
		char	   *rest;

		if (strncmp(text->data, psprintf("CREATE OR REPLACE %s", nouns[i]),
					strlen("CREATE OR REPLACE ") + strlen(nouns[i])) == 0)
			return true;
		if (strncmp(text->data, create, strlen(create)) != 0)
			continue;
		rest = pstrdup(text->data + strlen("CREATE "));
		resetStringInfo(text);
		appendStringInfo(text, "CREATE OR REPLACE %s", rest);
		return true;
	}
	return false;
}

/* The rows that are there may lack values of a column that is there already. */
static void
doubt_rows(MigrDiffGuard *guard, const MigrObject *live, const MigrObject *to)
{
	const char *name = quote_identifier(to->name);
	MigrHazardAnswer answer;

	if (to->kind != MIGR_KIND_COLUMN || migr_object_is(live, MIGR_ATTR_NOT_NULL) ||
		!migr_object_is(to, MIGR_ATTR_NOT_NULL))
		return;
	answer = migr_hazard_ask(to->parent->identity,
							 migr_hazard_where(to->parent->identity, psprintf("%s IS NULL", name)));
	if (answer.bad > 0)
		note_failing(guard, psprintf(INT64_FORMAT " rows of %s violate NOT NULL of column %s",
									 answer.bad, to->parent->identity, name));
}

/* What is made is there already. */
static void
form_present(MigrDiffGuard *guard, const MigrDiff *diff, const MigrUnit *unit, const MigrObject *live,
			 StringInfo text)
{
	const MigrObject *to = unit->to;
	const char *title = migr_ddl_title(to);
	StringInfoData more;
	bool		fits;

	initStringInfo(&more);
	if (list_member_ptr(guard->obstacles, to))
	{
		add_once(&guard->present, title);
		return;
	}
	fits = migr_guard_converge(&more, live, to);
	if (!fits && !(to->kind == MIGR_KIND_ROUTINE && replace(text)))
	{
		note_failing(guard, psprintf("another %s is there already", title));
		return;
	}
	/* What is on a table is told with the table. */
	if ((to->parent == NULL || diff->units[to->parent->unit].from) && !migr_kind_of(to)->subject)
		add_once(&guard->present,
				 fits && more.len == 0 ? title : psprintf("%s (another one)", title));
	guard->notes = lappend(guard->notes, psprintf("Note: it is there already " HERE));
	doubt_rows(guard, live, to);
	if (!fits || replace(text) || migr_ddl_create_if_missing(text, to))
		appendStringInfoString(text, more.data);
	else if (migr_ddl_row(to))
	{
		const char *extras = cut_extras(text, to);

		migr_guard_text_if(text, psprintf("NOT %s", migr_guard_text_exists(to)), "");
		appendStringInfo(text, "%s%s", extras, more.data);
	}
	else if (strncmp(text->data, "CREATE ", strlen("CREATE ")) == 0)
		migr_guard_text_unless_there(text);
}

/* --- what is gone already ------------------------------------------------- */

static void
form_gone(MigrDiffGuard *guard, const MigrUnit *unit, StringInfo text)
{
	const MigrObject *from = unit->from;
	const char *title = migr_ddl_title(from);

	if (!migr_ddl_drop_if_exists(text, from))
	{
		if (migr_ddl_row(from) == NULL)
		{
			note_failing(guard, psprintf("%s is not there", title));
			return;
		}
		migr_guard_text_if(text, migr_guard_text_exists(from), "");
	}
	add_once(&guard->gone, title);
	guard->notes = lappend(guard->notes, psprintf("Note: it is gone already " HERE));
}

/* --- what is otherwise there ---------------------------------------------- */

/* Labels that are there already. */
static void
add_labels_if_missing(StringInfo text)
{
	const char *add = "ADD VALUE '";
	StringInfoData out;
	const char *at = text->data;
	const char *found;

	initStringInfo(&out);
	while ((found = strstr(at, add)) != NULL)
	{
		appendBinaryStringInfo(&out, at, found - at);
		appendStringInfoString(&out, "ADD VALUE IF NOT EXISTS '");
		at = found + strlen(add);
	}
	appendStringInfoString(&out, at);
	resetStringInfo(text);
	appendStringInfoString(text, out.data);
}

/* What is changed, and the live one is not as the scripts make it. */
static void
form_changed(MigrDiffGuard *guard, const MigrUnit *unit, const MigrObject *live, StringInfo text)
{
	const MigrObject *to = unit->to;

	Assert(to);
	if (unit->facet != MIGR_FACET_OBJECT || !migr_ddl_differs(live, unit->from))
		return;
	if (to->kind == MIGR_KIND_ENUM && unit->mode == MIGR_MODE_ALTER)
		add_labels_if_missing(text);
	else if (to->kind == MIGR_KIND_COMPOSITE)
		note_failing(guard, psprintf("%s is not as the scripts make it", migr_ddl_title(live)));
	if (!migr_ddl_differs(live, to))
		add_once(&guard->present, psprintf("the change of %s", migr_ddl_title(to)));
}

/* What is changed, or added to, is not there. */
static void
form_missing(MigrDiffGuard *guard, const MigrUnit *unit, StringInfo text)
{
	const MigrObject *from = unit->from;

	Assert(from || unit->to);
	if (from && unit->mode == MIGR_MODE_ALTER && migr_diff_is_renamed(from, unit->to) &&
		migr_lookup_find(guard->lookup, unit->to) && migr_ddl_row(from))
	{
		migr_guard_text_if(text, migr_guard_text_exists(from), "");
		add_once(&guard->present, migr_ddl_title(unit->to));
		return;
	}
	note_failing(guard, psprintf("%s is not there",
								 migr_ddl_title(from ? from : unit->to->parent)));
}

/* --- steps ---------------------------------------------------------------- */

/* Whose it was is noted at the time, and need not be who it is here. */
static void
cut_owner(StringInfo text, const MigrObject *object)
{
	const char *alter = psprintf("ALTER %s %s OWNER TO %s;\n", migr_ddl_noun(object),
								 migr_object_identity(object), quote_identifier(object->owner));
	char	   *found = strstr(text->data, alter);

	if (found == NULL)
		return;
	memmove(found, found + strlen(alter), strlen(found + strlen(alter)) + 1);
	text->len -= strlen(alter);
}

static void
form_foreign(MigrDiffGuard *guard, const MigrStep *step, const MigrUnit *unit, StringInfo text)
{
	const MigrObject *object = migr_diff_object(unit);
	const char *behind = "";

	if (guard->numbers[step->unit] == 0)
	{
		resetStringInfo(text);
		return;
	}
	if (step->kind == MIGR_STEP_MAKE && unit->facet == MIGR_FACET_OBJECT &&
		migr_ddl_row_owner(object))
	{
		cut_owner(text, object);
		behind = migr_guard_text_give_owner(guard->numbers[step->unit], object);
	}
	migr_guard_text_if(text, migr_guard_text_noted(guard->numbers[step->unit]), behind);
}

/* Is what stands on a table, and is made, to be made on one that is not there? */
static bool
lacks_parent(const MigrDiffGuard *guard, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *parent;

	Assert(unit->to);
	parent = unit->to->parent;
	return parent && diff->units[parent->unit].from && !migr_diff_ends(&diff->units[parent->unit]) &&
		migr_lookup_find(guard->lookup, parent) == NULL;
}

/* A step on what scripts make, in a database that may have something else. */
static void
form_own(MigrDiffGuard *guard, const MigrDiff *diff, const MigrStep *step, const MigrUnit *unit,
		 StringInfo text)
{
	const MigrObject *was = unit->from ? migr_lookup_find(guard->lookup, unit->from) : NULL;
	const MigrObject *is = unit->to ? migr_lookup_find(guard->lookup, unit->to) : NULL;

	if (unit->follows >= 0)
		return;
	if (step->kind == MIGR_STEP_END && unit->facet == MIGR_FACET_OBJECT && was == NULL)
		form_gone(guard, unit, text);
	else if (step->kind == MIGR_STEP_ALTER)
	{
		if (was == NULL)
			form_missing(guard, unit, text);
		else
			form_changed(guard, unit, was, text);
	}
	else if (step->kind != MIGR_STEP_END && unit->from == NULL)
	{
		if (lacks_parent(guard, diff, unit))
			form_missing(guard, unit, text);
		else if (is && step->kind == MIGR_STEP_FORWARD)
			(void) replace(text);
		else if (is && unit->facet == MIGR_FACET_OBJECT)
			form_present(guard, diff, unit, is, text);
	}
}

static void
form(void *arg, const MigrDiff *diff, const MigrStep *step, StringInfo text)
{
	MigrDiffGuard  *guard = arg;
	const MigrUnit *unit = &diff->units[step->unit];

	guard->notes = NIL;
	if (migr_diff_object(unit)->is_foreign)
		form_foreign(guard, step, unit, text);
	else
	{
		if (!guard->is_back)
			form_own(guard, diff, step, unit, text);
		if (guard->numbers[step->unit] > 0 && step->kind == MIGR_STEP_MAKE)
			migr_guard_text_give_rights(text, guard->numbers[step->unit], unit->from, unit->to);
	}
}

static List *
remark(void *arg, const MigrDiff *diff, const MigrStep *step)
{
	MigrDiffGuard  *guard = arg;
	bool		is_foreign = migr_diff_object(&diff->units[step->unit])->is_foreign;

	if (is_foreign)
		return guard->notes;
	if (guard->hazards)
		guard->notes = list_concat(guard->notes, migr_hazard_remark(guard->hazards, diff, step));
	if (guard->more)
		guard->notes = list_concat(guard->notes, guard->more(guard->more_arg, diff, step));
	return guard->notes;
}

char *
migr_guard_script(MigrDiffGuard *guard, MigrSchema *from, MigrSchema *to, char **head)
{
	MigrDiffHooks hooks = {guard, remark, begin, form, guard->is_back, guard->quiet};
	char	   *script;

	guard->lookup = migr_lookup_create(guard->live);
	if (!guard->is_back)
		guard->obstacles = migr_obstacles(from, to, guard->live);
	migr_foreign_mark(guard->live, from, to);
	migr_foreign_add(from, guard->live);
	migr_foreign_add(to, guard->live);
	script = migr_diff_hooked(from, to, !guard->is_back, &hooks, head);
	migr_foreign_remove(from);
	migr_foreign_remove(to);
	return script;
}

void
migr_guard_report(const MigrDiffGuard *guard)
{
	if (guard->present != NIL)
		ereport(NOTICE,
				(errmsg("made in this database already: %s", migr_text_join(guard->present, ", ")),
				 errdetail("The script makes it where it is not there.")));
	if (guard->gone != NIL)
		ereport(NOTICE,
				(errmsg("gone in this database already: %s", migr_text_join(guard->gone, ", ")),
				 errdetail("The script drops it where it is there.")));
	if (guard->kept != NIL && !guard->is_back)
		ereport(NOTICE,
				(errmsg("not made by any revision, and in the way: %s", migr_text_join(guard->kept, ", ")),
				 errdetail("Where it is, it goes for a while and comes back, with owner and privileges.")));
	if (guard->failing != NIL)
		ereport(WARNING,
				(errmsg(guard->is_back ? "the way back fails in this database"
						: "the script fails in this database"),
				 errdetail("%s", migr_text_join(guard->failing, "\n"))));
}
