/*
 * renamed_from_apply.c
 *		What desired DDL says got another name, as renamings of what is there.
 *
 * A line may stay in its file when the renaming has been done, and does not know
 * which databases have it behind them.  So it is looked at what is there: the
 * old name and not the new one.  Where both are, because objects have swapped
 * their names or are to do so, their shapes tell.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/text.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attribute_list.h"
#include "model/attributes.h"
#include "schema/renamed_from_claim.h"

/* --- verdicts ------------------------------------------------------------- */

/* Does a renaming give something the name that is claimed? */
static bool
gets_name(const MigrRenaming *renaming, const MigrClaim *claim)
{
	return strcmp(migr_rename_new(renaming), claim->name) == 0 &&
		migr_claim_is_alike_kind(renaming->object, claim->old) &&
		migr_ddl_same(renaming->object->schema, claim->old->schema) &&
		(claim->old_part ? renaming->object == claim->old
		 : renaming->object->parent == claim->old->parent) &&
		(renaming->part == NULL) == (claim->old_part == NULL) &&
		(migr_kind_of(claim->old)->name_space != MIGR_NAMES_ROUTINES ||
		 strcmp(migr_claim_arguments(renaming->object), migr_claim_arguments(claim->old)) == 0);
}

/* What somebody has said by "renames" wins. */
static void
yield_to_given(const MigrApplying *applying, MigrClaim *claim)
{
	ListCell   *lc;

	foreach(lc, applying->renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);
		bool		same_old = renaming->object == claim->old &&
			migr_ddl_same(renaming->part, claim->old_part);
		bool		same_new = gets_name(renaming, claim);

		if (foreach_current_index(lc) >= applying->given)
			break;
		if (same_old || same_new)
			migr_claim_pass_over(claim, same_old && same_new ? NULL : "\"renames\" says otherwise");
	}
}

/* The claim that takes its name from what has the new name of this one, or NULL. */
static MigrClaim *
find_blocker(const MigrApplying *applying, const MigrClaim *claim)
{
	ListCell   *lc;

	foreach(lc, applying->claims)
	{
		MigrClaim	   *other = lfirst(lc);

		if (other->old && other->old == claim->there &&
			(claim->old_part == NULL || migr_ddl_same(other->old_part, claim->name)))
			return other;
	}
	return NULL;
}

/* Decide if it follows from what is decided; does it? */
static bool
decide(const MigrApplying *applying, MigrClaim *claim)
{
	const MigrClaim *blocker;

	if (claim->verdict != MIGR_CLAIM_UNDECIDED)
		return false;
	if (claim->there == NULL ||
		migr_claim_renaming(applying, claim->there, claim->old_part ? claim->name : NULL))
	{
		claim->verdict = MIGR_CLAIM_APPLIES;
		return true;
	}
	blocker = find_blocker(applying, claim);
	if (blocker == NULL || blocker->verdict == MIGR_CLAIM_PASSED_OVER)
		migr_claim_pass_over(claim, "something has the new name already");
	else
		claim->verdict = blocker->verdict;
	return claim->verdict != MIGR_CLAIM_UNDECIDED;
}

/* Does an object look like another one, but for names? */
static bool
is_alike(const MigrObject *object, const MigrObject *other)
{
	int			columns = 0;
	ListCell   *lc;

	if (!migr_claim_is_relation(object))
		return object->kind == other->kind && !migr_ddl_differs(object, other);
	foreach(lc, other->children)
		columns += ((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN;
	foreach(lc, object->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *twin;

		if (column->kind != MIGR_KIND_COLUMN)
			continue;
		twin = migr_claim_child(other, NULL, column->name);
		if (twin == NULL || strcmp(value(twin, MIGR_ATTR_TYPE), value(column, MIGR_ATTR_TYPE)) != 0)
			return false;
		columns--;
	}
	return columns == 0;
}

/*
 * Objects that are to have each other's names have them already, or not: the
 * desired ones look like those that have the old names, or the new ones.
 */
static void
decide_ring(const MigrApplying *applying, MigrClaim *first)
{
	MigrClaim	   *claim = first;
	int			to_be = 0;
	int			done = 0;

	do
	{
		bool		old = claim->old_part == NULL && is_alike(claim->old, claim->new);
		bool		new = claim->old_part == NULL && is_alike(claim->there, claim->new);

		to_be += old && !new;
		done += new && !old;
		claim = find_blocker(applying, claim);
	} while (claim != first);
	do
	{
		if (to_be > 0 && done == 0)
			claim->verdict = MIGR_CLAIM_APPLIES;
		else
			migr_claim_pass_over(claim, done > 0 && to_be == 0 ? "it has the new name already"
					  : "the names form a ring, and it can't be seen whether it has been gone round: \"renames\" can say so");
		claim = find_blocker(applying, claim);
	} while (claim != first);
}

/* Decide what follows from what is known to apply or not. */
static void
decide_plain(const MigrApplying *applying)
{
	bool		any = true;
	ListCell   *lc;

	while (any)
	{
		any = false;
		foreach(lc, applying->claims)
			any = decide(applying, lfirst(lc)) || any;
	}
}

static void
decide_all(const MigrApplying *applying)
{
	ListCell   *lc;

	foreach(lc, applying->claims)
	{
		if (((MigrClaim *) lfirst(lc))->verdict == MIGR_CLAIM_UNDECIDED)
			yield_to_given(applying, lfirst(lc));
	}
	decide_plain(applying);
	foreach(lc, applying->claims)
	{
		MigrClaim	   *claim = lfirst(lc);

		if (claim->verdict != MIGR_CLAIM_UNDECIDED)
			continue;
		/* It is in a ring, or waits for one. */
		for (int i = list_length(applying->claims); i > 0; i--)
			claim = find_blocker(applying, claim);
		decide_ring(applying, claim);
		decide_plain(applying);
	}
}

/* --- renamings ------------------------------------------------------------ */

/* Does something that is renamed get the name? */
static bool
is_given(const MigrApplying *applying, const MigrClaim *claim)
{
	ListCell   *lc;

	foreach(lc, applying->renamings)
	{
		if (gets_name(lfirst(lc), claim))
			return true;
	}
	return false;
}

/* What a claim is about, for messages. */
static const char *
title(const MigrClaim *claim)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, claim->mark->names)
		appendStringInfo(&out, "%s%s", out.len > 0 ? "." : "", quote_identifier(lfirst(lc)));
	if (claim->mark->part)
		appendStringInfo(&out, ".%s", quote_identifier(claim->mark->part));
	return out.data;
}

static void
add_renaming(MigrApplying *applying, const MigrClaim *claim)
{
	MigrRenaming *renaming = palloc0(sizeof(MigrRenaming));
	const MigrObject *old = claim->old;

	/* Several lines can be about the same. */
	if (migr_claim_renaming(applying, old, claim->old_part) || is_given(applying, claim))
		return;
	renaming->object = old;
	renaming->part = claim->old_part;
	renaming->new = pstrdup(quote_identifier(claim->name));
	renaming->old = claim->old_part
		? psprintf("%s.%s", old->identity, quote_identifier(claim->old_part))
		: migr_kind_has(old->kind, MIGR_KIND_IS_PART)
		? psprintf("%s.%s", old->parent->identity, quote_identifier(old->name))
		: pstrdup(migr_object_identity(old));
	applying->renamings = lappend(applying->renamings, renaming);
}

/* The lines about objects, or those about parts of them. */
static void
apply_round(MigrApplying *applying, const List *marks, bool parts)
{
	ListCell   *lc;

	applying->claims = NIL;
	foreach(lc, marks)
	{
		const MigrRenamedFrom *mark = lfirst(lc);

		if ((mark->part != NULL) == parts)
			applying->claims = lappend(applying->claims, migr_claim_make(applying, mark));
	}
	decide_all(applying);
	foreach(lc, applying->claims)
	{
		const MigrClaim *claim = lfirst(lc);

		if (claim->verdict == MIGR_CLAIM_APPLIES)
			add_renaming(applying, claim);
		else if (claim->why)
			applying->reasons = lappend(applying->reasons,
										psprintf("%s of %s: %s.", claim->mark->old, title(claim), claim->why));
	}
}

/*
 * What lines say as renamings (MigrRenaming *), behind those given, which win.  A
 * NOTICE names those that do not apply.
 */
static List *
apply(const MigrSchema *schema, const MigrSchema *desired, const List *marks, List *renamings)
{
	MigrApplying	applying = {.schema = schema, .desired = desired, .renamings = renamings};

	if (marks == NIL)
		return renamings;
	applying.given = list_length(renamings);
	migr_rename_find(schema, renamings);
	apply_round(&applying, marks, false);
	apply_round(&applying, marks, true);
	if (applying.reasons != NIL)
		ereport(NOTICE,
				(errmsg("lines \"-- migr:renamed_from\" that do not apply are passed over"),
				 errdetail("%s", migr_text_join(applying.reasons, "\n"))));
	return applying.renamings;
}

List *
migr_renamed_from_find(MigrSchema *schema, const MigrSchema *desired, const List *marks,
					   List *renamings)
{
	renamings = apply(schema, desired, marks, renamings);
	migr_rename_find(schema, renamings);
	migr_rename_check(schema, desired, renamings);
	return migr_rename_owned(schema, desired, renamings);
}
