/*
 * kind_ts_dictionary.c
 *		Text search dictionaries.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_ts_dict.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT d.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, d.dictname::text AS name,"
	"       " QUALIFIED("n.nspname", "d.dictname") " AS identity,"
	"       pg_get_userbyid(d.dictowner)::text AS owner, NULL::text AS acl,"
	"       " QUALIFIED("tn.nspname", "t.tmplname") " AS template,"
	"       d.dictinitoption AS options"
	"  FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace"
	"       JOIN pg_ts_template t ON t.oid = d.dicttemplate"
	"       JOIN pg_namespace tn ON tn.oid = t.tmplnamespace"
	" WHERE d.oid >= 16384";

/* The server keeps the options as the list that CREATE takes. */
static void
create_ts_dictionary(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH DICTIONARY %s (\n    TEMPLATE = %s",
					 object->identity, value(object, MIGR_ATTR_TEMPLATE));
	migr_kind_append(out, ",\n    %s", object, MIGR_ATTR_OPTIONS);
	appendStringInfoString(out, "\n);\n");
}

/*
 * An option that is named without a value goes.  Each that is named with one
 * becomes the last of all: to name all gives the order that a new dictionary
 * would have.
 */
static bool
alter_ts_dictionary(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_OPTIONS));
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_OPTIONS));
	const char *alter = psprintf("ALTER TEXT SEARCH DICTIONARY %s (\n    ",
								 to->identity);
	int			count = 0;
	ListCell   *lc;

	if (!same(from, to, MIGR_ATTR_TEMPLATE))
		return false;
	if (same(from, to, MIGR_ATTR_OPTIONS))
		return true;
	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		appendStringInfoString(out, item->key);
	}
	foreach(lc, new)
	{
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		appendStringInfoString(out, ((MigrDdlItem *) lfirst(lc))->text);
	}
	appendStringInfoString(out, "\n);\n");
	return true;
}

const MigrKindRecord migr_kind_ts_dictionary = {
	.noun = "TEXT SEARCH DICTIONARY",
	.sort = "text search",
	.catalog = TSDictionaryRelationId,
	.query = query,
	.places = {{TSDictionaryRelationId, TSDictionaryOidIndexId}},
	.create = create_ts_dictionary,
	.alter = alter_ts_dictionary
};
