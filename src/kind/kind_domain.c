/*
 * kind_domain.c
 *		Domains.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	TYPE_COLUMNS ","
	" format_type(t.typbasetype, t.typtypmod) AS base,"
	" CASE WHEN t.typcollation <> b.typcollation"
	" THEN t.typcollation::regcollation::text END AS collation,"
	" pg_get_expr(t.typdefaultbin, 0) AS default,"
	/* a default may call what returns the domain: make that known before */
	" CASE WHEN t.typdefaultbin IS NOT NULL THEN"
	"  'CREATE DOMAIN ' || " TYPE_IDENTITY
	"  || ' AS ' || format_type(t.typbasetype, t.typtypmod)"
	"  || CASE WHEN t.typcollation <> b.typcollation"
	"  THEN E'\n    COLLATE ' || t.typcollation::regcollation::text ELSE '' END"
	" END AS forward,"
	" t.typnotnull AND NOT EXISTS (SELECT FROM pg_constraint c"
	"   WHERE c.contypid = t.oid AND c.contype = 'n' AND " NOT_NULL_APART ")"
	" AS not_null,"
	" (SELECT quote_ident(c.conname) FROM pg_constraint c"
	"   WHERE c.contypid = t.oid AND c.contype = 'n'"
	"     AND c.conname::text <> t.typname || '_not_null') AS not_null_name"
	TYPE_FROM " JOIN pg_type b ON b.oid = t.typbasetype"
	" WHERE t.typtype = 'd' AND t.oid >= 16384";

/* What is left to say of a domain that has been made known. */
static void
finish_domain(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER DOMAIN %s SET DEFAULT %s;\n", object->identity,
					 value(object, "default"));
	if (!migr_object_is(object, "not_null"))
		return;
	if (migr_object_has(object, "not_null_name"))
		appendStringInfo(out, "ALTER DOMAIN %s ADD CONSTRAINT %s NOT NULL;\n",
						 object->identity,
						 value(object, "not_null_name"));
	else
		appendStringInfo(out, "ALTER DOMAIN %s SET NOT NULL;\n", object->identity);
}

static void
create_domain(StringInfo out, const MigrObject *object)
{
	if (object->has_forward)
	{
		finish_domain(out, object);
		return;
	}
	appendStringInfo(out, "CREATE DOMAIN %s AS %s", object->identity,
					 value(object, "base"));
	if (migr_object_has(object, "collation"))
		appendStringInfo(out, "\n    COLLATE %s",
						 value(object, "collation"));
	if (migr_object_has(object, "default"))
		appendStringInfo(out, "\n    DEFAULT %s",
						 value(object, "default"));
	if (migr_object_is(object, "not_null"))
	{
		appendStringInfoString(out, "\n    ");
		if (migr_object_has(object, "not_null_name"))
			appendStringInfo(out, "CONSTRAINT %s ",
							 value(object, "not_null_name"));
		appendStringInfoString(out, "NOT NULL");
	}
	appendStringInfoString(out, ";\n");
}

/* The name of a domain's NOT NULL constraint, which is its own since 17. */
static const char *
not_null_name(const MigrObject *domain)
{
	return migr_object_has(domain, "not_null_name")
		? value(domain, "not_null_name")
		: quote_identifier(psprintf("%s_not_null", domain->name));
}

static void
alter_not_null(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	bool		was = migr_object_is(from, "not_null");

	if (was != migr_object_is(to, "not_null"))
	{
		appendStringInfo(out, "ALTER DOMAIN %s ", to->identity);
		if (was)
			appendStringInfoString(out, "DROP NOT NULL;\n");
		else if (migr_object_has(to, "not_null_name"))
			appendStringInfo(out, "ADD CONSTRAINT %s NOT NULL;\n",
							 not_null_name(to));
		else
			appendStringInfoString(out, "SET NOT NULL;\n");
	}
	else if (was && !same(from, to, "not_null_name"))
		appendStringInfo(out, "ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s;\n",
						 to->identity, not_null_name(from), not_null_name(to));
}

static bool
alter_domain(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, "base") || !same(from, to, "collation"))
		return false;
	if (migr_object_has(to, "default") && !same(from, to, "default"))
		appendStringInfo(out, "ALTER DOMAIN %s SET DEFAULT %s;\n", to->identity,
						 value(to, "default"));
	else if (!same(from, to, "default"))
		appendStringInfo(out, "ALTER DOMAIN %s DROP DEFAULT;\n", to->identity);
	alter_not_null(out, from, to);
	return true;
}

const MigrKindRecord migr_kind_domain = {
	.noun = "DOMAIN",
	.flags = MIGR_KIND_IS_TYPE | MIGR_KIND_IS_OF_COLUMNS | MIGR_KIND_IS_IN_SIGNATURES |
	MIGR_KIND_IS_FORWARDABLE,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TYPE", "U", "U"},
	.default_privileges = 'T',
	.sort = "domain",
	.catalog = TypeRelationId,
	.query = query,
	.places = {{TypeRelationId, InvalidOid, migr_kind_is_domain}},
	.create = create_domain,
	.alter = alter_domain
};
