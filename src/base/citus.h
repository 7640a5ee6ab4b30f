/*
 * citus.h
 *		The extension Citus, as far as migr has to know of it.
 *
 * Nothing of it is linked: what it brings is looked up by name in pg_catalog, and
 * counts only if it is a member of the extension of that name, so that nobody else's
 * function is ever called in its place.  Where the extension is missing, that is
 * found out by one look into a cache.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CITUS_H
#define MIGR_CITUS_H

#include "base/db.h"

/* The extension, or none. */
extern Oid	migr_citus(void);

/* A table or view, or a function of these arguments, that it has; or none. */
extern Oid	migr_citus_table(const char *name);
extern Oid	migr_citus_function(const char *name, int nargs, const Oid *types);

/* Can a relation be a shard, by its name? */
extern bool migr_citus_is_shard_name(const char *name);

/* Those of relations, by their oids, that are shards. */
extern List *migr_citus_shards(MigrDb *db, const List *relations);

/* Is a relation a shard? */
extern bool migr_citus_is_shard(const char *schema, const char *name);

/* The oids of tables that are distributed, and can be colocated with others. */
extern List *migr_citus_distributed(void);

/*
 * Are the rows of a table in shards, as it is distributed, a reference table, or a local one that
 * Citus knows of?  It runs no query, and can be asked in the middle of a DROP.
 */
extern bool migr_citus_has_rows_of(Oid table);

/* Raise 55000 if this database is not the one that all of the cluster is changed from. */
extern void migr_citus_check_coordinator(void);

/*
 * Let statements on distributed tables go to their shards one by one, until the caller's
 * nest level of settings ends, or for the session: what others do in parallel, the rest of a
 * transaction could not go on with, nor see what it has made itself.  Whoever sets it
 * otherwise behind this has it otherwise.
 */
extern void migr_citus_sequential(bool for_session);

#endif							/* MIGR_CITUS_H */
