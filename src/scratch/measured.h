/*
 * measured.h
 *		What a statement did when it ran in a scratch build.
 *
 * Locks are those that it took itself, whatever the build held before; rewrites
 * are new files, scans are what the server counts or says by its DEBUG1
 * messages.  Indexes are part of their tables.  All of it is exact for what does
 * not depend on rows: there are none here.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MEASURED_H
#define MIGR_MEASURED_H

#include "nodes/pg_list.h"

#include "script/script.h"

/* How what is known of a statement became known. */
typedef enum MigrMeasuredHow
{
	MIGR_MEASURED_RUN,			/* it ran */
	MIGR_MEASURED_TABLE,		/* it ran in plain form, or not: from a table of forms */
	MIGR_MEASURED_NOT,			/* it was passed over */
	MIGR_MEASURED_FAILED		/* it failed, and is taken back */
} MigrMeasuredHow;

/* A relation to which something was done. */
typedef struct MigrMeasuredRelation
{
	const char *schema;			/* as it was before the first statement that was */
	const char *name;			/* measured; a new one, as it is */
	char		kind;			/* pg_class.relkind */
	int			made_in;		/* which measured section made it, from 1; 0: none */
	bool		is_subject;		/* the statement names it */
	bool		is_partition;
	int			lock;			/* the strongest that it took; NoLock */
	bool		rewritten;
	bool		scanned;
	bool		indexed;		/* an index of it was built */
	bool		checked;		/* a foreign key of it, or to it, was checked */
	bool		dropped;
} MigrMeasuredRelation;

/* A column that ALTER TABLE adds, or whose type it changes. */
typedef struct MigrMeasuredColumn
{
	const char *name;
	Oid			old_type;		/* of a column that is added: invalid */
	int			old_typmod;
	Oid			new_type;
	int			new_typmod;
	bool		is_checked_domain;	/* the new type has a CHECK or NOT NULL */
	bool		has_other_collation;
	bool		has_default;	/* its own, or the type's */
} MigrMeasuredColumn;

typedef struct MigrMeasured
{
	int			number;			/* of the statement in its section, from 0 */
	MigrMeasuredHow how;
	const char *reason;			/* not measured, or failed: why */
	int			sqlstate;		/* of what failed */
	bool		no_op;			/* what was to be made was there: IF NOT EXISTS */
	bool		of_older_type;	/* it is about an enum that was there before */
	bool		drops_key;		/* ALTER TABLE that drops a foreign key */
	const char *unsafe_label;	/* the server's words: it uses a label that has to be
								 * committed first; or NULL */
	List	   *relations;		/* MigrMeasuredRelation * */
	List	   *columns;		/* MigrMeasuredColumn * */
} MigrMeasured;

/*
 * Within migr_scratch_do(): run a section, and say of each statement what it did
 * (MigrMeasured *, in order).  What fails is taken back, and the next one runs.
 */
extern List *migr_scratch_measure_section(const MigrScript *script, MigrSectionKind kind);

#endif							/* MIGR_MEASURED_H */
