/*
 * renamed_from_claim.c
 *		What a line of desired DDL is about, there and here.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attribute_list.h"
#include "model/attributes.h"
#include "schema/renamed_from_claim.h"

void
migr_claim_pass_over(MigrClaim *claim, const char *why)
{
	claim->verdict = MIGR_CLAIM_PASSED_OVER;
	claim->why = why;
}

/* --- what is meant -------------------------------------------------------- */

bool
migr_claim_is_relation(const MigrObject *object)
{
	return object->kind == MIGR_KIND_TABLE || object->kind == MIGR_KIND_VIEW;
}

bool
migr_claim_is_alike_kind(const MigrObject *object, const MigrObject *other)
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
	return strcmp(mark->noun, "TABLE") == 0 && mark->part ? migr_claim_is_relation(object)
		: strcmp(migr_ddl_noun(object), mark->noun) == 0;
}

/* Objects of the desired schema (MigrObject *) that a line can be about. */
static List *
find_made(const MigrApplying *applying, const MigrRenamedFrom *mark)
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

		if (migr_claim_is_alike_kind(object, like) && strcmp(object->name, name) == 0 &&
			migr_ddl_same(object->schema, like->schema))
			return object;
	}
	return NULL;
}

const MigrRenaming *
migr_claim_renaming(const MigrApplying *applying, const MigrObject *object, const char *part)
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

const char *
migr_claim_arguments(const MigrObject *routine)
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
is_claimed(const MigrApplying *applying, const MigrObject *object)
{
	ListCell   *lc;

	foreach(lc, applying->claims)
	{
		if (((MigrClaim *) lfirst(lc))->old == object)
			return true;
	}
	return migr_claim_renaming(applying, object, NULL) != NULL;
}

/* The routines of an old name, or of its identity as messages have it. */
static List *
find_old_routines(const MigrApplying *applying, const MigrRenamedFrom *mark, const MigrObject *like)
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
pair_routines(const MigrApplying *applying, MigrClaim *claim, const List *made)
{
	List	   *old = find_old_routines(applying, claim->mark, linitial(made));
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, made)
	{
		foreach(cell, claim->old ? NIL : old)
		{
			if (strcmp(migr_claim_arguments(lfirst(lc)), migr_claim_arguments(lfirst(cell))) == 0)
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
claim_object(const MigrApplying *applying, MigrClaim *claim, const List *made)
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
find_parent(const MigrApplying *applying, const MigrObject *new)
{
	const MigrObject *there;
	ListCell   *lc;

	foreach(lc, applying->renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);

		if (renaming->part == NULL && migr_claim_is_alike_kind(renaming->object, new) &&
			migr_ddl_same(renaming->object->schema, new->schema) &&
			strcmp(migr_rename_new(renaming), new->name) == 0)
			return renaming->object;
	}
	there = find_by_name(applying->schema, new, new->name);
	return there && migr_claim_renaming(applying, there, NULL) ? NULL : there;
}

const MigrObject *
migr_claim_child(const MigrObject *parent, const char *noun, const char *name)
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
		return migr_ddl_list_text(migr_ddl_list(value(type, MIGR_ATTR_LABELS)),
								  quote_literal_cstr(name)) != NULL;
	return migr_ddl_list_key(migr_ddl_list(value(type, MIGR_ATTR_ATTRIBUTES)),
							 quote_identifier(name)) != NULL;
}

static void
claim_type_part(MigrClaim *claim, const MigrObject *type, const MigrObject *parent, const char *old)
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
claim_part(const MigrApplying *applying, MigrClaim *claim, const MigrObject *made)
{
	const MigrObject *parent = find_parent(applying, made);
	List	   *names = old_names(claim->mark);
	const char *old = llast(names);
	const MigrObject *child;

	if (parent == NULL)
	{
		migr_claim_pass_over(claim, psprintf("%s is new", migr_ddl_title(made)));
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
	claim->new = child = migr_claim_child(made, claim->mark->part_noun, claim->mark->part);
	if (child == NULL)
		return;
	claim->old = migr_claim_child(parent, claim->mark->part_noun, old);
	claim->there = migr_claim_child(parent, claim->mark->part_noun, child->name);
}

static void
raise_unclear(const MigrRenamedFrom *mark, const List *made)
{
	const char *one = migr_ddl_title(linitial(made));
	const char *other = migr_ddl_title(lsecond(made));
	bool		in_order = strcmp(one, other) <= 0;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("it is not clear what was \"%s\"", mark->old),
			 errdetail("It is %s, or %s.", in_order ? one : other, in_order ? other : one),
			 errhint("Write the name behind CREATE with its schema.")));
}

MigrClaim *
migr_claim_make(MigrApplying *applying, const MigrRenamedFrom *mark)
{
	MigrClaim	   *claim = palloc0(sizeof(MigrClaim));
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
	if (claim->verdict == MIGR_CLAIM_UNDECIDED && claim->new == NULL)
		migr_claim_pass_over(claim, "the desired schema has nothing of the new name");
	else if (claim->verdict == MIGR_CLAIM_UNDECIDED && claim->old == NULL)
		migr_claim_pass_over(claim, "nothing has the old name");
	return claim;
}
