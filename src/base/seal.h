/*
 * seal.h
 *		Telling what migr has written from what somebody else has.
 *
 * Whoever owns a table can write into it what he likes.  Bytes of which a reader relies on
 * more than can be looked at are kept with a seal: a hash that takes a secret, which the
 * server drew when its data directory was made, and shows nobody.  Servers that share it
 * are those that have the same rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SEAL_H
#define MIGR_SEAL_H

#include "lib/stringinfo.h"

/* Append the seal of some bytes, for a purpose in this database. */
extern void migr_seal_append(StringInfo out, const char *purpose, const char *bytes, int len);

/*
 * Take a seal from where the cursor is.  False if it is not that of what is behind it, and of
 * that purpose.
 */
extern bool migr_seal_take(StringInfo in, const char *purpose);

#endif							/* MIGR_SEAL_H */
