/*
 * probe.h
 *		What a statement that was interrupted has left behind.
 *
 * For statements that commit before they end, of which the log can't know whether
 * they did.  What is found decides, not what was meant.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PROBE_H
#define MIGR_PROBE_H

#include "nodes/pg_list.h"

typedef struct MigrProbe
{
	char	   *found;			/* for messages; NULL: nothing is left */
	char	   *command;		/* to be run first, by itself; or NULL */
	Oid			table;			/* of an index that somebody may be building now */
	Oid			index;			/* that one */
	bool		done;			/* with that, the statement needs not run again */
} MigrProbe;

/*
 * Look what is there; before is what migr_probe_note() returned when the statement
 * was about to run.  After a command, look again.  Names mean what they mean to the
 * caller.
 */
extern MigrProbe migr_probe_look(const char *sql, const List *before);

/* Look whether it would be passed over for something that is not finished. */
extern MigrProbe migr_probe_look_first(const char *sql);

/* What has to be known later to tell what the statement made (char *). */
extern List *migr_probe_note(const char *sql);

/*
 * Wait until nobody builds the index that was found: whoever does lets go of the table
 * before he commits that it is valid.  To be called with no snapshot.
 */
extern void migr_probe_wait(const MigrProbe *probe);

#endif							/* MIGR_PROBE_H */
