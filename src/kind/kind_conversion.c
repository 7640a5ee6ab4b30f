/*
 * kind_conversion.c
 *		Conversions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_conversion.h"

#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT c.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, c.conname::text AS name,"
	"       " QUALIFIED("n.nspname", "c.conname") " AS identity,"
	"       pg_get_userbyid(c.conowner)::text AS owner, NULL::text AS acl,"
	"       c.condefault AS is_default,"
	"       quote_literal(pg_encoding_to_char(c.conforencoding)) AS source,"
	"       quote_literal(pg_encoding_to_char(c.contoencoding)) AS target,"
	"       c.conproc::regproc::text AS function"
	"  FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace"
	" WHERE c.oid >= 16384";

static void
create_conversion(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE %sCONVERSION %s\n    FOR %s TO %s FROM %s;\n",
					 migr_object_is(object, MIGR_ATTR_IS_DEFAULT) ? "DEFAULT " : "",
					 object->identity, value(object, MIGR_ATTR_SOURCE),
					 value(object, MIGR_ATTR_TARGET),
					 value(object, MIGR_ATTR_FUNCTION));
}

const MigrKindRecord migr_kind_conversion = {
	.noun = "CONVERSION",
	.sort = "conversion",
	.catalog = ConversionRelationId,
	.query = query,
	.places = {{ConversionRelationId, ConversionOidIndexId}},
	.create = create_conversion
};
