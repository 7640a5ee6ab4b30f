/*
 * kind_schema.c
 *		Schemas.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_namespace.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "model/attributes.h"

/* The comment that initdb gives schema public. */
#define PUBLIC_COMMENT "standard public schema"

/*
 * 15: schema public belongs to pg_database_owner.  Before, it is that of who ran
 * initdb, unless it has been given to the database's owner, as is usual.
 */
#define PUBLIC_OWNERS \
	MIGR_SINCE_15("6171", \
				  "10, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database())")

#define COLUMNS \
	"0::oid AS parent, NULL::text AS schema," \
	"       n.nspname::text AS name, quote_ident(n.nspname) AS identity," \
	"       pg_get_userbyid(n.nspowner)::text AS owner," \
	"       CASE WHEN n.nspname = 'public'" \
	"            THEN coalesce(n.nspacl, acldefault('n', n.nspowner))::text" \
	"            ELSE n.nspacl::text END AS acl," \
	"       true AS present," \
	"       n.nspname = 'public' AS public," \
	"       n.nspowner IN (" PUBLIC_OWNERS ") AS initdb_owner," \
	"       n.oid < 16384 OR n.nspname = 'public' AS has_comment," \
	"       obj_description(n.oid, 'pg_namespace') AS comment"

/*
 * Every empty database has a schema public, and it is told apart by its name,
 * because one that was dropped and created anew has another oid: what counts
 * is how it differs from the one of initdb.  Its row has oid 0 then, so that
 * nobody else prints its comment; and there is a row for a public that is not
 * there.  Each part has its oid from a column or as a constant, so that one schema
 * among thousands is found by its key.
 */
static const char query[] =
	"SELECT n.oid AS objid, " COLUMNS
	"  FROM pg_namespace n"
	" WHERE (n.oid >= 16384 AND n.nspname <> 'public') OR n.oid = 2200"
	" UNION ALL"
	" SELECT 0::oid, " COLUMNS
	"  FROM pg_namespace n WHERE n.nspname = 'public' AND n.oid >= 16384"
	" UNION ALL"
	" SELECT 0::oid, 0::oid, NULL, 'public', 'public', NULL, NULL,"
	"        false, true, true, false, NULL"
	"  WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')";

/* A comment that the reader leaves to the schema's own query, see there. */
static void
append_comment(StringInfo out, const MigrObject *object)
{
	const char *comment = value(object, MIGR_ATTR_COMMENT);
	const char *created = migr_object_is(object, MIGR_ATTR_PUBLIC) ? PUBLIC_COMMENT : "";

	if (strcmp(comment ? comment : "", created) == 0)
		return;
	appendStringInfo(out, "COMMENT ON SCHEMA %s IS %s;\n", object->identity,
					 comment ? quote_literal_cstr(comment) : "NULL");
}

/* Schema public is there; a database may have none, though. */
static void
create_schema(StringInfo out, const MigrObject *object)
{
	if (!migr_object_is(object, MIGR_ATTR_PRESENT))
		appendStringInfo(out, "DROP SCHEMA %s;\n", object->identity);
	else if (!migr_object_is(object, MIGR_ATTR_PUBLIC))
		appendStringInfo(out, "CREATE SCHEMA %s;\n", object->identity);
	if (migr_object_is(object, MIGR_ATTR_HAS_COMMENT))
		append_comment(out, object);
}

/* The comment of a schema that the reader leaves to the schema's own query. */
static void
alter_comment(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *comment = value(to, MIGR_ATTR_COMMENT);

	if (!migr_object_is(to, MIGR_ATTR_HAS_COMMENT) || same(from, to, MIGR_ATTR_COMMENT))
		return;
	appendStringInfo(out, "COMMENT ON SCHEMA %s IS %s;\n", to->identity,
					 comment && *comment ? quote_literal_cstr(comment) : "NULL");
}

/* Schema public is an object even where it is not there. */
static bool
alter_schema(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!migr_object_is(to, MIGR_ATTR_PRESENT))
	{
		if (migr_object_is(from, MIGR_ATTR_PRESENT))
			appendStringInfo(out, "DROP SCHEMA %s;\n", to->identity);
		return true;
	}
	if (!migr_object_is(from, MIGR_ATTR_PRESENT))
		appendStringInfo(out, "CREATE SCHEMA %s;\n", to->identity);
	alter_comment(out, from, to);
	return true;
}

/* There is a row even for a public that is not there. */
static bool
is_present(const MigrObject *object)
{
	return migr_object_is(object, MIGR_ATTR_PRESENT);
}

const MigrKindRecord migr_kind_schema = {
	.noun = "SCHEMA",
	.flags = MIGR_KIND_IS_SCHEMALESS | MIGR_KIND_IS_LASTING | MIGR_KIND_IS_IN_SIGNATURES |
	MIGR_KIND_CREATES_IF_MISSING,
	.rights = {"SCHEMA", "UC", ""},
	.default_privileges = 'n',
	.sort = "schema",
	.catalog = NamespaceRelationId,
	.query = query,
	.create = create_schema,
	.alter = alter_schema,
	.is_there = is_present
};
