/*
 * kind_sequence_owner.c
 *		What sequences belong to columns.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT 0::oid, t.oid, n.nspname, c.relname, " RELATION_IDENTITY ", NULL::text, NULL::text,"
	"       a.attname AS column"
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	"  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'"
	"   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"
	"  JOIN pg_class t ON t.oid = d.refobjid"
	"  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
	OF_RELATIONS("t.oid")
	" WHERE c.relkind = 'S'";

static void
own_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER SEQUENCE %s OWNED BY %s.%s;\n", object->identity,
					 object->parent->identity,
					 quote_identifier(value(object, MIGR_ATTR_COLUMN)));
}

static void
disown_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER SEQUENCE %s OWNED BY NONE;\n", object->identity);
}

/* One owner takes the place of the other. */
static bool
pass_sequence_on(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	own_sequence(out, to);
	return true;
}

static bool
goes_with_sequence(const MigrObject *object, const MigrObject *needed)
{
	return needed->kind == MIGR_KIND_SEQUENCE;
}

const MigrKindRecord migr_kind_sequence_owner = {
	.noun = "SEQUENCE",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, migr_kind_is_sequence}},
	.create = own_sequence,
	.drop = disown_sequence,
	.alter = pass_sequence_on,
	.title = "owner of sequence",
	.goes_along = goes_with_sequence
};
