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

/* When privileges are compared. */
typedef enum Comparing
{
	COMPARE_OFF,
	COMPARE_ON,					/* where a desired schema says something of them */
	COMPARE_ALWAYS
} Comparing;

static const struct config_enum_entry comparing[] = {
	{"off", COMPARE_OFF, false},
	{"on", COMPARE_ON, false},
	{"always", COMPARE_ALWAYS, false},
	{"false", COMPARE_OFF, true},
	{"true", COMPARE_ON, true},
	{"no", COMPARE_OFF, true},
	{"yes", COMPARE_ON, true},
	{"0", COMPARE_OFF, true},
	{"1", COMPARE_ON, true},
	{NULL, 0, false}
};

static int	compare_privileges = COMPARE_ON;

/* The same as bits. */
typedef struct Rights
{
	const char *noun;
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
	DefineCustomEnumVariable("migr.compare_privileges",
							 "Whether privileges are part of the schema.",
							 "on: of a desired schema that says something of privileges; always: of any.",
							 &compare_privileges, COMPARE_ON, comparing, PGC_USERSET, 0,
							 NULL, NULL, NULL);
}

static bool
is_public_schema(const MigrObject *object)
{
	return object->kind == MIGR_KIND_SCHEMA && migr_object_is(object, MIGR_ATTR_PUBLIC);
}

static Rights
make_rights(const char *noun, const MigrRights *rights)
{
	Rights		result;

	result.noun = rights->noun ? rights->noun : noun;
	result.all = migr_acl_rights(rights->letters);
	result.of_owner = rights->none_of_owner ? 0 : result.all;
	result.of_public = migr_acl_rights(rights->of_public);
	return result;
}

/* Does the text leave the owner to whoever runs it? */
static bool
owner_is_runner(const MigrObject *object)
{
	return !compare_owners && !(is_public_schema(object) &&
								migr_object_is(object, MIGR_ATTR_INITDB_OWNER));
}

void
migr_privileges_owner(StringInfo out, const char *noun, const MigrObject *object)
{
	if (object->owner && compare_owners)
		appendStringInfo(out, "ALTER %s %s OWNER TO %s;\n", noun, object->identity,
						 quote_identifier(object->owner));
}

/* Columns and sequences of identity columns have that of their table. */
static const char *
owner_of(const MigrObject *object)
{
	return object->owner == NULL && object->parent ? object->parent->owner : object->owner;
}

static MigrAclTarget
make_target(const MigrObject *object, const Rights *rights)
{
	MigrAclTarget target = {.prefix = ""};

	target.noun = rights->noun;
	target.all = rights->all;
	if (object->kind == MIGR_KIND_COLUMN)
	{
		target.name = psprintf(" %s", object->parent->identity);
		target.column = object->name;
	}
	else
		target.name = psprintf(" %s", migr_object_signature(object));
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
migr_privileges_create(StringInfo out, const char *noun, const MigrRights *rights,
					   const MigrObject *object)
{
	Rights		bits;
	MigrAclTarget target;

	if (!compare_privileges || object->acl == NULL)
		return;
	bits = make_rights(noun, rights);
	target = make_target(object, &bits);
	migr_acl_append(out, &target, new_rights(object, &bits, target.owner),
					read_rights(object, &bits, target.owner), MIGR_PRIVILEGES_ALL);
}

/* What a table's REVOKE takes from its columns as well. */
static void
lose_rights_of_table(MigrAcl *acl, const MigrObject *from, const MigrObject *to,
					 const char *owner)
{
	static const MigrRights of_table = {"TABLE", MIGR_RIGHTS_TABLE, ""};
	Rights		bits = make_rights(NULL, &of_table);

	migr_acl_lose(acl, read_rights(from, &bits, owner), read_rights(to, &bits, owner));
}

void
migr_privileges_alter(StringInfo out, const char *noun, const MigrRights *rights,
					  const MigrObject *from, const MigrObject *to, int what)
{
	Rights		bits;
	MigrAclTarget target;
	MigrAcl    *acl;

	if (!compare_privileges || owner_of(to) == NULL)
		return;
	bits = make_rights(noun, rights);
	target = make_target(to, &bits);
	acl = read_rights(from, &bits, target.owner);
	if (to->kind == MIGR_KIND_COLUMN)
		lose_rights_of_table(acl, from->parent, to->parent, target.owner);
	migr_acl_append(out, &target, acl, read_rights(to, &bits, target.owner), what);
}

/*
 * Add what default privileges (MigrObject *) of who creates an object give it;
 * those that are not for one schema take the place of what it would have.
 */
static MigrAcl *
add_defaults(MigrAcl *acl, const List *defaults, const MigrObject *object, char type,
			 const char *role, const char *owner)
{
	ListCell   *lc;

	for (int in_schema = 0; in_schema <= 1; in_schema++)
	{
		foreach(lc, defaults)
		{
			const MigrObject *one = lfirst(lc);
			MigrAcl    *given;

			if (*migr_object_value(one, MIGR_ATTR_TYPE) != type || (one->schema != NULL) != in_schema ||
				strcmp(migr_object_value(one, MIGR_ATTR_ROLE), role) != 0 ||
				(one->schema && (object->schema == NULL || strcmp(one->schema, object->schema) != 0)))
				continue;
			given = migr_acl_read(migr_object_value(one, MIGR_ATTR_PRIVILEGES), role, owner);
			if (!in_schema)
				acl->count = 0;
			for (int i = 0; i < given->count; i++)
				migr_acl_add(acl, given->grants[i].grantor, given->grants[i].grantee,
							 given->grants[i].held, given->grants[i].options);
		}
	}
	return acl;
}

void
migr_privileges_put_back(StringInfo out, const char *noun, const MigrRights *rights,
						 const MigrObject *was, const MigrObject *is,
						 const MigrCreation *creation)
{
	Rights		bits;
	MigrAclTarget target;
	MigrAcl    *acl;

	if (owner_of(is) == NULL || owner_of(was) == NULL || rights->letters == NULL ||
		(was->acl == NULL && creation->defaults == NIL))
		return;
	bits = make_rights(noun, rights);
	target = make_target(is, &bits);
	acl = migr_acl_new(target.owner, bits.of_owner, bits.of_public);
	if (creation->type)
		acl = add_defaults(acl, creation->defaults, is, creation->type, creation->role,
						   target.owner);
	migr_acl_append(out, &target, acl, read_rights(was, &bits, target.owner), MIGR_PRIVILEGES_ALL);
}

/* The default privileges of a role, as if its name were owner. */
static MigrAcl *
read_default(const MigrObject *object, const Rights *rights, const char *owner)
{
	if (object == NULL)
		return migr_acl_new(owner, rights->of_owner, rights->of_public);
	return migr_acl_read(migr_object_value(object, MIGR_ATTR_PRIVILEGES),
						 migr_object_value(object, MIGR_ATTR_ROLE), owner);
}

void
migr_privileges_alter_default(StringInfo out, const MigrRights *rights,
							  const MigrObject *from, const MigrObject *to)
{
	const MigrObject *any = to ? to : from;
	Rights		bits = make_rights(migr_object_value(any, MIGR_ATTR_OBJECTS), rights);
	MigrAclTarget target = {.name = ""};

	if (!compare_privileges)
		return;
	/* In a schema they are added to the others. */
	if (any->schema)
		bits.of_owner = bits.of_public = 0;
	target.noun = bits.noun;
	target.all = bits.all;
	target.prefix = psprintf("ALTER DEFAULT PRIVILEGES %s\n    ",
							 migr_object_value(any, MIGR_ATTR_SCOPE));
	target.owner = migr_object_value(any, MIGR_ATTR_ROLE);
	target.owner_spec = quote_identifier(target.owner);
	migr_acl_append(out, &target, read_default(from, &bits, target.owner),
					read_default(to, &bits, target.owner), MIGR_PRIVILEGES_ALL);
}

const char *
migr_privileges_of_owner(const MigrObject *object, const char *owner)
{
	const char *was = owner_of(object);

	return object->acl == NULL || was == NULL || owner == NULL || strcmp(was, owner) == 0
		? object->acl : migr_acl_write(migr_acl_read(object->acl, was, owner));
}

bool
migr_privileges_are_of_other_server(const MigrObject *public)
{
	uint32		all = migr_acl_rights("UC");
	uint32		others = MIGR_SERVER_MAJOR >= 15 ? all : migr_acl_rights("U");
	MigrAcl    *acl;
	bool		of_owner = false;
	bool		of_public = false;

	if (public->acl == NULL || public->owner == NULL)
		return false;
	acl = migr_acl_read(public->acl, public->owner, public->owner);
	for (int i = 0; i < acl->count; i++)
	{
		const MigrGrant *grant = &acl->grants[i];
		bool		of_initdb = strcmp(grant->grantor, public->owner) == 0 && grant->options == 0;

		if (of_initdb && strcmp(grant->grantee, public->owner) == 0)
			of_owner = grant->held == all;
		else if (of_initdb && *grant->grantee == '\0')
			of_public = grant->held == others;
	}
	return acl->count == 2 && of_owner && of_public;
}

bool
migr_privileges_compared(void)
{
	return compare_privileges != COMPARE_OFF;
}

bool
migr_privileges_always_compared(void)
{
	return compare_privileges == COMPARE_ALWAYS;
}

/* Are there privileges to compare? */
static bool
has_rights(const MigrRights *rights, const MigrObject *is, const MigrObject *wanted)
{
	return compare_privileges && rights->letters && owner_of(is) && owner_of(wanted);
}

int
migr_privileges_beyond(const MigrRights *rights, const MigrObject *is, const MigrObject *wanted)
{
	const char *owner;
	Rights		bits;

	if (!has_rights(rights, is, wanted))
		return 0;
	owner = owner_of(wanted);
	bits = make_rights(NULL, rights);
	return migr_acl_beyond(read_rights(is, &bits, owner), read_rights(wanted, &bits, owner),
						   new_rights(wanted, &bits, owner));
}

int
migr_privileges_beyond_default(const MigrRights *rights, const MigrObject *is,
							   const MigrObject *wanted)
{
	const char *owner = migr_object_value(wanted, MIGR_ATTR_ROLE);
	Rights		bits = make_rights(NULL, rights);

	if (!compare_privileges)
		return 0;
	if (wanted->schema)
		bits.of_owner = bits.of_public = 0;
	return migr_acl_beyond(read_default(is, &bits, owner), read_default(wanted, &bits, owner),
						   read_default(NULL, &bits, owner));
}

const char *
migr_privileges_join(const MigrRights *rights, const MigrObject *is, const MigrObject *wanted)
{
	const char *owner;
	Rights		bits;
	MigrAcl    *acl;

	if (!has_rights(rights, is, wanted) || (is->acl == NULL && wanted->acl == NULL))
		return wanted->acl;
	owner = owner_of(wanted);
	bits = make_rights(NULL, rights);
	acl = read_rights(is, &bits, owner);
	migr_acl_comply(acl, read_rights(wanted, &bits, owner), new_rights(wanted, &bits, owner));
	return migr_acl_write(acl);
}

bool
migr_privileges_owners_compared(void)
{
	return compare_owners;
}
