/*
 * version_index.h
 *		The rows of the version table, to be looked up by revision.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERSION_INDEX_H
#define MIGR_VERSION_INDEX_H

#include "store/store.h"

typedef struct MigrVersionIndex
{
	List	   *versions;		/* MigrVersion *, in the order of application */
	const MigrVersion **by_id;	/* the same, sorted by revision */
} MigrVersionIndex;

extern MigrVersionIndex migr_version_index_read(MigrDb *db);

/* The row of an applied revision, or NULL. */
extern const MigrVersion *migr_version_index_find(const MigrVersionIndex *index,
												  const char *revision);

#endif							/* MIGR_VERSION_INDEX_H */
