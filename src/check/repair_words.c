/*
 * repair_words.c
 *		What a match of revisions and a schema is, in words.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "check/repair_words.h"
#include "diff/diff.h"
#include "kind/ddl.h"

/* How many objects are named. */
#define NAMED 20

/* Names being listed. */
typedef struct Names
{
	StringInfoData text;
	int			count;
} Names;

static Names
begin_names(void)
{
	Names		names = {.count = 0};

	initStringInfo(&names.text);
	return names;
}

static void
add_name(Names *names, const char *name)
{
	if (names->count < NAMED)
		appendStringInfo(&names->text, "%s%s", names->count > 0 ? ", " : "", name);
	names->count++;
}

static void
add_count(Names *names, int count, const char *noun)
{
	if (count > 0)
		appendStringInfo(&names->text, "%s%d %s%s", names->text.len > 0 ? ", " : "", count, noun,
						 count == 1 ? "" : "s");
}

/* Say how many there are that were not named. */
static void
end_names(Names *names)
{
	if (names->count > NAMED)
		appendStringInfo(&names->text, " and %d more", names->count - NAMED);
}

const char *
migr_repair_tell_besides(const MigrMatch *match)
{
	Names		names = begin_names();
	ListCell   *lc;

	foreach(lc, match->strangers)
		add_name(&names, migr_ddl_title(lfirst(lc)));
	end_names(&names);
	add_count(&names, match->fit.grants, "grant");
	add_count(&names, match->fit.comments, "comment");
	add_count(&names, match->fit.settings, "setting");
	return names.text.len == 0 ? ""
		: psprintf("; not made by any revision: %s", names.text.data);
}

/* Is an object, or what it stands on, one of those that no revision makes? */
static bool
is_stranger(const MigrObject *object, void *strangers)
{
	for (; object; object = object->parent)
	{
		if (list_member_ptr(strangers, object))
			return true;
	}
	return false;
}

/* Append the names of a sort of differences, and count them. */
static void
append_sort(StringInfo out, const List *drifts, MigrDriftKind kind, const char *sort, int *count)
{
	Names		names = begin_names();
	ListCell   *lc;

	foreach(lc, drifts)
	{
		const MigrDrift *drift = lfirst(lc);

		if (drift->kind == kind)
			add_name(&names, drift->object);
	}
	end_names(&names);
	if (names.count > 0)
		appendStringInfo(out, "; %s: %s", sort, names.text.data);
	*count += names.count;
}

const char *
migr_repair_tell_nearest(MigrSchema *live, const MigrMatch *match, const char *failure)
{
	StringInfoData sorts;
	MigrFit		fit;
	int			count = 0;

	/* The words first: they name what is taken out. */
	const char *besides = migr_repair_tell_besides(match);

	if (match->strangers != NIL)
		migr_schema_remove(live, is_stranger, match->strangers);
	fit = migr_fit_find(live, match->schema);
	initStringInfo(&sorts);
	append_sort(&sorts, fit.lacking, MIGR_DRIFT_MISSING, "missing", &count);
	append_sort(&sorts, fit.lacking, MIGR_DRIFT_DIFFERENT, "different", &count);
	append_sort(&sorts, list_concat_copy(fit.lacking, fit.unexpected), MIGR_DRIFT_UNEXPECTED,
				"not in it", &count);
	migr_fit_keep(live, match->schema);
	return psprintf("with %d object%s different%s%s%s; it would take:\n%s", count,
					count == 1 ? "" : "s", sorts.data, failure, besides,
					migr_diff_script(live, match->schema, false));
}
