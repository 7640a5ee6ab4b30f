/*
 * standalone_blocks.h
 *		What a script for a server without the extension says between revisions.
 *
 * All of it is SQL of PostgreSQL 13 to 18, whatever search_path is in force, and
 * leaves that alone.  The tables are those of schema migr_standalone, which the first
 * script makes.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STANDALONE_BLOCKS_H
#define MIGR_STANDALONE_BLOCKS_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* How a transaction begins. */
typedef struct MigrStandaloneBegin
{
	bool		makes_tables;	/* if they are missing */
	bool		ignores_begun;	/* a revision may have begun and not ended */
	bool		saves;			/* the settings, for migr_standalone_restore() */
	bool		stays;			/* these are kept for longer than the transaction */
} MigrStandaloneBegin;

/* What has to be so then; ids are char *. */
typedef struct MigrStandaloneStart
{
	bool		exact;			/* nothing else is applied */
	bool		goes_on;		/* other transactions of the script came before */
	const List *applied;		/* these are */
	const List *absent;			/* these are not */
	const List *undone;			/* these are, and nothing but these stands on them */
	const char *from;			/* where the script starts, for messages */
	const char *action;			/* and what to ask for instead: upgrade, downgrade, stamp */
	const char *target;
} MigrStandaloneStart;

/* A revision whose statements run apart. */
typedef struct MigrStandaloneApart
{
	const char *revision;
	const char *action;
	const char *checksum;
	int			count;			/* of its statements */
} MigrStandaloneApart;

/* BEGIN, a lock that such scripts exclude each other by, and whose tables these are. */
extern void migr_standalone_begin(StringInfo out, const MigrStandaloneBegin *begin);

/* Raise 55000 unless the database is where the script starts from. */
extern void migr_standalone_check_start(StringInfo out, const MigrStandaloneStart *start);

/*
 * The same between the parts of a revision that runs apart, where this statement
 * (from 1) is the one that began last.
 */
extern void migr_standalone_begin_part(StringInfo out, const MigrStandaloneApart *apart, int number);

/* Note that a statement begins; the first one: that the revision does. */
extern void migr_standalone_mark(StringInfo out, const MigrStandaloneApart *apart, int number,
								 const char *sql);

/* Read what follows, local: in this transaction, as the server that wrote it has read it. */
extern void migr_standalone_pin(StringInfo out, bool local);

/* Put the settings back as they were saved; last: they were kept, and are no more. */
extern void migr_standalone_restore(StringInfo out, bool last);

/* Fire what is deferred, and leave constraints as deferred as they were. */
extern void migr_standalone_settle(StringInfo out);

/* Raise MG011 unless a query of a verify section says that all is well. */
extern void migr_standalone_assert(StringInfo out, const char *revision, const char *sql,
								   const char *shown);

/* A row of the version table. */
typedef struct MigrStandaloneVersion
{
	const char *revision;
	const List *parents;		/* char * */
	const List *depends;		/* char * */
	const char *checksum;
	const char *message;
	bool		stamped;
} MigrStandaloneVersion;

extern void migr_standalone_apply(StringInfo out, const MigrStandaloneVersion *version);

/* Rows that stand for a squash (char *, by age), if all are there, become its own. */
extern void migr_standalone_squash(StringInfo out, const MigrStandaloneVersion *squash,
								   const List *rows);

#endif							/* MIGR_STANDALONE_BLOCKS_H */
