/*
 * kind_fdw.c
 *		Foreign data wrappers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_foreign_data_wrapper.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT f.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       f.fdwname::text AS name, quote_ident(f.fdwname) AS identity,"
	"       pg_get_userbyid(f.fdwowner)::text AS owner, f.fdwacl::text AS acl,"
	"       " FUNCTION("f.fdwhandler") " AS handler,"
	"       " FUNCTION("f.fdwvalidator") " AS validator,"
	"       " FDW_OPTIONS("f.fdwoptions") " AS options"
	"  FROM pg_foreign_data_wrapper f WHERE f.oid >= 16384";

static void
create_fdw(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE FOREIGN DATA WRAPPER %s", object->identity);
	migr_kind_append(out, "\n    HANDLER %s", object, MIGR_ATTR_HANDLER);
	migr_kind_append(out, "\n    VALIDATOR %s", object, MIGR_ATTR_VALIDATOR);
	migr_kind_append(out, " OPTIONS (\n    %s\n)", object, MIGR_ATTR_OPTIONS);
	appendStringInfoString(out, ";\n");
}

/* Append a clause of a foreign data wrapper, which may have been taken away. */
static bool
append_wrapper_function(StringInfo out, const MigrObject *from,
						const MigrObject *to, const char *clause,
						MigrAttribute attribute)
{
	if (same(from, to, attribute))
		return false;
	if (migr_object_has(to, attribute))
		appendStringInfo(out, " %s %s", clause, value(to, attribute));
	else
		appendStringInfo(out, " NO %s", clause);
	return true;
}

static bool
alter_fdw(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	bool		any;

	appendStringInfo(out, "ALTER FOREIGN DATA WRAPPER %s", to->identity);
	any = append_wrapper_function(out, from, to, "HANDLER", MIGR_ATTR_HANDLER);
	any |= append_wrapper_function(out, from, to, "VALIDATOR", MIGR_ATTR_VALIDATOR);
	any |= migr_ddl_list_options(out, value(from, MIGR_ATTR_OPTIONS), value(to, MIGR_ATTR_OPTIONS));
	migr_ddl_list_end(out, any, len);
	return true;
}

const MigrKindRecord migr_kind_fdw = {
	.noun = "FOREIGN DATA WRAPPER",
	.flags = MIGR_KIND_IS_SCHEMALESS,
	.rights = {"FOREIGN DATA WRAPPER", "U", ""},
	.sort = "foreign data wrapper",
	.catalog = ForeignDataWrapperRelationId,
	.query = query,
	.places = {{ForeignDataWrapperRelationId, ForeignDataWrapperOidIndexId}},
	.create = create_fdw,
	.alter = alter_fdw
};
