/*
 * load_known.h
 *		Scripts of a long text that are stored as they are: found without being parsed.
 *
 * A script begins where the one before it ends.  So one that begins in a line of the text
 * and has, down to a line that begins another one, the checksum that is stored for it, is
 * the stored script, which was parsed when it was loaded.  What lies between such ones is
 * parsed.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOAD_KNOWN_H
#define MIGR_LOAD_KNOWN_H

#include "store/store.h"

typedef struct MigrKnownScript
{
	const char *revision;
	const char *checksum;
	bool		takes_over;		/* would who loads vouch for it from now on? */
} MigrKnownScript;

typedef struct MigrKnown
{
	MigrKnownScript *scripts;
	int			count;
	int		   *slots;			/* places in scripts, by hash of the revision; -1: free */
	uint32		mask;			/* their number, less one */
} MigrKnown;

/* What is stored of all revisions, or of some (char *), as it concerns who loads. */
extern MigrKnown migr_known_read(MigrDb *db, const MigrLoader *loader);
extern MigrKnown migr_known_read_some(MigrDb *db, const MigrLoader *loader, const List *revisions);

/* NULL if there is none. */
extern const MigrKnownScript *migr_known_find(const MigrKnown *known, const char *revision);

/*
 * The scripts of a text (MigrScript *).  Those that are stored have no more than id and
 * checksum.  False if it takes a parse of the whole to tell where they begin.
 */
extern bool migr_known_split(const MigrKnown *known, const char *text, List **scripts);

#endif							/* MIGR_LOAD_KNOWN_H */
