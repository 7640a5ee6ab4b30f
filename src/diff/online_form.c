/*
 * online_form.c
 *		What the forms of online.h say and ask.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "diff/hazard_change.h"
#include "diff/online_form.h"
#include "kind/constraint.h"
#include "model/attributes.h"

/* --- what forms add -------------------------------------------------------- */

void
migr_online_say(MigrOnline *online, MigrOnlineStage stage, const char *up, const char *down)
{
	online->up[stage] = lappend(online->up[stage], pstrdup(up));
	if (down && *down)
		online->down[stage] = lcons(pstrdup(down), online->down[stage]);
}

void
migr_online_remove(MigrOnline *online, int models, const MigrObject *object)
{
	MigrOnlineEdit *edit = palloc0(sizeof(MigrOnlineEdit));

	edit->models = models;
	edit->object = object;
	edit->removed = true;
	online->edits = lappend(online->edits, edit);
}

void
migr_online_set(MigrOnline *online, int models, const MigrObject *object, MigrAttribute attribute,
				const char *value)
{
	MigrOnlineEdit *edit = palloc0(sizeof(MigrOnlineEdit));

	edit->models = models;
	edit->object = object;
	edit->attribute = attribute;
	edit->value = value;
	online->edits = lappend(online->edits, edit);
}

void
migr_online_as(MigrOnline *online, int models, const MigrObject *object, const MigrObject *as)
{
	MigrOnlineEdit *edit = palloc0(sizeof(MigrOnlineEdit));

	edit->models = models;
	edit->object = object;
	edit->as = as;
	online->edits = lappend(online->edits, edit);
}

void
migr_online_remark(MigrOnline *online, const MigrObject *object, const char *text)
{
	MigrOnlineRemark *remark = palloc(sizeof(MigrOnlineRemark));

	remark->object = object;
	remark->text = text;
	online->remarks = lappend(online->remarks, remark);
}

/* --- what forms ask -------------------------------------------------------- */

bool
migr_online_is_kept(const MigrOnline *online, const MigrObject *table)
{
	return table && table->kind == MIGR_KIND_TABLE && migr_hazard_is_kept(online->diff, table) &&
		*value(table, MIGR_ATTR_RELKIND) != 'f' && !table->is_foreign;
}

bool
migr_online_follows(const MigrOnline *online, int unit, int other)
{
	for (int above = online->diff->units[unit].follows; above >= 0;
		 above = online->diff->units[above].follows)
	{
		if (above == other)
			return true;
	}
	return false;
}

static bool
has_child(const MigrObject *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		if (strcmp(((MigrObject *) lfirst(lc))->name, name) == 0)
			return true;
	}
	return false;
}

/* What makes two long names differ may be cut off: a number made of the whole name says it. */
static char *
name_beside(const char *name, const char *suffix)
{
	int			len = strlen(name);

	if (len + strlen(suffix) < NAMEDATALEN)
		return migr_diff_name_beside(name, suffix);
	return migr_diff_name_beside(name,
								 psprintf("_%08x%s", hash_bytes((const unsigned char *) name, len), suffix));
}

char *
migr_online_name(const MigrObject *table, const char *name, const char *suffix)
{
	char	   *result = name_beside(name, suffix);

	for (int i = 2; has_child(table, result); i++)
		result = name_beside(name, psprintf("%s_%d", suffix, i));
	return result;
}

/* Note what needs a unit, and is made, in a set; false if it can't wait. */
static bool
add_needers(const MigrOnline *online, int unit, bool *set)
{
	const MigrDiff *diff = online->diff;
	const MigrDiffEdges *edges = &diff->to.edges;

	for (int i = edges->first[unit]; i < edges->first[unit + 1]; i++)
	{
		int			object = edges->items[i].object;
		const MigrUnit *needer = &diff->units[object];

		/* What is there is in the order that it is in. */
		if (set[object] || (edges->items[i].weak && needer->mode != MIGR_MODE_CREATE))
			continue;
		if (needer->mode != MIGR_MODE_CREATE || needer->facet != MIGR_FACET_OBJECT ||
			needer->to->kind == MIGR_KIND_COLUMN || needer->to->is_foreign)
			return false;
		set[object] = true;
		if (!add_needers(online, object, set))
			return false;
	}
	return true;
}

bool
migr_online_put_off(MigrOnline *online, int unit)
{
	const MigrDiff *diff = online->diff;
	bool	   *set = palloc0((diff->count + 1) * sizeof(bool));

	if (!add_needers(online, unit, set))
	{
		pfree(set);
		return false;
	}
	for (int i = 0; i < diff->count; i++)
	{
		if (!set[i] || online->late[i])
			continue;
		online->late[i] = true;
		migr_online_remove(online, MIGR_ONLINE_FIRST_TO | MIGR_ONLINE_REST_FROM |
						   MIGR_ONLINE_REST_BACK, diff->units[i].to);
	}
	pfree(set);
	return true;
}

char *
migr_online_of_other(const MigrOnline *online, const MigrObject *table)
{
	const MigrObject *live = migr_lookup_find(online->live, table);

	if (live == NULL || live->owner == NULL ||
		strcmp(live->owner, GetUserNameFromId(GetUserId(), false)) == 0)
		return "";
	return psprintf("-- Note: triggers, rules and index expressions of %s, which belongs to role %s,\n"
					"-- run with the rights of whoever deploys this\n",
					table->identity, quote_identifier(live->owner));
}

bool
migr_online_has_index(const MigrObject *object)
{
	char		form = object->kind == MIGR_KIND_CONSTRAINT ? migr_constraint_form(object) : 0;

	return object->kind == MIGR_KIND_INDEX || form == CONSTRAINT_PRIMARY || form == CONSTRAINT_UNIQUE;
}
