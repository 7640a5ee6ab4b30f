/*
 * privileges.c
 *		Owners and privileges as SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "model/acl.h"
#include "model/privileges.h"

static bool compare_owners;
static bool compare_privileges = true;

/* The kinds of rights, and those that a new object gives. */
typedef struct Rights
{
	const char *noun;			/* how GRANT names the kind */
	uint32		all;
	uint32		of_owner;
	uint32		of_public;
} Rights;

void
migr_privileges_init(void)
{
	DefineCustomBoolVariable("migr.compare_owners",
							 "Whether the owners of objects are part of the schema.",
							 NULL, &compare_owners, false, PGC_USERSET, 0,
							 NULL, NULL, NULL);
	DefineCustomBoolVariable("migr.compare_privileges",
							 "Whether privileges are part of the schema.",
							 NULL, &compare_privileges, true, PGC_USERSET, 0,
							 NULL, NULL, NULL);
}

static bool
is_public_schema(const MigrObject *object)
{
	return object->kind == MIGR_KIND_SCHEMA && migr_object_is(object, "public");
}

static const char *
table_letters(void)
{
	return MIGR_SERVER_MAJOR >= 17 ? "rawdDxtm" : "rawdDxt";
}

static Rights
make_rights(const char *noun, const char *letters, const char *of_public)
{
	Rights		rights;

	rights.noun = noun;
	rights.all = rights.of_owner = migr_acl_rights(letters);
	rights.of_public = migr_acl_rights(of_public);
	return rights;
}

/* How GRANT names the kinds, and the rights of a new object. */
static Rights
rights_of_kind(const char *noun, const MigrObject *object)
{
	Rights		rights;

	switch (object->kind)
	{
		case MIGR_KIND_SCHEMA:
			return make_rights("SCHEMA", "UC", "");
		case MIGR_KIND_LANGUAGE:
			return make_rights("LANGUAGE", "U", "U");
		case MIGR_KIND_ROUTINE:
			return make_rights(noun, "X", "X");
		case MIGR_KIND_AGGREGATE:
			return make_rights("FUNCTION", "X", "X");
		case MIGR_KIND_FDW:
			return make_rights("FOREIGN DATA WRAPPER", "U", "");
		case MIGR_KIND_SERVER:
			return make_rights("FOREIGN SERVER", "U", "");
		case MIGR_KIND_SEQUENCE:
		case MIGR_KIND_IDENTITY:
			return make_rights("SEQUENCE", "rwU", "");
		case MIGR_KIND_COLUMN:
			rights = make_rights("TABLE", "rawx", "");
			rights.of_owner = 0;
			return rights;
		case MIGR_KIND_TABLE:
		case MIGR_KIND_VIEW:
			return make_rights("TABLE", table_letters(), "");
		default:
			return make_rights("TYPE", "U", "U");
	}
}

/* The name that GRANT takes: it knows no aggregates, and no columns. */
static const char *
target_name(const MigrObject *object)
{
	if (object->kind == MIGR_KIND_COLUMN)
		return object->parent->identity;
	if (object->kind == MIGR_KIND_ROUTINE || object->kind == MIGR_KIND_AGGREGATE)
		return migr_object_value(object, "signature");
	return object->identity;
}

/* Does the text leave the owner to whoever runs it? */
static bool
owner_is_runner(const MigrObject *object)
{
	return !compare_owners && !(is_public_schema(object) &&
								migr_object_is(object, "initdb_owner"));
}

void
migr_privileges_owner(StringInfo out, const char *noun, const MigrObject *object)
{
	const char *role = NULL;

	if (object->owner == NULL)
		return;
	if (compare_owners)
		role = quote_identifier(object->owner);
	else if (is_public_schema(object) && owner_is_runner(object))
		role = "CURRENT_USER";
	if (role)
		appendStringInfo(out, "ALTER %s %s OWNER TO %s;\n", noun,
						 object->identity, role);
}

/* Columns and sequences of identity columns have the owner of their table. */
static const char *
owner_of(const MigrObject *object)
{
	return object->kind == MIGR_KIND_COLUMN || object->kind == MIGR_KIND_IDENTITY
		? object->parent->owner : object->owner;
}

static MigrAclTarget
make_target(const MigrObject *object, const Rights *rights)
{
	MigrAclTarget target = {.prefix = ""};

	target.noun = rights->noun;
	target.all = rights->all;
	target.name = psprintf(" %s", target_name(object));
	if (object->kind == MIGR_KIND_COLUMN)
		target.column = object->name;
	target.owner = owner_of(object);
	Assert(target.owner != NULL);
	target.owner_spec = owner_is_runner(object) ? "CURRENT_USER"
		: quote_identifier(target.owner);
	return target;
}

/* The rights on an object, as if it belonged to owner. */
static MigrAcl *
read_rights(const MigrObject *object, const Rights *rights, const char *owner)
{
	if (object->acl)
		return migr_acl_read(object->acl, owner_of(object), owner);
	return migr_acl_new(owner, rights->of_owner, rights->of_public);
}

/* The rights that a new object gives its owner; schema public is there. */
static MigrAcl *
new_rights(const MigrObject *object, const Rights *rights, const char *owner)
{
	MigrAcl    *acl = migr_acl_new(owner, rights->of_owner, rights->of_public);

	if (is_public_schema(object))
		migr_acl_add(acl, owner, "",
						 migr_acl_rights(MIGR_SERVER_MAJOR >= 15 ? "U" : "UC"), 0);
	return acl;
}

void
migr_privileges_create(StringInfo out, const char *noun, const MigrObject *object)
{
	Rights		rights;
	MigrAclTarget target;

	if (!compare_privileges || object->acl == NULL)
		return;
	rights = rights_of_kind(noun, object);
	target = make_target(object, &rights);
	migr_acl_append(out, &target, new_rights(object, &rights, target.owner),
						read_rights(object, &rights, target.owner));
}

/* What a table's REVOKE takes from its columns as well. */
static void
lose_rights_of_table(MigrAcl *acl, const MigrObject *from, const MigrObject *to,
					 const char *owner)
{
	Rights		rights = rights_of_kind("TABLE", to);

	migr_acl_lose(acl, read_rights(from, &rights, owner),
					  read_rights(to, &rights, owner));
}

void
migr_privileges_alter(StringInfo out, const char *noun,
						  const MigrObject *from, const MigrObject *to)
{
	Rights		rights;
	MigrAclTarget target;
	MigrAcl    *acl;

	if (!compare_privileges || owner_of(to) == NULL)
		return;
	rights = rights_of_kind(noun, to);
	target = make_target(to, &rights);
	acl = read_rights(from, &rights, target.owner);
	if (to->kind == MIGR_KIND_COLUMN)
		lose_rights_of_table(acl, from->parent, to->parent, target.owner);
	migr_acl_append(out, &target, acl, read_rights(to, &rights, target.owner));
}

static Rights
rights_of_default(const MigrObject *object)
{
	const char *objects = migr_object_value(object, "objects");
	Rights		rights;

	switch (*migr_object_value(object, "type"))
	{
		case 'r':
			rights = make_rights(objects, table_letters(), "");
			break;
		case 'S':
			rights = make_rights(objects, "rwU", "");
			break;
		case 'f':
			rights = make_rights(objects, "X", "X");
			break;
		case 'T':
			rights = make_rights(objects, "U", "U");
			break;
		case 'n':
			rights = make_rights(objects, "UC", "");
			break;
		default:
			rights = make_rights(objects, "rw", "");
	}
	/* In a schema they are added to the others. */
	if (object->schema)
		rights.of_owner = rights.of_public = 0;
	return rights;
}

/* The default privileges of a role, as if its name were owner. */
static MigrAcl *
read_default(const MigrObject *object, const Rights *rights, const char *owner)
{
	if (object == NULL)
		return migr_acl_new(owner, rights->of_owner, rights->of_public);
	return migr_acl_read(migr_object_value(object, "privileges"),
							 migr_object_value(object, "role"), owner);
}

void
migr_privileges_alter_default(StringInfo out, const MigrObject *from,
								  const MigrObject *to)
{
	const MigrObject *any = to ? to : from;
	Rights		rights = rights_of_default(any);
	MigrAclTarget target = {.name = ""};

	if (!compare_privileges)
		return;
	target.noun = rights.noun;
	target.all = rights.all;
	target.prefix = psprintf("ALTER DEFAULT PRIVILEGES %s\n    ",
							 migr_object_value(any, "scope"));
	target.owner = migr_object_value(any, "role");
	target.owner_spec = quote_identifier(target.owner);
	migr_acl_append(out, &target, read_default(from, &rights, target.owner),
						read_default(to, &rights, target.owner));
}

void
migr_privileges_create_default(StringInfo out, const MigrObject *object)
{
	migr_privileges_alter_default(out, NULL, object);
}

bool
migr_privileges_owners_compared(void)
{
	return compare_owners;
}
