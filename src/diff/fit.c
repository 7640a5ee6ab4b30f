/*
 * fit.c
 *		Has a schema all that another one has, whatever else is there?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/formatting.h"

#include "diff/fit.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "snapshot/snap.h"

/* A comparison under way. */
typedef struct Comparison
{
	MigrSchema *is;
	MigrSchema *wanted;
	MigrFit		fit;
} Comparison;

/* The value of an attribute that some settings have. */
static const char *
value_of(const MigrObject *object, MigrAttribute attribute)
{
	int			i = migr_object_attribute(object, attribute);

	return i >= 0 && i < object->count ? object->values[i] : NULL;
}

/* Is it what objects have of which nobody said anything? */
static bool
is_unset(const char *value)
{
	return value == NULL || *value == '\0' || strcmp(value, "f") == 0;
}

/* Set attributes of an object that are beside what it is as another has them. */
static void
take_settings(MigrObject *object, const MigrObject *from, const MigrObject *wanted)
{
	const MigrAttribute *beside = migr_kind_of(object)->beside;
	const char **values = palloc0((object->columns->count + 1) * sizeof(char *));

	memcpy(values, object->values, object->count * sizeof(char *));
	for (; beside && *beside != MIGR_ATTR_COUNT; beside++)
	{
		int			i = migr_object_attribute(object, *beside);

		if (i >= 0 && is_unset(value_of(wanted, *beside)))
			values[i] = value_of(from, *beside);
	}
	object->values = values;
	object->count = object->columns->count;
}

/* SQL that makes an object and nothing besides; a table without its columns. */
static char *
essence_of(const MigrObject *object, const MigrObject *wanted)
{
	MigrObject	bare = *object;
	StringInfoData out;

	if (object->kind == MIGR_KIND_TABLE)
		bare.children = NIL;
	take_settings(&bare, wanted, wanted);
	initStringInfo(&out);
	migr_kind_of(object)->create(&out, &bare);
	return out.data;
}

/* The column of an object that is like another, or NULL. */
static const MigrObject *
column_like(const MigrObject *object, const MigrObject *column)
{
	ListCell   *lc;

	foreach(lc, object->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_COLUMN && strcmp(child->name, column->name) == 0)
			return child;
	}
	return NULL;
}

/* Is what wanted says with words and rights there?  Counts what is besides. */
static bool
has_extras(MigrFit *fit, const MigrObject *is, const MigrObject *wanted)
{
	int			beyond = migr_privileges_beyond(&migr_kind_of(is)->rights, is, wanted);

	if (beyond < 0 ||
		(wanted->comment && (is->comment == NULL || strcmp(is->comment, wanted->comment) != 0)))
		return false;
	fit->grants += beyond;
	fit->comments += is->comment && wanted->comment == NULL;
	return true;
}

/* The same of the columns of a view or a type, which are no objects by themselves. */
static bool
has_extras_of_columns(MigrFit *fit, const MigrObject *is, const MigrObject *wanted)
{
	ListCell   *lc;

	if (is->kind == MIGR_KIND_TABLE)
		return true;
	foreach(lc, wanted->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *like = column->kind == MIGR_KIND_COLUMN ? column_like(is, column) : NULL;

		if (like && !has_extras(fit, like, column))
			return false;
	}
	return true;
}

static bool
has_owner(const MigrObject *is, const MigrObject *wanted)
{
	return !migr_privileges_owners_compared() || is->owner == NULL || wanted->owner == NULL ||
		strcmp(is->owner, wanted->owner) == 0;
}

/* Is an object that differs all that is wanted, and more? */
static bool
includes(MigrFit *fit, const MigrObject *is, const MigrObject *wanted)
{
	const MigrKindRecord *kind = migr_kind_of(is);
	MigrFit		before = *fit;
	char	   *as_wanted;

	if (!has_owner(is, wanted) || !has_extras(fit, is, wanted) ||
		!has_extras_of_columns(fit, is, wanted))
		return false;
	as_wanted = essence_of(wanted, wanted);
	if (*as_wanted && strcmp(essence_of(is, wanted), as_wanted) != 0 &&
		(kind->includes == NULL || !kind->includes(is, wanted)))
		return false;
	fit->settings += fit->grants == before.grants && fit->comments == before.comments;
	return true;
}

/* Is what an object says something of, as a trigger's state, there besides as well? */
static bool
is_about_unexpected(const MigrFit *fit, const MigrObject *object)
{
	const char *subject = migr_kind_of(object)->subject(object);
	ListCell   *lc;

	foreach(lc, fit->unexpected)
	{
		const MigrObject *other = ((MigrDrift *) lfirst(lc))->is_object;
		const char *noun = migr_ddl_noun(other);

		if (other->parent == object->parent &&
			strcmp(subject, psprintf("%s %s", asc_tolower(noun, strlen(noun)),
									 quote_identifier(other->name))) == 0)
			return true;
	}
	return false;
}

/* Does an object that is there besides leave all that is wanted as it is? */
static bool
is_harmless(const MigrFit *fit, const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return kind->includes == NULL || kind->includes(object, NULL) ||
		(kind->subject && is_about_unexpected(fit, object));
}

static void
add_drift(MigrFit *fit, MigrDrift *drift)
{
	MigrFit		counted = *fit;

	switch (drift->kind)
	{
		case MIGR_DRIFT_MISSING:
			/* Schema public, of which nothing was said, need not be there. */
			if (*drift->wanted)
				fit->lacking = lappend(fit->lacking, drift);
			return;
		case MIGR_DRIFT_UNEXPECTED:
			if (is_harmless(fit, drift->is_object))
				fit->unexpected = lappend(fit->unexpected, drift);
			else
				fit->lacking = lappend(fit->lacking, drift);
			return;
		case MIGR_DRIFT_DIFFERENT:
			if (includes(&counted, drift->is_object, drift->wanted_object))
				*fit = counted;
			else
				fit->lacking = lappend(fit->lacking, drift);
			return;
		case MIGR_DRIFT_COLUMN_ORDER:
			return;
	}
}

static void
find(void *arg)
{
	Comparison *comparison = arg;
	ListCell   *lc;

	foreach(lc, migr_drift_find(comparison->is, comparison->wanted))
		add_drift(&comparison->fit, lfirst(lc));
}

MigrFit
migr_fit_find(MigrSchema *is, MigrSchema *wanted)
{
	Comparison	comparison = {.is = is, .wanted = wanted};

	migr_snap_pinned(find, &comparison);
	return comparison.fit;
}

static void
keep_extras(const MigrObject *is, MigrObject *wanted)
{
	wanted->acl = migr_privileges_join(&migr_kind_of(is)->rights, is, wanted);
	if (wanted->comment == NULL)
		wanted->comment = is->comment;
}

static void
keep_object(const MigrObject *is, MigrObject *wanted)
{
	const MigrKindRecord *kind = migr_kind_of(is);
	ListCell   *lc;

	take_settings(wanted, is, wanted);
	if (kind->includes && kind->includes(is, wanted))
	{
		wanted->values = is->values;
		wanted->count = is->count;
	}
	keep_extras(is, wanted);
	if (is->kind == MIGR_KIND_TABLE)
		return;
	foreach(lc, wanted->children)
	{
		MigrObject *column = lfirst(lc);
		const MigrObject *like = column->kind == MIGR_KIND_COLUMN ? column_like(is, column) : NULL;

		if (like)
			keep_extras(like, column);
	}
}

static void
keep(void *arg)
{
	Comparison *comparison = arg;
	ListCell   *lc;

	foreach(lc, migr_drift_find(comparison->is, comparison->wanted))
	{
		const MigrDrift *drift = lfirst(lc);

		if (drift->kind == MIGR_DRIFT_DIFFERENT)
			keep_object(drift->is_object, unconstify(MigrObject *, drift->wanted_object));
	}
}

void
migr_fit_keep(MigrSchema *is, MigrSchema *wanted)
{
	Comparison	comparison = {.is = is, .wanted = wanted};

	migr_snap_pinned(keep, &comparison);
}
