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
	if (!migr_object_is(policy, MIGR_ATTR_PERMISSIVE))
		appendStringInfoString(out, " AS RESTRICTIVE");
	migr_kind_append(out, " FOR %s", policy, MIGR_ATTR_COMMAND);
	migr_kind_append(out, " TO %s", policy, MIGR_ATTR_ROLES);
	if (migr_object_has(policy, MIGR_ATTR_USING))
		appendStringInfo(out, "\n    USING (%s)", value(policy, MIGR_ATTR_USING));
	if (migr_object_has(policy, MIGR_ATTR_WITH_CHECK))
		appendStringInfo(out, "\n    WITH CHECK (%s)", value(policy, MIGR_ATTR_WITH_CHECK));
	appendStringInfoString(out, ";\n");
}

/* Append a clause that can be changed, but not taken away. */
static void
alter_clause(StringInfo out, const char *format, const MigrObject *from,
			 const MigrObject *to, MigrAttribute attribute)
{
	if (!same(from, to, attribute))
		appendStringInfo(out, format, value(to, attribute));
}

static bool
alter_policy(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	int			len = out->len;
	int			head;

	if (!same(from, to, MIGR_ATTR_PERMISSIVE) || !same(from, to, MIGR_ATTR_COMMAND) ||
		migr_object_has(from, MIGR_ATTR_USING) > migr_object_has(to, MIGR_ATTR_USING) ||
		migr_object_has(from, MIGR_ATTR_WITH_CHECK) > migr_object_has(to, MIGR_ATTR_WITH_CHECK))
		return false;
	appendStringInfo(out, "ALTER POLICY %s", to->identity);
	head = out->len;
	if (!same(from, to, MIGR_ATTR_ROLES))
		appendStringInfo(out, " TO %s", migr_object_has(to, MIGR_ATTR_ROLES)
						 ? value(to, MIGR_ATTR_ROLES) : "PUBLIC");
	alter_clause(out, "\n    USING (%s)", from, to, MIGR_ATTR_USING);
	alter_clause(out, "\n    WITH CHECK (%s)", from, to, MIGR_ATTR_WITH_CHECK);
	migr_ddl_list_end(out, out->len > head, len);
	return true;
}

const MigrKindRecord migr_kind_policy = {
	.noun = "POLICY",
	.flags = MIGR_KIND_IS_PART | MIGR_KIND_BLOCKS_RETYPING,
	.sort = "policy",
	.catalog = PolicyRelationId,
	.parent_column = "polrelid",
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{PolicyRelationId, PolicyOidIndexId}},
	.create = create_policy,
	.alter = alter_policy
};
