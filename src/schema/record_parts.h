/*
 * record_parts.h
 *		What the files that keep the recorded schema share.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RECORD_PARTS_H
#define MIGR_RECORD_PARTS_H

#include "utils/hsearch.h"

#include "schema/record.h"
#include "store/recorded.h"

/* A hash table in the current context, by the first bytes of its entries. */
extern HTAB *migr_record_table(const char *name, Size key, Size entry);

/* What is there, and what was recorded, to be brought together. */
typedef struct MigrRecordMerge
{
	const MigrRecording *recording;
	const MigrTouched *touched; /* NULL: nobody knows what has been touched */
	MigrRecorded *recorded;		/* counted up to date */
	List	   *live;			/* MigrRecordedObject * */
	List	   *rows;			/* the same: those of the objects that live are, and of what
								 * has been touched */
	bool		went_on;		/* the record was what the last run left */
	bool		adopt;			/* what has no row gets one */
	HTAB	   *since;			/* MigrAddress: so does what was touched since a record that
								 * was not kept up; NULL: nothing */
	bool		sweep;			/* rows of what is not there go, whoever dropped it */
	List	   *removed;		/* what comes of it: rows to be removed */
	List	   *put;			/* and to be written */
	List	   *by_hand;		/* char *: objects that somebody else has changed */
} MigrRecordMerge;

extern void migr_record_merge(MigrRecordMerge *merge);

/*
 * The point where something was recorded; false if it is too long ago to tell what has
 * been touched since.
 */
extern bool migr_record_mark(MigrTouchMark *mark, const MigrRecorded *recorded);

/* An object that is not as it was recorded. */
typedef struct MigrChanged
{
	unsigned char id[MIGR_DIGEST_BYTES];
	const char *object;
	MigrAddress root;
	bool		is_missing;		/* it has been dropped */
} MigrChanged;

/*
 * Find what has been changed by hand behind a mark of migr_record_mark(): MigrChanged *, in
 * the current context.  Returns what has hindered it, or NULL.
 */
extern ErrorData *migr_record_find_changed(const MigrTouchMark *mark, List **changed);

/* What it is called, in order: char *. */
extern List *migr_changed_names(const List *changed);

/*
 * Tell what has been changed by hand since something was recorded.  True if nothing has
 * been, nor made; or, if nothing was recorded, if there is nothing.
 */
extern bool migr_record_tell_changed(const MigrRecorded *recorded);

#endif							/* MIGR_RECORD_PARTS_H */
