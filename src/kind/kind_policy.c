/*
 * kind_policy.c
 *		Policies of row security.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT p.oid, p.polrelid, NULL::text, p.polname, NULL::text, NULL::text, NULL::text,"
	"       p.polpermissive AS permissive,"
	"       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END AS command,"
	"       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', '"
	"                          ORDER BY r <> 0, pg_get_userbyid(r))"
	"          FROM unnest(p.polroles) r WHERE p.polroles <> '{0}') AS roles,"
	"       pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS with_check"
	"  FROM pg_policy p"
	OF_RELATIONS("p.polrelid");

static void
create_policy(StringInfo out, const MigrObject *policy)
{
	appendStringInfo(out, "CREATE POLICY %s", policy->identity);
	if (!migr_object_is(policy, "permissive"))
		appendStringInfoString(out, " AS RESTRICTIVE");
	migr_kind_append(out, " FOR %s", policy, "command");
	migr_kind_append(out, " TO %s", policy, "roles");
	if (migr_object_has(policy, "using"))
		appendStringInfo(out, "\n    USING (%s)", value(policy, "using"));
	if (migr_object_has(policy, "with_check"))
		appendStringInfo(out, "\n    WITH CHECK (%s)", value(policy, "with_check"));
	appendStringInfoString(out, ";\n");
}

/* Append a clause that can be changed, but not taken away. */
static void
alter_clause(StringInfo out, const char *format, const MigrObject *from,
			 const MigrObject *to, const char *attribute)
{
	if (!same(from, to, attribute))
		appendStringInfo(out, format, value(to, attribute));
}

static bool
alter_policy(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	int			head;

	if (!same(from, to, "permissive") || !same(from, to, "command") ||
		migr_object_has(from, "using") > migr_object_has(to, "using") ||
		migr_object_has(from, "with_check") > migr_object_has(to, "with_check"))
		return false;
	appendStringInfo(out, "ALTER POLICY %s", to->identity);
	head = out->len;
	if (!same(from, to, "roles"))
		appendStringInfo(out, " TO %s", migr_object_has(to, "roles")
						 ? value(to, "roles") : "PUBLIC");
	alter_clause(out, "\n    USING (%s)", from, to, "using");
	alter_clause(out, "\n    WITH CHECK (%s)", from, to, "with_check");
	migr_ddl_list_end(out, out->len > head, len);
	return true;
}

const MigrKindRecord migr_kind_policy = {
	.noun = "POLICY",
	.flags = MIGR_KIND_IS_PART | MIGR_KIND_BLOCKS_RETYPING,
	.catalog = PolicyRelationId,
	.parent_column = "polrelid",
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{PolicyRelationId, PolicyOidIndexId}},
	.create = create_policy,
	.alter = alter_policy
};
