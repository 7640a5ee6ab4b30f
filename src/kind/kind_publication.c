/*
 * kind_publication.c
 *		Publications.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_publication.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/* 15: publications of columns, of rows, and of all tables in a schema. */
#define COLUMNS \
	MIGR_SINCE_15("(SELECT ' (' || string_agg(quote_ident(a.attname), ', '" \
				  " ORDER BY a.attname COLLATE \"C\") || ')'" \
				  " FROM pg_attribute a WHERE a.attrelid = r.prrelid" \
				  " AND a.attnum = ANY (r.prattrs::int2[]))", "NULL")
#define FILTER MIGR_SINCE_15("pg_get_expr(r.prqual, r.prrelid)", "NULL")
#define SCHEMA_LIST \
	MIGR_SINCE_15("(SELECT 'TABLES IN SCHEMA ' || string_agg(quote_ident(n.nspname), ', '" \
				  " ORDER BY n.nspname COLLATE \"C\")" \
				  " FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid = s.pnnspid" \
				  " WHERE s.pnpubid = p.oid)", "NULL::text")

/* 18: publication of generated columns. */
#define GENERATED MIGR_SINCE_18("p.pubgencols::text", "'n'::text")

/* Each table stands for itself, without those that inherit from it. */
static const char query[] =
	"SELECT p.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       p.pubname::text AS name, quote_ident(p.pubname) AS identity,"
	"       pg_get_userbyid(p.pubowner)::text AS owner, NULL::text AS acl,"
	"       p.puballtables AS all_tables,"
	"       (SELECT 'TABLE ' || string_agg("
	"                'ONLY ' || t.identity || t.columns || t.filter,"
	"                " SEPARATOR " ORDER BY t.identity COLLATE \"C\")"
	"          FROM (SELECT " QUALIFIED("n.nspname", "c.relname") " AS identity,"
	"                       coalesce(" COLUMNS ", '') AS columns,"
	"                       coalesce(' WHERE (' || " FILTER " || ')',"
	"                                '') AS filter"
	"                  FROM pg_publication_rel r"
	"                       JOIN pg_class c ON c.oid = r.prrelid"
	"                       JOIN pg_namespace n ON n.oid = c.relnamespace"
	"                 WHERE r.prpubid = p.oid) t) AS tables,"
	"       " SCHEMA_LIST " AS schemas,"
	"       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,"
	"                 CASE WHEN p.pubupdate THEN 'update' END,"
	"                 CASE WHEN p.pubdelete THEN 'delete' END,"
	"                 CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,"
	"       p.pubviaroot AS via_root,"
	"       " GENERATED " AS generated"
	"  FROM pg_publication p WHERE p.oid >= 16384";

/* What a publication publishes, and which it does so by default. */
static void
append_options(StringInfo out, const MigrObject *object)
{
	const char *separator = "\n    WITH (";
	const char *publish = value(object, MIGR_ATTR_PUBLISH);

	if (strcmp(publish, "insert, update, delete, truncate") != 0)
	{
		appendStringInfo(out, "%spublish = '%s'", separator, publish);
		separator = ", ";
	}
	if (migr_object_is(object, MIGR_ATTR_VIA_ROOT))
	{
		appendStringInfo(out, "%spublish_via_partition_root = true", separator);
		separator = ", ";
	}
	if (strcmp(value(object, MIGR_ATTR_GENERATED), "s") == 0)
	{
		appendStringInfo(out, "%spublish_generated_columns = stored", separator);
		separator = ", ";
	}
	if (strcmp(separator, ", ") == 0)
		appendStringInfoChar(out, ')');
}

static void
create_publication(StringInfo out, const MigrObject *object)
{
	const char *tables = value(object, MIGR_ATTR_TABLES);
	const char *schemas = value(object, MIGR_ATTR_SCHEMAS);

	appendStringInfo(out, "CREATE PUBLICATION %s", object->identity);
	if (migr_object_is(object, MIGR_ATTR_ALL_TABLES))
		appendStringInfoString(out, " FOR ALL TABLES");
	else if (tables || schemas)
		appendStringInfo(out, " FOR\n    %s%s%s", tables ? tables : "",
						 tables && schemas ? ",\n    " : "",
						 schemas ? schemas : "");
	append_options(out, object);
	appendStringInfoString(out, ";\n");
}

/* What a publication lists: "TABLE ONLY a (b)" or "TABLES IN SCHEMA c". */
static List *
read_published(const MigrObject *publication, MigrAttribute attribute,
			   const char *prefix)
{
	const char *text = value(publication, attribute);

	return text ? migr_ddl_list(text + strlen(prefix)) : NIL;
}

/* Are all of some among others? */
static bool
is_subset(const List *some, const List *others)
{
	ListCell   *lc;

	foreach(lc, some)
	{
		if (!migr_ddl_list_text(others, ((MigrDdlItem *) lfirst(lc))->text))
			return false;
	}
	return true;
}

/* Append ADD prefix and what is new. */
static void
append_published(StringInfo out, const MigrObject *to, const char *prefix,
				 const List *old, const List *new)
{
	const char *first = psprintf("ALTER PUBLICATION %s ADD %s", to->identity, prefix);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(old, item->text))
			continue;
		migr_ddl_list_next(out, &count, first, ",\n    ");
		appendStringInfoString(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
}

#define TABLE "TABLE "
#define SCHEMAS "TABLES IN SCHEMA "

/*
 * What is published no more may not be there any more: then the whole list is
 * set, and that can't be empty.
 */
static bool
alter_published(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = read_published(from, MIGR_ATTR_TABLES, TABLE);
	List	   *new = read_published(to, MIGR_ATTR_TABLES, TABLE);
	List	   *old_schemas = read_published(from, MIGR_ATTR_SCHEMAS, SCHEMAS);
	List	   *new_schemas = read_published(to, MIGR_ATTR_SCHEMAS, SCHEMAS);
	const char *tables = value(to, MIGR_ATTR_TABLES);
	const char *schemas = value(to, MIGR_ATTR_SCHEMAS);

	if (is_subset(old, new) && is_subset(old_schemas, new_schemas))
	{
		append_published(out, to, TABLE, old, new);
		append_published(out, to, SCHEMAS, old_schemas, new_schemas);
		return true;
	}
	if (tables == NULL && schemas == NULL)
		return false;
	appendStringInfo(out, "ALTER PUBLICATION %s SET\n    %s%s%s;\n", to->identity,
					 tables ? tables : "", tables && schemas ? ",\n    " : "",
					 schemas ? schemas : "");
	return true;
}

static bool
alter_publication(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *set = psprintf("ALTER PUBLICATION %s SET (", to->identity);
	int			count = 0;

	if (!same(from, to, MIGR_ATTR_ALL_TABLES) || !alter_published(out, from, to))
		return false;
	if (!same(from, to, MIGR_ATTR_PUBLISH))
	{
		migr_ddl_list_next(out, &count, set, ", ");
		appendStringInfo(out, "publish = '%s'", value(to, MIGR_ATTR_PUBLISH));
	}
	if (!same(from, to, MIGR_ATTR_VIA_ROOT))
	{
		migr_ddl_list_next(out, &count, set, ", ");
		appendStringInfo(out, "publish_via_partition_root = %s",
						 migr_object_is(to, MIGR_ATTR_VIA_ROOT) ? "true" : "false");
	}
	if (!same(from, to, MIGR_ATTR_GENERATED))
	{
		migr_ddl_list_next(out, &count, set, ", ");
		appendStringInfo(out, "publish_generated_columns = %s",
						 *value(to, MIGR_ATTR_GENERATED) == 's' ? "stored" : "none");
	}
	if (count > 0)
		appendStringInfoString(out, ");\n");
	return true;
}

const MigrKindRecord migr_kind_publication = {
	.noun = "PUBLICATION",
	.flags = MIGR_KIND_IS_SCHEMALESS | MIGR_KIND_BLOCKS_RETYPING | MIGR_KIND_LETS_GO,
	.sort = "publication",
	.catalog = PublicationRelationId,
	.query = query,
	.places = {{PublicationRelationId, PublicationObjectIndexId}},
	.aliases = {
		"SELECT 'pg_publication_rel'::regclass::oid, r.oid, 'pg_publication'::regclass::oid, r.prpubid"
		"  FROM pg_publication_rel r"
	},
	.create = create_publication,
	.alter = alter_publication
};
