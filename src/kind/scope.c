/*
 * scope.c
 *		What is part of the schema, and what is as if it were not there.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <fnmatch.h>

#include "utils/guc.h"

#include "base/ident.h"
#include "base/pattern.h"
#include "kind/kind.h"
#include "kind/scope.h"
#include "kind/sort.h"

static char *exclude;

void
migr_scope_init(void)
{
	DefineCustomStringVariable("migr.exclude",
							   "Patterns, schema, schema.name or kind:name, of objects that are not part of the schema.",
							   NULL, &exclude, "", PGC_USERSET, GUC_LIST_INPUT,
							   NULL, NULL, NULL);
}

List *
migr_scope_excluded(void)
{
	return migr_ident_split(exclude ? exclude : "");
}

static bool
is_system_schema(const char *schema)
{
	return strncmp(schema, "pg_", 3) == 0 ||
		strcmp(schema, "information_schema") == 0;
}

/* Is the object to look as if it were not there? */
static bool
is_hidden(const MigrScope *scope, const MigrObject *object)
{
	return (object->schema && migr_ident_is_in(scope->left_schemas, object->schema)) ||
		(object->kind == MIGR_KIND_EXTENSION &&
		 migr_ident_is_in(scope->hidden_extensions, object->name)) ||
		(object->kind == MIGR_KIND_SCHEMA &&
		 migr_ident_is_in(scope->hidden_schemas, object->name));
}

/* What comes behind "sort:" in a pattern, if the kind is of that sort; or NULL. */
static const char *
pattern_for(const char *pattern, const MigrKindRecord *kind)
{
	const char *colon = strchr(pattern, ':');

	return colon && kind->sort && migr_sort_is(kind->sort, pattern, colon - pattern)
		? colon + 1 : NULL;
}

/* Does a pattern name the object by its sort and its name, or its table's and its own? */
static bool
matches_sort(const List *excluded, const MigrObject *object)
{
	const char *name = NULL;
	ListCell   *lc;

	foreach(lc, excluded)
	{
		const char *pattern = pattern_for(lfirst(lc), migr_kind_of(object));

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
migr_scope_manages(const MigrScope *scope, const List *excluded, const MigrObject *object,
				   const char *schema)
{
	if (object->schema && is_system_schema(object->schema))
		return false;
	if (scope && is_hidden(scope, object))
		return false;
	if (object->kind == MIGR_KIND_SCHEMA && is_system_schema(object->name))
		return false;
	if (excluded == NIL)
		return true;
	if (matches_sort(excluded, object))
		return false;
	return object->parent ||
		!migr_pattern_matches(excluded, object->kind == MIGR_KIND_SCHEMA
							  ? object->name : schema, object->name);
}
