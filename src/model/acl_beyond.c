/*
 * acl_beyond.c
 *		An ACL that has all that another says, and more.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

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
