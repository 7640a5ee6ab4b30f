/*
 * foreign.c
 *		What a live database has that neither scripts make nor anybody desires.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/ident.h"
#include "diff/diff_pair.h"
#include "diff/foreign.h"
#include "diff/lookup.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/scope.h"
#include "kind/sort.h"
#include "model/attributes.h"
#include "model/other_grants.h"

/* Marks of live objects: which others have them. */
#define IN_MADE 1
#define IN_DESIRED 2

/* So many of a kind are named; more are counted. */
#define NAMED 3

void
migr_foreign_mark(MigrSchema *live, const MigrSchema *made, const MigrSchema *desired)
{
	MigrLookup *in_made = migr_lookup_create(made);
	MigrLookup *in_desired = migr_lookup_create(desired);
	ListCell   *lc;

	foreach(lc, live->objects)
	{
		MigrObject *object = lfirst(lc);

		object->mark = (migr_lookup_find(in_made, object) ? IN_MADE : 0) |
			(migr_lookup_find(in_desired, object) ? IN_DESIRED : 0);
		object->is_foreign = object->mark == 0;
	}
}

void
migr_foreign_mark_missing(MigrSchema *live)
{
	ListCell   *lc;

	foreach(lc, live->objects)
	{
		MigrObject *object = lfirst(lc);

		object->is_foreign = (object->mark & IN_MADE) == 0;
	}
}

/* The server names these by their table, and they keep their names when it gets another. */
static bool
is_named_by_table(const MigrObject *object)
{
	return object->kind == MIGR_KIND_CONSTRAINT || object->kind == MIGR_KIND_INDEX;
}

void
migr_foreign_claim(MigrSchema *live, const List *objects)
{
	MigrLookup *lookup = migr_lookup_create(live);
	List	   *parts = NIL;
	ListCell   *lc;
	ListCell   *child;

	foreach(lc, objects)
	{
		MigrObject *object = migr_lookup_find(lookup, lfirst(lc));

		if (object == NULL)
			continue;
		object->is_foreign = false;
		foreach(child, object->children)
		{
			if (is_named_by_table(lfirst(child)) && ((MigrObject *) lfirst(child))->is_foreign)
				parts = lappend(parts, lfirst(child));
		}
	}
	/* What needs something foreign is foreign. */
	for (int i = 0; i < live->need_count; i++)
	{
		if (live->needs[i].needed->is_foreign)
			parts = list_delete_ptr(parts, live->needs[i].object);
	}
	foreach(lc, parts)
		((MigrObject *) lfirst(lc))->is_foreign = false;
}

static bool
is_marked(const MigrObject *object, void *arg)
{
	return object->is_foreign;
}

void
migr_foreign_remove(MigrSchema *schema)
{
	migr_schema_remove(schema, is_marked, NULL);
}

/* --- copies --------------------------------------------------------------- */

/* The objects of live, by their numbers, and who stands for them in a schema. */
typedef struct Adding
{
	MigrSchema *schema;
	MigrSchema *live;
	MigrObject **own;			/* of the schema, or the copy; NULL: none */
	bool	   *is_copy;
} Adding;

/* Does the server make it part of another table, whose changes are its own? */
static bool
is_child(const MigrObject *table)
{
	return table->kind == MIGR_KIND_TABLE &&
		(migr_diff_is_partition(table) || migr_object_has(table, MIGR_ATTR_INHERITS));
}

/*
 * May an object have a copy?  A column only of a table that is on both sides: no
 * script is to make it with a table.
 */
static bool
may_be_added(const MigrObject *object)
{
	if (object->kind == MIGR_KIND_COLUMN && object->parent->mark != 0 &&
		object->parent->mark != (IN_MADE | IN_DESIRED))
		return false;
	return object->kind != MIGR_KIND_DEFAULT_PRIVILEGES && !is_child(object) &&
		(object->parent == NULL || !is_child(object->parent));
}

/* The object or the copy that stands for a live one. */
static MigrObject *
own_of(const Adding *adding, const MigrObject *object)
{
	return adding->own[object->unit];
}

static void
stand_for_columns(Adding *adding, const MigrObject *child, const MigrObject *parent)
{
	ListCell   *lc;

	foreach(lc, child->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN)
			break;
		if (column->is_foreign)
			adding->own[column->unit] = migr_diff_find_column(parent, column->name);
	}
}

/*
 * For a partition or child, and its columns, stand its parent and that one's: what
 * is done to these is done to them.
 */
static void
stand_for_children(Adding *adding)
{
	const MigrSchema *live = adding->live;
	bool		again;

	do
	{
		again = false;
		for (int i = 0; i < live->need_count; i++)
		{
			const MigrObject *child = live->needs[i].object;
			MigrObject *parent = own_of(adding, live->needs[i].needed);

			if (child->kind != MIGR_KIND_TABLE || !child->is_foreign || parent == NULL ||
				parent->kind != MIGR_KIND_TABLE || own_of(adding, child) != NULL ||
				!is_child(child))
				continue;
			adding->own[child->unit] = parent;
			stand_for_columns(adding, child, parent);
			again = true;
		}
	} while (again);
}

/* Copies of all that may have some, and those that stand for the others. */
static void
begin(Adding *adding)
{
	MigrLookup *lookup = migr_lookup_create(adding->schema);
	int			count = 0;
	ListCell   *lc;

	adding->own = MemoryContextAllocHuge(CurrentMemoryContext,
										 (list_length(adding->live->objects) + 1) *
										 sizeof(MigrObject *));
	adding->is_copy = palloc0((list_length(adding->live->objects) + 1) * sizeof(bool));
	foreach(lc, adding->live->objects)
	{
		MigrObject *object = lfirst(lc);
		MigrObject *own = NULL;

		object->unit = count;
		if (!object->is_foreign)
			own = migr_lookup_find(lookup, object);
		else if (may_be_added(object))
		{
			own = palloc(sizeof(MigrObject));
			*own = *object;
			/* Its oid may be another object's over there. */
			own->address.objid = InvalidOid;
			own->children = own->depends = NIL;
			adding->is_copy[count] = true;
		}
		adding->own[count++] = own;
	}
}

/* Give up the copy of what lacks something; was there one? */
static bool
give_up(Adding *adding, const MigrObject *object)
{
	if (!adding->is_copy[object->unit])
		return false;
	adding->own[object->unit] = NULL;
	adding->is_copy[object->unit] = false;
	return true;
}

/* Give up copies of what needs what is not there, and of what needs those. */
static void
give_up_all(Adding *adding)
{
	const MigrSchema *live = adding->live;
	bool		again;
	ListCell   *lc;

	do
	{
		again = false;
		foreach(lc, live->objects)
		{
			const MigrObject *object = lfirst(lc);

			if (object->parent && own_of(adding, object->parent) == NULL)
				again = give_up(adding, object) || again;
		}
		for (int i = 0; i < live->need_count; i++)
		{
			if (own_of(adding, live->needs[i].needed) == NULL)
				again = give_up(adding, live->needs[i].object) || again;
		}
	} while (again);
}

static List *
own_list(const Adding *adding, const List *objects)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		if (own_of(adding, lfirst(lc)))
			result = lappend(result, own_of(adding, lfirst(lc)));
	}
	return result;
}

/* Columns stand in front of all else that a table has. */
static void
add_child(MigrObject *parent, MigrObject *child)
{
	List	   *columns = NIL;
	List	   *others = NIL;
	ListCell   *lc;

	if (child->kind != MIGR_KIND_COLUMN)
	{
		parent->children = lappend(parent->children, child);
		return;
	}
	foreach(lc, parent->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN)
			columns = lappend(columns, lfirst(lc));
		else
			others = lappend(others, lfirst(lc));
	}
	parent->children = list_concat(lappend(columns, child), others);
}

static void
add_copy(Adding *adding, const MigrObject *object)
{
	MigrObject *copy = own_of(adding, object);

	if (object->parent)
	{
		copy->parent = own_of(adding, object->parent);
		add_child(copy->parent, copy);
	}
	copy->depends = own_list(adding, object->depends);
	adding->schema->objects = lappend(adding->schema->objects, copy);
}

void
migr_foreign_add(MigrSchema *schema, MigrSchema *live)
{
	Adding		adding = {.schema = schema, .live = live};
	ListCell   *lc;

	begin(&adding);
	stand_for_children(&adding);
	give_up_all(&adding);
	foreach(lc, live->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (adding.is_copy[object->unit])
			add_copy(&adding, object);
	}
	for (int i = 0; i < live->need_count; i++)
	{
		const MigrNeed *need = &live->needs[i];

		if (adding.is_copy[need->object->unit])
			migr_schema_need(schema, own_of(&adding, need->object),
							 own_of(&adding, need->needed), need->by_default);
	}
}

void
migr_foreign_keep_grants(MigrSchema *live, const MigrSchema *made, const MigrSchema *desired)
{
	MigrLookup *in_made = migr_lookup_create(made);
	MigrLookup *in_desired = migr_lookup_create(desired);
	ListCell   *lc;

	foreach(lc, live->objects)
	{
		MigrObject *object = lfirst(lc);
		const MigrObject *own;

		/* Those on schema public are the server's, by its age. */
		if (object->acl == NULL ||
			(object->kind == MIGR_KIND_SCHEMA && strcmp(object->name, "public") == 0))
			continue;
		own = migr_lookup_find(in_made, object);
		if (migr_other_grants(&migr_kind_of(object)->rights, object, own,
							  migr_lookup_find(in_desired, object)) == 0)
			continue;
		object->acl = own && migr_ddl_same(own->owner, object->owner) ? own->acl : NULL;
	}
}

void
migr_foreign_take_rights(MigrSchema *copy, const MigrSchema *original)
{
	MigrLookup *lookup = migr_lookup_create(original);
	ListCell   *lc;

	foreach(lc, copy->objects)
	{
		MigrObject *object = lfirst(lc);
		const MigrObject *own = migr_lookup_find(lookup, object);

		if (own == NULL)
			continue;
		object->owner = own->owner;
		object->acl = own->acl;
	}
}

/* --- names ---------------------------------------------------------------- */

/* What is left alone of one sort. */
typedef struct LeftSort
{
	MigrKind	kind;
	const char *title;			/* of one */
	List	   *names;			/* char *, of the first ones */
	int			count;
} LeftSort;

/* Is it the sequence of a column that is marked as well? */
static bool
is_of_column(const MigrSchema *live, const MigrObject *sequence)
{
	ListCell   *lc;

	if (sequence->kind != MIGR_KIND_SEQUENCE)
		return false;
	foreach(lc, live->objects)
	{
		const MigrObject *owner = lfirst(lc);

		if (owner->kind == MIGR_KIND_SEQUENCE_OWNER &&
			strcmp(owner->identity, sequence->identity) == 0)
			return true;
	}
	return false;
}

/* Does one tell of it, or is it told with what it belongs to? */
static bool
is_named(const MigrSchema *live, const List *excluded, const MigrObject *object)
{
	if (!object->is_foreign || !migr_kind_is_there(object) || migr_kind_of(object)->subject ||
		(object->parent && object->parent->is_foreign) || !migr_sort_compared(object) ||
		migr_sort_excludes(excluded, object))
		return false;
	for (const MigrObject *owner = object; owner; owner = owner->parent)
	{
		if (!migr_scope_manages(NULL, excluded, owner, owner->schema))
			return false;
	}
	return !is_of_column(live, object);
}

static void
add_name(List **sorts, const MigrObject *object)
{
	const char *title = migr_ddl_title(object);
	const char *name = migr_object_identity(object);
	int			len = strlen(title) - strlen(name) - 1;
	LeftSort   *sort;
	ListCell   *lc;

	title = pnstrdup(title, Max(len, 0));
	foreach(lc, *sorts)
	{
		sort = lfirst(lc);
		if (strcmp(sort->title, title) == 0)
			break;
	}
	if (lc == NULL)
	{
		sort = palloc0(sizeof(LeftSort));
		sort->kind = object->kind;
		sort->title = title;
		*sorts = lappend(*sorts, sort);
	}
	if (sort->count++ < NAMED)
		sort->names = lappend(sort->names, unconstify(char *, name));
}

/* Words for several of a kind. */
static char *
plural(const char *title)
{
	int			len = strlen(title);

	if (len > 0 && title[len - 1] == 'y')
		return psprintf("%.*sies", len - 1, title);
	return psprintf("%s%s", title, len > 0 && strchr("sx", title[len - 1]) ? "es" : "s");
}

/*
 * The order in which a server reads its catalogs is not the same for each, nor
 * for one after a while: this one is.
 */
static int
compare_sorts(const ListCell *a, const ListCell *b)
{
	const LeftSort *left = lfirst(a);
	const LeftSort *right = lfirst(b);

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return strcmp(left->title, right->title);
}

static void
append_sort(StringInfo out, const LeftSort *sort)
{
	ListCell   *lc;

	list_sort(sort->names, migr_ident_compare);
	if (sort->count > NAMED)
		appendStringInfo(out, "%s%d %s", out->len > 0 ? ", " : "", sort->count,
						 plural(sort->title));
	foreach(lc, sort->count > NAMED ? NIL : sort->names)
		appendStringInfo(out, "%s%s %s", out->len > 0 ? ", " : "", sort->title,
						 (char *) lfirst(lc));
}

/* The grants on objects that are not marked, of which none of the others knows. */
static int
count_grants(const MigrSchema *live, const MigrSchema *made, const MigrSchema *desired)
{
	MigrLookup *in_made = migr_lookup_create(made);
	MigrLookup *in_desired = migr_lookup_create(desired);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, live->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (!object->is_foreign && object->acl)
			count += migr_other_grants(&migr_kind_of(object)->rights, object,
									   migr_lookup_find(in_made, object),
									   migr_lookup_find(in_desired, object));
	}
	return count;
}

char *
migr_foreign_names(const MigrSchema *live, const MigrSchema *made, const MigrSchema *desired)
{
	List	   *excluded = migr_scope_excluded();
	List	   *sorts = NIL;
	int			grants = count_grants(live, made, desired);
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, live->objects)
	{
		if (is_named(live, excluded, lfirst(lc)))
			add_name(&sorts, lfirst(lc));
	}
	list_sort(sorts, compare_sorts);
	foreach(lc, sorts)
		append_sort(&out, lfirst(lc));
	if (grants > 0)
		appendStringInfo(&out, "%s%d %s", out.len > 0 ? ", " : "", grants,
						 grants == 1 ? "grant" : "grants");
	return out.len > 0 ? out.data : NULL;
}
