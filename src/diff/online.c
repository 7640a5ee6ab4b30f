/*
 * online.c
 *		A difference as a chain of revisions that keep nobody waiting.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/text.h"
#include "diff/foreign.h"
#include "diff/online.h"
#include "diff/online_form.h"
#include "model/attributes.h"
#include "model/model_wire.h"

/* What is made with what. */
typedef struct Parts
{
	MigrOnline	online;
	const MigrDiffGuard *plain;
	MigrSchema *from;
	MigrSchema *to;
	List	   *parts;
} Parts;

static const char *const titles[] = {
	[MIGR_ONLINE_FIRST] = "short locks",
	[MIGR_ONLINE_FILL] = "fill columns in batches",
	[MIGR_ONLINE_CHECK] = "validate constraints",
	[MIGR_ONLINE_INDEX] = "indexes concurrently",
	[MIGR_ONLINE_REST] = "what had to wait",
	[MIGR_ONLINE_KEYS] = "validate the rest"
};

/* --- collecting ------------------------------------------------------------ */

typedef bool (*Form) (MigrOnline *online, int unit);

/*
 * What others need first, as it says what can't be made before the rest; what goes
 * last.  In the order in which the difference does it.
 */
static void
collect(void *arg, const MigrDiff *diff, const List *steps, StringInfo out)
{
	static const Form forms[] = {
		migr_online_unique, migr_online_index, migr_online_column,
		migr_online_check, migr_online_key, migr_online_drop_index
	};
	MigrOnline *online = arg;
	bool	   *done = palloc0((diff->count + 1) * sizeof(bool));
	ListCell   *lc;

	(void) out;
	online->diff = diff;
	online->late = palloc0((diff->count + 1) * sizeof(bool));
	online->plain = palloc0((diff->count + 1) * sizeof(bool));
	migr_online_types(online, steps, done);
	for (int i = 0; i < (int) lengthof(forms); i++)
	{
		foreach(lc, steps)
		{
			int			number = ((MigrStep *) lfirst(lc))->unit;
			const MigrUnit *unit = &diff->units[number];

			if (!done[number] && unit->facet == MIGR_FACET_OBJECT && unit->follows < 0 &&
				!migr_diff_object(unit)->is_foreign)
				done[number] = forms[i] (online, number);
		}
	}
}

/* Is what the plain script does itself something that has a form? */
static bool
has_forms(const MigrOnline *online)
{
	for (int i = 0; i < MIGR_ONLINE_STAGES; i++)
	{
		if (online->up[i] != NIL)
			return true;
	}
	return false;
}

/* --- models ---------------------------------------------------------------- */

static bool
is_removed(const MigrObject *object, void *removed)
{
	return list_member_ptr(removed, object);
}

static void
set_value(MigrObject *object, MigrAttribute attribute, const char *value)
{
	int			number = migr_object_attribute(object, attribute);

	if (value)
		migr_object_set(object, number, value);
	else if (number >= 0 && number < object->count)
		object->values[number] = NULL;
}

/* It keeps its place, and who needs it. */
static void
set_as(MigrObject *object, const MigrObject *as)
{
	object->columns = as->columns;
	object->count = as->count;
	object->values = memcpy(palloc((as->count + 1) * sizeof(char *)), as->values,
							as->count * sizeof(char *));
	object->comment = as->comment;
	object->acl = as->acl;
}

/* A copy of a schema as one of the models. */
static MigrSchema *
edited(const MigrOnline *online, MigrSchema *schema, int model)
{
	MigrSchema *copy = migr_schema_copy(schema);
	MigrLookup *lookup = migr_lookup_create(copy);
	List	   *removed = NIL;
	ListCell   *lc;

	foreach(lc, online->edits)
	{
		const MigrOnlineEdit *edit = lfirst(lc);
		MigrObject *object = edit->models & model ? migr_lookup_find(lookup, edit->object) : NULL;

		if (object == NULL)
			continue;
		if (edit->removed)
			removed = lappend(removed, object);
		else if (edit->as)
			set_as(object, edit->as);
		else
			set_value(object, edit->attribute, edit->value);
	}
	if (removed != NIL)
		migr_schema_remove(copy, is_removed, removed);
	return copy;
}

/* --- parts ----------------------------------------------------------------- */

/* What is said of an object, when it is made or changed. */
static List *
remark(void *arg, const MigrDiff *diff, const MigrStep *step)
{
	const MigrOnline *online = arg;
	const MigrUnit *unit = &diff->units[step->unit];
	char	   *key = unit->facet == MIGR_FACET_OBJECT ? migr_diff_key(migr_diff_object(unit)) : NULL;
	ListCell   *lc;

	foreach(lc, key ? online->remarks : NIL)
	{
		const MigrOnlineRemark *said = lfirst(lc);

		if (strcmp(migr_diff_key(said->object), key) == 0)
			return list_make1(psprintf("Note: no online form: %s", said->text));
	}
	return NIL;
}

static const char *
paragraphs(const List *statements)
{
	return migr_text_join(statements, "");
}

static void
add_part(Parts *parts, MigrOnlineStage stage, const char *upgrade, const char *downgrade)
{
	MigrOnlinePart *part;

	if (*upgrade == '\0')
		return;
	part = palloc(sizeof(MigrOnlinePart));
	part->title = stage == MIGR_ONLINE_REST && parts->online.up[stage] != NIL ? "switch over" : titles[stage];
	part->upgrade = upgrade;
	part->downgrade = downgrade;
	part->apart = parts->online.apart[stage];
	parts->parts = lappend(parts->parts, part);
}

static void
add_plain_part(Parts *parts, MigrOnlineStage stage)
{
	add_part(parts, stage, paragraphs(parts->online.up[stage]), paragraphs(parts->online.down[stage]));
}

/* What leads from one model back to another, in whatever database. */
static char *
way_back(const Parts *parts, MigrSchema *from, MigrSchema *to)
{
	MigrDiffGuard guard = {.live = parts->plain->live, .is_back = true};
	char	   *head;

	return migr_guard_script(&guard, from, to, &head);
}

static void
add_first(Parts *parts)
{
	MigrOnline *online = &parts->online;
	MigrHazards hazards = {parts->plain->hazards ? parts->plain->hazards->renamings : NIL};
	MigrDiffGuard guard = {.live = parts->plain->live, .hazards = &hazards, .quiet = true,
		.more = remark, .more_arg = online};
	MigrSchema *from = edited(online, parts->from, MIGR_ONLINE_FIRST_FROM);
	MigrSchema *to = edited(online, parts->to, MIGR_ONLINE_FIRST_TO);
	char	   *head;
	char	   *up = migr_guard_script(&guard, from, to, &head);

	up = migr_text_paragraphs(head, up);
	add_part(parts, MIGR_ONLINE_FIRST,
			 migr_text_paragraphs(up, paragraphs(online->up[MIGR_ONLINE_FIRST])),
			 migr_text_paragraphs(paragraphs(online->down[MIGR_ONLINE_FIRST]), way_back(parts, to, from)));
}

static void
add_rest(Parts *parts)
{
	MigrOnline *online = &parts->online;
	MigrSchema *from = edited(online, parts->to, MIGR_ONLINE_REST_FROM);
	MigrSchema *to = edited(online, parts->to, MIGR_ONLINE_REST_TO);
	MigrSchema *back = edited(online, parts->to, MIGR_ONLINE_REST_BACK);
	const char *lock = online->lock ? online->lock : "";
	char	   *up = migr_text_paragraphs(paragraphs(online->up[MIGR_ONLINE_REST]),
										  way_back(parts, from, to));
	char	   *down = migr_text_paragraphs(way_back(parts, to, back),
											paragraphs(online->down[MIGR_ONLINE_REST]));

	up = migr_text_paragraphs(up, paragraphs(online->behind));
	add_part(parts, MIGR_ONLINE_REST, *up ? migr_text_paragraphs(lock, up) : up,
			 migr_text_paragraphs(lock, down));
}

List *
migr_online_parts(const MigrDiffGuard *plain, MigrSchema *from, MigrSchema *to)
{
	Parts		parts = {.plain = plain, .from = migr_schema_copy(from), .to = migr_schema_copy(to)};
	MigrOnline *online = &parts.online;
	MigrDiffHooks hooks = {.arg = online, .begin = collect};
	char	   *head;

	online->live = migr_lookup_create(plain->live);
	migr_foreign_mark(plain->live, from, to);
	migr_foreign_add(from, plain->live);
	migr_foreign_add(to, plain->live);
	(void) migr_diff_hooked(from, to, false, &hooks, &head);
	add_first(&parts);
	add_plain_part(&parts, MIGR_ONLINE_FILL);
	add_plain_part(&parts, MIGR_ONLINE_CHECK);
	add_plain_part(&parts, MIGR_ONLINE_INDEX);
	if (has_forms(online))
		add_rest(&parts);
	add_plain_part(&parts, MIGR_ONLINE_KEYS);
	migr_foreign_remove(from);
	migr_foreign_remove(to);
	return parts.parts;
}
