/*
 * other_grants.c
 *		Grants that an object has, and others that it is compared with have not.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "model/acl.h"
#include "model/other_grants.h"

/* A name that no role can have: that of the owner, whoever it is. */
#define OWNER "\n"

/* What there is on an object. */
static MigrAcl *
read_acl(const MigrRights *rights, const MigrObject *object)
{
	const char *owner = object->owner == NULL && object->parent ? object->parent->owner
		: object->owner;

	if (object->acl && owner)
		return migr_acl_read(object->acl, owner, OWNER);
	return migr_acl_new(OWNER, rights->none_of_owner ? 0 : migr_acl_rights(rights->letters),
						migr_acl_rights(rights->of_public));
}

/* What a role has been granted, by whomever. */
static uint32
held_by(const MigrAcl *acl, const char *grantee)
{
	uint32		held = 0;

	for (int i = 0; acl && i < acl->count; i++)
	{
		if (strcmp(acl->grants[i].grantee, grantee) == 0)
			held |= acl->grants[i].held;
	}
	return held;
}

int
migr_other_grants(const MigrRights *rights, const MigrObject *object,
				  const MigrObject *one, const MigrObject *another)
{
	MigrAcl    *acl;
	MigrAcl    *first;
	MigrAcl    *second;
	int			count = 0;

	if (rights->letters == NULL || object->acl == NULL)
		return 0;
	acl = read_acl(rights, object);
	first = one ? read_acl(rights, one) : NULL;
	second = another ? read_acl(rights, another) : NULL;
	for (int i = 0; i < acl->count; i++)
	{
		const MigrGrant *grant = &acl->grants[i];

		if (strcmp(grant->grantee, OWNER) != 0 &&
			(grant->held & ~(held_by(first, grant->grantee) | held_by(second, grant->grantee))) != 0)
			count++;
	}
	return count;
}

List *
migr_other_grantees(List *names, const MigrRights *rights, const MigrObject *object)
{
	const MigrAcl *acl = object->acl && rights->letters ? read_acl(rights, object) : NULL;

	for (int i = 0; acl && i < acl->count; i++)
	{
		const char *grantee = acl->grants[i].grantee;

		if (strcmp(grantee, OWNER) != 0 && !migr_ident_is_in(names, grantee))
			names = lappend(names, unconstify(char *, grantee));
	}
	return names;
}
