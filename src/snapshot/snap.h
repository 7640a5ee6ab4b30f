/*
 * snap.h
 *		Catalogs to objects: a fixed number of queries, whatever there is.
 *
 * Not part of a snapshot are the members of extensions, system and temporary
 * schemas, migr's own objects, and what migr.exclude names.  How it is taken is
 * in snap_parts.h.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SNAP_H
#define MIGR_SNAP_H

#include "model/model.h"

/* What a snapshot takes, where that is not all but what migr.exclude names. */
typedef struct MigrSnapScope
{
	const List *hidden_extensions;	/* char *: as if they were not there */
	const List *hidden_schemas; /* the same; what is in them is there */
	const List *left_schemas;	/* the same, and what is in them too */
	bool		everything;		/* what migr.exclude names as well */
	bool		tables_only;	/* which tables there are, and no more */
	bool		schemas_only;
} MigrSnapScope;

/* Define migr.exclude. */
extern void migr_snap_init(void);

/* The patterns (char *) of migr.exclude. */
extern List *migr_snap_excluded(void);

/*
 * Pin the settings that deparsed and quoted text depends on, until
 * AtEOXact_GUC(false, result).  A snapshot and its printing need it.
 */
extern int	migr_snap_pin(void);

/* Take a snapshot of the current database; scope may be NULL. */
extern MigrSchema *migr_snap_take(const MigrSnapScope *scope);

/*
 * The same under pinned settings, and with the needs of columns and on columns:
 * a model that can be compared with others.
 */
extern MigrSchema *migr_snap_model(const MigrSnapScope *scope);

#endif							/* MIGR_SNAP_H */
