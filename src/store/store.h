/*
 * store.h
 *		The script store and the version table.
 *
 * The single writer of both: each change counts the rows it touched.  Heads of
 * the version are derived, never stored.  All functions need an open MigrDb
 * and, to write, the locks that mutex.h speaks of.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STORE_H
#define MIGR_STORE_H

#include "datatype/timestamp.h"

#include "base/db.h"
#include "graph/graph.h"
#include "graph/state.h"
#include "script/script.h"

/* What the store knows of a revision besides its place in the graph. */
typedef struct MigrRevision
{
	const char *message;
	const char *checksum;
	bool		has_created;
	TimestampTz created;
	bool		reversible;
	bool		transaction;
	bool		is_head;		/* as stored */
} MigrRevision;

/* A row of the version table. */
typedef struct MigrVersion
{
	const char *revision;
	int64		ordinal;
	const char *checksum;		/* of the script that ran, or NULL */
	bool		stamped;
	TimestampTz applied_at;
	const char *applied_by;
	int64		microseconds;	/* that it took; -1 if nobody measured it */
} MigrVersion;

/* Every stored revision; info of each node is a MigrRevision. */
extern MigrNode *migr_store_read_nodes(MigrDb *db, int *count);

/* The same of these revisions (char *). */
extern MigrNode *migr_store_read_nodes_of(MigrDb *db, const List *revisions, int *count);

/* Every row of the version table, in the order of application. */
extern List *migr_store_read_versions(MigrDb *db);

/* The same of these revisions (char *). */
extern List *migr_store_read_versions_of(MigrDb *db, const List *revisions);

/* The ids of these rows (char *). */
extern List *migr_store_version_ids(const List *versions);

/* The graph (MG005 if broken) and what is applied. */
extern MigrState *migr_store_read_state(MigrDb *db);

/* The same as if these were the rows of the version table (MigrVersion *). */
extern MigrState *migr_store_read_state_as(MigrDb *db, const List *versions);

/*
 * The same without squashes, as if nothing were replaced; NULL if that is no
 * other one, or not possible.
 */
extern MigrState *migr_store_read_unsquashed(MigrDb *db);

/* The state of a given graph of all that is stored; its own one is what of it is in force. */
extern MigrState *migr_store_state(MigrGraph *graph, const List *versions);

/* MigrRevision for a script. */
extern MigrRevision *migr_store_revision(const MigrScript *script);

/* MigrNode for a script. */
extern MigrNode migr_store_node(const MigrScript *script);

/* The text of a script, or NULL. */
extern char *migr_store_read_script(MigrDb *db, const char *revision);

/* The same, parsed, with who has loaded it. */
extern MigrScript *migr_store_parse_script(MigrDb *db, const char *revision);

/* Texts of the scripts (char *) of some nodes, in their order. */
extern List *migr_store_read_scripts(MigrDb *db, const MigrGraph *graph,
									 const int *nodes, int count);

/* The same, parsed, with who has loaded them: MigrScript *. */
extern List *migr_store_parse_scripts(MigrDb *db, const MigrGraph *graph,
									  const int *nodes, int count);

/* The same of revisions (char *); NULL in the place of one that is not stored. */
extern List *migr_store_parse_known(MigrDb *db, const List *revisions);

/* Three columns of a row of the last result, from this one on: who has loaded a script. */
extern MigrLoader migr_store_loader_of(uint64 row, int column);

/* Who has loaded the scripts of some nodes, in their order. */
extern MigrLoader *migr_store_read_loaders(MigrDb *db, const MigrGraph *graph,
										   const int *nodes, int count);

/* Is this exact id applied? */
extern bool migr_store_is_applied(MigrDb *db, const char *revision);

/* Write scripts, and who loads them: new rows, or new text for old ones. */
extern void migr_store_insert(MigrDb *db, const MigrScript *script, bool is_head);
extern void migr_store_update(MigrDb *db, const MigrScript *script, bool is_head);
extern void migr_store_delete(MigrDb *db, const char *revision);

/* Correct the stored mark of what is a head. */
extern void migr_store_set_head(MigrDb *db, const char *revision, bool is_head);

/* The ordinal for the next row of the version table. */
extern int64 migr_store_next_ordinal(MigrDb *db);

extern void migr_store_add_version(MigrDb *db, const MigrVersion *version,
								   int64 microseconds);
extern void migr_store_remove_version(MigrDb *db, const char *revision);

/* Make the row of a revision that of the squash that replaces it, which has not run. */
extern void migr_store_rename_version(MigrDb *db, const char *revision,
									  const char *squash, const char *checksum);

/* Take the script that is stored for the one that ran. */
extern void migr_store_sign(MigrDb *db, const char *revision,
							const char *checksum);

/*
 * The fingerprint recorded with the revision applied last; NULL if there is
 * none that this server could have taken.
 */
extern char *migr_store_read_fingerprint(MigrDb *db);

/* Record the fingerprint of the schema with the revision applied last. */
extern void migr_store_set_fingerprint(MigrDb *db, const char *fingerprint);

/* How many rows the version table has. */
extern int64 migr_store_count_versions(MigrDb *db);

/* Have what a run asks and writes behind its statements planned (migr_db_plan()). */
extern void migr_store_ready(void);

#endif							/* MIGR_STORE_H */
