/*
 * threeway.c
 *		The way from what scripts build to the desired schema, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/subxact.h"
#include "diff/foreign.h"
#include "diff/guard.h"
#include "schema/desired.h"
#include "schema/detected.h"
#include "schema/print.h"
#include "schema/schema.h"
#include "schema/threeway.h"
#include "snapshot/snap.h"

/* What is compared. */
typedef struct Ways
{
	MigrComparison *comparison;
	MigrBase	base;
	MigrSchema *live;			/* with what migr.exclude names */
	MigrSchema *made;			/* by scripts; NULL: that is not known */
	MigrSchema *from;
	MigrSchema *desired;
	char	   *left;			/* what is left alone, in words, or NULL */
} Ways;

/* --- what scripts make ---------------------------------------------------- */

static void
build_heads(void *arg)
{
	MigrSchema **made = arg;

	*made = migr_schema_model_at("heads");
}

/* Raise what the scripts raised; there is another way. */
static void
raise_unbuilt(ErrorData *error)
{
	const char *way = "base => 'live' writes the way from the live schema.";

	error->hint = error->hint ? psprintf("%s\n%s", error->hint, way) : pstrdup(way);
	ReThrowError(error);
}

/* What scripts make; from the live schema, that may stay unknown. */
static MigrSchema *
find_made(MigrBase base)
{
	MigrSchema *made = NULL;
	ErrorData  *error;

	if (base == MIGR_BASE_NO_SCRIPTS)
		return migr_schema_create();
	error = migr_subxact_run(build_heads, &made, true);
	if (error == NULL)
		return made;
	if (migr_subxact_is_foreign(error))
		ReThrowError(error);
	if (base == MIGR_BASE_SCRIPTS)
		raise_unbuilt(error);
	ereport(NOTICE,
			(errmsg("what the scripts make is not known: %s", error->message),
			 errdetail("Nothing is dropped but what has to be replaced.")));
	return NULL;
}

/* --- the schemas ---------------------------------------------------------- */

/* What is live, without what is left alone. */
static MigrSchema *
managed_live(const Ways *ways)
{
	MigrSchema *live = migr_snap_model(NULL);

	migr_foreign_mark(live, ways->made, ways->desired);
	migr_foreign_remove(live);
	migr_foreign_keep_grants(live, ways->made, ways->desired);
	return live;
}

/* Renamed as a copy: nothing of the schema itself is changed. */
static MigrSchema *
renamed_copy(MigrSchema *schema, const char *renames)
{
	return *renames == '\0' ? schema
		: migr_desired_build(migr_print_model(schema), "schema to be renamed", renames);
}

/* Two that are to be copied with other names; NULL if that failed. */
typedef struct Renaming
{
	MigrSchema *schema;
	const char *renames;
} Renaming;

static void
rename_live(void *arg)
{
	Renaming   *renaming = arg;

	renaming->schema = renamed_copy(renaming->schema, renaming->renames);
}

/* The live schema under the new names, or without what can't be built again. */
static MigrSchema *
renamed_live(const Ways *ways, const char *renames)
{
	MigrScope	everything = {.everything = true};
	Renaming	renaming = {migr_snap_model(&everything), renames};
	ErrorData  *error = migr_subxact_run(rename_live, &renaming, true);

	if (error == NULL)
	{
		migr_foreign_take_rights(renaming.schema, ways->live);
		return renaming.schema;
	}
	if (migr_subxact_is_foreign(error))
		ReThrowError(error);
	ereport(NOTICE,
			(errmsg("what no revision made was not looked at: %s", error->message)));
	return migr_schema_create();
}

/* --- the two ways --------------------------------------------------------- */

static char *
join(const char *first, const char *second)
{
	if (*first == '\0' || *second == '\0')
		return pstrdup(*first ? first : second);
	return psprintf("%s\n%s", first, second);
}

/* The way there, with a comment on what is left alone. */
static void
find_upgrade(Ways *ways, const char *renames)
{
	MigrComparison *comparison = ways->comparison;
	MigrHazards hazards = {comparison->renamings};
	MigrDiffGuard	guard = {.live = ways->live, .hazards = &hazards};
	MigrSchema *from = renamed_copy(ways->from, renames);
	char	   *script;

	/* What was made, as the scripts build it: an empty table tells nothing. */
	if (*renames)
		guard.live = renamed_live(ways, renames);
	if (ways->base == MIGR_BASE_SCRIPTS && guard.live->objects == NIL)
		guard.live = from;
	script = migr_guard_script(&guard, from, ways->desired);
	migr_hazard_report(&hazards);
	comparison->upgrade = join(renames, script);
	if (*comparison->upgrade == '\0')
		return;
	migr_guard_report(&guard);
	migr_detected_tell(from, ways->desired, comparison->renamings);
	if (ways->left)
		comparison->upgrade = join(psprintf("-- Not made by any revision, and left alone: %s\n",
											ways->left), comparison->upgrade);
}

static void
find_downgrade(Ways *ways, const char *renames)
{
	MigrComparison *comparison = ways->comparison;
	MigrDiffGuard	guard = {.live = ways->live, .is_back = true};
	MigrSchema *to = *renames == '\0' ? ways->desired
		: migr_desired_build_wanted(comparison->desired, renames);

	comparison->downgrade = join(renames, migr_guard_script(&guard, to, ways->from));
	migr_guard_report(&guard);
}

/* --- what is told --------------------------------------------------------- */

static void
tell_left(const Ways *ways)
{
	if (ways->left)
		ereport(NOTICE,
				(errmsg("not made by any revision: %s", ways->left),
				 errdetail("It is left alone.")));
}

/* A database in use, that is not under control. */
static void
tell_adoption(const Ways *ways)
{
	ListCell   *lc;

	foreach(lc, ways->base == MIGR_BASE_NO_SCRIPTS ? ways->from->objects : NIL)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_SCHEMA)
			continue;
		ereport(NOTICE,
				(errmsg("no script is stored: the revision leads from the live schema"),
				 errdetail("An empty database can't get there by it."),
				 errhint("First make what migr_schema() prints the first revision, and stamp it with migr_stamp().")));
		break;
	}
}

void
migr_threeway_compare(MigrComparison *comparison, MigrBase base)
{
	Ways		ways = {.comparison = comparison, .base = base};
	MigrScope	everything = {.everything = true};
	const char *forward = "";
	const char *back = "";

	/* First what is there: a build takes time, in which others change it. */
	ways.live = migr_snap_model(&everything);
	ways.desired = migr_desired_build_wanted(comparison->desired, NULL);
	ways.made = find_made(base);
	ways.from = base == MIGR_BASE_SCRIPTS ? ways.made : managed_live(&ways);
	if (comparison->renamings != NIL)
	{
		migr_rename_check(ways.from, ways.desired, comparison->renamings);
		forward = migr_rename_forward(ways.from, comparison->renamings);
		back = migr_rename_back(ways.from, comparison->renamings);
	}
	migr_foreign_mark(ways.live, ways.made, ways.desired);
	ways.left = migr_foreign_names(ways.live, ways.made, ways.desired);
	find_upgrade(&ways, forward);
	if (*comparison->upgrade == '\0')
		return;
	find_downgrade(&ways, back);
	tell_left(&ways);
	tell_adoption(&ways);
}
