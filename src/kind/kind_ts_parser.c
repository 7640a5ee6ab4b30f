/*
 * kind_ts_parser.c
 *		Text search parsers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_ts_parser.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT p.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, p.prsname::text AS name,"
	"       " QUALIFIED("n.nspname", "p.prsname") " AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       p.prsstart::regproc::text AS start,"
	"       p.prstoken::regproc::text AS gettoken,"
	"       p.prsend::regproc::text AS finish,"
	"       " FUNCTION("p.prsheadline::oid") " AS headline,"
	"       p.prslextype::regproc::text AS lextypes"
	"  FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace"
	" WHERE p.oid >= 16384";

static void
create_ts_parser(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH PARSER %s (\n    START = %s,\n"
					 "    GETTOKEN = %s,\n    END = %s,\n    LEXTYPES = %s",
					 object->identity, value(object, MIGR_ATTR_START),
					 value(object, MIGR_ATTR_GETTOKEN),
					 value(object, MIGR_ATTR_FINISH),
					 value(object, MIGR_ATTR_LEXTYPES));
	migr_kind_append(out, ",\n    HEADLINE = %s", object, MIGR_ATTR_HEADLINE);
	appendStringInfoString(out, "\n);\n");
}

const MigrKindRecord migr_kind_ts_parser = {
	.noun = "TEXT SEARCH PARSER",
	.sort = "text search",
	.catalog = TSParserRelationId,
	.query = query,
	.places = {{TSParserRelationId, TSParserOidIndexId}},
	.create = create_ts_parser
};
