/*
 * fence.h
 *		Keeps scripts off migr's own objects.
 *
 * While scripts run in this session (mutex.h), whatever creates, alters or
 * drops a member of the extension, something that stands on one, or an object
 * in schema migr, raises 55000, however it is run: the server itself says what
 * it touches.  What migr does (db.h) passes, and so does what is done outside
 * of scripts.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_FENCE_H
#define MIGR_FENCE_H

#include "nodes/parsenodes.h"

/* Put up the fence. */
extern void migr_fence_init(void);

/*
 * Outside of scripts: raise 55000 if a command would write anew what is in one of
 * migr's tables, rename something of it, let it lack what has to be there, or say
 * which triggers watch over it; 42501 if it takes a member from the extension.
 * Superusers may.
 */
extern void migr_fence_check_command(Node *command);

/* Is it GRANT, REVOKE or COMMENT of an object of migr's, or rows of one, as in a dump? */
extern bool migr_fence_is_own(Node *command);

#endif							/* MIGR_FENCE_H */
