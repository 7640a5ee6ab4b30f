/*
 * kind_shell_type.c
 *		Types that have been announced.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/*
 * A type that was announced and never defined; and the announcement of each
 * that functions need to know before it can be defined: a second object at the
 * same address, which the type itself holds.
 */
static const char query[] =
	"SELECT t.oid, 0::oid, n.nspname, t.typname, " TYPE_IDENTITY ","
	" CASE WHEN NOT t.typisdefined THEN pg_get_userbyid(t.typowner) END,"
	" CASE WHEN NOT t.typisdefined THEN t.typacl::text END,"
	" t.typisdefined AS announces"
	TYPE_FROM
	" LEFT JOIN pg_range r ON r.rngtypid = t.oid"
	" WHERE t.oid >= 16384"
	" AND (NOT t.typisdefined"
	"  OR t.typtype = 'r' AND r.rngcanonical <> 0::oid"
	"  OR t.typtype = 'b'"
	"   AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))";

static bool
is_shell(const MigrReading *reading, const void *row)
{
	const FormData_pg_type *type = row;

	return type->typtype == TYPTYPE_PSEUDO || type->typtype == TYPTYPE_RANGE ||
		migr_kind_is_base_type(reading, row);
}

static void
create_shell_type(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TYPE %s;\n", object->identity);
}

/* What announces another type goes with that. */
static void
drop_shell_type(StringInfo out, const MigrObject *object)
{
	if (!migr_object_is(object, MIGR_ATTR_ANNOUNCES))
		appendStringInfo(out, "DROP TYPE %s;\n", object->identity);
}

/* To define the type is the work of another object, and to drop it as well. */
static bool
alter_shell_type(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	return !migr_object_is(from, MIGR_ATTR_ANNOUNCES) || migr_object_is(to, MIGR_ATTR_ANNOUNCES);
}

static bool
is_undefined(const MigrObject *object)
{
	return !migr_object_is(object, MIGR_ATTR_ANNOUNCES);
}

const MigrKindRecord migr_kind_shell_type = {
	.noun = "TYPE",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS | MIGR_KIND_IS_IN_SIGNATURES |
	MIGR_KIND_SHARES_ADDRESS,
	.rights = {"TYPE", "U", "U"},
	.sort = "type",
	.catalog = TypeRelationId,
	.query = query,
	.places = {{TypeRelationId, InvalidOid, is_shell}},
	.create = create_shell_type,
	.drop = drop_shell_type,
	.alter = alter_shell_type,
	.is_there = is_undefined
};
