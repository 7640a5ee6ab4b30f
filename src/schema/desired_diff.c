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
#include "base/text.h"
#include "diff/diff.h"
#include "diff/drift.h"
#include "diff/hazard.h"
#include "diff/leave.h"
#include "schema/desired.h"
#include "schema/desired_diff.h"
#include "schema/print.h"
#include "schema/renamed_from.h"
#include "schema/schema.h"
#include "schema/unsaid.h"
#include "scratch/scratch_outside.h"
#include "script/script_files.h"
#include "snapshot/snap.h"

/* The way to the desired schema; the rows of live tables have a say in it. */
static char *
upgrade(const MigrComparison *comparison, const char *renames, MigrSchema *from,
		MigrSchema *to)
{
	MigrHazards hazards = {comparison->renamings};
	bool		is_live = comparison->current == NULL;
	char	   *head;
	char	   *difference = migr_diff_annotated(from, to, is_live ? migr_hazard_remark : NULL,
												 &hazards, &head);

	migr_hazard_report(&hazards);
	return migr_text_paragraphs(head, migr_text_paragraphs(renames, difference));
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
	MigrSchema *copy;

	if (comparison->current)
		return migr_desired_build(comparison->current, "current schema", then, NULL);
	if (then == NULL)
		return migr_snap_model(NULL);
	live = migr_snap_model(&everything);
	(void) migr_outside_leave_alone(live, desired);
	(void) migr_outside_leave_extensions(live, desired);
	copy = migr_desired_build(migr_print_model(live), "current schema", then, NULL);
	copy->said = 0;
	migr_leave_privileges(live, copy, true);
	return copy;
}

/* What others own and nobody desires is not to be dropped: say so. */
static void
leave_alone(MigrSchema *live, const MigrSchema *desired)
{
	List	   *left = migr_outside_leave_alone(live, desired);
	List	   *extensions = migr_outside_leave_extensions(live, desired);

	if (left != NIL)
		ereport(NOTICE,
				(errmsg("what others own is left alone: %s", migr_ident_join(left))));
	if (extensions != NIL)
		ereport(NOTICE,
				(errmsg("what no script has made is left alone: %s", migr_ident_join(extensions))));
}

/* Models to be compared. */
typedef struct Models
{
	MigrComparison *comparison;
	const char *renames;		/* what from has behind it; "": none */
	MigrSchema *from;
	MigrSchema *to;
} Models;

static void
compare_models(void *arg)
{
	Models	   *models = arg;

	models->comparison->upgrade = upgrade(models->comparison, models->renames, models->from,
										  models->to);
}

/*
 * The desired schema.  Between two texts nothing of a database is at stake, and no
 * text at all is what is printed of an empty schema.
 */
static MigrSchema *
build_wanted(const MigrComparison *comparison, List **marks)
{
	if (comparison->current && comparison->desired && *comparison->desired == '\0')
		return migr_desired_build("", "desired schema", NULL, marks);
	return migr_desired_build_wanted(comparison->desired, NULL, marks);
}

void
migr_compare(MigrComparison *comparison)
{
	/* First what is there: a build takes time, in which others change it. */
	Models		models = {.comparison = comparison, .renames = ""};
	List	   *marks;

	models.from = build_current(comparison, NULL, NULL);
	models.to = build_wanted(comparison, &marks);
	if (comparison->current == NULL)
		leave_alone(models.from, models.to);
	comparison->renamings = migr_renamed_from_find(models.from, models.to, marks,
												   comparison->renamings);
	if (comparison->renamings != NIL)
	{
		models.renames = migr_rename_forward(models.from, comparison->renamings);
		models.from = build_current(comparison, models.renames, models.to);
	}
	migr_unsaid_run(models.from, models.to, true, compare_models, &models);
}

static void
name_differences(void *arg)
{
	Models	   *models = arg;

	models->comparison->upgrade = migr_drift_names(models->from, models->to);
}

char *
migr_compare_heads(void)
{
	MigrComparison comparison = {NULL};
	Models		models = {.comparison = &comparison};

	/* First that for which files are read, which not everybody may. */
	models.to = migr_desired_build_wanted(NULL, NULL, NULL);
	models.from = migr_schema_model_at("heads");
	/* Scripts may grant what the files say nothing of. */
	models.from->said = 0;
	migr_unsaid_run(models.from, models.to, false, name_differences, &models);
	return comparison.upgrade;
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
