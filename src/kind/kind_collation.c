/*
 * kind_collation.c
 *		Collations.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_collation.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define LOCALE \
	MIGR_SINCE_17("c.colllocale", MIGR_SINCE_15("c.colliculocale", "NULL"))

#define RULES MIGR_SINCE_16("c.collicurules", "NULL")

static const char query[] =
	"SELECT c.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, c.collname::text AS name,"
	"       " QUALIFIED("n.nspname", "c.collname") " AS identity,"
	"       pg_get_userbyid(c.collowner)::text AS owner, NULL::text AS acl,"
	"       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu'"
	"                           WHEN 'b' THEN 'builtin' END AS provider,"
	"       quote_literal(CASE WHEN c.collprovider <> 'c'"
	"                          THEN coalesce(" LOCALE ", c.collcollate)"
	"                          WHEN c.collcollate = c.collctype"
	"                          THEN c.collcollate END) AS locale,"
	"       quote_literal(c.collcollate) AS lc_collate,"
	"       quote_literal(c.collctype) AS lc_ctype,"
	"       c.collisdeterministic AS deterministic,"
	"       quote_literal(" RULES ") AS rules"
	"  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace"
	" WHERE c.oid >= 16384";

static void
create_collation(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE COLLATION %s (\n    provider = %s",
					 object->identity, value(object, MIGR_ATTR_PROVIDER));
	if (migr_object_has(object, MIGR_ATTR_LOCALE))
		migr_kind_append(out, ",\n    locale = %s", object, MIGR_ATTR_LOCALE);
	else
	{
		migr_kind_append(out, ",\n    lc_collate = %s", object, MIGR_ATTR_LC_COLLATE);
		migr_kind_append(out, ",\n    lc_ctype = %s", object, MIGR_ATTR_LC_CTYPE);
	}
	if (!migr_object_is(object, MIGR_ATTR_DETERMINISTIC))
		appendStringInfoString(out, ",\n    deterministic = false");
	migr_kind_append(out, ",\n    rules = %s", object, MIGR_ATTR_RULES);
	appendStringInfoString(out, "\n);\n");
}

const MigrKindRecord migr_kind_collation = {
	.noun = "COLLATION",
	.flags = MIGR_KIND_IS_OF_COLUMNS | MIGR_KIND_IS_IN_SIGNATURES,
	.sort = "collation",
	.catalog = CollationRelationId,
	.query = query,
	.places = {{CollationRelationId, CollationOidIndexId}},
	.create = create_collation
};
