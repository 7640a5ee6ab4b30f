/*
 * kind_server.c
 *		Foreign servers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_foreign_server.h"
#include "utils/builtins.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT s.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       s.srvname::text AS name, quote_ident(s.srvname) AS identity,"
	"       pg_get_userbyid(s.srvowner)::text AS owner, s.srvacl::text AS acl,"
	"       quote_literal(s.srvtype) AS type,"
	"       quote_literal(s.srvversion) AS version,"
	"       quote_ident(f.fdwname) AS wrapper,"
	"       " FDW_OPTIONS("s.srvoptions") " AS options"
	"  FROM pg_foreign_server s"
	"       JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw"
	" WHERE s.oid >= 16384";

static void
create_server(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE SERVER %s", object->identity);
	migr_kind_append(out, " TYPE %s", object, MIGR_ATTR_TYPE);
	migr_kind_append(out, " VERSION %s", object, MIGR_ATTR_VERSION);
	migr_kind_append(out, "\n    FOREIGN DATA WRAPPER %s", object, MIGR_ATTR_WRAPPER);
	migr_kind_append(out, " OPTIONS (\n    %s\n)", object, MIGR_ATTR_OPTIONS);
	appendStringInfoString(out, ";\n");
}

static bool
alter_server(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	bool		any = !same(from, to, MIGR_ATTR_VERSION);

	if (!same(from, to, MIGR_ATTR_TYPE) || !same(from, to, MIGR_ATTR_WRAPPER))
		return false;
	appendStringInfo(out, "ALTER SERVER %s", to->identity);
	if (any)
		appendStringInfo(out, " VERSION %s", migr_object_has(to, MIGR_ATTR_VERSION)
						 ? value(to, MIGR_ATTR_VERSION) : "NULL");
	any |= migr_ddl_list_options(out, value(from, MIGR_ATTR_OPTIONS), value(to, MIGR_ATTR_OPTIONS));
	migr_ddl_list_end(out, any, len);
	return true;
}

/*
 * Who may log in there, and how, is part of no schema: each database has mappings of
 * its own, and none can be read with its password.  They go with their server.
 */
static void
drop_server(StringInfo out, const MigrObject *object)
{
	const char *server = psprintf(" SERVER %s", object->identity);

	appendStringInfo(out, "DO %s;\n", quote_literal_cstr(psprintf(
		"DECLARE\n"
		"    who pg_catalog.text;\n"
		"BEGIN\n"
		"    FOR who IN SELECT CASE WHEN umuser OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' ELSE pg_catalog.quote_ident(usename) END\n"
		"                 FROM pg_catalog.pg_user_mappings WHERE srvname OPERATOR(pg_catalog.=) %s\n"
		"    LOOP\n"
		"        EXECUTE pg_catalog.concat('DROP USER MAPPING FOR ', who, %s);\n"
		"    END LOOP;\n"
		"END",
		quote_literal_cstr(object->name), quote_literal_cstr(server))));
	appendStringInfo(out, "DROP SERVER %s;\n", object->identity);
}

const MigrKindRecord migr_kind_server = {
	.noun = "SERVER",
	.flags = MIGR_KIND_IS_SCHEMALESS | MIGR_KIND_CREATES_IF_MISSING,
	.rights = {"FOREIGN SERVER", "U", ""},
	.sort = "server",
	.catalog = ForeignServerRelationId,
	.query = query,
	.places = {{ForeignServerRelationId, ForeignServerOidIndexId}},
	.create = create_server,
	.drop = drop_server,
	.alter = alter_server
};
