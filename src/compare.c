/*
 * compare.c
 *		The desired schema against the one that is there, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/guc.h"

#include "compare.h"
#include "compat.h"
#include "desired.h"
#include "diff.h"
#include "drift.h"
#include "schema.h"
#include "snap.h"

/* The SQL between two models, behind what renames. */
static char *
script(const char *renames, MigrSchema *from, MigrSchema *to, bool tell)
{
	int			guc_level = migr_snap_pin();
	char	   *difference = migr_diff_script(from, to, tell);

	AtEOXact_GUC(false, guc_level);
	if (*renames == '\0')
		return difference;
	return *difference == '\0' ? pstrdup(renames)
		: psprintf("%s\n%s", renames, difference);
}

static MigrSchema *
build_desired(const MigrComparison *comparison, const char *then)
{
	return migr_desired_build(comparison->desired, "desired schema", then);
}

/* The current schema after the renames; the live one is left as it is. */
static MigrSchema *
build_current(const MigrComparison *comparison, const char *then)
{
	if (comparison->current == NULL && then == NULL)
		return migr_snap_model(NULL);
	return migr_desired_build(comparison->current ? comparison->current
							  : migr_schema_text(), "current schema", then);
}

void
migr_compare(MigrComparison *comparison, bool both)
{
	MigrSchema *from = build_current(comparison, NULL);
	MigrSchema *to = build_desired(comparison, NULL);
	MigrSchema *renamed = from;
	const char *forward = "";
	const char *back = "";

	if (comparison->renamings != NIL)
	{
		forward = migr_rename_forward(from, comparison->renamings);
		back = migr_rename_back(from, comparison->renamings);
		renamed = build_current(comparison, forward);
	}
	comparison->upgrade = script(forward, renamed, to, true);
	if (!both || *comparison->upgrade == '\0')
		return;
	if (comparison->renamings != NIL)
		to = build_desired(comparison, back);
	comparison->downgrade = script(back, to, from, false);
}

char *
migr_compare_heads(void)
{
	MigrSchema *built = migr_schema_model_at("heads");
	MigrSchema *desired = migr_desired_build(NULL, NULL, NULL);
	int			guc_level = migr_snap_pin();
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, migr_drift_find(built, desired))
	{
		const MigrDrift *drift = lfirst(lc);

		if (drift->kind != MIGR_DRIFT_COLUMN_ORDER)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "", drift->object);
	}
	AtEOXact_GUC(false, guc_level);
	return names.len ? names.data : NULL;
}
