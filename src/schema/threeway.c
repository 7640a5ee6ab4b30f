/*
 * threeway.c
 *		The way from what scripts build to the desired schema, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/subxact.h"
#include "base/text.h"
#include "diff/foreign.h"
#include "diff/guard.h"
#include "diff/online.h"
#include "schema/desired.h"
#include "schema/detected.h"
#include "schema/print.h"
#include "schema/renamed_from.h"
#include "schema/schema.h"
#include "schema/threeway.h"
#include "schema/unsaid.h"
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
	const char *forward;		/* what renames, and what takes that back */
	const char *back;
	MigrSchema *renamed;		/* from, under the new names */
	MigrSchema *desired_back;	/* desired, under the old names; NULL: not yet built */
	MigrSchema *wanted;			/* desired, under the names that live objects have */
	List	   *claimed;		/* MigrObject *, that get other names */
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

/* Mark what is left alone. */
static void
mark_left(const Ways *ways, MigrSchema *live)
{
	migr_foreign_mark(live, ways->made, ways->wanted);
	migr_foreign_claim(live, ways->claimed);
}

/* Take what is left alone out of what is live. */
static void
manage_live(const Ways *ways, MigrSchema *live)
{
	mark_left(ways, live);
	migr_foreign_remove(live);
	migr_foreign_keep_grants(live, ways->made, ways->wanted);
}

/* Renamed as a copy: nothing of the schema itself is changed. */
static MigrSchema *
renamed_copy(MigrSchema *schema, const char *renames)
{
	MigrSchema *copy;

	if (*renames == '\0')
		return schema;
	copy = migr_desired_build(migr_print_model(schema), "schema to be renamed", renames, NULL);
	copy->said = 0;
	migr_foreign_take_rights(copy, schema);
	return copy;
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

static void
find_downgrade(Ways *ways)
{
	MigrDiffGuard guard = {.live = ways->live, .is_back = true};
	char	   *head;
	char	   *script = migr_guard_script(&guard, ways->desired_back, ways->from, &head);

	ways->comparison->downgrade = migr_text_paragraphs(ways->back, script);
	migr_guard_report(&guard);
}

/*
 * Parts, if it is more than one; else the upgrade, with what has no other form.
 * What renames is one of its own then, as the others are about new names.
 */
static void
find_parts(Ways *ways, const MigrDiffGuard *guard)
{
	MigrComparison *comparison = ways->comparison;
	List	   *parts = migr_online_parts(guard, ways->renamed, ways->desired);
	const MigrOnlinePart *first = parts != NIL ? linitial(parts) : NULL;
	MigrOnlinePart *renames;

	if (list_length(parts) == 1 && !first->apart)
		comparison->upgrade = migr_text_paragraphs(ways->forward, first->upgrade);
	else if (parts != NIL && *ways->forward)
	{
		renames = palloc0(sizeof(MigrOnlinePart));
		renames->title = "renames";
		renames->upgrade = ways->forward;
		renames->downgrade = migr_rename_back(ways->from, ways->renamed, comparison->renamings);
		comparison->parts = lcons(renames, parts);
	}
	else
		comparison->parts = parts;
}

/* The way there, with comments on what it takes away and what is left alone. */
static void
find_upgrade(Ways *ways)
{
	MigrComparison *comparison = ways->comparison;
	MigrHazards hazards = {comparison->renamings};
	MigrDiffGuard guard = {.live = ways->live, .hazards = &hazards};
	char	   *script;
	char	   *head;

	/* What was made, as the scripts build it: an empty table tells nothing. */
	if (*ways->forward)
		guard.live = renamed_live(ways, ways->forward);
	if (ways->base == MIGR_BASE_SCRIPTS && guard.live->objects == NIL)
		guard.live = ways->renamed;
	script = migr_guard_script(&guard, ways->renamed, ways->desired, &head);
	migr_hazard_report(&hazards);
	comparison->upgrade = migr_text_paragraphs(head, migr_text_paragraphs(ways->forward, script));
	if (*comparison->upgrade == '\0')
		return;
	if (comparison->online)
		find_parts(ways, &guard);
	migr_guard_report(&guard);
	migr_detected_tell(ways->renamed, ways->desired, comparison->renamings);
}

/* Both ways, as far as both ends have been built. */
static void
find_ways(void *arg)
{
	Ways	   *ways = arg;

	mark_left(ways, ways->live);
	ways->left = migr_foreign_names(ways->live, ways->made, ways->wanted);
	find_upgrade(ways);
	if (*ways->comparison->upgrade && ways->desired_back)
		find_downgrade(ways);
}

static void
find_way_back(void *arg)
{
	find_downgrade(arg);
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

static char *
comment_left(const Ways *ways)
{
	StringInfoData out;

	initStringInfo(&out);
	migr_text_comment(&out, "Not made by any revision, and left alone: ", ways->left);
	return out.data;
}

static void
comment_upgrade(MigrComparison *comparison, const char *comment)
{
	MigrOnlinePart *first = comparison->parts != NIL ? linitial(comparison->parts) : NULL;

	comparison->upgrade = migr_text_paragraphs(comment, comparison->upgrade);
	if (first)
		first->upgrade = migr_text_paragraphs(comment, first->upgrade);
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

/* The renames: both ways as SQL, and what gets another name. */
static void
find_renames(Ways *ways, const List *marks)
{
	List	   *renamings = migr_renamed_from_find(ways->from, ways->desired, marks,
												   ways->comparison->renamings);
	ListCell   *lc;

	ways->comparison->renamings = renamings;
	ways->forward = ways->back = "";
	if (renamings == NIL)
		return;
	ways->forward = migr_rename_forward(ways->from, renamings);
	ways->back = migr_rename_back(ways->from, ways->desired, renamings);
	foreach(lc, renamings)
		ways->claimed = lappend(ways->claimed,
								unconstify(MigrObject *, ((MigrRenaming *) lfirst(lc))->object));
}

/*
 * Where the way begins, and the schemas under other names.  What gets another
 * name is there under the old one, which nobody desires: so what is left alone of
 * the live schema is seen by the names that there are.
 */
static void
find_from(Ways *ways, const List *marks)
{
	bool		is_live = ways->base != MIGR_BASE_SCRIPTS;
	bool		any;

	ways->from = is_live ? migr_snap_model(NULL) : ways->made;
	find_renames(ways, marks);
	any = ways->claimed != NIL;
	ways->wanted = ways->desired;
	if (is_live && any)
		ways->wanted = migr_desired_build_wanted(ways->comparison->desired, ways->back, NULL);
	if (is_live)
		manage_live(ways, ways->from);
	/* Scripts may grant what the desired schema says nothing of. */
	ways->from->said = 0;
	ways->renamed = renamed_copy(ways->from, ways->forward);
	ways->desired_back = any ? NULL : ways->desired;
}

/* The way back, where it begins under the old names. */
static void
find_renamed_back(Ways *ways)
{
	ways->desired_back = ways->wanted != ways->desired ? ways->wanted
		: migr_desired_build_wanted(ways->comparison->desired, ways->back, NULL);
	migr_unsaid_run(ways->from, ways->desired_back, false, find_way_back, ways);
}

void
migr_threeway_compare(MigrComparison *comparison, MigrBase base)
{
	Ways		ways = {.comparison = comparison, .base = base};
	MigrScope	everything = {.everything = true};
	List	   *marks;

	/* First what is there: a build takes time, in which others change it. */
	ways.live = migr_snap_model(&everything);
	ways.desired = migr_desired_build_wanted(comparison->desired, NULL, &marks);
	ways.made = find_made(base);
	find_from(&ways, marks);
	migr_unsaid_run(ways.renamed, ways.desired, true, find_ways, &ways);
	if (*comparison->upgrade == '\0')
		return;
	if (ways.desired_back == NULL)
		find_renamed_back(&ways);
	if (ways.left)
		comment_upgrade(comparison, comment_left(&ways));
	tell_left(&ways);
	tell_adoption(&ways);
}
