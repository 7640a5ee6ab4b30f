/*
 * kind_ts_configuration.c
 *		Text search configurations.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_ts_config.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/*
 * The mappings are whole statements: tokens with the same dictionaries share
 * one; tokens and statements are in the parser's order.
 */
static const char query[] =
	"SELECT c.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, c.cfgname::text AS name,"
	"       " QUALIFIED("n.nspname", "c.cfgname") " AS identity,"
	"       pg_get_userbyid(c.cfgowner)::text AS owner, NULL::text AS acl,"
	"       " QUALIFIED("pn.nspname", "p.prsname") " AS parser,"
	"       (SELECT string_agg('ALTER TEXT SEARCH CONFIGURATION '"
	"                || " QUALIFIED("n.nspname", "c.cfgname")
	"                || E'\\n    ADD MAPPING FOR ' || g.tokens"
	"                || E'\\n    WITH ' || g.dictionaries || E';\\n', ''"
	"                ORDER BY g.first)"
	"          FROM (SELECT m.dictionaries, min(m.tokid) AS first,"
	"                       string_agg(quote_ident(t.alias), ', '"
	"                                  ORDER BY m.tokid) AS tokens"
	"                  FROM (SELECT m.maptokentype AS tokid,"
	"                               string_agg(" QUALIFIED("dn.nspname", "d.dictname")
	"                                          , ', ' ORDER BY m.mapseqno)"
	"                               AS dictionaries"
	"                          FROM pg_ts_config_map m"
	"                               JOIN pg_ts_dict d ON d.oid = m.mapdict"
	"                               JOIN pg_namespace dn"
	"                                 ON dn.oid = d.dictnamespace"
	"                         WHERE m.mapcfg = c.oid"
	"                         GROUP BY m.maptokentype) m"
	"                       JOIN ts_token_type(c.cfgparser) t"
	"                         ON t.tokid = m.tokid"
	"                 GROUP BY m.dictionaries) g) AS mappings"
	"  FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace"
	"       JOIN pg_ts_parser p ON p.oid = c.cfgparser"
	"       JOIN pg_namespace pn ON pn.oid = p.prsnamespace"
	" WHERE c.oid >= 16384";

static void
create_ts_configuration(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE TEXT SEARCH CONFIGURATION %s (\n"
					 "    PARSER = %s\n);\n",
					 object->identity, value(object, MIGR_ATTR_PARSER));
	migr_kind_append(out, "%s", object, MIGR_ATTR_MAPPINGS);
}

/* The tokens of a configuration, each as the key of its dictionaries. */
static List *
read_mappings(const MigrObject *configuration)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, migr_ddl_list_by(value(configuration, MIGR_ATTR_MAPPINGS), ';'))
	{
		const char *statement = ((MigrDdlItem *) lfirst(lc))->text;
		int			tokens = migr_ddl_list_word(statement, "FOR") + strlen("FOR");
		int			with = migr_ddl_list_word(statement, "WITH");
		ListCell   *cell;

		foreach(cell, migr_ddl_list(pnstrdup(statement + tokens, with - tokens)))
		{
			MigrDdlItem *mapping = lfirst(cell);

			mapping->rest = statement + with + strlen("WITH ");
			result = lappend(result, mapping);
		}
	}
	return result;
}

/* Append a statement for all tokens of a list that have these dictionaries. */
static void
append_mapping(StringInfo out, const MigrObject *to, const char *verb,
			   const List *mappings, const char *dictionaries)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, mappings)
	{
		const MigrDdlItem *mapping = lfirst(lc);

		if (strcmp(mapping->rest, dictionaries) != 0)
			continue;
		migr_ddl_list_next(out, &count,
						   psprintf("ALTER TEXT SEARCH CONFIGURATION %s\n"
									"    %s MAPPING FOR ", to->identity, verb), ", ");
		appendStringInfoString(out, mapping->key);
	}
	appendStringInfo(out, "\n    WITH %s;\n", dictionaries);
}

/* Append statements for all tokens, as few as there are dictionary lists. */
static void
append_mappings(StringInfo out, const MigrObject *to, const char *verb,
				const List *mappings)
{
	List	   *done = NIL;
	ListCell   *lc;

	foreach(lc, mappings)
	{
		MigrDdlItem *mapping = lfirst(lc);
		MigrDdlItem as_text = {.text = mapping->rest};

		if (migr_ddl_list_text(done, mapping->rest))
			continue;
		append_mapping(out, to, verb, mappings, mapping->rest);
		done = lappend(done, memcpy(palloc(sizeof(MigrDdlItem)), &as_text,
									sizeof(MigrDdlItem)));
	}
}

static bool
alter_ts_configuration(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = read_mappings(from);
	List	   *new = read_mappings(to);
	List	   *added = NIL;
	List	   *changed = NIL;
	int			count = 0;
	ListCell   *lc;

	if (!same(from, to, MIGR_ATTR_PARSER))
		return false;
	foreach(lc, old)
	{
		const MigrDdlItem *mapping = lfirst(lc);

		if (migr_ddl_list_key(new, mapping->key))
			continue;
		migr_ddl_list_next(out, &count,
						   psprintf("ALTER TEXT SEARCH CONFIGURATION %s\n"
									"    DROP MAPPING FOR ", to->identity), ", ");
		appendStringInfoString(out, mapping->key);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
	foreach(lc, new)
	{
		MigrDdlItem *mapping = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, mapping->key);

		if (was == NULL)
			added = lappend(added, mapping);
		else if (strcmp(was->rest, mapping->rest) != 0)
			changed = lappend(changed, mapping);
	}
	append_mappings(out, to, "ADD", added);
	append_mappings(out, to, "ALTER", changed);
	return true;
}

const MigrKindRecord migr_kind_ts_configuration = {
	.noun = "TEXT SEARCH CONFIGURATION",
	.sort = "text search",
	.catalog = TSConfigRelationId,
	.query = query,
	.places = {{TSConfigRelationId, TSConfigOidIndexId}},
	.create = create_ts_configuration,
	.alter = alter_ts_configuration
};
