/*
 * ddl_if.c
 *		Whether a database has an object: SQL that asks, and that depends on it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "kind/ddl.h"
#include "kind/kind.h"

/* A script runs with whatever schemas are searched: that is no operator of theirs. */
#define EQUALS " OPERATOR(pg_catalog.=) "

/* A row by its oid, which a function finds by name. */
static char *
row_by(const char *catalog, const char *column, const char *function, const char *name)
{
	return psprintf("pg_catalog.%s WHERE %s" EQUALS "pg_catalog.%s(%s)::pg_catalog.oid", catalog, column, function,
					quote_literal_cstr(name));
}

/* The row of what a table or a domain has by that name. */
static char *
row_of_part(const MigrObject *part, const MigrKindRecord *kind)
{
	bool		of_type = migr_kind_has(part->parent->kind, MIGR_KIND_IS_TYPE);
	const char *column = kind->catalog == ConstraintRelationId && of_type ? "contypid"
		: kind->parent_column;
	char	   *name = get_attname(kind->catalog, get_object_attnum_name(kind->catalog), false);

	return psprintf("%s AND %s" EQUALS "%s",
					row_by(get_rel_name(kind->catalog), column,
						   of_type ? "to_regtype" : "to_regclass", part->parent->identity),
					name, quote_literal_cstr(part->name));
}

/* The row of what has a name of its own, in a schema or in none. */
static char *
row_of_name(const MigrObject *object, Oid catalog)
{
	AttrNumber	name = get_object_attnum_name(catalog);
	AttrNumber	schema = get_object_attnum_namespace(catalog);

	if (name == InvalidAttrNumber || (schema != InvalidAttrNumber) != (object->schema != NULL))
		return NULL;
	return psprintf("pg_catalog.%s WHERE %s" EQUALS "%s%s", get_rel_name(catalog),
					get_attname(catalog, name, false), quote_literal_cstr(object->name),
					schema == InvalidAttrNumber ? ""
					: psprintf(" AND %s" EQUALS "pg_catalog.to_regnamespace(%s)::pg_catalog.oid",
							   get_attname(catalog, schema, false),
							   quote_literal_cstr(quote_identifier(object->schema))));
}

char *
migr_ddl_row(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	if (object->kind == MIGR_KIND_COLUMN)
		return psprintf("%s AND attname" EQUALS "%s AND NOT attisdropped",
						row_by("pg_attribute", "attrelid", "to_regclass", object->parent->identity),
						quote_literal_cstr(object->name));
	if (object->kind == MIGR_KIND_PARTITION)
		return psprintf("%s AND inhparent" EQUALS "pg_catalog.to_regclass(%s)::pg_catalog.oid",
						row_by("pg_inherits", "inhrelid", "to_regclass", object->parent->identity),
						quote_literal_cstr(migr_object_value(object, MIGR_ATTR_OF)));
	if (kind->parent_column)
		return row_of_part(object, kind);
	switch (kind->catalog)
	{
		case RelationRelationId:
			return kind->name_space == MIGR_NAMES_RELATIONS
				? row_by("pg_class", "oid", "to_regclass", object->identity) : NULL;
		case TypeRelationId:
			return kind->flags & MIGR_KIND_IS_TYPE
				? row_by("pg_type", "oid", "to_regtype", object->identity) : NULL;
		case ProcedureRelationId:
			return row_by("pg_proc", "oid", "to_regprocedure", migr_object_signature(object));
		case OperatorRelationId:
		case OperatorClassRelationId:
		case OperatorFamilyRelationId:
			return NULL;		/* a name can mean several */
		default:
			return is_objectclass_supported(kind->catalog) ? row_of_name(object, kind->catalog)
				: NULL;
	}
}

/* A column of the row of an object that has an owner, by the server's own list. */
static char *
row_column(const MigrObject *object, AttrNumber (*find) (Oid catalog))
{
	Oid			catalog = migr_kind_of(object)->catalog;

	if (object->owner == NULL || migr_ddl_row(object) == NULL ||
		!is_objectclass_supported(catalog) || find(catalog) == InvalidAttrNumber)
		return NULL;
	return get_attname(catalog, find(catalog), false);
}

char *
migr_ddl_row_owner(const MigrObject *object)
{
	return row_column(object, get_object_attnum_owner);
}

char *
migr_ddl_row_acl(const MigrObject *object)
{
	return row_column(object, get_object_attnum_acl);
}

/* Insert words behind others that begin at or behind a place, if these are there. */
static bool
insert_behind(StringInfo text, int at, const char *words, const char *inserted)
{
	char	   *found = strstr(text->data + at, words);
	char	   *rest;

	if (found == NULL)
		return false;
	found += strlen(words);
	if (strncmp(found, inserted, strlen(inserted)) == 0)
		return true;
	rest = pstrdup(found);
	text->len = found - text->data;
	text->data[text->len] = '\0';
	appendStringInfo(text, "%s%s", inserted, rest);
	pfree(rest);
	return true;
}

/* What a statement begins with that changes the parent, up to its name. */
static int
behind_parent(StringInfo text, const MigrObject *object)
{
	char	   *found;

	if (strncmp(text->data, "ALTER ", strlen("ALTER ")) != 0 || object->parent == NULL)
		return -1;
	found = strstr(text->data, object->parent->identity);
	return found ? found - text->data + strlen(object->parent->identity) : -1;
}

bool
migr_ddl_drop_if_exists(StringInfo text, const MigrObject *object)
{
	const char *noun = migr_ddl_noun(object);
	const char *drop = psprintf("DROP %s ", noun);
	int			at = behind_parent(text, object);

	if (at >= 0 && strncmp(text->data + at, psprintf(" %s", drop), strlen(drop) + 1) == 0)
		return insert_behind(text, at, drop, "IF EXISTS ");
	if (strncmp(text->data, drop, strlen(drop)) == 0)
		return insert_behind(text, 0, drop, "IF EXISTS ");
	return false;
}

bool
migr_ddl_create_if_missing(StringInfo text, const MigrObject *object)
{
	const char *noun = psprintf("%s ", migr_ddl_noun(object));
	int			at = behind_parent(text, object);

	if ((migr_kind_of(object)->flags & MIGR_KIND_CREATES_IF_MISSING) == 0)
		return false;
	if (at >= 0 && strncmp(text->data + at, " ADD COLUMN ", strlen(" ADD COLUMN ")) == 0)
		return insert_behind(text, at, "ADD COLUMN ", "IF NOT EXISTS ");
	return strncmp(text->data, "CREATE ", strlen("CREATE ")) == 0 &&
		insert_behind(text, 0, noun, "IF NOT EXISTS ");
}
