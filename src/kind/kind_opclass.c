/*
 * kind_opclass.c
 *		Operator classes.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_opclass.h"

#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT c.oid, 0::oid, n.nspname, c.opcname,"
	" quote_ident(n.nspname) || '.' || quote_ident(c.opcname)"
	" || ' USING ' || quote_ident(m.amname),"
	" pg_get_userbyid(c.opcowner), NULL::text,"
	" quote_ident(n.nspname) || '.' || quote_ident(c.opcname) AS class,"
	" c.opcdefault AS default,"
	" format_type(c.opcintype, NULL) AS type,"
	" quote_ident(m.amname) AS method,"
	" " FAMILY_NAME("c.opcfamily") " AS family,"
	" concat_ws(" SEPARATOR ","
	"  CASE WHEN c.opckeytype <> 0"
	"  THEN 'STORAGE ' || format_type(c.opckeytype, NULL) END,"
	" " OPERATOR_MEMBERS("pg_opclass", "c.oid", "") ","
	" " FUNCTION_MEMBERS("pg_opclass", "c.oid", "") ") AS members"
	" FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace"
	" JOIN pg_am m ON m.oid = c.opcmethod"
	" WHERE c.oid >= 16384" NO_MEMBER("pg_opclass", "c.oid");

/* A class must list something: STORAGE of its own type means nothing. */
static void
create_opclass(StringInfo out, const MigrObject *object)
{
	const char *type = value(object, MIGR_ATTR_TYPE);

	appendStringInfo(out, "CREATE OPERATOR CLASS %s\n    %sFOR TYPE %s USING %s"
					 " FAMILY %s AS\n    ",
					 value(object, MIGR_ATTR_CLASS),
					 migr_object_is(object, MIGR_ATTR_DEFAULT) ? "DEFAULT " : "",
					 type, value(object, MIGR_ATTR_METHOD),
					 value(object, MIGR_ATTR_FAMILY));
	if (migr_object_has(object, MIGR_ATTR_MEMBERS))
		appendStringInfoString(out, value(object, MIGR_ATTR_MEMBERS));
	else
		appendStringInfo(out, "STORAGE %s", type);
	appendStringInfoString(out, ";\n");
}

const MigrKindRecord migr_kind_opclass = {
	.noun = "OPERATOR CLASS",
	.flags = MIGR_KIND_IS_IN_BODIES,
	.sort = "operator class",
	.catalog = OperatorClassRelationId,
	.query = query,
	.places = {{OperatorClassRelationId, OpclassOidIndexId}},
	/* its members */
	.aliases = {
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)"
		"   AND d.refclassid = 'pg_opclass'::regclass"
	},
	.create = create_opclass
};
