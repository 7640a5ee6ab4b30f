/*
 * kind_index_partition.c
 *		What indexes are parts of.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"

#include "kind/constraint.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT 0::oid, i.indrelid, n.nspname, x.relname,"
	"       quote_ident(n.nspname) || '.' || quote_ident(x.relname), NULL::text, NULL::text,"
	"       h.inhparent::regclass::text AS of"
	"  FROM pg_inherits h JOIN pg_class x ON x.oid = h.inhrelid JOIN pg_index i ON i.indexrelid = x.oid"
	"  JOIN pg_namespace n ON n.oid = x.relnamespace"
	OF_RELATIONS("i.indrelid");

static void
attach_index(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER INDEX %s ATTACH PARTITION %s;\n",
					 value(object, MIGR_ATTR_OF), object->identity);
}

static bool
goes_along(const MigrObject *object, const MigrObject *needed)
{
	return migr_kind_is_index(needed->kind) || needed->kind == MIGR_KIND_PARTITION;
}

/* It goes with the partition, or with the index that it is a part of. */
const MigrKindRecord migr_kind_index_partition = {
	.noun = "INDEX",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.sort = "index",
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, migr_kind_is_partition}},
	.create = attach_index,
	.drop = migr_kind_nothing,
	.title = "index partition",
	.goes_along = goes_along
};
