/*
 * scratch_database.h
 *		Which database a role builds in; made, prepared and dropped.
 *
 * One for each pair of live database and role.  It is recognised by the oid that
 * was noted in migr.scratch when it was made, never by its name or owner alone:
 * those others can bring about.  Making and dropping one takes a background
 * worker and commits by itself, whatever becomes of the transaction.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_DATABASE_H
#define MIGR_SCRATCH_DATABASE_H

#include "nodes/pg_list.h"

/*
 * The names of scratch databases: of a database's oid and a role's, and those
 * that are thrown away a process id.
 */
#define MIGR_SCRATCH_NAME "^migr_scratch_([0-9]{1,10})_([0-9]{1,10})(?:_([0-9]{1,10}))?$"

/* A scratch database of this one. */
typedef struct MigrScratchDatabase
{
	Oid			oid;
	Oid			role;
	const char *name;
	const char *contents;		/* what was prepared in it; "" if nothing was */
	List	   *extensions;		/* char *: that were prepared in it */
	bool		throwaway;		/* made for one build, and not noted */
} MigrScratchDatabase;

/* Define migr.keep_scratch. */
extern void migr_scratch_database_init(void);

/*
 * The one of a role; made, with a NOTICE, if there is none, as far as
 * migr.scratch_database allows.  Raises 0A000 where there is to be none, 42501
 * where the caller can't make one, or a superuser would trust what is not a
 * superuser's.
 */
extern MigrScratchDatabase migr_scratch_database_of(Oid role);

/* The same, but false if there is none. */
extern bool migr_scratch_database_find(Oid role, MigrScratchDatabase *database);

/* Make one for a single build, with a NOTICE; drop it. */
extern MigrScratchDatabase migr_scratch_database_throwaway(Oid role);
extern void migr_scratch_database_discard(const MigrScratchDatabase *database);

/*
 * Make one for a role, or anew if what was prepared in it is not what a
 * superuser would prepare now.  True if it was made.
 */
extern bool migr_scratch_database_create(Oid role);

/*
 * Drop the one of a role, and with InvalidOid those whose role or database is no
 * more.  Returns the names (char *).
 */
extern List *migr_scratch_database_drop(Oid role);

/* migr.keep_scratch */
extern bool migr_scratch_database_is_kept(void);

#endif							/* MIGR_SCRATCH_DATABASE_H */
