/*
 * scratch_public.h
 *		Schema public of a scratch build.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_PUBLIC_H
#define MIGR_SCRATCH_PUBLIC_H

#include "nodes/nodes.h"

/*
 * In the session: the owner that schema public is to have in a build of a role;
 * InvalidOid if it stays as it is.
 */
extern Oid	migr_scratch_public_owner(Oid role);

/* May a role change what schema public of this database is? */
extern bool migr_scratch_public_may_change(Oid role);

/* --- in the worker -------------------------------------------------------- */

/* Give it to an owner, in the transaction of the build, and keep in mind what it is. */
extern void migr_scratch_public_begin(Oid owner, MemoryContext context);

/* Is it as it was then? */
extern bool migr_scratch_public_is_untouched(void);

/*
 * Is this a GRANT on it that would do nothing but warn?  Neither would it where
 * the text comes from: what there is was granted by somebody else.
 */
extern bool migr_scratch_public_skips(Node *node);

#endif							/* MIGR_SCRATCH_PUBLIC_H */
