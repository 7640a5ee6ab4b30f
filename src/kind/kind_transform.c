/*
 * kind_transform.c
 *		Transforms.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_transform.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT f.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       i.text AS name, i.text AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       nullif(f.trffromsql, 0)::regprocedure::text AS from_sql,"
	"       nullif(f.trftosql, 0)::regprocedure::text AS to_sql"
	"  FROM pg_transform f JOIN pg_language l ON l.oid = f.trflang,"
	"       LATERAL (SELECT 'FOR ' || format_type(f.trftype, NULL)"
	"                || ' LANGUAGE ' || quote_ident(l.lanname) AS text) i"
	" WHERE f.oid >= 16384";

static void
append_transform(StringInfo out, const char *create, const MigrObject *object)
{
	appendStringInfo(out, "%s TRANSFORM %s (\n    ", create, object->identity);
	migr_kind_append(out, "FROM SQL WITH FUNCTION %s", object, MIGR_ATTR_FROM_SQL);
	if (migr_object_has(object, MIGR_ATTR_FROM_SQL) && migr_object_has(object, MIGR_ATTR_TO_SQL))
		appendStringInfoString(out, ",\n    ");
	migr_kind_append(out, "TO SQL WITH FUNCTION %s", object, MIGR_ATTR_TO_SQL);
	appendStringInfoString(out, "\n);\n");
}

static void
create_transform(StringInfo out, const MigrObject *object)
{
	append_transform(out, "CREATE", object);
}

static bool
alter_transform(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	append_transform(out, "CREATE OR REPLACE", to);
	return true;
}

const MigrKindRecord migr_kind_transform = {
	.noun = "TRANSFORM",
	.flags = MIGR_KIND_IS_NAMELESS | MIGR_KIND_IS_FOUND_BY_TYPES,
	.sort = "transform",
	.catalog = TransformRelationId,
	.query = query,
	.places = {{TransformRelationId, TransformOidIndexId}},
	.create = create_transform,
	.alter = alter_transform
};
