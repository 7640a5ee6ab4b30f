/*
 * ddl_acl.c
 *		Owners and privileges as SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"

#include "compat.h"
#include "ddl_acl.h"

static bool compare_owners;
static bool compare_privileges = true;

/* The rights there are, in the order in which they are printed; each a bit. */
static const struct
{
	char		letter;
	const char *keyword;
}			rights[] =
{
	{'r', "SELECT"},
	{'a', "INSERT"},
	{'w', "UPDATE"},
	{'d', "DELETE"},
	{'D', "TRUNCATE"},
	{'x', "REFERENCES"},
	{'t', "TRIGGER"},
	{'m', "MAINTAIN"},
	{'X', "EXECUTE"},
	{'U', "USAGE"},
	{'C', "CREATE"}
};

/* An aclitem: what one role has granted another. */
typedef struct Grant
{
	const char *grantor;
	const char *grantee;		/* "" is PUBLIC */
	uint32		held;
	uint32		options;		/* those of held that may be passed on */
	uint32		printed;
} Grant;

/* What the rights are on, and which a new object has. */
typedef struct Target
{
	const char *prefix;			/* before GRANT and REVOKE */
	const char *noun;
	const char *name;			/* with a blank in front, or "" */
	const char *column;			/* NULL unless rights of a column */
	uint32		all;
	uint32		of_owner;
	uint32		of_public;
	const char *owner;			/* as the ACL names it */
	const char *owner_spec;		/* as the text names it */
} Target;

/* What an ACL holds. */
typedef struct Acl
{
	int			count;
	Grant	   *grants;
} Acl;

void
migr_ddl_acl_init(void)
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

static uint32
right_of_letter(char letter)
{
	for (int i = 0; i < (int) lengthof(rights); i++)
	{
		if (rights[i].letter == letter)
			return 1U << i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("privilege \"%c\" of this server is not known", letter),
			 errhint("Turn migr.compare_privileges off.")));
	return 0;					/* keep compiler quiet */
}

static uint32
rights_of_letters(const char *letters)
{
	uint32		result = 0;

	for (; *letters != '\0'; letters++)
		result |= right_of_letter(*letters);
	return result;
}

/* The role's name at *item, which may be quoted; *item moves behind it. */
static char *
read_role(const char **item)
{
	const char *p = *item;
	char	   *name = palloc(strlen(p) + 1);
	int			len = 0;
	bool		quoted = false;

	for (; *p != '\0' && (quoted || *p != '='); p++)
	{
		if (*p != '"')
			name[len++] = *p;
		else if (quoted && p[1] == '"')
			name[len++] = *p++;
		else
			quoted = !quoted;
	}
	name[len] = '\0';
	*item = p;
	return name;
}

/* An aclitem as text: grantee=letters/grantor. */
static Grant
read_grant(const char *item)
{
	Grant		grant = {0};

	grant.grantee = read_role(&item);
	for (item++; *item != '/' && *item != '\0'; item++)
	{
		uint32		right = right_of_letter(*item);

		grant.held |= right;
		if (item[1] == '*')
		{
			grant.options |= right;
			item++;
		}
	}
	if (*item == '/')
		item++;
	grant.grantor = read_role(&item);
	return grant;
}

/* By grantor and grantee; the owner and PUBLIC come first. */
static int
compare_grants(const void *a, const void *b, void *owner)
{
	const Grant *one = a;
	const Grant *other = b;
	int			result = strcmp(one->grantor, other->grantor);

	if (result != 0 && strcmp(one->grantor, owner) == 0)
		return -1;
	if (result != 0 && strcmp(other->grantor, owner) == 0)
		return 1;
	if (result != 0)
		return result;
	result = strcmp(one->grantee, other->grantee);
	if (result != 0 && strcmp(one->grantee, owner) == 0)
		return -1;
	if (result != 0 && strcmp(other->grantee, owner) == 0)
		return 1;
	return result;
}

/* The text of an aclitem[], in an order that does not depend on its own. */
static Acl
read_acl(const char *string, const char *owner)
{
	Acl			acl;
	Datum		array = OidFunctionCall3(F_ARRAY_IN, CStringGetDatum(string),
										 ObjectIdGetDatum(TEXTOID),
										 Int32GetDatum(-1));
	Datum	   *items;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &items, NULL, &acl.count);
	acl.grants = palloc((acl.count + 1) * sizeof(Grant));
	for (int i = 0; i < acl.count; i++)
		acl.grants[i] = read_grant(TextDatumGetCString(items[i]));
	qsort_arg(acl.grants, acl.count, sizeof(Grant), compare_grants,
			  unconstify(char *, owner));
	return acl;
}

/* What the owner has granted to a role. */
static uint32
granted_by_owner(const Acl *acl, const Target *target, const char *grantee)
{
	for (int i = 0; i < acl->count; i++)
	{
		const Grant *grant = &acl->grants[i];

		if (strcmp(grant->grantor, target->owner) == 0 &&
			strcmp(grant->grantee, grantee) == 0)
			return grant->held;
	}
	return 0;
}

/* Has a role a right that it may pass on, by what is printed already? */
static bool
may_grant(const Acl *acl, const Target *target, const char *role, uint32 right)
{
	if (strcmp(role, target->owner) == 0)
		return true;
	for (int i = 0; i < acl->count; i++)
	{
		const Grant *grant = &acl->grants[i];

		if (strcmp(grant->grantee, role) == 0 &&
			(grant->printed & grant->options & right))
			return true;
	}
	return false;
}

/* A role in the text; grantor is who is granting. */
static const char *
role_spec(const Target *target, const char *role, const char *grantor)
{
	if (*role == '\0')
		return "PUBLIC";
	if (strcmp(role, target->owner) != 0)
		return quote_identifier(role);
	if (strcmp(grantor, target->owner) != 0 &&
		strcmp(target->owner_spec, "CURRENT_USER") == 0)
		return "SESSION_USER";
	return target->owner_spec;
}

static void
append_rights(StringInfo out, const Target *target, uint32 which)
{
	const char *separator = "";
	bool		all = which == target->all && (which & (which - 1)) != 0;

	for (int i = 0; i < (int) lengthof(rights); i++)
	{
		if ((which & (1U << i)) == 0)
			continue;
		appendStringInfo(out, "%s%s", separator, all ? "ALL" : rights[i].keyword);
		if (target->column)
			appendStringInfo(out, " (%s)", quote_identifier(target->column));
		if (all)
			break;
		separator = ", ";
	}
}

static void
append_revoke(StringInfo out, const Target *target, uint32 which,
			  const char *role)
{
	if (which == 0)
		return;
	appendStringInfo(out, "%sREVOKE ", target->prefix);
	append_rights(out, target, which);
	appendStringInfo(out, " ON %s%s FROM %s;\n", target->noun, target->name, role);
}

static void
append_grant(StringInfo out, const Target *target, const Grant *grant,
			 uint32 which, const char *suffix)
{
	if (which == 0)
		return;
	appendStringInfo(out, "%sGRANT ", target->prefix);
	append_rights(out, target, which);
	appendStringInfo(out, " ON %s%s TO %s%s;\n", target->noun, target->name,
					 role_spec(target, grant->grantee, grant->grantor), suffix);
}

/* The rights of a grant that its grantor can pass on by now. */
static uint32
ready_rights(const Acl *acl, const Target *target, const Grant *grant)
{
	uint32		ready = 0;

	for (uint32 right = 1; right <= grant->held; right <<= 1)
	{
		if ((grant->held & ~grant->printed & right) &&
			may_grant(acl, target, grant->grantor, right))
			ready |= right;
	}
	return ready;
}

/* Append those of a grant's rights that a new object does not have. */
static void
append_ready(StringInfo out, const Target *target, const Grant *grant,
			 uint32 ready)
{
	bool		by_owner = strcmp(grant->grantor, target->owner) == 0;
	uint32		plain = ready & ~grant->options;

	if (by_owner && strcmp(grant->grantee, target->owner) == 0)
		plain &= ~target->of_owner;
	else if (by_owner && *grant->grantee == '\0')
		plain &= ~target->of_public;
	append_grant(out, target, grant, plain, "");
	append_grant(out, target, grant, ready & grant->options,
				 " WITH GRANT OPTION");
}

/*
 * One round: all that can be granted by what earlier rounds have granted.
 * Returns whether there was anything; *role is whom the text has set.
 */
static bool
append_round(StringInfo out, const Target *target, const Acl *acl,
			 const char **role)
{
	uint32	   *ready = palloc0((acl->count + 1) * sizeof(uint32));
	bool		any = false;

	for (int i = 0; i < acl->count; i++)
		ready[i] = ready_rights(acl, target, &acl->grants[i]);
	for (int i = 0; i < acl->count; i++)
	{
		Grant	   *grant = &acl->grants[i];

		if (ready[i] == 0)
			continue;
		if (strcmp(grant->grantor, *role) != 0)
			appendStringInfo(out, "SET ROLE %s;\n",
							 quote_identifier(grant->grantor));
		*role = grant->grantor;
		append_ready(out, target, grant, ready[i]);
		grant->printed |= ready[i];
		any = true;
	}
	return any;
}

/*
 * Append what turns the rights of a new object into those of an ACL.  What a
 * role grants follows what lets it do so; apart from that, the order is that of
 * the roles' names.
 */
static void
append_acl(StringInfo out, const Target *target, const char *string)
{
	Acl			acl = read_acl(string, target->owner);
	const char *role = target->owner;

	append_revoke(out, target, target->of_owner &
				  ~granted_by_owner(&acl, target, target->owner),
				  target->owner_spec);
	append_revoke(out, target, target->of_public &
				  ~granted_by_owner(&acl, target, ""), "PUBLIC");
	while (append_round(out, target, &acl, &role))
		 /* until nothing is left */ ;
	if (strcmp(role, target->owner) != 0)
		appendStringInfoString(out, "RESET ROLE;\n");
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

static void
set_target(Target *target, const char *noun, const char *letters,
		   const char *of_public)
{
	target->noun = noun;
	target->all = target->of_owner = rights_of_letters(letters);
	target->of_public = rights_of_letters(of_public);
}

/* How GRANT names the kinds, and the rights of a new object. */
static void
set_target_of_kind(Target *target, const char *noun, const MigrObject *object)
{
	switch (object->kind)
	{
		case MIGR_KIND_SCHEMA:
			set_target(target, "SCHEMA", "UC", !is_public_schema(object) ? "" :
					   MIGR_SERVER_MAJOR >= 15 ? "U" : "UC");
			break;
		case MIGR_KIND_LANGUAGE:
			set_target(target, "LANGUAGE", "U", "U");
			break;
		case MIGR_KIND_ROUTINE:
			set_target(target, noun, "X", "X");
			break;
		case MIGR_KIND_AGGREGATE:
			set_target(target, "FUNCTION", "X", "X");
			break;
		case MIGR_KIND_FDW:
			set_target(target, "FOREIGN DATA WRAPPER", "U", "");
			break;
		case MIGR_KIND_SERVER:
			set_target(target, "FOREIGN SERVER", "U", "");
			break;
		case MIGR_KIND_SEQUENCE:
		case MIGR_KIND_IDENTITY:
			set_target(target, "SEQUENCE", "rwU", "");
			break;
		case MIGR_KIND_COLUMN:
			set_target(target, "TABLE", "rawx", "");
			target->of_owner = 0;
			break;
		case MIGR_KIND_TABLE:
		case MIGR_KIND_VIEW:
			set_target(target, "TABLE", table_letters(), "");
			break;
		default:
			set_target(target, "TYPE", "U", "U");
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
migr_ddl_owner(StringInfo out, const char *noun, const MigrObject *object)
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

void
migr_ddl_privileges(StringInfo out, const char *noun, const MigrObject *object)
{
	Target		target = {.prefix = ""};

	if (!compare_privileges || object->acl == NULL)
		return;
	set_target_of_kind(&target, noun, object);
	target.name = psprintf(" %s", target_name(object));
	target.owner = object->owner;
	if (object->kind == MIGR_KIND_COLUMN)
		target.column = object->name;
	/* These have the owner of their table. */
	if (object->kind == MIGR_KIND_COLUMN || object->kind == MIGR_KIND_IDENTITY)
		target.owner = object->parent->owner;
	Assert(target.owner != NULL);
	target.owner_spec = owner_is_runner(object) ? "CURRENT_USER"
		: quote_identifier(target.owner);
	append_acl(out, &target, object->acl);
}

void
migr_ddl_default_privileges(StringInfo out, const MigrObject *object)
{
	Target		target = {.name = ""};
	const char *objects = migr_object_value(object, "objects");

	if (!compare_privileges)
		return;
	switch (migr_object_value(object, "type")[0])
	{
		case 'r':
			set_target(&target, objects, table_letters(), "");
			break;
		case 'S':
			set_target(&target, objects, "rwU", "");
			break;
		case 'f':
			set_target(&target, objects, "X", "X");
			break;
		case 'T':
			set_target(&target, objects, "U", "U");
			break;
		case 'n':
			set_target(&target, objects, "UC", "");
			break;
		default:
			set_target(&target, objects, "rw", "");
	}
	/* In a schema they are added to the others. */
	if (object->schema)
		target.of_owner = target.of_public = 0;
	target.prefix = psprintf("ALTER DEFAULT PRIVILEGES %s\n    ",
							 migr_object_value(object, "scope"));
	target.owner = migr_object_value(object, "role");
	target.owner_spec = quote_identifier(target.owner);
	append_acl(out, &target, migr_object_value(object, "privileges"));
}
