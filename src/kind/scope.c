/*
 * scope.c
 *		What is part of the schema, and what is as if it were not there.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"

#include "base/ident.h"
#include "base/pattern.h"
#include "kind/scope.h"

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

/*
 * The last ones have what scripts for servers without the extension keep for themselves,
 * and what runs have dropped and migr keeps.
 */
static bool
is_system_schema(const char *schema)
{
	return strncmp(schema, "pg_", 3) == 0 ||
		strcmp(schema, "information_schema") == 0 ||
		strcmp(schema, "migr_standalone") == 0 ||
		strcmp(schema, "migr_kept") == 0;
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
	if (excluded == NIL || object->parent)
		return true;
	return !migr_pattern_matches(excluded, object->kind == MIGR_KIND_SCHEMA
								 ? object->name : schema, object->name);
}
