/*
 * kind_ts_template.c
 *		Text search templates.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_ts_template.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT t.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, t.tmplname::text AS name,"
	"       " QUALIFIED("n.nspname", "t.tmplname") " AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       " FUNCTION("t.tmplinit::oid") " AS init,"
	"       t.tmpllexize::regproc::text AS lexize"
	"  FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace"
	" WHERE t.oid >= 16384";

static void
create_ts_template(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH TEMPLATE %s (\n    ",
					 object->identity);
	migr_kind_append(out, "INIT = %s,\n    ", object, MIGR_ATTR_INIT);
	migr_kind_append(out, "LEXIZE = %s\n);\n", object, MIGR_ATTR_LEXIZE);
}

const MigrKindRecord migr_kind_ts_template = {
	.noun = "TEXT SEARCH TEMPLATE",
	.sort = "text search",
	.catalog = TSTemplateRelationId,
	.query = query,
	.places = {{TSTemplateRelationId, TSTemplateOidIndexId}},
	.create = create_ts_template
};
