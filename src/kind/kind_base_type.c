/*
 * kind_base_type.c
 *		Base types.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define SUBSCRIPT MIGR_SINCE_14("nullif(t.typsubscript, 0)::regproc::text", "NULL")

static const char query[] =
	TYPE_COLUMNS ","
	" concat_ws(" SEPARATOR ","
	"  'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'VARIABLE'"
	"   ELSE t.typlen::text END,"
	"  'INPUT = ' || t.typinput::text,"
	"  'OUTPUT = ' || t.typoutput::text,"
	"  'RECEIVE = ' || nullif(t.typreceive::text, '-'),"
	"  'SEND = ' || nullif(t.typsend::text, '-'),"
	"  'TYPMOD_IN = ' || nullif(t.typmodin::text, '-'),"
	"  'TYPMOD_OUT = ' || nullif(t.typmodout::text, '-'),"
	"  'ANALYZE = ' || nullif(t.typanalyze::text, '-'),"
	"  'SUBSCRIPT = ' || " SUBSCRIPT ","
	"  CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END,"
	"  'DEFAULT = ' || quote_literal(t.typdefault),"
	"  CASE WHEN t.typelem <> 0"
	"   THEN 'ELEMENT = ' || format_type(t.typelem, NULL) END,"
	"  CASE WHEN t.typcategory <> 'U'"
	"   THEN 'CATEGORY = ' || quote_literal(t.typcategory::text) END,"
	"  CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,"
	"  CASE WHEN t.typdelim <> ','"
	"   THEN 'DELIMITER = ' || quote_literal(t.typdelim::text) END,"
	"  'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char'"
	"   WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,"
	"  'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain'"
	"   WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,"
	"  CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END) AS options"
	TYPE_FROM
	" WHERE t.typtype = 'b' AND t.typisdefined AND t.oid >= 16384"
	/* not the array types that come with other types */
	" AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)";

static void
create_base_type(StringInfo out, const MigrObject *object)
{
	migr_kind_create_type(out, object, "", value(object, MIGR_ATTR_OPTIONS));
}

/* What ALTER TYPE can set, and since which server major. */
static const struct
{
	const char *key;
	int			since;
}			settable[] =
{
	{"RECEIVE", 13},
	{"SEND", 13},
	{"TYPMOD_IN", 13},
	{"TYPMOD_OUT", 13},
	{"ANALYZE", 13},
	{"SUBSCRIPT", 14},
	{"STORAGE", 13}
};

static bool
is_settable(const char *key)
{
	for (int i = 0; i < (int) lengthof(settable); i++)
	{
		if (strcmp(settable[i].key, key) == 0)
			return MIGR_SERVER_MAJOR >= settable[i].since;
	}
	return false;
}

/* Can all be set that some options have and others have not? */
static bool
can_set_options(const List *some, const List *others)
{
	ListCell   *lc;

	foreach(lc, some)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(others, item->text) == NULL &&
			!is_settable(item->key))
			return false;
	}
	return true;
}

static bool
alter_base_type(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_OPTIONS));
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_OPTIONS));
	const char *alter = psprintf("ALTER TYPE %s SET (", to->identity);
	int			count = 0;
	ListCell   *lc;

	if (!can_set_options(old, new) || !can_set_options(new, old) ||
		(migr_ddl_list_text(new, "STORAGE = plain") &&
		 migr_ddl_list_text(old, "STORAGE = plain") == NULL))
		return false;
	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, alter, ", ");
		appendStringInfo(out, "%s = NONE", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(old, item->text))
			continue;
		migr_ddl_list_next(out, &count, alter, ", ");
		appendStringInfoString(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ");\n");
	return true;
}

/* The functions of the type know it as well: they go along. */
static void
drop_with_functions(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "DROP TYPE %s CASCADE;\n", object->identity);
}

const MigrKindRecord migr_kind_base_type = {
	.noun = "TYPE",
	.flags = MIGR_KIND_IS_TYPE | MIGR_KIND_IS_OF_COLUMNS | MIGR_KIND_IS_IN_SIGNATURES |
	MIGR_KIND_IS_ANNOUNCED,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TYPE", "U", "U"},
	.default_privileges = 'T',
	.sort = "type",
	.catalog = TypeRelationId,
	.query = query,
	.places = {{TypeRelationId, InvalidOid, migr_kind_is_base_type}},
	.create = create_base_type,
	.drop = drop_with_functions,
	.alter = alter_base_type
};
