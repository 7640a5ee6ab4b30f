/*
 * kind_rule.c
 *		Rules, but those that make views.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "utils/builtins.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT r.oid, r.ev_class, NULL::text, r.rulename, NULL::text, NULL::text, NULL::text,"
	"       rtrim(pg_get_ruledef(r.oid), ';') AS definition, r.ev_enabled AS enabled"
	"  FROM pg_rewrite r"
	OF_RELATIONS("r.ev_class")
	" WHERE r.rulename <> '_RETURN'";

static bool
is_rule(const MigrReading *reading, const void *row)
{
	const FormData_pg_rewrite *rule = row;

	return strcmp(NameStr(rule->rulename), "_RETURN") != 0;
}

static void
append_state(StringInfo out, const MigrObject *rule)
{
	appendStringInfo(out, "ALTER TABLE %s %s RULE %s;\n", rule->parent->identity,
					 migr_kind_enable(*value(rule, MIGR_ATTR_ENABLED)), quote_identifier(rule->name));
}

static void
create_rule(StringInfo out, const MigrObject *rule)
{
	appendStringInfo(out, "%s;\n", value(rule, MIGR_ATTR_DEFINITION));
	if (*value(rule, MIGR_ATTR_ENABLED) != 'O')
		append_state(out, rule);
}

/* A rule keeps its state when it is replaced. */
static bool
alter_rule(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_DEFINITION) && !migr_kind_replace(out, "RULE", to))
		return false;
	if (!same(from, to, MIGR_ATTR_ENABLED))
		append_state(out, to);
	return true;
}

const MigrKindRecord migr_kind_rule = {
	.noun = "RULE",
	.flags = MIGR_KIND_IS_PART | MIGR_KIND_BLOCKS_RETYPING,
	.sort = "rule",
	.catalog = RewriteRelationId,
	.parent_column = "ev_class",
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{RewriteRelationId, RewriteOidIndexId, is_rule}},
	.create = create_rule,
	.alter = alter_rule
};
