/*
 * kind_cast.c
 *		Casts.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_cast.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "model/attributes.h"

/* The cast of a range to its multirange is part of the range. */
static const char query[] =
	"SELECT c.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       t.text AS name, t.text AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       nullif(c.castfunc, 0)::regprocedure::text AS function,"
	"       c.castmethod::text AS method, c.castcontext::text AS context"
	"  FROM pg_cast c,"
	"       LATERAL (SELECT '(' || format_type(c.castsource, NULL) || ' AS '"
	"                || format_type(c.casttarget, NULL) || ')' AS text) t"
	" WHERE c.oid >= 16384"
	"   AND NOT EXISTS (SELECT FROM pg_depend d"
	"                    WHERE d.classid = 'pg_cast'::regclass"
	"                      AND d.objid = c.oid AND d.deptype = 'i')";

static void
create_cast(StringInfo out, const MigrObject *object)
{
	char		context = value(object, MIGR_ATTR_CONTEXT)[0];

	appendStringInfo(out, "CREATE CAST %s ", object->identity);
	switch (value(object, MIGR_ATTR_METHOD)[0])
	{
		case 'f':
			migr_kind_append(out, "WITH FUNCTION %s", object, MIGR_ATTR_FUNCTION);
			break;
		case 'i':
			appendStringInfoString(out, "WITH INOUT");
			break;
		default:
			appendStringInfoString(out, "WITHOUT FUNCTION");
	}
	if (context == 'a')
		appendStringInfoString(out, " AS ASSIGNMENT");
	else if (context == 'i')
		appendStringInfoString(out, " AS IMPLICIT");
	appendStringInfoString(out, ";\n");
}

const MigrKindRecord migr_kind_cast = {
	.noun = "CAST",
	.flags = MIGR_KIND_IS_NAMELESS | MIGR_KIND_IS_FOUND_BY_TYPES,
	.sort = "cast",
	.catalog = CastRelationId,
	.query = query,
	.places = {{CastRelationId, CastOidIndexId}},
	.create = create_cast
};
