/*
 * kind_operator.c
 *		Operators.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_operator.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/*
 * An operator without function is one that another names and nobody has
 * defined: it comes back with the one that names it.
 */
static const char query[] =
	"SELECT o.oid, 0::oid, n.nspname, o.oprname,"
	" quote_ident(n.nspname) || '.' || o.oprname || ' ('"
	" || CASE o.oprleft WHEN 0 THEN 'NONE'"
	" ELSE format_type(o.oprleft, NULL) END || ', '"
	" || CASE o.oprright WHEN 0 THEN 'NONE'"
	" ELSE format_type(o.oprright, NULL) END || ')',"
	" pg_get_userbyid(o.oprowner), NULL::text,"
	" quote_ident(n.nspname) || '.' || o.oprname AS operator,"
	" concat_ws(" SEPARATOR ","
	"  'FUNCTION = ' || o.oprcode::text,"
	"  CASE WHEN o.oprleft <> 0"
	"   THEN 'LEFTARG = ' || format_type(o.oprleft, NULL) END,"
	"  CASE WHEN o.oprright <> 0"
	"   THEN 'RIGHTARG = ' || format_type(o.oprright, NULL) END,"
	"  " OPERATOR_OPTION("COMMUTATOR", "o.oprcom") ","
	"  " OPERATOR_OPTION("NEGATOR", "o.oprnegate") ","
	"  CASE WHEN o.oprcanmerge THEN 'MERGES' END,"
	"  CASE WHEN o.oprcanhash THEN 'HASHES' END,"
	"  'RESTRICT = ' || nullif(o.oprrest::text, '-'),"
	"  'JOIN = ' || nullif(o.oprjoin::text, '-')) AS options"
	" FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace"
	" WHERE o.oprcode::oid <> 0 AND o.oid >= 16384";

static void
create_operator(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE OPERATOR %s (\n    %s\n);\n",
					 value(object, MIGR_ATTR_OPERATOR),
					 value(object, MIGR_ATTR_OPTIONS));
}

/*
 * Can an option of an operator be changed?  17 can give it, for good, what it
 * did not have; but a commutator or negator only where that is defined by then,
 * which nothing here tells, while CREATE OPERATOR takes any name.
 */
static bool
can_change_option(const char *key, bool was, bool is)
{
	if (strcmp(key, "RESTRICT") == 0 || strcmp(key, "JOIN") == 0)
		return true;
	return MIGR_SERVER_MAJOR >= 17 && !was && is &&
		(strcmp(key, "MERGES") == 0 || strcmp(key, "HASHES") == 0);
}

static bool
alter_operator(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_OPTIONS));
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_OPTIONS));
	const char *alter = psprintf("ALTER OPERATOR %s SET (", to->identity);
	StringInfoData text;
	int			count = 0;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		if (!can_change_option(item->key, true, false))
			return false;
		migr_ddl_list_next(&text, &count, alter, ", ");
		appendStringInfo(&text, "%s = NONE", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		bool		was = migr_ddl_list_key(old, item->key) != NULL;

		if (migr_ddl_list_text(old, item->text))
			continue;
		if (!can_change_option(item->key, was, true))
			return false;
		migr_ddl_list_next(&text, &count, alter, ", ");
		appendStringInfoString(&text, item->text);
	}
	if (count > 0)
		appendStringInfo(out, "%s);\n", text.data);
	return true;
}

const MigrKindRecord migr_kind_operator = {
	.noun = "OPERATOR",
	.flags = MIGR_KIND_IS_NAMELESS | MIGR_KIND_IS_IN_BODIES | MIGR_KIND_IS_FOUND_BY_TYPES,
	.sort = "operator",
	.catalog = OperatorRelationId,
	.query = query,
	.places = {{OperatorRelationId, OperatorOidIndexId}},
	.create = create_operator,
	.alter = alter_operator
};
