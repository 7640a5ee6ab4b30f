/*
 * kind_composite.c
 *		Composite types that stand by themselves.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define MULTIRANGE MIGR_SINCE_14("g.rngmultitypid", "NULL")

/*
 * The types of which there are values in columns, as such or within others;
 * run once, and only if there is a composite type.
 */
#define STORED_TYPES \
	"WITH RECURSIVE stored (oid) AS (" \
	" SELECT a.atttypid FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid" \
	"  WHERE r.relkind IN ('r', 'p', 'f', 'm') AND a.atttypid >= 16384" \
	" UNION SELECT p.oid FROM stored s JOIN pg_type y ON y.oid = s.oid" \
	"  LEFT JOIN pg_range g ON y.oid IN (g.rngtypid, " MULTIRANGE ")," \
	"  LATERAL (SELECT unnest(ARRAY[y.typelem, y.typbasetype, g.rngsubtype])" \
	"   UNION ALL SELECT a.atttypid FROM pg_attribute a" \
	"    WHERE y.typrelid <> 0 AND a.attrelid = y.typrelid AND a.attnum > 0) p (oid)" \
	"  WHERE p.oid >= 16384) SELECT oid FROM stored"

/*
 * Comments on attributes belong to the hidden relation, which is no object:
 * they come as statements.
 */
static const char query[] =
	TYPE_COLUMNS ","
	" (SELECT string_agg(quote_ident(a.attname)"
	"         || ' ' || format_type(a.atttypid, a.atttypmod)"
	"         || CASE WHEN a.attcollation <> b.typcollation"
	"            THEN ' COLLATE ' || a.attcollation::regcollation::text"
	"            ELSE '' END,"
	"         " SEPARATOR " ORDER BY a.attnum)"
	"    FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid"
	"   WHERE a.attrelid = t.typrelid AND a.attnum > 0"
	"     AND NOT a.attisdropped) AS attributes,"
	" (SELECT string_agg('COMMENT ON COLUMN ' || " TYPE_IDENTITY
	"         || '.' || quote_ident(a.attname)"
	"         || ' IS ' || quote_literal(d.description) || E';\\n',"
	"         '' ORDER BY a.attnum)"
	"    FROM pg_description d JOIN pg_attribute a"
	"      ON a.attrelid = d.objoid AND a.attnum = d.objsubid"
	"   WHERE d.classoid = 'pg_class'::regclass AND d.objoid = t.typrelid"
	"     AND d.objsubid > 0 AND NOT a.attisdropped) AS attribute_comments,"
	" t.oid IN (" STORED_TYPES ") AS stored"
	" FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid"
	" JOIN pg_namespace n ON n.oid = t.typnamespace"
	" WHERE t.typtype = 'c' AND c.relkind = 'c' AND t.oid >= 16384";

/* Its hidden relation; what an extension has is the type. */
static bool
is_composite(const MigrReading *reading, const void *row)
{
	const FormData_pg_class *relation = row;

	return relation->relkind == RELKIND_COMPOSITE_TYPE &&
		!migr_reading_is_member(reading, TypeRelationId, relation->reltype);
}

static void
create_composite(StringInfo out, const MigrObject *object)
{
	migr_kind_create_type(out, object, "AS ", value(object, MIGR_ATTR_ATTRIBUTES));
	if (migr_object_has(object, MIGR_ATTR_ATTRIBUTE_COMMENTS))
		appendStringInfoString(out,
							   value(object, MIGR_ATTR_ATTRIBUTE_COMMENTS));
}

/*
 * Can attributes be changed so that they come out in that order?  New ones can
 * only be added at the end.
 */
static bool
keeps_order(const List *old, const List *new)
{
	int			last = -1;
	bool		added = false;
	ListCell   *lc;

	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		int			position = 0;
		ListCell   *cell;

		foreach(cell, old)
		{
			if (strcmp(((MigrDdlItem *) lfirst(cell))->key, item->key) == 0)
				break;
			position++;
		}
		if (position == list_length(old))
			added = true;
		else if (added || position < last)
			return false;
		else
			last = position;
	}
	return true;
}

static bool
retypes_attributes(const List *old, const List *new)
{
	ListCell   *lc;

	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, item->key);

		if (was && strcmp(was->text, item->text) != 0)
			return true;
	}
	return false;
}

/* ALTER TYPE with one action an attribute; no table is of the type meanwhile. */
static void
alter_attributes(StringInfo out, const MigrObject *to, const List *old,
				 const List *new)
{
	const char *alter = psprintf("ALTER TYPE %s\n    ", to->identity);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		appendStringInfo(out, "DROP ATTRIBUTE %s", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, item->key);

		if (was && strcmp(was->text, item->text) == 0)
			continue;
		migr_ddl_list_next(out, &count, alter, ",\n    ");
		if (was)
			appendStringInfo(out, "ALTER ATTRIBUTE %s TYPE %s", item->key,
							 item->rest);
		else
			appendStringInfo(out, "ADD ATTRIBUTE %s", item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
}

/* The attribute that a comment is on. */
static const char *
commented_attribute(const char *statement, int is)
{
	List	   *path = migr_ddl_list_by(pnstrdup(statement, is), '.');

	return ((MigrDdlItem *) llast(path))->key;
}

static void
alter_attribute_comments(StringInfo out, const MigrObject *from,
						 const MigrObject *to, const List *attributes)
{
	List	   *old = migr_ddl_list_by(value(from, MIGR_ATTR_ATTRIBUTE_COMMENTS), ';');
	List	   *new = migr_ddl_list_by(value(to, MIGR_ATTR_ATTRIBUTE_COMMENTS), ';');
	List	   *kept = NIL;
	ListCell   *lc;

	foreach(lc, new)
	{
		const char *statement = ((MigrDdlItem *) lfirst(lc))->text;
		int			is = migr_ddl_list_word(statement, "IS");

		kept = lappend(kept, makeString(unconstify(char *, commented_attribute(statement, is))));
		if (migr_ddl_list_text(old, statement) == NULL)
			appendStringInfo(out, "%s;\n", statement);
	}
	foreach(lc, old)
	{
		const char *statement = ((MigrDdlItem *) lfirst(lc))->text;
		int			is = migr_ddl_list_word(statement, "IS");
		const char *attribute = commented_attribute(statement, is);

		if (migr_ddl_list_key(attributes, attribute) &&
			!list_member(kept, makeString(unconstify(char *, attribute))))
			appendStringInfo(out, "%.*sIS NULL;\n", is, statement);
	}
}

/*
 * The server refuses another type of an attribute while a column holds values
 * of the composite type.
 */
static bool
alter_composite(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_ATTRIBUTES));
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_ATTRIBUTES));

	if (!keeps_order(old, new) ||
		(retypes_attributes(old, new) && migr_object_is(from, MIGR_ATTR_STORED)))
		return false;
	alter_attributes(out, to, old, new);
	alter_attribute_comments(out, from, to, new);
	return true;
}

static void
rename_attribute(StringInfo out, const MigrObject *object, const char *from, const char *to)
{
	appendStringInfo(out, "ALTER TYPE %s RENAME ATTRIBUTE %s TO %s CASCADE;\n",
					 object->identity, quote_identifier(from), quote_identifier(to));
}

/* Whether values are stored follows from what columns there are. */
static bool
is_apart(const MigrObject *object, MigrAttribute attribute)
{
	return attribute == MIGR_ATTR_STORED;
}

/* Words on attributes, as on columns. */
static const MigrAttribute beside[] = {MIGR_ATTR_ATTRIBUTE_COMMENTS, MIGR_ATTR_COUNT};

const MigrKindRecord migr_kind_composite = {
	.noun = "TYPE",
	.flags = MIGR_KIND_IS_TYPE | MIGR_KIND_IS_OF_COLUMNS | MIGR_KIND_IS_IN_SIGNATURES,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TYPE", "U", "U"},
	.default_privileges = 'T',
	.sort = "type",
	.catalog = TypeRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, is_composite}},
	.aliases = {
		"SELECT 'pg_class'::regclass::oid, t.typrelid, 'pg_type'::regclass::oid, t.oid"
		"  FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid"
		" WHERE c.relkind = 'c' AND t.oid >= 16384"
	},
	.create = create_composite,
	.alter = alter_composite,
	.rename_part = rename_attribute,
	.is_apart = is_apart,
	.beside = beside
};
