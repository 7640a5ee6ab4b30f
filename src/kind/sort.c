/*
 * sort.c
 *		The sorts of objects that users name, and which of them are compared.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <fnmatch.h>

#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/ident.h"
#include "kind/kind.h"
#include "kind/sort.h"

static char *compare;

/* What migr.compare says, read when it is asked for. */
static struct
{
	char	   *text;			/* of which setting; NULL: none yet */
	bool		all;
	List	   *sorts;			/* char *: those that are compared, if not all */
}			compared;

/* All sorts, once each, in the order of their kinds. */
static List *
all_sorts(void)
{
	List	   *sorts = NIL;

	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		const char *sort = migr_kinds[i]->sort;

		if (sort && !migr_ident_is_in(sorts, sort))
			sorts = lappend(sorts, unconstify(char *, sort));
	}
	return sorts;
}

/* Is that how users write a sort, in whatever case, with "_" for a blank? */
static bool
is_sort(const char *sort, const char *name, int len)
{
	for (int i = 0; i < len; i++)
	{
		char		c = name[i] == '_' ? ' ' : pg_tolower((unsigned char) name[i]);

		if (sort[i] != c)
			return false;
	}
	return sort[len] == '\0';
}

/* The sort of a name, or NULL. */
static char *
find_sort(const List *sorts, const char *name, int len)
{
	ListCell   *lc;

	foreach(lc, sorts)
	{
		if (is_sort(lfirst(lc), name, len))
			return lfirst(lc);
	}
	return NULL;
}

static List *
without(const List *sorts, const char *sort)
{
	List	   *rest = NIL;
	ListCell   *lc;

	foreach(lc, sorts)
	{
		if (strcmp(lfirst(lc), sort) != 0)
			rest = lappend(rest, lfirst(lc));
	}
	return rest;
}

/*
 * The sorts that a list names: "table, index" are these two, "-policy" are all
 * others.  False, and what is no sort, if there is one.
 */
static bool
parse(const char *text, List **sorts, char **unknown)
{
	static const char *const blanks = " \t\r\n";
	List	   *all = all_sorts();
	List	   *taken = NIL;
	List	   *given = NIL;
	bool		any_given = false;
	ListCell   *lc;

	while (*text)
	{
		int			len = strcspn(text, ",");
		const char *name = text + strspn(text, blanks);
		const char *end = text + len;
		bool		takes = *name == '-';
		char	   *sort;

		text = *end ? end + 1 : end;
		name += takes ? 1 + strspn(name + 1, blanks) : 0;
		while (end > name && strchr(blanks, end[-1]))
			end--;
		if (end <= name && !takes)
			continue;
		sort = find_sort(all, name, end - name);
		if (sort == NULL)
		{
			*unknown = pnstrdup(name, end - name);
			return false;
		}
		any_given = any_given || !takes;
		if (takes)
			taken = lappend(taken, sort);
		else
			given = lappend(given, sort);
	}
	*sorts = any_given ? given : all;
	foreach(lc, taken)
		*sorts = without(*sorts, lfirst(lc));
	return true;
}

static bool
check_compare(char **value, void **extra, GucSource source)
{
	List	   *sorts;
	char	   *unknown;

	if (*value == NULL || parse(*value, &sorts, &unknown))
		return true;
	GUC_check_errcode(ERRCODE_INVALID_PARAMETER_VALUE);
	GUC_check_errmsg("there is no kind of objects \"%s\"", unknown);
	GUC_check_errhint("The kinds are %s; with \"-\" in front, all others.",
					  migr_ident_join(all_sorts()));
	return false;
}

void
migr_sort_init(void)
{
	DefineCustomStringVariable("migr.compare",
							   "Kinds of objects that are compared; with a minus in front, those that are not.",
							   NULL, &compare, "", PGC_USERSET, GUC_LIST_INPUT,
							   check_compare, NULL, NULL);
}

/* Read the setting, unless that has been done. */
static void
read_compare(void)
{
	const char *text = compare ? compare : "";
	MemoryContext caller;
	char	   *unknown;

	if (compared.text && strcmp(compared.text, text) == 0)
		return;
	caller = MemoryContextSwitchTo(TopMemoryContext);
	if (compared.text)
		pfree(compared.text);
	compared.text = NULL;
	list_free(compared.sorts);
	(void) parse(text, &compared.sorts, &unknown);
	compared.all = list_length(compared.sorts) == list_length(all_sorts());
	compared.text = pstrdup(text);
	MemoryContextSwitchTo(caller);
}

const char *
migr_sort_of(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);
	const char *sort = kind->sort_of ? kind->sort_of(object) : kind->sort;

	/* What has no sort of its own stands on something. */
	Assert(sort || object->parent);
	return sort ? sort : migr_sort_of(object->parent);
}

bool
migr_sort_all_compared(void)
{
	read_compare();
	return compared.all;
}

bool
migr_sort_compared(const MigrObject *object)
{
	return migr_sort_all_compared() || migr_sort_is_compared(migr_sort_of(object));
}

bool
migr_sort_is_compared(const char *sort)
{
	return migr_sort_all_compared() || migr_ident_is_in(compared.sorts, sort);
}

/* What comes behind "sort:" in a pattern, if it has that and the object is of that sort; or NULL. */
static const char *
pattern_for(const char *pattern, const MigrObject *object)
{
	const char *colon = strchr(pattern, ':');

	return colon && migr_kind_of(object)->sort && is_sort(migr_sort_of(object), pattern, colon - pattern)
		? colon + 1 : NULL;
}

/* Does a pattern name the object by its sort and its name, or its table's and its own? */
static bool
is_named(const List *patterns, const MigrObject *object)
{
	const char *name = NULL;
	ListCell   *lc;

	foreach(lc, patterns)
	{
		const char *pattern = pattern_for(lfirst(lc), object);

		if (pattern == NULL)
			continue;
		if (name == NULL)
			name = object->parent
				? psprintf("%s.%s.%s", object->parent->schema, object->parent->name, object->name)
				: object->schema ? psprintf("%s.%s", object->schema, object->name) : object->name;
		if (fnmatch(pattern, name, 0) == 0 ||
			(object->schema && fnmatch(pattern, object->schema, 0) == 0))
			return true;
	}
	return false;
}

bool
migr_sort_excludes(const List *patterns, const MigrObject *object)
{
	for (; object; object = object->parent)
	{
		if (is_named(patterns, object))
			return true;
	}
	return false;
}

static bool
is_excluded(const MigrObject *object, void *patterns)
{
	return migr_sort_excludes(patterns, object);
}

void
migr_sort_exclude(MigrSchema *schema, const List *patterns)
{
	List	   *of_sorts = NIL;
	ListCell   *lc;

	foreach(lc, patterns)
	{
		if (strchr(lfirst(lc), ':'))
			of_sorts = lappend(of_sorts, lfirst(lc));
	}
	if (of_sorts != NIL)
		migr_schema_remove(schema, is_excluded, of_sorts);
}
