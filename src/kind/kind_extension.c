/*
 * kind_extension.c
 *		Extensions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_extension.h"

#include "kind/kind.h"
#include "model/attributes.h"

/* An extension brings a comment; what counts is whether it has another one. */
static const char query[] =
	"SELECT e.oid AS objid, 0::oid AS parent, n.nspname::text AS schema,"
	"       e.extname::text AS name, quote_ident(e.extname) AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       quote_ident(n.nspname) AS in_schema, e.extrelocatable AS relocatable,"
	"       quote_literal(a.comment) AS brought_comment,"
	"       CASE WHEN c.comment IS DISTINCT FROM a.comment"
	"            THEN coalesce(quote_literal(c.comment), 'NULL') END AS own_comment"
	"  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
	"  LEFT JOIN pg_available_extensions a ON a.name = e.extname,"
	"       LATERAL (SELECT obj_description(e.oid, 'pg_extension') AS comment) c"
	" WHERE e.oid >= 16384 AND e.extname NOT IN ('plpgsql', 'migr')";

static bool
is_other(const MigrReading *reading, const void *row)
{
	const FormData_pg_extension *extension = row;

	return strcmp(NameStr(extension->extname), "migr") != 0;
}

/*
 * Its comment is what it brings, unless it has got another one.  It may be there: what
 * no script has made is not dropped (leave.h), and a template may have brought it.
 */
static void
create_extension(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE EXTENSION IF NOT EXISTS %s WITH SCHEMA %s;\n",
					 object->identity, value(object, MIGR_ATTR_IN_SCHEMA));
	if (migr_object_has(object, MIGR_ATTR_OWN_COMMENT))
		appendStringInfo(out, "COMMENT ON EXTENSION %s IS %s;\n", object->identity,
						 value(object, MIGR_ATTR_OWN_COMMENT));
}

static void
alter_comment(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *comment = value(to, MIGR_ATTR_OWN_COMMENT);

	if (same(from, to, MIGR_ATTR_OWN_COMMENT))
		return;
	if (comment == NULL)
		comment = value(to, MIGR_ATTR_BROUGHT_COMMENT);
	appendStringInfo(out, "COMMENT ON EXTENSION %s IS %s;\n", to->identity,
					 comment ? comment : "NULL");
}

static bool
alter_extension(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	/* The members of some have to stay where they were made. */
	if (!same(from, to, MIGR_ATTR_IN_SCHEMA) && !migr_object_is(from, MIGR_ATTR_RELOCATABLE))
		return false;
	if (!same(from, to, MIGR_ATTR_IN_SCHEMA))
		appendStringInfo(out, "ALTER EXTENSION %s SET SCHEMA %s;\n", to->identity,
						 value(to, MIGR_ATTR_IN_SCHEMA));
	alter_comment(out, from, to);
	return true;
}

/* It is there, in whatever schema and with whatever comment. */
static bool
includes(const MigrObject *is, const MigrObject *wanted)
{
	return true;
}

const MigrKindRecord migr_kind_extension = {
	.noun = "EXTENSION",
	.flags = MIGR_KIND_IS_SCHEMALESS | MIGR_KIND_IS_NAMELESS | MIGR_KIND_IS_LASTING |
	MIGR_KIND_IS_IN_SIGNATURES | MIGR_KIND_SAYS_COMMENT | MIGR_KIND_CREATES_IF_MISSING,
	.sort = "extension",
	.catalog = ExtensionRelationId,
	.query = query,
	.places = {{ExtensionRelationId, ExtensionOidIndexId, is_other}},
	.create = create_extension,
	.alter = alter_extension,
	.includes = includes
};
