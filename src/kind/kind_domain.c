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
					 value(object, MIGR_ATTR_DEFAULT));
	if (!migr_object_is(object, MIGR_ATTR_NOT_NULL))
		return;
	if (migr_object_has(object, MIGR_ATTR_NOT_NULL_NAME))
		appendStringInfo(out, "ALTER DOMAIN %s ADD CONSTRAINT %s NOT NULL;\n",
						 object->identity,
						 value(object, MIGR_ATTR_NOT_NULL_NAME));
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
					 value(object, MIGR_ATTR_BASE));
	if (migr_object_has(object, MIGR_ATTR_COLLATION))
		appendStringInfo(out, "\n    COLLATE %s",
						 value(object, MIGR_ATTR_COLLATION));
	if (migr_object_has(object, MIGR_ATTR_DEFAULT))
		appendStringInfo(out, "\n    DEFAULT %s",
						 value(object, MIGR_ATTR_DEFAULT));
	if (migr_object_is(object, MIGR_ATTR_NOT_NULL))
	{
		appendStringInfoString(out, "\n    ");
		if (migr_object_has(object, MIGR_ATTR_NOT_NULL_NAME))
			appendStringInfo(out, "CONSTRAINT %s ",
							 value(object, MIGR_ATTR_NOT_NULL_NAME));
		appendStringInfoString(out, "NOT NULL");
	}
	appendStringInfoString(out, ";\n");
}

/* The name of a domain's NOT NULL constraint, which is its own since 17. */
static const char *
not_null_name(const MigrObject *domain)
{
	return migr_object_has(domain, MIGR_ATTR_NOT_NULL_NAME)
		? value(domain, MIGR_ATTR_NOT_NULL_NAME)
		: quote_identifier(psprintf("%s_not_null", domain->name));
}

static void
alter_not_null(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	bool		was = migr_object_is(from, MIGR_ATTR_NOT_NULL);

	if (was != migr_object_is(to, MIGR_ATTR_NOT_NULL))
	{
		appendStringInfo(out, "ALTER DOMAIN %s ", to->identity);
		if (was)
			appendStringInfoString(out, "DROP NOT NULL;\n");
		else if (migr_object_has(to, MIGR_ATTR_NOT_NULL_NAME))
			appendStringInfo(out, "ADD CONSTRAINT %s NOT NULL;\n",
							 not_null_name(to));
		else
			appendStringInfoString(out, "SET NOT NULL;\n");
	}
	else if (was && !same(from, to, MIGR_ATTR_NOT_NULL_NAME))
		appendStringInfo(out, "ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s;\n",
						 to->identity, not_null_name(from), not_null_name(to));
}

static void
drop_default(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER DOMAIN %s DROP DEFAULT;\n", object->identity);
}

static bool
alter_domain(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_BASE) || !same(from, to, MIGR_ATTR_COLLATION))
		return false;
	if (migr_object_has(to, MIGR_ATTR_DEFAULT) && !same(from, to, MIGR_ATTR_DEFAULT))
		appendStringInfo(out, "ALTER DOMAIN %s SET DEFAULT %s;\n", to->identity,
						 value(to, MIGR_ATTR_DEFAULT));
	else if (!same(from, to, MIGR_ATTR_DEFAULT))
		drop_default(out, to);
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
	.loosen = drop_default,
	.alter = alter_domain
};
