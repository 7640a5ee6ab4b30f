/*
 * wholes.h
 *		Digests of what a scratch build has made, by address.
 *
 * A whole is an object with what stands on it, as text.  What has the same digests
 * is equal but for the order of columns.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WHOLES_H
#define MIGR_WHOLES_H

#include "utils/hsearch.h"

#include "model/model.h"
#include "store/recorded.h"

/* What is at an address. */
typedef struct MigrWhole
{
	MigrAddress address;		/* the hash key */
	List	   *rows;			/* MigrRecordedObject *, while it is read */
	bool		is_there;		/* if not, it has been touched */
	unsigned char digest[MIGR_DIGEST_BYTES];
} MigrWhole;

/* What makes up a digest. */
typedef enum MigrWholeText
{
	MIGR_WHOLE_ALL,
	MIGR_WHOLE_COMPARED			/* what differs here is a difference by the settings that
								 * there are; of some things, nothing is */
} MigrWholeText;

extern HTAB *migr_wholes_create(MemoryContext context);

/* The one at an address, made if need be. */
extern MigrWhole *migr_wholes_at(HTAB *wholes, MigrAddress address);

/* Add what a schema has, to a table that is empty. */
extern void migr_wholes_of_schema(HTAB *wholes, const MigrSchema *schema, MigrWholeText text);

/*
 * Read, in a scratch build, what has been touched since a mark, into a table that is
 * empty, and set another mark: see migr_scratch_look_touched().  Returns whether it
 * has everything; count: how many there are.  Sets is_partial if a look at the
 * schema has more to tell.
 */
extern bool migr_wholes_read(HTAB *wholes, int since, int mark, int count, MigrWholeText text,
							 bool *is_partial);

#endif							/* MIGR_WHOLES_H */
