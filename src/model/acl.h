/*
 * acl.h
 *		One ACL turned into another as SQL text.
 *
 * Knows aclitems and their order, but not what has them: see privileges.h.
 *
 * Private to model.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ACL_H
#define MIGR_ACL_H

#include "lib/stringinfo.h"

/* An aclitem: what one role has granted another. */
typedef struct MigrGrant
{
	const char *grantor;
	const char *grantee;		/* "" is PUBLIC */
	uint32		held;
	uint32		options;		/* those of held that may be passed on */
	uint32		printed;		/* for migr_acl_append() */
} MigrGrant;

/* What an ACL holds. */
typedef struct MigrAcl
{
	int			count;
	MigrGrant  *grants;
} MigrAcl;

/* What the rights are on. */
typedef struct MigrAclTarget
{
	const char *prefix;			/* before GRANT and REVOKE */
	const char *noun;
	const char *name;			/* with a blank in front, or "" */
	const char *column;			/* NULL unless rights of a column */
	uint32		all;
	const char *owner;			/* as the ACLs name it */
	const char *owner_spec;		/* as the text names it */
} MigrAclTarget;

/* The letters of rights as bits. */
extern uint32 migr_acl_rights(const char *letters);

/* What an owner has by himself, and has granted PUBLIC. */
extern MigrAcl *migr_acl_new(const char *owner, uint32 of_owner,
							 uint32 of_public);

/* The text of an aclitem[], in which new_owner takes the place of owner. */
extern MigrAcl *migr_acl_read(const char *string, const char *owner,
							  const char *new_owner);

/* That text, of what an ACL holds. */
extern char *migr_acl_write(const MigrAcl *acl);

extern void migr_acl_add(MigrAcl *acl, const char *grantor,
						 const char *grantee, uint32 held, uint32 options);

/* Take away what is revoked, from whom it is revoked, from old to new. */
extern void migr_acl_lose(MigrAcl *acl, const MigrAcl *old,
						  const MigrAcl *new);

/*
 * Has an ACL all that wanted grants beyond what a new object has (created), and
 * nothing of what it takes away from that?  -1 if not, else how many roles have
 * more.  By whom rights were granted does not count.
 */
extern int	migr_acl_beyond(const MigrAcl *is, const MigrAcl *wanted, const MigrAcl *created);

/* Let an ACL have what it lacks for that, and not have what it must not. */
extern void migr_acl_comply(MigrAcl *is, const MigrAcl *wanted, const MigrAcl *created);

/*
 * Append the GRANTs and REVOKEs that turn from into to.  What a role grants
 * follows what lets it do so; apart from that, the order is that of the roles'
 * names.  what: MIGR_PRIVILEGES_….
 */
extern void migr_acl_append(StringInfo out, const MigrAclTarget *target,
							MigrAcl *from, MigrAcl *to, int what);

#endif							/* MIGR_ACL_H */
