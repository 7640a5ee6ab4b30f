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

/* Put up the fence. */
extern void migr_fence_init(void);

#endif							/* MIGR_FENCE_H */
