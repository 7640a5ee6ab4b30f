/*
 * record.h
 *		Keeping the recorded schema: what a run has touched is read anew.
 *
 * migr.object says of each object what runs left of it, and which revision made it
 * so (store/recorded.h).  A run pays for what it touches, not for what there is:
 * the catalog rows of its own tell what that is, whatever made them, and what
 * depends on it is read as well.  What no run, stamp or script has touched is not
 * recorded: it is not managed.
 *
 * A record that can't be kept is no reason to take back what was done: a warning
 * says so, and the next run records all of it anew.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RECORD_H
#define MIGR_RECORD_H

#include "nodes/pg_list.h"

#include "snapshot/touched.h"
#include "store/recorded.h"

/* Define migr.record_fingerprints. */
extern void migr_record_init(void);

/*
 * Tell what is not as the last run left it, for who is about to run something that
 * may be at it.  True if all is, as far as that can be seen from what has been written
 * since, and was before; if no run has recorded anything yet, if there is nothing.
 */
extern bool migr_record_tell(void);

/* A stretch of a transaction of which what it leaves is to be recorded. */
typedef struct MigrRecording
{
	const char *action;			/* as in migr.log */
	bool		on;
	bool		went_on;		/* of what runs apart: was the record what the last run left? */
	bool		fresh;			/* nothing was applied when it began */
	bool		clean;			/* it found what the run before it had left */
	bool		is_marked;		/* is there a point behind which something is touched? */
	MigrTouchMark mark;
	MemoryContext memory;		/* of what follows */
	List	   *revisions;		/* char *: by step */
	List	   *commands;		/* int: the first command of each */
	List	   *by_hand;		/* at its end; char *: objects beside what it has touched that
								 * somebody has changed meanwhile */
} MigrRecording;

/*
 * Begin; versions: how many revisions are applied; clean: what migr_record_tell() said
 * just before.
 */
extern void migr_record_begin(MigrRecording *recording, const char *action, int64 versions, bool clean);

/* The same for what runs in transactions of its own. */
extern void migr_record_begin_apart(MigrRecording *recording, const char *action, int64 versions,
									bool clean);

/*
 * What comes next is done by a revision, or a repeatable script; NULL: what others
 * have made is put back, and nobody has made it then.
 */
extern void migr_record_step(MigrRecording *recording, const char *revision);

/* Record what has been touched since the beginning. */
extern void migr_record_end(MigrRecording *recording);

/* Record nothing: no revision is applied. */
extern void migr_record_none(void);

/*
 * Record all that is there as what a stamp or a repair says it is; revision may be
 * NULL.
 */
extern void migr_record_all(const char *action, const char *revision);

/* The same if there is no record that can be gone on with. */
extern void migr_record_missing(const char *action);

/* What is there, and what was recorded, of one moment. */
typedef struct MigrRecordLook
{
	MigrRecorded recorded;
	MigrSchema *schema;			/* what is there */
	List	   *live;			/* MigrRecordedObject *: the same as rows */
	List	   *rows;			/* the same: those that were recorded */
	bool		is_sound;		/* are these as migr has written them? */
	bool		everything;		/* of some objects: is all to be read? */
} MigrRecordLook;

/*
 * Look at both, without a lock that a run would wait for; nothing is read of what is
 * there if a record is not current or can't be compared with it.  Works on a
 * standby, and in a read-only transaction.  40001 if runs come in between again
 * and again.
 */
extern void migr_record_look(MigrRecordLook *look);

/*
 * The same of some objects.  Choose reads the rows that it wants into look->rows, and
 * returns the addresses (MigrAddress *) of the roots that are to be read of what is
 * there; or it says that everything is.  What migr.exclude names is read too.  Of a
 * record that is not current, or can't be compared, the rows are read all the same.
 * Is_sound speaks of these rows only.
 */
typedef List *(*MigrRecordChoose) (MigrDb *db, MigrRecordLook *look, void *arg);
extern void migr_record_look_some(MigrRecordLook *look, MigrRecordChoose choose, void *arg);

/*
 * Why there is nothing to compare with, in words; or NULL.  Applied: is any revision?
 */
extern const char *migr_record_obstacle(const MigrRecorded *recorded, bool applied);

/* The fingerprint of a schema: of all its objects, as if they had been recorded. */
extern char *migr_record_fingerprint(const MigrSchema *schema);

/* The objects of a snapshot as rows, which nobody is to blame for yet. */
extern List *migr_record_rows(const MigrSchema *schema);

#endif							/* MIGR_RECORD_H */
