/*
 * scratch.h
 *		Build a schema in a scratch database, and look at what came of it.
 *
 * The database is one of the building role's own (scratch_database.h), empty,
 * and left so: a background worker (worker.h) runs scripts and DDL there, as
 * that role, in a transaction that is always rolled back.  Nothing of the live
 * database is locked, moved or visible.  Statements run in plain form: CREATE
 * INDEX without CONCURRENTLY, no VACUUM.  Errors and warnings are those of the
 * scripts, with their SQLSTATE, line and cursor.  What no rollback takes back is
 * refused with MG012.
 *
 * What the live database has that scripts do not make is there as far as they
 * refer to it: extensions; hollow stand-ins of what migr.exclude keeps out, or
 * what others own.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_H
#define MIGR_SCRATCH_H

#include "base/subxact.h"
#include "model/model.h"
#include "script/script.h"

/* What is to be built. */
typedef struct MigrScratchJob
{
	Oid			role;			/* whose rights the build has */
	const char *ddl;			/* a desired schema; NULL: stored scripts */
} MigrScratchJob;

/* An extension of the live database. */
typedef struct MigrScratchExtension
{
	char	   *name;
	char	   *schema;
	char	   *version;
} MigrScratchExtension;

/* Define migr.in_scratch. */
extern void migr_scratch_init(void);

/*
 * Do work(arg) with an empty database at hand; what is below is for such work
 * alone.  Raises 25006 on a standby, 55000 in a script, 42501, 53400, and what
 * the work raises.
 */
extern void migr_scratch_do(const MigrScratchJob *job, MigrWork work, void *arg);

/* End this statement's worker, lest it be in the way of dropping its database. */
extern void migr_scratch_leave(void);

/*
 * Do work(arg) within that, so that its error is a value; what it has built is
 * kept if keep is set and there was none.
 */
extern ErrorData *migr_scratch_try(MigrWork work, void *arg, bool keep);

/* The same for work that decides on its way whether it is to be kept. */
extern ErrorData *migr_scratch_try_if(MigrWork work, void *arg, const bool *keep);

/*
 * From now on, enum types that are there count as older than what follows: using a
 * label that is added to one fails (55P04), as it does without a commit in between,
 * until all are released.
 */
extern void migr_scratch_hold_labels(void);
extern void migr_scratch_release_labels(void);

/* Run a section of a revision's script. */
extern void migr_scratch_run_section(const MigrScript *script, MigrSectionKind kind);

/*
 * Run a section of assertions, and take back what it did.  MG011 if one returns
 * false, or a line that begins with "not ok"; its own error if one fails.
 */
extern void migr_scratch_assert_section(const MigrScript *script, MigrSectionKind kind);

/* How many of the rows that differ are told. */
#define MIGR_ROWS_TOLD 5

/* How what tables hold differs from what was noted. */
typedef struct MigrRowsDifference
{
	int			added_count;	/* rows that were not there */
	int			lost_count;		/* rows that are gone */
	List	   *added;			/* char *: some of them, in words */
	List	   *lost;			/* the same, when they have been looked for */
	List	   *sequences;		/* char *: in words, those that would give again what they gave */
	List	   *unread;			/* char *: names of tables that could not be read, or only in part */
} MigrRowsDifference;

/*
 * Within a subtransaction that is rolled back: note what all tables hold; compare what
 * is there now with it; find the words for the rows that were gone then, when all is again
 * as it was noted.  Begin before that, and end behind it: what sequences have given is
 * taken back, too, which no rollback does.
 */
extern void migr_scratch_rows_begin(void);
extern void migr_scratch_rows_note(void);
extern void migr_scratch_rows_compare(MigrRowsDifference *difference);
extern void migr_scratch_rows_tell(MigrRowsDifference *difference);
extern void migr_scratch_rows_end(void);

/*
 * SQL that is no revision; what messages call it.  Sets how many statements it
 * has, and returns its number for migr_scratch_run_sql().
 */
extern int	migr_scratch_load_sql(const char *name, const char *sql, int *statements);

/*
 * Run statements of it up to but not including last (-1: all), of which the
 * first ones are done, so that only their SETs are run again.  *reached says
 * how many have run, after an error too.
 */
extern void migr_scratch_run_sql(int number, int done, int last, int *reached);

/* Fire what has been put off to the end of the transaction. */
extern void migr_scratch_settle(const char *place);

/* What to look at. */
#define MIGR_LOOK_TABLES		0x01	/* which tables there are, and no more */
#define MIGR_LOOK_EVERYTHING	0x02	/* what migr.exclude names as well */
#define MIGR_LOOK_UNMANAGED		0x04	/* and say what there is besides */
#define MIGR_LOOK_MADE			0x08	/* and say which statement made what */

/* What is there now, in the current memory context. */
extern MigrSchema *migr_scratch_look(int wanted);

/* The same in two steps: what a build has made by itself ... */
typedef struct MigrScratchMade
{
	MigrAddress address;
	int			script;			/* number of the SQL that has made it */
	int			statement;		/* number of the statement */
} MigrScratchMade;

typedef struct MigrScratchSeen
{
	MigrSchema *schema;
	Oid			role;
	bool		untouched;		/* schema public is as it was */
	List	   *denied;			/* kinds and names by turns of what is the live database's */
	List	   *told;			/* what there is to say, with details, by turns */
	bool		is_told;		/* there is, or it has warned of something */
	bool		commits;		/* it was committed into a database of its own */
	int			made_count;		/* with MIGR_LOOK_MADE: what statements have made */
	MigrScratchMade *made;
} MigrScratchSeen;

extern void migr_scratch_see(int wanted, MigrScratchSeen *seen);

/* ... and that with what the live database has of it; what there is to say is told. */
extern MigrSchema *migr_scratch_complete(const MigrScratchSeen *seen);

/*
 * All that a build depends on besides what it runs, as a SHA-256: what goes with
 * the request that begins it, the roles and settings of the cluster, the versions
 * of server and library.  NULL if there is no database for it yet.  Raises what
 * migr_scratch_do() raises of who may not build.
 */
extern char *migr_scratch_environment(const MigrScratchJob *job);

/* What has been touched since a mark, of which there are so many, by number. */
#define MIGR_SCRATCH_MARKS 2

typedef struct MigrScratchTouched
{
	bool		everything;		/* all that there is has been read */
	bool		is_partial;		/* migr_scratch_look() has more than there is to be read */
	List	   *addresses;		/* MigrAddress *: what has been touched, if not everything */
	MigrSchema *schema;			/* what there is of it: not what is between objects, nor
								 * what is told by migr_scratch_look() alone */
} MigrScratchTouched;

/*
 * Read what has been touched since a mark (-1: everything), unless it is more than
 * a limit of objects; and set another mark (-1: none).
 */
extern void migr_scratch_look_touched(int since, int mark, int limit,
									  MigrScratchTouched *touched);

/*
 * Run the upgrade sections of stored scripts (MigrScript *), as the caller or as
 * who has loaded them (vouch.h), and look.
 */
extern MigrSchema *migr_scratch_build(const List *scripts);

#endif							/* MIGR_SCRATCH_H */
