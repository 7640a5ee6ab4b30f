/*
 * snap_scope.c
 *		What is part of the schema, and what is as if it were not there.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"
#include "utils/hsearch.h"

#include "base/ident.h"
#include "base/pattern.h"
#include "snapshot/snap_parts.h"

static char *exclude;

void
migr_snap_init(void)
{
	DefineCustomStringVariable("migr.exclude",
							   "Patterns, schema or schema.name, of objects that are not part of the schema.",
							   NULL, &exclude, "", PGC_USERSET, GUC_LIST_INPUT,
							   NULL, NULL, NULL);
}

List *
migr_snap_excluded(void)
{
	return migr_ident_split(exclude ? exclude : "");
}

static bool
is_system_schema(const char *schema)
{
	return strncmp(schema, "pg_", 3) == 0 ||
		strcmp(schema, "information_schema") == 0;
}

static bool
is_named(const List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

/* Is the object to look as if it were not there? */
static bool
is_hidden(const MigrSnapScope *scope, const MigrObject *object)
{
	return (object->schema && is_named(scope->left_schemas, object->schema)) ||
		(object->kind == MIGR_KIND_EXTENSION &&
			is_named(scope->hidden_extensions, object->name)) ||
		(object->kind == MIGR_KIND_SCHEMA &&
		 is_named(scope->hidden_schemas, object->name));
}

bool
migr_snap_manages(const MigrSnap *snap, const MigrObject *object, const char *schema)
{
	if (hash_search(snap->members, &object->address, HASH_FIND, NULL))
		return false;
	if (object->schema && is_system_schema(object->schema))
		return false;
	if (snap->scope && is_hidden(snap->scope, object))
		return false;
	if (object->kind == MIGR_KIND_SCHEMA && is_system_schema(object->name))
		return false;
	if (snap->excluded == NIL || object->parent)
		return true;
	return !migr_pattern_matches(snap->excluded,
								 object->kind == MIGR_KIND_SCHEMA
								 ? object->name : schema, object->name);
}
