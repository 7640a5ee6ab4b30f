/*
 * rename.c
 *		Renamed objects: what somebody says got another name, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/varlena.h"

#include "diff/rename.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attribute_list.h"

/* Of rank(). */
#define LAST_RANK 3

/* A renaming whose object was found. */
typedef struct Found
{
	const MigrObject *object;
	const char *part;			/* of a type: a label or an attribute */
	const char *new;
} Found;

/* A statement: one name for another. */
typedef struct Step
{
	const Found *found;
	const char *from;
	const char *to;
} Step;

List *
migr_rename_list(const List *pairs)
{
	List	   *renamings = NIL;

	for (int i = 0; i + 1 < list_length(pairs); i += 2)
	{
		MigrRenaming *renaming = palloc0(sizeof(MigrRenaming));

		renaming->old = list_nth(pairs, i);
		renaming->new = list_nth(pairs, i + 1);
		renamings = lappend(renamings, renaming);
	}
	return renamings;
}

/* The identifiers that a dotted name is made of (char *); NIL if it is none. */
static List *
split(const char *name)
{
	List	   *parts;

	return SplitIdentifierString(pstrdup(name), '.', &parts) ? parts : NIL;
}

/* The same of what is to be renamed. */
static List *
split_old(const char *name)
{
	List	   *parts = split(name);

	if (parts == NIL || list_length(parts) > 3)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no name of an object", name),
				 errhint("Write schema.object, or schema.table.column; quote names as in SQL.")));
	return parts;
}

/* The one identifier that a new name is. */
static char *
split_new(const char *name)
{
	List	   *parts = split(name);

	if (list_length(parts) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no name without a schema", name),
				 errdetail("An object stays where it is when it is renamed."),
				 errhint("Quote the name as in SQL.")));
	return linitial(parts);
}

/* Do the last of count parts name the object, and those before its schema? */
static bool
is_named(const MigrObject *object, const List *parts, int count)
{
	if (strcmp(object->name, list_nth(parts, count - 1)) != 0)
		return false;
	return count == 1 ||
		(count == 2 && object->schema && strcmp(object->schema, linitial(parts)) == 0);
}

/* Is it this object that the parts name?  Sets the part of a type. */
static bool
matches(const MigrObject *object, const List *parts, const char **part)
{
	int			count = list_length(parts);

	*part = NULL;
	if (migr_kind_has(object->kind, MIGR_KIND_IS_NAMELESS))
		return false;
	if (migr_kind_has(object->kind, MIGR_KIND_IS_PART))
		return count > 1 && strcmp(object->name, llast(parts)) == 0 &&
			is_named(object->parent, parts, count - 1);
	if (is_named(object, parts, count))
		return true;
	*part = llast(parts);
	return migr_kind_of(object)->rename_part && count > 1 && is_named(object, parts, count - 1);
}

/* Is this its identity, schema and all?  A schema has none that says more. */
static bool
has_identity(const MigrObject *object, const char *identity)
{
	return !migr_kind_has(object->kind, MIGR_KIND_IS_NAMELESS) && (object->schema || object->parent) &&
		strcmp(migr_object_identity(object), identity) == 0;
}

/*
 * The objects that are meant (Found *): those of exactly this identity, as a
 * function has one, or else those that the name fits.
 */
static List *
find_all(const MigrSchema *schema, const MigrRenaming *renaming, bool exactly)
{
	List	   *parts = exactly ? NIL : split_old(renaming->old);
	const char *part = NULL;
	List	   *founds = NIL;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		Found	   *found;

		if (exactly ? !has_identity(object, renaming->old)
			: !matches(object, parts, &part))
			continue;
		found = palloc(sizeof(Found));
		found->object = object;
		found->part = part;
		founds = lappend(founds, found);
	}
	return founds;
}

/* By their descriptions: the catalogs have no order that could be told. */
static int
compare_founds(const ListCell *a, const ListCell *b)
{
	return strcmp(migr_ddl_title(((Found *) lfirst(a))->object),
				  migr_ddl_title(((Found *) lfirst(b))->object));
}

/* The object that a renaming is about; raises unless there is exactly one. */
static Found *
find(const MigrSchema *schema, const MigrRenaming *renaming)
{
	List	   *founds;
	Found	   *found;

	if (renaming->object)
	{
		found = palloc(sizeof(Found));
		found->object = renaming->object;
		found->part = renaming->part;
		found->new = split_new(renaming->new);
		return found;
	}
	founds = find_all(schema, renaming, true);
	if (founds == NIL)
		founds = find_all(schema, renaming, false);
	if (founds == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no \"%s\" to be renamed", renaming->old),
				 errdetail("It is looked for in the schema as it is before the change.")));
	list_sort(founds, compare_founds);
	found = linitial(founds);
	if (list_length(founds) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("it is not clear what is renamed by \"%s\"", renaming->old),
				 errdetail("It is %s, or %s.", migr_ddl_title(found->object),
						   migr_ddl_title(((Found *) lsecond(founds))->object)),
				 errhint("Write the name in full, as it stands here.")));
	found->new = split_new(renaming->new);
	return found;
}

void
migr_rename_find(const MigrSchema *schema, const List *renamings)
{
	ListCell   *lc;

	foreach(lc, renamings)
	{
		MigrRenaming *renaming = lfirst(lc);
		const Found *found = find(schema, renaming);

		renaming->object = found->object;
		renaming->part = found->part;
	}
}

char *
migr_rename_new(const MigrRenaming *renaming)
{
	return split_new(renaming->new);
}

List *
migr_rename_split(const char *name)
{
	return split(name);
}

static const char *
old_name(const Found *found)
{
	return found->part ? found->part : found->object->name;
}

/* Raise if what was found has the name already, or gets another one, too. */
static void
check_sensible(const Found *found, const List *others)
{
	ListCell   *lc;

	if (strcmp(old_name(found), found->new) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has the name \"%s\" already", migr_ddl_title(found->object),
						found->new)));
	foreach(lc, others)
	{
		const Found *other = lfirst(lc);

		if (other->object == found->object &&
			strcmp(old_name(other), old_name(found)) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s is renamed twice", migr_ddl_title(found->object))));
	}
}

/* Is it known by the relation or the type on which it hangs? */
static bool
is_part(const Found *found)
{
	return found->part || migr_kind_has(found->object->kind, MIGR_KIND_IS_PART);
}

/*
 * Those of a lower one get their names first: parts before what they are parts
 * of, routines before the types that tell them apart, schemas last.
 */
static int
rank(const Found *found)
{
	if (is_part(found))
		return 0;
	if (found->object->kind == MIGR_KIND_SCHEMA)
		return LAST_RANK;
	return migr_kind_of(found->object)->name_space == MIGR_NAMES_ROUTINES ? 1 : 2;
}

/* Could two have the same name, because it means something else in each place? */
static bool
are_apart(const Found *one, const Found *other)
{
	if (rank(one) != rank(other))
		return true;
	if (one->part || other->part)
		return one->object != other->object;
	if (is_part(one) && one->object->kind != MIGR_KIND_CONSTRAINT)
		return one->object->parent != other->object->parent || one->object->kind != other->object->kind;
	/* The constraints of two tables may have indexes. */
	if (is_part(one))
		return one->object->parent != other->object->parent &&
			(other->object->kind != MIGR_KIND_CONSTRAINT ||
			 !migr_ddl_same(one->object->schema, other->object->schema));
	return migr_kind_of(one->object)->name_space != migr_kind_of(other->object)->name_space ||
		(migr_kind_of(one->object)->name_space == MIGR_NAMES_NONE &&
		 one->object->kind != other->object->kind) ||
		!migr_ddl_same(one->object->schema, other->object->schema);
}

/* The one that waits with the name that this one is to get, or NULL. */
static const Found *
who_has_name(const Found *found, const List *waiting)
{
	ListCell   *lc;

	foreach(lc, waiting)
	{
		const Found *other = lfirst(lc);

		if (other != found && strcmp(old_name(other), found->new) == 0 && !are_apart(found, other))
			return other;
	}
	return NULL;
}

/* Has something the name in the schema? */
static bool
is_taken(const MigrSchema *schema, const char *name)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		if (strcmp(((MigrObject *) lfirst(lc))->name, name) == 0)
			return true;
	}
	return false;
}

/* A name that one of a ring has while the others move on. */
static char *
name_between(const MigrSchema *schema, const char *name)
{
	const char *suffix = "_migr_old";
	char	   *between;

	for (int i = 0;; i++)
	{
		char	   *end = i == 0 ? pstrdup(suffix) : psprintf("%s%d", suffix, i);
		int			len = pg_mbcliplen(name, strlen(name), NAMEDATALEN - 1 - strlen(end));

		between = psprintf("%.*s%s", len, name, end);
		if (!is_taken(schema, between))
			return between;
	}
}

static List *
add_step(List *steps, const Found *found, const char *from, const char *to)
{
	Step	   *step = palloc(sizeof(Step));

	step->found = found;
	step->from = from;
	step->to = to;
	return lappend(steps, step);
}

/*
 * Statements in an order in which a name is free before another object gets it.
 * Those that get each other's names form a ring, which one of them opens by
 * getting a name of neither.
 */
static List *
sort(const MigrSchema *schema, List *waiting)
{
	List	   *steps = NIL;
	List	   *opened = NIL;	/* Step *: to be closed */

	while (waiting != NIL)
	{
		Found	   *next = NULL;
		ListCell   *lc;

		foreach(lc, waiting)
		{
			if (who_has_name(lfirst(lc), waiting) == NULL)
			{
				next = lfirst(lc);
				break;
			}
		}
		if (next)
			steps = add_step(steps, next, old_name(next), next->new);
		else
		{
			char	   *between;

			/* All that wait are in rings, or behind one. */
			next = linitial(waiting);
			for (int i = list_length(waiting); i > 0; i--)
				next = unconstify(Found *, who_has_name(next, waiting));
			between = name_between(schema, old_name(next));
			steps = add_step(steps, next, old_name(next), between);
			opened = add_step(opened, next, between, next->new);
		}
		waiting = list_delete_ptr(waiting, next);
	}
	return list_concat(steps, opened);
}

/* All that is renamed (Found *). */
static List *
resolve(const MigrSchema *schema, const List *renamings)
{
	List	   *founds = NIL;
	ListCell   *lc;

	foreach(lc, renamings)
	{
		Found	   *found = find(schema, lfirst(lc));

		check_sensible(found, founds);
		founds = lappend(founds, found);
	}
	return founds;
}

/* And the statements for that, in order (Step *). */
static List *
steps_of(const MigrSchema *schema, const List *renamings)
{
	List	   *steps = sort(schema, resolve(schema, renamings));
	List	   *ordered = NIL;
	ListCell   *lc;

	for (int i = 0; i <= LAST_RANK; i++)
	{
		foreach(lc, steps)
		{
			if (rank(((Step *) lfirst(lc))->found) == i)
				ordered = lappend(ordered, lfirst(lc));
		}
	}
	return ordered;
}

static void
append_rename(StringInfo out, const Found *found, const char *from, const char *to)
{
	const MigrObject *object = found->object;

	if (found->part)
		migr_kind_of(object)->rename_part(out, object, from, to);
	else
		migr_ddl_rename(out, object, from, to);
}

/* --- what is in the way --------------------------------------------------- */

/* Is it what a renaming gives its name to? */
static bool
is_outcome(const MigrObject *object, const List *founds)
{
	ListCell   *lc;

	foreach(lc, founds)
	{
		const Found *found = lfirst(lc);

		if (found->part == NULL && found->object->kind == object->kind &&
			strcmp(found->new, object->name) == 0 &&
			migr_ddl_same(found->object->schema, object->schema) &&
			(object->parent == NULL || strcmp(object->parent->name, found->object->parent->name) == 0 ||
			 is_outcome(object->parent, founds)))
			return true;
	}
	return false;
}

/* What an object is called when all is renamed. */
static const char *
name_behind(const MigrObject *object, const List *founds)
{
	ListCell   *lc;

	foreach(lc, founds)
	{
		const Found *found = lfirst(lc);

		if (found->object == object && found->part == NULL)
			return found->new;
	}
	return object->name;
}

/* Can two not have one name?  Of parts, only those of one kind are looked at. */
static bool
is_rival(const MigrObject *other, const Found *found, const List *founds)
{
	const MigrObject *object = found->object;

	if (migr_kind_has(other->kind, MIGR_KIND_IS_NAMELESS) || !migr_ddl_same(other->schema, object->schema))
		return false;
	if (is_part(found))
		return other->kind == object->kind && other->parent->kind == object->parent->kind &&
			strcmp(other->parent->name, name_behind(object->parent, founds)) == 0;
	/* Of routines, only one with the same arguments is in the way. */
	if (migr_kind_of(object)->name_space == MIGR_NAMES_ROUTINES)
		return strcmp(migr_object_signature(other), migr_object_signature(object)) == 0;
	return !migr_kind_has(other->kind, MIGR_KIND_IS_PART) &&
		migr_kind_of(other)->name_space == migr_kind_of(object)->name_space &&
		(migr_kind_of(object)->name_space == MIGR_NAMES_RELATIONS || other->kind == object->kind);
}

/*
 * Append what puts aside an object of a schema that has a name which another one
 * is to get, and gets none itself: it is for what comes then to drop it.
 */
static void
put_aside(StringInfo out, const MigrSchema *schema, const Step *step, const char *name,
		  const List *founds)
{
	ListCell   *lc;

	foreach(lc, step->found->part ? NIL : schema->objects)
	{
		const MigrObject *other = lfirst(lc);

		if (strcmp(other->name, name) != 0 || !is_rival(other, step->found, founds) ||
			is_outcome(other, founds))
			continue;
		migr_ddl_rename(out, is_part(step->found) ? step->found->object : other, name,
						name_between(schema, name));
		return;
	}
}

char *
migr_rename_forward(const MigrSchema *schema, const List *renamings)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, steps_of(schema, renamings))
	{
		const Step *step = lfirst(lc);

		append_rename(&out, step->found, step->from, step->to);
	}
	return out.data;
}

/* The other way round, from the last to the first. */
char *
migr_rename_back(const MigrSchema *schema, const MigrSchema *desired, const List *renamings)
{
	List	   *steps = steps_of(schema, renamings);
	List	   *founds = resolve(schema, renamings);
	StringInfoData out;

	initStringInfo(&out);
	for (int i = list_length(steps); i-- > 0;)
	{
		const Step *step = list_nth(steps, i);

		if (strcmp(step->from, old_name(step->found)) == 0)
			put_aside(&out, desired, step, step->from, founds);
		append_rename(&out, step->found, step->to, step->from);
	}
	return out.data;
}

/* Has a schema an object of this kind and name? */
static bool
has_object(const MigrSchema *schema, MigrKind kind, const char *name)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == kind && strcmp(object->name, name) == 0)
			return true;
	}
	return false;
}

void
migr_rename_check(const MigrSchema *schema, const MigrSchema *desired,
				  const List *renamings)
{
	ListCell   *lc;

	foreach(lc, resolve(schema, renamings))
	{
		const Found *found = lfirst(lc);

		if (found->part == NULL &&
			!has_object(desired, found->object->kind, found->new))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s can't get the name \"%s\"", migr_ddl_title(found->object),
							found->new),
					 errdetail("Nothing of its kind has that name in the desired schema.")));
	}
}
