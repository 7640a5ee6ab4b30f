/*
 * kind_partition.c
 *		What tables are partitions of.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define DETACHING MIGR_SINCE_14("i.inhdetachpending", "false")

static const char query[] =
	"SELECT 0::oid, c.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
	"       i.inhparent::regclass::text AS of, pg_get_expr(c.relpartbound, c.oid) AS bound"
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	"  JOIN pg_inherits i ON i.inhrelid = c.oid"
	OF_RELATIONS("c.oid")
	" WHERE c.relispartition AND NOT " DETACHING "";

static void
attach_partition(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE %s ATTACH PARTITION %s %s;\n",
					 value(object, MIGR_ATTR_OF), object->identity, value(object, MIGR_ATTR_BOUND));
}

static void
detach_partition(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER TABLE %s DETACH PARTITION %s;\n", value(object, MIGR_ATTR_OF),
					 object->identity);
}

const MigrKindRecord migr_kind_partition = {
	.noun = "TABLE",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, migr_kind_is_partition}},
	.create = attach_partition,
	.drop = detach_partition,
	.title = "partition"
};
