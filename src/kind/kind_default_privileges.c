/*
 * kind_default_privileges.c
 *		Default privileges.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_default_acl.h"

#include "kind/kind.h"
#include "model/attributes.h"

/*
 * What is granted is an attribute, not the acl: nothing owns this object.  In
 * a schema it is added to what is granted in any, so there the base is empty.
 */
static const char query[] =
	"SELECT d.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, s.text || ' ON ' || o.text AS name,"
	"       s.text || ' ON ' || o.text AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       s.text AS scope, pg_get_userbyid(d.defaclrole)::text AS role,"
	"       d.defaclobjtype::text AS type, o.text AS objects,"
	"       d.defaclacl::text AS privileges"
	"  FROM pg_default_acl d"
	"       LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace,"
	"       LATERAL (SELECT CASE d.defaclobjtype"
	"                       WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'"
	"                       WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'"
	"                       WHEN 'n' THEN 'SCHEMAS'"
	"                       WHEN 'L' THEN 'LARGE OBJECTS' END AS text) o,"
	"       LATERAL (SELECT 'FOR ROLE '"
	"                || quote_ident(pg_get_userbyid(d.defaclrole))"
	"                || coalesce(' IN SCHEMA ' || quote_ident(n.nspname), '')"
	"                AS text) s"
	" WHERE d.oid >= 16384";

/* The rights of the kinds that ALTER DEFAULT PRIVILEGES knows by one word. */
static const MigrRights *
rights_of(const MigrObject *object)
{
	static const struct
	{
		char		type;
		MigrRights	rights;
	}			types[] =
	{
		{'r', {NULL, MIGR_RIGHTS_TABLE, ""}},
		{'S', {NULL, "rwU", ""}},
		{'f', {NULL, "X", "X"}},
		{'T', {NULL, "U", "U"}},
		{'n', {NULL, "UC", ""}}
	};
	static const MigrRights large_objects = {NULL, "rw", ""};

	for (int i = 0; i < (int) lengthof(types); i++)
	{
		if (types[i].type == *value(object, MIGR_ATTR_TYPE))
			return &types[i].rights;
	}
	return &large_objects;
}

static void
create_default_privileges(StringInfo out, const MigrObject *object)
{
	migr_privileges_alter_default(out, rights_of(object), NULL, object);
}

static void
drop_default_privileges(StringInfo out, const MigrObject *object)
{
	migr_privileges_alter_default(out, rights_of(object), object, NULL);
}

static bool
alter_default_privileges(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_privileges_alter_default(out, rights_of(to), from, to);
	return true;
}

static bool
includes(const MigrObject *is, const MigrObject *wanted)
{
	return wanted == NULL || migr_privileges_beyond_default(rights_of(wanted), is, wanted) >= 0;
}

const MigrKindRecord migr_kind_default_privileges = {
	.noun = "DEFAULT PRIVILEGES",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.sort = "default privileges",
	.catalog = DefaultAclRelationId,
	.query = query,
	.places = {{DefaultAclRelationId, DefaultAclOidIndexId}},
	.create = create_default_privileges,
	.drop = drop_default_privileges,
	.alter = alter_default_privileges,
	.includes = includes
};
