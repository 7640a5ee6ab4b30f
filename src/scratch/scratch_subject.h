/*
 * scratch_subject.h
 *		What a statement names, looked up where it is about to run.
 *
 * Locks nothing: the build is alone.
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_SUBJECT_H
#define MIGR_SCRATCH_SUBJECT_H

#include "nodes/parsenodes.h"

#include "exec/statement.h"
#include "scratch/measured.h"

/* The relations (Oid) that it is about; of an index, its table. */
extern List *migr_subject_relations(Node *node);

/* The enum type that it alters, or invalid. */
extern Oid	migr_subject_enum(Node *node);

/* Is it ALTER TABLE that drops a foreign key? */
extern bool migr_subject_drops_key(Node *node);

/* Does it do one thing, so that what IF NOT EXISTS says is true of all of it? */
extern bool migr_subject_is_single(Node *node);

/*
 * The locks of a form that is not run here as it stands: CONCURRENTLY, REINDEX,
 * VACUUM.
 */
typedef struct MigrForm
{
	const char *command;
	int			lock;			/* on the table */
	int			partition_lock;
	bool		scans;
	bool		rewrites;
} MigrForm;

/* NULL: it runs as it stands. */
extern const MigrForm *migr_subject_form(Node *node, const MigrStatement *statement);

/* The partition that DETACH ... CONCURRENTLY names; or invalid. */
extern Oid	migr_subject_partition(Node *node);

/*
 * Columns (MigrMeasuredColumn *) of the relation that an ALTER TABLE adds, or
 * whose type it changes, as they are before it; then as they are after it.
 */
extern List *migr_subject_columns(Node *node);
extern void migr_subject_columns_after(Oid relation, List *columns);

#endif							/* MIGR_SCRATCH_SUBJECT_H */
