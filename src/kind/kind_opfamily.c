/*
 * kind_opfamily.c
 *		Operator families.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_opfamily.h"

#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT c.oid, 0::oid, n.nspname, c.opfname,"
	" quote_ident(n.nspname) || '.' || quote_ident(c.opfname)"
	" || ' USING ' || quote_ident(m.amname),"
	" pg_get_userbyid(c.opfowner), NULL::text,"
	" concat_ws(" SEPARATOR ","
	/* the family by which a member sorts is no owner */
	" " OPERATOR_MEMBERS("pg_opfamily", "c.oid",
						 " AND o.amopfamily = c.oid") ","
	" " FUNCTION_MEMBERS("pg_opfamily", "c.oid", "") ") AS members"
	" FROM pg_opfamily c JOIN pg_namespace n ON n.oid = c.opfnamespace"
	" JOIN pg_am m ON m.oid = c.opfmethod"
	" WHERE c.oid >= 16384" NO_MEMBER("pg_opfamily", "c.oid");

/* Members that no class has are added before any class is there. */
static void
create_opfamily(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE OPERATOR FAMILY %s;\n", object->identity);
	if (migr_object_has(object, MIGR_ATTR_MEMBERS))
		appendStringInfo(out, "ALTER OPERATOR FAMILY %s ADD\n    %s;\n",
						 object->identity,
						 value(object, MIGR_ATTR_MEMBERS));
}

/* OPERATOR n or FUNCTION n, with the types in the first parentheses. */
static void
append_member_to_drop(StringInfo out, const char *member)
{
	const char *number = strchr(member, ' ') + 1;
	char	   *types = migr_ddl_list_parenthesis(member);

	appendStringInfo(out, "%.*s %s", (int) (strchr(number, ' ') - member), member,
					 types);
}

/* The members that no class has, those of the classes are the classes'. */
static bool
alter_opfamily(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_MEMBERS));
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_MEMBERS));
	const char *alter = psprintf("ALTER OPERATOR FAMILY %s ", to->identity);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(new, item->text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sDROP\n    ", alter), ",\n    ");
		append_member_to_drop(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
	count = 0;
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_text(old, item->text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sADD\n    ", alter), ",\n    ");
		appendStringInfoString(out, item->text);
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
	return true;
}

const MigrKindRecord migr_kind_opfamily = {
	.noun = "OPERATOR FAMILY",
	.flags = MIGR_KIND_IS_IN_BODIES,
	.sort = "operator family",
	.catalog = OperatorFamilyRelationId,
	.query = query,
	.places = {{OperatorFamilyRelationId, OpfamilyOidIndexId}},
	/* its members */
	.aliases = {
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid"
		"  FROM pg_depend d JOIN pg_amop o ON o.oid = d.objid"
		" WHERE d.classid = 'pg_amop'::regclass"
		"   AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = o.amopfamily",
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = 'pg_opfamily'::regclass"
	},
	.create = create_opfamily,
	.alter = alter_opfamily
};
