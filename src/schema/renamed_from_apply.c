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

#include "base/ident.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attribute_list.h"
#include "model/attributes.h"
#include "schema/renamed_from.h"

typedef enum Verdict
{
	UNDECIDED,
	APPLIES,
	PASSED_OVER
} Verdict;

/* A line, and what it is about. */
typedef struct Claim
{
	const MigrRenamedFrom *mark;
	const MigrObject *new;		/* in the desired schema; of a type's part: the type */
	const char *name;			/* the new one */
	const MigrObject *old;		/* what has the old name now, or NULL */
	const MigrObject *there;	/* what has the new one now, or NULL */
	const char *old_part;		/* of a type: the label or attribute */
	Verdict		verdict;
	const char *why;			/* it is passed over */
} Claim;

typedef struct Applying
{
	const MigrSchema *schema;
	const MigrSchema *desired;
	List	   *renamings;		/* MigrRenaming * */
	int			given;			/* so many are somebody's, and win */
	List	   *claims;			/* Claim *: of this round */
	List	   *reasons;		/* char *: what is passed over, and why */
} Applying;

static void
pass_over(Claim *claim, const char *why)
{
	claim->verdict = PASSED_OVER;
	claim->why = why;
}

/* --- what is meant -------------------------------------------------------- */

static bool
is_relation(const MigrObject *object)
{
	return object->kind == MIGR_KIND_TABLE || object->kind == MIGR_KIND_VIEW;
}

static bool
is_alike_kind(const MigrObject *object, const MigrObject *other)
{
	return object->kind == other->kind ||
		(migr_kind_has(object->kind, MIGR_KIND_IS_TYPE) && migr_kind_has(other->kind, MIGR_KIND_IS_TYPE));
}

/* Is it this that CREATE makes, or ALTER TABLE changes? */
static bool
is_made(const MigrObject *object, const MigrRenamedFrom *mark)
{
	const char *schema = list_length(mark->names) > 1 ? linitial(mark->names) : NULL;

	if (migr_kind_has(object->kind, MIGR_KIND_IS_PART) ||
		migr_kind_has(object->kind, MIGR_KIND_IS_NAMELESS) ||
		strcmp(object->name, llast(mark->names)) != 0 ||
		(schema && !migr_ddl_same(object->schema, schema)))
		return false;
	return strcmp(mark->noun, "TABLE") == 0 && mark->part ? is_relation(object)
		: strcmp(migr_ddl_noun(object), mark->noun) == 0;
}

/* Objects of the desired schema (MigrObject *) that a line can be about. */
static List *
find_made(const Applying *applying, const MigrRenamedFrom *mark)
{
	List	   *made = NIL;
	ListCell   *lc;

	foreach(lc, applying->desired->objects)
	{
		if (is_made(lfirst(lc), mark))
			made = lappend(made, lfirst(lc));
	}
	return made;
}

/* One of the kind of another, in its schema, by name. */
static const MigrObject *
find_by_name(const MigrSchema *schema, const MigrObject *like, const char *name)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (is_alike_kind(object, like) && strcmp(object->name, name) == 0 &&
			migr_ddl_same(object->schema, like->schema))
			return object;
	}
	return NULL;
}

/* The renaming that gives an object, or a part of a type, another name; or NULL. */
static const MigrRenaming *
find_renaming(const Applying *applying, const MigrObject *object, const char *part)
{
	ListCell   *lc;

	foreach(lc, applying->renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);

		if (renaming->object == object && migr_ddl_same(renaming->part, part))
			return renaming;
	}
	return NULL;
}

/* The identifiers of an old name; its last one is the name itself. */
static List *
old_names(const MigrRenamedFrom *mark)
{
	List	   *names;
	int			len = strlen(mark->old);

	/* A label may be written as it is where the type is made. */
	if (*mark->old == '\'' && len > 2 && mark->old[len - 1] == '\'')
		return list_make1(pnstrdup(mark->old + 1, len - 2));
	names = migr_rename_split(mark->old);
	if (names == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no name of an object", mark->old),
				 errdetail("It stands behind \"-- migr:renamed_from\"."),
				 errhint("Write the old name; quote it as in SQL.")));
	return names;
}

/* --- routines ------------------------------------------------------------- */

/* The types of a routine's arguments, in parentheses. */
static const char *
arguments(const MigrObject *routine)
{
	return migr_object_signature(routine) +
		strlen(quote_qualified_identifier(routine->schema, routine->name));
}

static bool
has_routine(const MigrSchema *schema, const MigrObject *like)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == like->kind &&
			strcmp(migr_object_signature(object), migr_object_signature(like)) == 0)
			return true;
	}
	return false;
}

/* Is it another line's, or somebody's? */
static bool
is_claimed(const Applying *applying, const MigrObject *object)
{
	ListCell   *lc;

	foreach(lc, applying->claims)
	{
		if (((Claim *) lfirst(lc))->old == object)
			return true;
	}
	return find_renaming(applying, object, NULL) != NULL;
}

/* The routines of an old name, or of its identity as messages have it. */
static List *
find_old_routines(const Applying *applying, const MigrRenamedFrom *mark, const MigrObject *like)
{
	const char *name = strchr(mark->old, '(') ? NULL : llast(old_names(mark));
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, applying->schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == like->kind && migr_ddl_same(object->schema, like->schema) &&
			!has_routine(applying->desired, object) && !is_claimed(applying, object) &&
			(name ? strcmp(object->name, name) == 0
			 : strcmp(object->identity, mark->old) == 0 ||
			 strcmp(object->identity, psprintf("%s.%s", quote_identifier(like->schema), mark->old)) == 0))
			found = lappend(found, unconstify(MigrObject *, object));
	}
	return found;
}

/* Of routines of one name, those with the same arguments belong together. */
static void
pair_routines(const Applying *applying, Claim *claim, const List *made)
{
	List	   *old = find_old_routines(applying, claim->mark, linitial(made));
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, made)
	{
		foreach(cell, claim->old ? NIL : old)
		{
			if (strcmp(arguments(lfirst(lc)), arguments(lfirst(cell))) == 0)
			{
				claim->new = lfirst(lc);
				claim->old = lfirst(cell);
				break;
			}
		}
	}
	if (claim->old == NULL && list_length(old) == 1 && list_length(made) == 1)
		claim->old = linitial(old);
	if (claim->old && has_routine(applying->schema, claim->new))
		claim->there = claim->new;
}

/* --- claims --------------------------------------------------------------- */

static void
check_schema(const MigrRenamedFrom *mark, const List *names, const MigrObject *object)
{
	if (list_length(names) == 1 ||
		(list_length(names) == 2 && migr_ddl_same(linitial(names), object->schema)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s can't have been \"%s\"", migr_ddl_title(object), mark->old),
			 errdetail("An object stays in its schema when it is renamed."),
			 errhint("Behind \"-- migr:renamed_from\" stands the old name alone.")));
}

/* Of an object that is no part of another. */
static void
claim_object(const Applying *applying, Claim *claim, const List *made)
{
	List	   *names;

	claim->new = linitial(made);
	if (migr_kind_of(claim->new)->name_space == MIGR_NAMES_ROUTINES)
	{
		pair_routines(applying, claim, made);
		return;
	}
	names = old_names(claim->mark);
	check_schema(claim->mark, names, claim->new);
	claim->old = find_by_name(applying->schema, claim->new, llast(names));
	claim->there = find_by_name(applying->schema, claim->new, claim->new->name);
}

/* What a relation, domain or type of the desired schema is now, or NULL. */
static const MigrObject *
find_parent(const Applying *applying, const MigrObject *new)
{
	const MigrObject *there;
	ListCell   *lc;

	foreach(lc, applying->renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);

		if (renaming->part == NULL && is_alike_kind(renaming->object, new) &&
			migr_ddl_same(renaming->object->schema, new->schema) &&
			strcmp(migr_rename_new(renaming), new->name) == 0)
			return renaming->object;
	}
	there = find_by_name(applying->schema, new, new->name);
	return there && find_renaming(applying, there, NULL) ? NULL : there;
}

/* A column, constraint, trigger … of a relation or domain. */
static const MigrObject *
find_child(const MigrObject *parent, const char *noun, const char *name)
{
	ListCell   *lc;

	foreach(lc, parent->children)
	{
		const MigrObject *child = lfirst(lc);

		if (migr_kind_has(child->kind, MIGR_KIND_IS_PART) && strcmp(child->name, name) == 0 &&
			(noun ? strcmp(migr_ddl_noun(child), noun) == 0 : child->kind == MIGR_KIND_COLUMN))
			return child;
	}
	return NULL;
}

/* Has a type a label or an attribute of this name? */
static bool
has_part(const MigrObject *type, const char *name)
{
	if (type->kind == MIGR_KIND_ENUM)
		return migr_ddl_list_text(migr_ddl_list(value(type, "labels")), quote_literal_cstr(name)) != NULL;
	return migr_ddl_list_key(migr_ddl_list(value(type, "attributes")), quote_identifier(name)) != NULL;
}

static void
claim_type_part(Claim *claim, const MigrObject *type, const MigrObject *parent, const char *old)
{
	if (!has_part(type, claim->mark->part))
		return;
	claim->new = type;
	claim->old = has_part(parent, old) ? parent : NULL;
	claim->there = has_part(parent, claim->mark->part) ? parent : NULL;
	claim->old_part = old;
}

/* Of a part of something. */
static void
claim_part(const Applying *applying, Claim *claim, const MigrObject *made)
{
	const MigrObject *parent = find_parent(applying, made);
	List	   *names = old_names(claim->mark);
	const char *old = llast(names);
	const MigrObject *child;

	if (parent == NULL)
	{
		pass_over(claim, psprintf("%s is new", migr_ddl_title(made)));
		return;
	}
	if (list_length(names) > 1 &&
		strcmp(list_nth(names, list_length(names) - 2), parent->name) != 0)
		old = "";
	if (migr_kind_of(made)->rename_part && claim->mark->part_noun == NULL)
	{
		if (made->kind == parent->kind)
			claim_type_part(claim, made, parent, old);
		return;
	}
	claim->new = child = find_child(made, claim->mark->part_noun, claim->mark->part);
	if (child == NULL)
		return;
	claim->old = find_child(parent, claim->mark->part_noun, old);
	claim->there = find_child(parent, claim->mark->part_noun, child->name);
}

static void
raise_unclear(const MigrRenamedFrom *mark, const List *made)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("it is not clear what was \"%s\"", mark->old),
			 errdetail("It is %s, or %s.", migr_ddl_title(linitial(made)), migr_ddl_title(lsecond(made))),
			 errhint("Write the name behind CREATE with its schema.")));
}

static Claim *
make_claim(Applying *applying, const MigrRenamedFrom *mark)
{
	Claim	   *claim = palloc0(sizeof(Claim));
	List	   *made = find_made(applying, mark);

	claim->mark = mark;
	claim->name = mark->part ? mark->part : llast(mark->names);
	if (list_length(made) > 1 &&
		migr_kind_of((MigrObject *) linitial(made))->name_space != MIGR_NAMES_ROUTINES)
		raise_unclear(mark, made);
	if (made != NIL && mark->part)
		claim_part(applying, claim, linitial(made));
	else if (made != NIL)
		claim_object(applying, claim, made);
	if (claim->verdict == UNDECIDED && claim->new == NULL)
		pass_over(claim, "the desired schema has nothing of the new name");
	else if (claim->verdict == UNDECIDED && claim->old == NULL)
		pass_over(claim, "nothing has the old name");
	return claim;
}

/* --- verdicts ------------------------------------------------------------- */

/* Does a renaming give something the name that is claimed? */
static bool
gets_name(const MigrRenaming *renaming, const Claim *claim)
{
	return strcmp(migr_rename_new(renaming), claim->name) == 0 &&
		is_alike_kind(renaming->object, claim->old) &&
		migr_ddl_same(renaming->object->schema, claim->old->schema) &&
		(claim->old_part ? renaming->object == claim->old
		 : renaming->object->parent == claim->old->parent) &&
		(renaming->part == NULL) == (claim->old_part == NULL) &&
		(migr_kind_of(claim->old)->name_space != MIGR_NAMES_ROUTINES ||
		 strcmp(arguments(renaming->object), arguments(claim->old)) == 0);
}

/* What somebody has said by "renames" wins. */
static void
yield_to_given(const Applying *applying, Claim *claim)
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
			pass_over(claim, same_old && same_new ? NULL : "\"renames\" says otherwise");
	}
}

/* The claim that takes its name from what has the new name of this one, or NULL. */
static Claim *
find_blocker(const Applying *applying, const Claim *claim)
{
	ListCell   *lc;

	foreach(lc, applying->claims)
	{
		Claim	   *other = lfirst(lc);

		if (other->old && other->old == claim->there &&
			(claim->old_part == NULL || migr_ddl_same(other->old_part, claim->name)))
			return other;
	}
	return NULL;
}

/* Decide if it follows from what is decided; does it? */
static bool
decide(const Applying *applying, Claim *claim)
{
	const Claim *blocker;

	if (claim->verdict != UNDECIDED)
		return false;
	if (claim->there == NULL ||
		find_renaming(applying, claim->there, claim->old_part ? claim->name : NULL))
	{
		claim->verdict = APPLIES;
		return true;
	}
	blocker = find_blocker(applying, claim);
	if (blocker == NULL || blocker->verdict == PASSED_OVER)
		pass_over(claim, "something has the new name already");
	else
		claim->verdict = blocker->verdict;
	return claim->verdict != UNDECIDED;
}

/* Does an object look like another one, but for names? */
static bool
is_alike(const MigrObject *object, const MigrObject *other)
{
	int			columns = 0;
	ListCell   *lc;

	if (!is_relation(object))
		return object->kind == other->kind && !migr_ddl_differs(object, other);
	foreach(lc, other->children)
		columns += ((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN;
	foreach(lc, object->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *twin;

		if (column->kind != MIGR_KIND_COLUMN)
			continue;
		twin = find_child(other, NULL, column->name);
		if (twin == NULL || strcmp(value(twin, "type"), value(column, "type")) != 0)
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
decide_ring(const Applying *applying, Claim *first)
{
	Claim	   *claim = first;
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
			claim->verdict = APPLIES;
		else
			pass_over(claim, done > 0 && to_be == 0 ? "it has the new name already"
					  : "the names form a ring, and it can't be seen whether it has been gone round: \"renames\" can say so");
		claim = find_blocker(applying, claim);
	} while (claim != first);
}

/* Decide what follows from what is known to apply or not. */
static void
decide_plain(const Applying *applying)
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
decide_all(const Applying *applying)
{
	ListCell   *lc;

	foreach(lc, applying->claims)
	{
		if (((Claim *) lfirst(lc))->verdict == UNDECIDED)
			yield_to_given(applying, lfirst(lc));
	}
	decide_plain(applying);
	foreach(lc, applying->claims)
	{
		Claim	   *claim = lfirst(lc);

		if (claim->verdict != UNDECIDED)
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
is_given(const Applying *applying, const Claim *claim)
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
title(const Claim *claim)
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
add_renaming(Applying *applying, const Claim *claim)
{
	MigrRenaming *renaming = palloc0(sizeof(MigrRenaming));
	const MigrObject *old = claim->old;

	/* Several lines can be about the same. */
	if (find_renaming(applying, old, claim->old_part) || is_given(applying, claim))
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
apply_round(Applying *applying, const List *marks, bool parts)
{
	ListCell   *lc;

	applying->claims = NIL;
	foreach(lc, marks)
	{
		const MigrRenamedFrom *mark = lfirst(lc);

		if ((mark->part != NULL) == parts)
			applying->claims = lappend(applying->claims, make_claim(applying, mark));
	}
	decide_all(applying);
	foreach(lc, applying->claims)
	{
		const Claim *claim = lfirst(lc);

		if (claim->verdict == APPLIES)
			add_renaming(applying, claim);
		else if (claim->why)
			applying->reasons = lappend(applying->reasons,
										psprintf("%s of %s: %s.", claim->mark->old, title(claim), claim->why));
	}
}

static char *
join_lines(const List *lines)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, lines)
		appendStringInfo(&out, "%s%s", out.len > 0 ? "\n" : "", (char *) lfirst(lc));
	return out.data;
}

List *
migr_renamed_from_apply(const MigrSchema *schema, const MigrSchema *desired,
						const List *marks, List *renamings)
{
	Applying	applying = {.schema = schema, .desired = desired, .renamings = renamings};

	if (marks == NIL)
		return renamings;
	applying.given = list_length(renamings);
	migr_rename_find(schema, renamings);
	apply_round(&applying, marks, false);
	apply_round(&applying, marks, true);
	if (applying.reasons != NIL)
		ereport(NOTICE,
				(errmsg("lines \"-- migr:renamed_from\" that do not apply are passed over"),
				 errdetail("%s", join_lines(applying.reasons))));
	return applying.renamings;
}
