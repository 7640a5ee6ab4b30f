/*
 * acl.c
 *		One ACL turned into another as SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "model/acl.h"
#include "model/privileges.h"

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

uint32
migr_acl_rights(const char *letters)
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
static MigrGrant
read_grant(const char *item)
{
	MigrGrant		grant = {0};

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
	const MigrGrant *one = a;
	const MigrGrant *other = b;
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

/* The grant of one role to another, which is added if there is none. */
static MigrGrant *
find_grant(MigrAcl *acl, const char *grantor, const char *grantee, bool add)
{
	MigrGrant	   *grant;

	for (int i = 0; i < acl->count; i++)
	{
		grant = &acl->grants[i];
		if (strcmp(grant->grantor, grantor) == 0 &&
			strcmp(grant->grantee, grantee) == 0)
			return grant;
	}
	if (!add)
		return NULL;
	acl->grants = repalloc(acl->grants, (acl->count + 1) * sizeof(MigrGrant));
	grant = &acl->grants[acl->count++];
	memset(grant, 0, sizeof(MigrGrant));
	grant->grantor = grantor;
	grant->grantee = grantee;
	return grant;
}

void
migr_acl_add(MigrAcl *acl, const char *grantor, const char *grantee,
			 uint32 held, uint32 options)
{
	MigrGrant	   *grant = find_grant(acl, grantor, grantee, true);

	grant->held |= held;
	grant->options |= options;
}

MigrAcl *
migr_acl_new(const char *owner, uint32 of_owner, uint32 of_public)
{
	MigrAcl    *acl = palloc(sizeof(MigrAcl));

	acl->count = 0;
	acl->grants = palloc(2 * sizeof(MigrGrant));
	if (of_owner)
		migr_acl_add(acl, owner, owner, of_owner, 0);
	if (of_public)
		migr_acl_add(acl, owner, "", of_public, 0);
	return acl;
}

MigrAcl *
migr_acl_read(const char *string, const char *owner, const char *new_owner)
{
	MigrAcl    *acl = migr_acl_new(new_owner, 0, 0);
	Datum		array = OidFunctionCall3(F_ARRAY_IN, CStringGetDatum(string),
										 ObjectIdGetDatum(TEXTOID),
										 Int32GetDatum(-1));
	Datum	   *items;
	int			count;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &items, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		MigrGrant		grant = read_grant(TextDatumGetCString(items[i]));

		migr_acl_add(acl,
					 strcmp(grant.grantor, owner) == 0 ? new_owner : grant.grantor,
					 strcmp(grant.grantee, owner) == 0 ? new_owner : grant.grantee,
					 grant.held, grant.options);
	}
	return acl;
}

/* A role in an aclitem, which is in quotes itself. */
static void
write_role(StringInfo out, const char *role)
{
	if (*role == '\0')
		return;
	appendStringInfoString(out, "\\\"");
	for (; *role; role++)
	{
		if (*role == '"')
			appendStringInfoString(out, "\\\"\\\"");
		else if (*role == '\\')
			appendStringInfoString(out, "\\\\");
		else
			appendStringInfoChar(out, *role);
	}
	appendStringInfoString(out, "\\\"");
}

char *
migr_acl_write(const MigrAcl *acl)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < acl->count; i++)
	{
		const MigrGrant *grant = &acl->grants[i];

		if (grant->held == 0)
			continue;
		appendStringInfoString(&out, out.len > 0 ? ",\"" : "{\"");
		write_role(&out, grant->grantee);
		appendStringInfoChar(&out, '=');
		for (int right = 0; right < (int) lengthof(rights); right++)
		{
			if (grant->held & (1U << right))
				appendStringInfoChar(&out, rights[right].letter);
			if (grant->options & (1U << right))
				appendStringInfoChar(&out, '*');
		}
		appendStringInfoChar(&out, '/');
		write_role(&out, grant->grantor);
		appendStringInfoChar(&out, '"');
	}
	appendStringInfoString(&out, out.len > 0 ? "}" : "{}");
	return out.data;
}

void
migr_acl_lose(MigrAcl *acl, const MigrAcl *old, const MigrAcl *new)
{
	for (int i = 0; i < acl->count; i++)
	{
		MigrGrant	   *grant = &acl->grants[i];
		const MigrGrant *was = find_grant(unconstify(MigrAcl *, old), grant->grantor,
										  grant->grantee, false);
		const MigrGrant *is = find_grant(unconstify(MigrAcl *, new), grant->grantor,
										 grant->grantee, false);
		uint32		lost = was ? was->held & ~(is ? is->held : 0) : 0;
		uint32		lost_options = was ? was->options & ~(is ? is->options : 0) : 0;

		grant->held &= ~lost;
		grant->options &= ~(lost | lost_options);
	}
}

/* Has a role a right that it may pass on, by what is there or printed? */
static bool
may_grant(const MigrAcl *acl, const MigrAclTarget *target, const char *role, uint32 right)
{
	if (strcmp(role, target->owner) == 0)
		return true;
	for (int i = 0; i < acl->count; i++)
	{
		const MigrGrant *grant = &acl->grants[i];

		if (strcmp(grant->grantee, role) == 0 &&
			(grant->printed & grant->options & right))
			return true;
	}
	return false;
}

/* A role in the text; grantor is who is granting. */
static const char *
role_spec(const MigrAclTarget *target, const char *role, const char *grantor)
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
append_rights(StringInfo out, const MigrAclTarget *target, uint32 which)
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

/* Let the text go on as a role; *current is who it is. */
static void
append_role(StringInfo out, const MigrAclTarget *target, const char *role,
			const char **current)
{
	if (strcmp(role, *current) == 0)
		return;
	if (strcmp(role, target->owner) == 0)
		appendStringInfoString(out, "RESET ROLE;\n");
	else
		appendStringInfo(out, "SET ROLE %s;\n", quote_identifier(role));
	*current = role;
}

static void
append_revoke(StringInfo out, const MigrAclTarget *target, const MigrGrant *grant,
			  uint32 which, const char *what, const char *suffix)
{
	if (which == 0)
		return;
	appendStringInfo(out, "%sREVOKE %s", target->prefix, what);
	append_rights(out, target, which);
	appendStringInfo(out, " ON %s%s FROM %s%s;\n", target->noun, target->name,
					 role_spec(target, grant->grantee, grant->grantor), suffix);
}

static void
append_grant(StringInfo out, const MigrAclTarget *target, const MigrGrant *grant,
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
ready_rights(const MigrAcl *acl, const MigrAclTarget *target, const MigrGrant *grant)
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

/*
 * One round: all that can be granted by what earlier rounds have granted.
 * Returns whether there was anything.
 */
static bool
append_grants(StringInfo out, const MigrAclTarget *target, MigrAcl *acl,
			  const char **role)
{
	uint32	   *ready = palloc0((acl->count + 1) * sizeof(uint32));
	bool		any = false;

	for (int i = 0; i < acl->count; i++)
		ready[i] = ready_rights(acl, target, &acl->grants[i]);
	for (int i = 0; i < acl->count; i++)
	{
		MigrGrant	   *grant = &acl->grants[i];

		if (ready[i] == 0)
			continue;
		append_role(out, target, grant->grantor, role);
		append_grant(out, target, grant, ready[i] & ~grant->options, "");
		append_grant(out, target, grant, ready[i] & grant->options,
					 " WITH GRANT OPTION");
		grant->printed |= ready[i];
		any = true;
	}
	return any;
}

/* What one has and the other has not; in from, printed says what is left. */
static uint32
surplus(const MigrAcl *to, const MigrGrant *grant, bool whole)
{
	const MigrGrant *keep = find_grant(unconstify(MigrAcl *, to), grant->grantor,
									   grant->grantee, false);

	if (whole)
		return grant->held & ~(keep ? keep->held : 0);
	return keep ? grant->options & keep->held & ~keep->options : 0;
}

/*
 * The rights of a grant that can be taken back: nobody has passed them on, or
 * what he has granted is taken back already.
 */
static uint32
free_rights(const MigrAcl *from, const MigrAclTarget *target, const MigrGrant *grant)
{
	uint32		result = grant->printed;

	if (strcmp(grant->grantee, target->owner) == 0)
		return result;
	for (int i = 0; i < from->count; i++)
	{
		const MigrGrant *other = &from->grants[i];

		if (other != grant && strcmp(other->grantor, grant->grantee) == 0)
			result &= ~other->printed;
	}
	return result;
}

/* One round of what can be taken back; all, whatever goes with it, if forced. */
static bool
append_revokes(StringInfo out, const MigrAclTarget *target, MigrAcl *from,
			   const MigrAcl *to, bool force, const char **role)
{
	uint32	   *ready = palloc0((from->count + 1) * sizeof(uint32));
	const char *suffix = force ? " CASCADE" : "";
	bool		any = false;

	for (int i = 0; i < from->count; i++)
		ready[i] = force ? from->grants[i].printed
			: free_rights(from, target, &from->grants[i]);
	for (int i = 0; i < from->count; i++)
	{
		MigrGrant	   *grant = &from->grants[i];

		if (ready[i] == 0)
			continue;
		append_role(out, target, grant->grantor, role);
		append_revoke(out, target, grant, ready[i] & surplus(to, grant, true), "",
					  suffix);
		append_revoke(out, target, grant, ready[i] & surplus(to, grant, false),
					  "GRANT OPTION FOR ", suffix);
		grant->printed &= ~ready[i];
		any = true;
	}
	return any;
}

static void
take_back(StringInfo out, const MigrAclTarget *target, MigrAcl *from,
		  const MigrAcl *to, const char **role)
{
	for (int i = 0; i < from->count; i++)
	{
		MigrGrant	   *grant = &from->grants[i];

		grant->printed = surplus(to, grant, true) | surplus(to, grant, false);
	}
	while (append_revokes(out, target, from, to, false, role))
		 /* until nothing is left */ ;
	(void) append_revokes(out, target, from, to, true, role);
}

/* Has anybody but the owner granted anything? */
static bool
has_chains(const MigrAcl *acl, const char *owner)
{
	for (int i = 0; i < acl->count; i++)
	{
		if (strcmp(acl->grants[i].grantor, owner) != 0)
			return true;
	}
	return false;
}

/* Count as printed what is there, with the option where there is to be one. */
static void
mark_present(MigrAcl *to, const MigrAcl *from)
{
	for (int i = 0; i < to->count; i++)
	{
		MigrGrant	   *grant = &to->grants[i];
		const MigrGrant *was = find_grant(unconstify(MigrAcl *, from), grant->grantor,
										  grant->grantee, false);

		grant->printed = was ? grant->held & was->held &
			~(grant->options & ~was->options) : 0;
	}
}

/*
 * Where rights have been passed on, what supports them in the end is granted
 * before what has supported them is taken back.
 */
void
migr_acl_append(StringInfo out, const MigrAclTarget *target, MigrAcl *from,
				MigrAcl *to, int what)
{
	bool		chains = has_chains(from, target->owner);
	const char *role = target->owner;

	qsort_arg(from->grants, from->count, sizeof(MigrGrant), compare_grants,
			  unconstify(char *, target->owner));
	qsort_arg(to->grants, to->count, sizeof(MigrGrant), compare_grants,
			  unconstify(char *, target->owner));
	mark_present(to, from);
	if (!chains && (what & MIGR_PRIVILEGES_TAKEN))
		take_back(out, target, from, to, &role);
	while ((what & MIGR_PRIVILEGES_GIVEN) && append_grants(out, target, to, &role))
		 /* until nothing is left */ ;
	if (chains && (what & MIGR_PRIVILEGES_TAKEN))
		take_back(out, target, from, to, &role);
	append_role(out, target, target->owner, &role);
}
