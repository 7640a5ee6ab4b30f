/*
 * sql_author.c
 *		SQL-callable: new revisions and merges.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "author/author.h"
#include "author/squash.h"
#include "base/args.h"
#include "graph/resolve.h"
#include "script/script.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_revision_1_0);
PG_FUNCTION_INFO_V1(migr_merge);
PG_FUNCTION_INFO_V1(migr_squash);

/* Raise if something is to be compared that nobody asked to compare. */
static void
check_not_compared(const MigrComparison *comparison, bool from_live)
{
	if (comparison->desired || comparison->renamings != NIL || from_live || comparison->online)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"desired\", \"renames\", \"base\" and \"online\" are for autogenerate"),
				 errhint("Add autogenerate => true.")));
}

/* Does the way to the desired schema begin at the live one? */
static bool
base_is_live(const char *base)
{
	bool		is_live = strcmp(base, "live") == 0;

	if (!is_live && strcmp(base, "scripts") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no base of a revision", base),
				 errhint("base is \"scripts\" or \"live\".")));
	return is_live;
}

/* Raise if something else is asked for than what a tenant's schema has. */
static void
check_tenant(const MigrComparison *comparison, bool from_live, bool autogenerate)
{
	if (!autogenerate)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"tenant\" is for autogenerate"),
				 errhint("Add autogenerate => true; or say by head that the revision is for tenants.")));
	if (comparison->desired || comparison->renamings != NIL || from_live || comparison->online)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"desired\", \"renames\", \"base\" and \"online\" can't be combined with \"tenant\""),
				 errdetail("The desired schema is that of the tenant, as it is.")));
}

/*
 * migr_revision(message, upgrade, downgrade, verify, revision_id, head, splice,
 *               branch_labels, depends_on, autogenerate, desired, renames, base,
 *               online, tenant)
 *     → text
 *
 * Writes, registers and returns a script.  An empty verify leaves that section
 * out; a NULL downgrade makes the revision irreversible.  With autogenerate the
 * sections are the way from what the scripts build to the desired schema, and
 * back (base live: from the live schema), and what is given follows it (in the
 * downgrade, goes before it); NULL and a notice if nothing differs.  Online, it is
 * several scripts, one behind the other, where one would keep others waiting.  With a
 * tenant, it is what is in its schema that is written for all of them.
 */
MIGR_FUNCTION(migr_revision_1_0)
{
	MigrDraft	draft = {0};
	MigrComparison comparison = {0};
	char	   *verify;
	bool		from_live;
	bool		autogenerate;

	draft.message = migr_arg_text_or_null(fcinfo, 0);
	draft.sections[MIGR_SECTION_UPGRADE] = migr_arg_text(fcinfo, 1, "upgrade");
	draft.sections[MIGR_SECTION_DOWNGRADE] = migr_arg_text_or_null(fcinfo, 2);
	verify = migr_arg_text_or_null(fcinfo, 3);
	draft.sections[MIGR_SECTION_VERIFY] = verify && *verify ? verify : NULL;
	draft.revision = migr_arg_text_or_null(fcinfo, 4);
	draft.heads = migr_name_split(migr_arg_text(fcinfo, 5, "head"));
	draft.splice = migr_arg_bool(fcinfo, 6, "splice");
	draft.labels = migr_arg_texts(fcinfo, 7, "branch_labels");
	draft.depends = migr_arg_texts(fcinfo, 8, "depends_on");
	comparison.desired = migr_arg_text_or_null(fcinfo, 10);
	comparison.renamings = migr_rename_list(migr_arg_pairs(fcinfo, 11, "renames"));
	from_live = base_is_live(migr_arg_text(fcinfo, 12, "base"));
	comparison.online = migr_arg_bool(fcinfo, 13, "online");
	draft.tenant = migr_arg_text_or_null(fcinfo, 14);
	autogenerate = migr_arg_bool(fcinfo, 9, "autogenerate");
	if (draft.tenant)
		check_tenant(&comparison, from_live, autogenerate);
	if (!autogenerate)
		check_not_compared(&comparison, from_live);
	else if (draft.tenant)
	{
		if (!migr_author_generate_for_tenant(&draft))
			PG_RETURN_NULL();
	}
	else if (!migr_author_generate(&draft, &comparison, from_live))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(migr_author_write(&draft)));
}

/*
 * migr_merge(revisions text[], message, branch_labels text[], revision_id) → text
 *
 * A revision that revises several heads and does nothing itself.
 */
MIGR_FUNCTION(migr_merge)
{
	MigrDraft	draft = {0};

	draft.merge = true;
	draft.heads = migr_arg_texts(fcinfo, 0, "revisions");
	draft.message = migr_arg_text_or_null(fcinfo, 1);
	draft.labels = migr_arg_texts(fcinfo, 2, "branch_labels");
	draft.revision = migr_arg_text_or_null(fcinfo, 3);
	draft.sections[MIGR_SECTION_UPGRADE] = "";
	draft.sections[MIGR_SECTION_DOWNGRADE] = "";
	if (draft.heads == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no revisions to merge are named")));
	PG_RETURN_TEXT_P(cstring_to_text(migr_author_write(&draft)));
}

/*
 * migr_squash(range, message, revision_id) → text
 *
 * A revision that takes the place of a range of others.  Raises MG001 to MG005,
 * MG011, 22023, and what building in scratch raises.
 */
MIGR_FUNCTION(migr_squash)
{
	char	   *range = migr_arg_text(fcinfo, 0, "range");
	char	   *message = migr_arg_text_or_null(fcinfo, 1);
	char	   *revision = migr_arg_text_or_null(fcinfo, 2);

	PG_RETURN_TEXT_P(cstring_to_text(migr_squash_write(range, message, revision)));
}
