/*
 * kind_access_method.c
 *		Access methods.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_am.h"

#include "kind/kind.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT a.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       a.amname::text AS name, quote_ident(a.amname) AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END AS type,"
	"       a.amhandler::regproc::text AS handler"
	"  FROM pg_am a WHERE a.oid >= 16384";

static void
create_access_method(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE ACCESS METHOD %s TYPE %s HANDLER %s;\n",
					 object->identity, value(object, MIGR_ATTR_TYPE),
					 value(object, MIGR_ATTR_HANDLER));
}

const MigrKindRecord migr_kind_access_method = {
	.noun = "ACCESS METHOD",
	.flags = MIGR_KIND_IS_SCHEMALESS | MIGR_KIND_IS_NAMELESS,
	.sort = "access method",
	.catalog = AccessMethodRelationId,
	.query = query,
	.places = {{AccessMethodRelationId, AmOidIndexId}},
	.create = create_access_method
};
