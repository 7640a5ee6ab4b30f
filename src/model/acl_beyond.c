/*
 * acl_beyond.c
 *		An ACL that has all that another says, and more.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "model/acl.h"

/* What a role has been granted, by whomever. */
static MigrGrant
sum_for(const MigrAcl *acl, const char *grantee)
{
	MigrGrant	sum = {.grantor = "", .grantee = grantee};

	for (int i = 0; i < acl->count; i++)
	{
		const MigrGrant *grant = &acl->grants[i];

		if (strcmp(grant->grantee, grantee) != 0)
			continue;
		sum.held |= grant->held;
		sum.options |= grant->options;
	}
	return sum;
}

/* Is all there that wanted says of a role? */
static bool
complies(const MigrAcl *is, const MigrAcl *wanted, const MigrAcl *created, const char *grantee)
{
	MigrGrant	has = sum_for(is, grantee);
	MigrGrant	wants = sum_for(wanted, grantee);
	MigrGrant	had = sum_for(created, grantee);

	return (wants.held & ~had.held & ~has.held) == 0 &&
		(had.held & ~wants.held & has.held) == 0 &&
		(wants.options & ~had.options & ~has.options) == 0;
}

/* The same of all roles that another ACL names. */
static bool
all_comply(const MigrAcl *is, const MigrAcl *wanted, const MigrAcl *created,
		   const MigrAcl *naming)
{
	for (int i = 0; i < naming->count; i++)
	{
		if (!complies(is, wanted, created, naming->grants[i].grantee))
			return false;
	}
	return true;
}

int
migr_acl_beyond(const MigrAcl *is, const MigrAcl *wanted, const MigrAcl *created)
{
	int			beyond = 0;

	if (!all_comply(is, wanted, created, wanted) || !all_comply(is, wanted, created, created))
		return -1;
	for (int i = 0; i < is->count; i++)
	{
		const MigrGrant *grant = &is->grants[i];
		MigrGrant	wants = sum_for(wanted, grant->grantee);

		beyond += (grant->held & ~wants.held) || (grant->options & ~wants.options);
	}
	return beyond;
}

void
migr_acl_comply(MigrAcl *is, const MigrAcl *wanted, const MigrAcl *created)
{
	for (int i = 0; i < wanted->count; i++)
	{
		const MigrGrant *grant = &wanted->grants[i];
		MigrGrant	had = sum_for(created, grant->grantee);

		if (!complies(is, wanted, created, grant->grantee))
			migr_acl_add(is, grant->grantor, grant->grantee, grant->held & ~had.held,
						 grant->options & ~had.options);
	}
	for (int i = 0; i < is->count; i++)
	{
		MigrGrant  *grant = &is->grants[i];
		uint32		denied = sum_for(created, grant->grantee).held &
			~sum_for(wanted, grant->grantee).held;

		grant->held &= ~denied;
		grant->options &= ~denied;
	}
}

/* A role's name as an aclitem has it. */
static void
append_name(StringInfo out, const char *name)
{
	if (*name == '\0')
		return;
	appendStringInfoChar(out, '"');
	for (; *name; name++)
	{
		if (*name == '"')
			appendStringInfoChar(out, '"');
		appendStringInfoChar(out, *name);
	}
	appendStringInfoChar(out, '"');
}

static Datum
make_item(const MigrGrant *grant)
{
	StringInfoData out;

	initStringInfo(&out);
	append_name(&out, grant->grantee);
	appendStringInfoChar(&out, '=');
	for (uint32 right = 1; right != 0; right <<= 1)
	{
		if (grant->held & right)
			appendStringInfo(&out, "%c%s", migr_acl_letter(right),
							 grant->options & right ? "*" : "");
	}
	appendStringInfoChar(&out, '/');
	append_name(&out, grant->grantor);
	return CStringGetTextDatum(out.data);
}

char *
migr_acl_text(const MigrAcl *acl)
{
	Datum	   *items = palloc((acl->count + 1) * sizeof(Datum));
	int			count = 0;
	ArrayType  *array;

	for (int i = 0; i < acl->count; i++)
	{
		if (acl->grants[i].held)
			items[count++] = make_item(&acl->grants[i]);
	}
	array = construct_array(items, count, TEXTOID, -1, false, TYPALIGN_INT);
	return OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array));
}
