/*
 * touched.h
 *		Which objects the current transaction has touched since a point in it.
 *
 * Whatever changed the catalogs is found, as what is looked at is their rows:
 * commands, functions, subtransactions that are not rolled back, updates by
 * hand.  It costs about as much as to pass by the pages of the catalogs that
 * have been written, and does not grow with what they say.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TOUCHED_H
#define MIGR_TOUCHED_H

#include "access/xlogdefs.h"

#include "model/model.h"

/* A point in a transaction.  It is no use in another one. */
typedef struct MigrTouchMark
{
	LocalTransactionId transaction;
	CommandId	command;		/* the first one behind it */
	bool		is_apart;		/* what others have committed behind it counts as well */
	TransactionId next;			/* then: none of them is before this one */
	XLogRecPtr	written;		/* pages that change behind it are newer */
} MigrTouchMark;

/* The first and the last command that has touched something; invalid: none. */
typedef struct MigrTouchSpan
{
	CommandId	first;
	CommandId	last;
} MigrTouchSpan;

/*
 * An object, or a column of a relation.  Where the object is there, its address
 * is that of the model (MigrObject), or of something that the model does not
 * have; where it has gone, that of the row that has gone.
 */
typedef struct MigrTouch
{
	MigrAddress address;
	int			subid;			/* of a column; 0: the object */
	bool		created;		/* it was not there at the mark */
	bool		dropped;		/* it is not there now; with created: passing */
	bool		dependent;		/* read again for what it needs, see below */
	MigrTouchSpan own;			/* rows that say what it is */
	MigrTouchSpan around;		/* rows of what belongs to it, or is needed by it,
								 * and may show in its text, or in that of what
								 * has it as parent and no address */
} MigrTouch;

typedef struct MigrTouched
{
	bool		everything;		/* only a snapshot of all tells what has changed */
	const char *why;			/* in words, then */
	Oid			catalog;		/* whose rows are the reason */
	List	   *objects;		/* MigrTouch *, each address once */
	List	   *columns;		/* the same, of columns */
	struct MigrTouchRows *rows; /* what migr_touched_close() goes by */
} MigrTouched;

/*
 * The command that comes next: what is touched by it or behind it has this
 * number or a higher one.
 */
extern CommandId migr_touch_command(void);

/* Take the point where the transaction is. */
extern void migr_touch_mark(MigrTouchMark *mark);

/*
 * The same between transactions: what has been committed by any of them behind it
 * is touched, by command 0.  What these have deleted may be found no more.
 */
extern void migr_touch_mark_apart(MigrTouchMark *mark);

/* What has been touched behind a mark, in the order of first commands. */
extern MigrTouched *migr_touched_since(const MigrTouchMark *mark);

/* Is it everything because a schema, a role or a tablespace has another name? */
extern bool migr_touched_is_renaming(const MigrTouched *touched);

/* The addresses (MigrAddress *) of the objects, for a snapshot of these. */
extern List *migr_touched_addresses(const MigrTouched *touched);

/*
 * Add what may print otherwise though its rows are the same, because something
 * that it needs has another name, or columns.  It is everything if there would
 * be more objects than a limit.
 */
extern void migr_touched_close(MigrTouched *touched, int limit);

#endif							/* MIGR_TOUCHED_H */
