/*
 * recorded.h
 *		The recorded schema: what runs left, a row of migr.object for each object.
 *
 * The single writer of migr.object and migr.recorded.  An object is known by what
 * it is called (its id), and where oids can be believed, by its address.  Objects
 * that stand on another one (columns, indexes …) go with it: their root.
 *
 * All functions need an open MigrDb and, to write, the locks that mutex.h speaks
 * of.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RECORDED_H
#define MIGR_RECORDED_H

#include "access/xlogdefs.h"
#include "datatype/timestamp.h"

#include "base/db.h"
#include "base/lthash.h"
#include "model/model.h"

#define MIGR_DIGEST_BYTES 32

/* Which revision did something to an object; NULL where none is known to have. */
typedef struct MigrBlame
{
	const char *revision;
	const char *action;			/* of the run, as in migr.log */
	const char *by;				/* the session's user */
	TimestampTz at;
} MigrBlame;

/* A row of migr.object. */
typedef struct MigrRecordedObject
{
	unsigned char id[MIGR_DIGEST_BYTES];	/* of its kind and what it is called */
	const char *kind;
	const char *object;			/* as "column public.t.a" */
	const char *identity;		/* as "public.t.a" */
	MigrAddress address;		/* its own; objid is 0 if it has none */
	int			place;			/* of a column: its number; else 0 */
	MigrAddress root;
	const char *schema;			/* NULL where it has none; of a part: its root's */
	const char *name;
	const char *sort;			/* as migr.compare names it */
	const char *definition;
	const char *privileges;		/* or NULL */
	const char *owner;			/* or NULL */
	unsigned char hash[MIGR_DIGEST_BYTES];	/* of definition and privileges */
	MigrBlame	created;
	MigrBlame	changed;
	const MigrObject *source;	/* that it was made of; NULL if it was read */
} MigrRecordedObject;

/* Does it stand on nothing else? */
static inline bool
migr_recorded_is_root(const MigrRecordedObject *object)
{
	return object->place == 0 && object->address.classid == object->root.classid &&
		object->address.objid == object->root.objid;
}

/* The digest of what an object is. */
extern void migr_recorded_hash(const MigrRecordedObject *object, unsigned char *hash);

/* What is true of all rows: the row of migr.recorded. */
typedef struct MigrRecorded
{
	bool		exists;			/* is there a record at all? */
	bool		current;		/* does it say what the last run left? */
	bool		believed;		/* are oids of this server and database? */
	bool		comparable;		/* is it text that this server and library print? */
	MigrLtHash	sum;			/* over roots, of ids and hashes of what stands on each */
	char	   *fingerprint;	/* of the sum */
	int64		objects;
	TimestampTz recorded_at;
	uint64		horizon;		/* no transaction before this one was running then */
	XLogRecPtr	written;		/* pages that have changed since are newer */
	bool		clean;			/* has each run found what the one before it had left? */
	bool		looked;			/* has somebody looked for differences since? */
	TimestampTz looked_at;
	int			differing;		/* objects */
} MigrRecorded;

extern void migr_recorded_read(MigrDb *db, MigrRecorded *recorded);

/* Write it as one that is current, believed and comparable. */
extern void migr_recorded_write(MigrDb *db, const MigrRecorded *recorded);

/* Say that the record is not what the last run left. */
extern void migr_recorded_forget(MigrDb *db);

/* Remove all rows, as if nothing had ever been recorded. */
extern void migr_recorded_clear(MigrDb *db);

/* Note what came of looking for differences from a record; for nobody to wait for. */
extern void migr_recorded_looked(MigrDb *db, const MigrRecorded *recorded, int differing);

/* MigrRecordedObject *: all; those of some roots (MigrAddress *); those with some ids. */
extern List *migr_recorded_all(MigrDb *db);
extern List *migr_recorded_of_roots(MigrDb *db, const List *roots);
extern List *migr_recorded_of_ids(MigrDb *db, const List *ids);

/*
 * The same: all of each root on which something is called by one of some names (char *); if
 * around (the same) is not NIL, only in a schema or on a root that is called so.
 */
extern List *migr_recorded_named(MigrDb *db, const List *names, const List *around);

/* What a revision made, and what else it was the last to change, as objects are called: char *. */
extern List *migr_recorded_made_by(MigrDb *db, const char *revision);
extern List *migr_recorded_changed_by(MigrDb *db, const char *revision);

/* Remove rows, and then write others, which may have the same ids. */
extern void migr_recorded_remove(MigrDb *db, const List *objects);
extern void migr_recorded_put(MigrDb *db, const List *objects);

/*
 * Add objects to the sum over all, or take them out: a root with all that stands on
 * it is one element, so they have to be all of each root.
 */
extern void migr_recorded_count(MigrRecorded *recorded, const List *objects, bool add);

/* Have what a run reads and writes of the record planned (migr_db_plan()). */
extern void migr_recorded_ready(void);

#endif							/* MIGR_RECORDED_H */
