/*
 * detected.c
 *		What is new, changed and gone between two schemas, in words.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "diff/drift.h"
#include "diff/rename.h"
#include "schema/detected.h"

/* How many are named of each sort. */
#define NAMED 10

/* Things of one sort being listed. */
typedef struct Sort
{
	StringInfo	out;
	const char *verb;
	int			count;
} Sort;

static void
add(Sort *sort, const char *name)
{
	if (sort->count == 0)
		appendStringInfo(sort->out, "%s%s ", sort->out->len > 0 ? "; " : "", sort->verb);
	if (sort->count < NAMED)
		appendStringInfo(sort->out, "%s%s", sort->count > 0 ? ", " : "", name);
	sort->count++;
}

static void
end(const Sort *sort)
{
	if (sort->count > NAMED)
		appendStringInfo(sort->out, " and %d more", sort->count - NAMED);
}

/* "schema." of the schema in which objects are made; NULL if there is none. */
static char *
current_prefix(void)
{
	List	   *path = fetch_search_path(false);
	char	   *name = path == NIL ? NULL : get_namespace_name(linitial_oid(path));

	return name ? psprintf("%s.", quote_identifier(name)) : NULL;
}

/* As users would write it: without the schema that goes without saying. */
static const char *
short_name(const MigrDrift *drift, const char *prefix)
{
	int			before = strlen(drift->object) - strlen(drift->identity);

	if (prefix == NULL || strncmp(drift->identity, prefix, strlen(prefix)) != 0 ||
		before < 0 || strcmp(drift->object + before, drift->identity) != 0)
		return drift->object;
	return psprintf("%.*s%s", before, drift->object, drift->identity + strlen(prefix));
}

static void
add_drifts(StringInfo out, const List *drifts, MigrDriftKind kind, const char *verb,
		   const char *prefix)
{
	Sort		sort = {.out = out, .verb = verb};
	ListCell   *lc;

	foreach(lc, drifts)
	{
		const MigrDrift *drift = lfirst(lc);

		if (drift->kind == kind)
			add(&sort, short_name(drift, prefix));
	}
	end(&sort);
}

static void
add_renamings(StringInfo out, const List *renamings)
{
	Sort		sort = {.out = out, .verb = "renamed"};
	ListCell   *lc;

	foreach(lc, renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);

		add(&sort, psprintf("%s to %s", renaming->old, renaming->new));
	}
	end(&sort);
}

void
migr_detected_tell(MigrSchema *from, MigrSchema *to, const List *renamings)
{
	List	   *drifts = migr_drift_find(from, to);
	char	   *prefix = current_prefix();
	StringInfoData out;

	initStringInfo(&out);
	add_renamings(&out, renamings);
	add_drifts(&out, drifts, MIGR_DRIFT_MISSING, "added", prefix);
	add_drifts(&out, drifts, MIGR_DRIFT_DIFFERENT, "changed", prefix);
	add_drifts(&out, drifts, MIGR_DRIFT_UNEXPECTED, "removed", prefix);
	if (out.len > 0)
		ereport(NOTICE, (errmsg("Detected: %s", out.data)));
}
