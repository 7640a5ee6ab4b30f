/*
 * usage_made.h
 *		Columns that a downgrade makes, which an upgrade behind it may drop again.
 *
 * In one transaction nobody else has seen them, as when a revision is redone.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_USAGE_MADE_H
#define MIGR_USAGE_MADE_H

#include "access/attnum.h"

/* A downgrade begins: until the end of the transaction, what runs make is noted. */
extern void migr_usage_made_begin(void);

/* Was a column made so, and is it nobody else's by now? */
extern bool migr_usage_made_has(Oid table, AttrNumber column);

#endif							/* MIGR_USAGE_MADE_H */
