/*
 * renamed_from_claim.h
 *		What a line of desired DDL is about, there and here.
 *
 * A claim is made of a line and the two schemas: what has the old name, what the
 * new one.  Whether it applies is for renamed_from_apply.c to decide, but where
 * there is nothing to decide.  Pure.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RENAMED_FROM_CLAIM_H
#define MIGR_RENAMED_FROM_CLAIM_H

#include "schema/renamed_from.h"

typedef enum MigrClaimVerdict
{
	MIGR_CLAIM_UNDECIDED,
	MIGR_CLAIM_APPLIES,
	MIGR_CLAIM_PASSED_OVER
} MigrClaimVerdict;

/* A line, and what it is about. */
typedef struct MigrClaim
{
	const MigrRenamedFrom *mark;
	const MigrObject *new;		/* in the desired schema; of a type's part: the type */
	const char *name;			/* the new one */
	const MigrObject *old;		/* what has the old name now, or NULL */
	const MigrObject *there;	/* what has the new one now, or NULL */
	const char *old_part;		/* of a type: the label or attribute */
	MigrClaimVerdict		verdict;
	const char *why;			/* it is passed over */
} MigrClaim;

typedef struct MigrApplying
{
	const MigrSchema *schema;
	const MigrSchema *desired;
	List	   *renamings;		/* MigrRenaming * */
	int			given;			/* so many are somebody's, and win */
	List	   *claims;			/* MigrClaim *: of this round */
	List	   *reasons;		/* char *: what is passed over, and why */
} MigrApplying;

/* Raises 22023 for a line that is not clear, or whose name is none. */
extern MigrClaim *migr_claim_make(MigrApplying *applying, const MigrRenamedFrom *mark);

/* It does not apply, and why; NULL: nobody needs to know. */
extern void migr_claim_pass_over(MigrClaim *claim, const char *why);

/* The renaming that gives an object, or a part of a type, another name; or NULL. */
extern const MigrRenaming *migr_claim_renaming(const MigrApplying *applying,
											   const MigrObject *object, const char *part);

/* Is it a table or a view? */
extern bool migr_claim_is_relation(const MigrObject *object);

/* Can one be what the other was?  Types of all kinds are types. */
extern bool migr_claim_is_alike_kind(const MigrObject *object, const MigrObject *other);

/* The types of a routine's arguments, in parentheses. */
extern const char *migr_claim_arguments(const MigrObject *routine);

/* A column (no noun), or a constraint, trigger ... of a relation or domain; or NULL. */
extern const MigrObject *migr_claim_child(const MigrObject *parent, const char *noun,
										  const char *name);

#endif							/* MIGR_RENAMED_FROM_CLAIM_H */
