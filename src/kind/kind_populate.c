/*
 * kind_populate.c
 *		That materialized views are filled.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"

#include "kind/kind.h"
#include "kind/sql_words.h"

static const char query[] =
	"SELECT 0::oid, c.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text"
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	OF_RELATIONS("c.oid")
	" WHERE c.relkind = 'm' AND c.relispopulated";

static bool
is_materialized(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_class *) row)->relkind == RELKIND_MATVIEW;
}

static void
populate_view(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "REFRESH MATERIALIZED VIEW %s;\n", object->identity);
}

/* A materialized view that was filled, and is to be empty. */
static void
empty_view(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "REFRESH MATERIALIZED VIEW %s WITH NO DATA;\n",
					 object->identity);
}

const MigrKindRecord migr_kind_populate = {
	.noun = "MATERIALIZED VIEW",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, is_materialized}},
	.create = populate_view,
	.drop = empty_view,
	.title = "contents of materialized view"
};
