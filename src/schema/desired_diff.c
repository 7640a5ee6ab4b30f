/*
 * desired_diff.c
 *		The desired schema against the one that is there, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"

#include "base/errors.h"
#include "base/ident.h"
#include "diff/diff.h"
#include "diff/drift.h"
#include "diff/hazard.h"
#include "schema/desired.h"
#include "schema/desired_diff.h"
#include "schema/detected.h"
#include "schema/print.h"
#include "schema/schema.h"
#include "scratch/scratch_outside.h"
#include "script/script_files.h"
#include "snapshot/snap.h"

/* What a script says, behind what renames. */
static char *
behind_renames(const char *renames, char *difference)
{
	if (*renames == '\0')
		return difference;
	return *difference == '\0' ? pstrdup(renames)
		: psprintf("%s\n%s", renames, difference);
}

static MigrSchema *
build_desired(const MigrComparison *comparison, const char *then)
{
	return migr_desired_build_wanted(comparison->desired, then);
}

/* The way to the desired schema; the rows of live tables have a say in it. */
static char *
upgrade(const MigrComparison *comparison, const char *renames, MigrSchema *from,
		MigrSchema *to)
{
	MigrHazards hazards = {comparison->renamings};
	bool		is_live = comparison->current == NULL;
	char	   *difference = migr_diff_annotated(from, to, is_live ? migr_hazard_remark : NULL,
												 &hazards);

	migr_hazard_report(&hazards);
	return behind_renames(renames, difference);
}

/*
 * The current schema after the renames.  The live one is left as it is: they
 * are tried on a copy, with what migr.exclude names, for others may need it.
 */
static MigrSchema *
build_current(const MigrComparison *comparison, const char *then, const MigrSchema *desired)
{
	MigrScope everything = {.everything = true};
	MigrSchema *live;

	if (comparison->current)
		return migr_desired_build(comparison->current, "current schema", then);
	if (then == NULL)
		return migr_snap_model(NULL);
	live = migr_snap_model(&everything);
	(void) migr_outside_leave_alone(live, desired);
	return migr_desired_build(migr_print_model(live), "current schema", then);
}

/* What others own and nobody desires is not to be dropped: say so. */
static void
leave_alone(MigrSchema *live, const MigrSchema *desired)
{
	List	   *left = migr_outside_leave_alone(live, desired);

	if (left != NIL)
		ereport(NOTICE,
				(errmsg("what others own is left alone: %s", migr_ident_join(left))));
}

void
migr_compare(MigrComparison *comparison, bool both)
{
	/* First what is there: a build takes time, in which others change it. */
	MigrSchema *from = build_current(comparison, NULL, NULL);
	MigrSchema *to = build_desired(comparison, NULL);
	MigrSchema *renamed = from;
	const char *forward = "";
	const char *back = "";

	if (comparison->current == NULL)
		leave_alone(from, to);
	if (comparison->renamings != NIL)
	{
		migr_rename_check(from, to, comparison->renamings);
		forward = migr_rename_forward(from, comparison->renamings);
		back = migr_rename_back(from, comparison->renamings);
		renamed = build_current(comparison, forward, to);
	}
	comparison->upgrade = upgrade(comparison, forward, renamed, to);
	if (!both || *comparison->upgrade == '\0')
		return;
	migr_detected_tell(renamed, to, comparison->renamings);
	if (comparison->renamings != NIL)
		to = build_desired(comparison, back);
	comparison->downgrade = behind_renames(back, migr_diff_script(to, from, false));
}

char *
migr_compare_heads(void)
{
	/* First that for which files are read, which not everybody may. */
	MigrSchema *desired = migr_desired_build_wanted(NULL, NULL);

	return migr_drift_names(migr_schema_model_at("heads"), desired);
}

void
migr_compare_check(void)
{
	char	   *differences;

	if (migr_source_schema_location() == NULL)
		return;
	if (RecoveryInProgress() || XactReadOnly)
	{
		ereport(NOTICE,
				(errmsg("the desired schema was not compared"),
				 errdetail("Nothing can be built where nothing can be written.")));
		return;
	}
	differences = migr_compare_heads();
	if (differences)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg("the scripts do not build the desired schema"),
				 errdetail("Different are: %s.", differences),
				 errhint("Write a revision: migr_revision('...', autogenerate => true).")));
}
