/*
 * kind_identity.c
 *		The sequences of identity columns, which come with these.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT c.oid, d.refobjid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, c.relacl::text,"
	"       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = d.refobjid AND a.attnum = d.refobjsubid) AS column"
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	"  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'"
	"   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"
	OF_RELATIONS("d.refobjid")
	" WHERE c.relkind = 'S'";

/* Only these are its own. */
static bool
has_extras(const MigrObject *object)
{
	return object->comment || object->acl;
}

/* It is the column's, whatever it is called. */
static const char *
key_of(const MigrObject *object)
{
	return value(object, MIGR_ATTR_COLUMN);
}

/* The column renames it. */
static void
rename_nothing(StringInfo out, const MigrObject *object, const char *from, const char *to)
{
}

const MigrKindRecord migr_kind_identity = {
	.noun = "SEQUENCE",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.rights = {"SEQUENCE", "rwU", ""},
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, migr_kind_is_sequence}},
	.create = migr_kind_nothing,
	.drop = migr_kind_nothing,
	.rename = rename_nothing,
	.key = key_of,
	.is_there = has_extras
};
