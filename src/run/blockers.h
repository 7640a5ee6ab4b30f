/*
 * blockers.h
 *		Who holds the lock that a statement did not get in time.
 *
 * An error about a lock says what was waited for, at best, and never who had it;
 * when it is caught, the wait is over.  So a timer looks, while statements run,
 * whether the session waits, and for what.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_BLOCKERS_H
#define MIGR_BLOCKERS_H

/* Look from now on, until an error or migr_blockers_ignore(). */
extern void migr_blockers_watch(void);
extern void migr_blockers_ignore(void);

/*
 * Who holds what was waited for last, a line each: process, user, application,
 * state, since when, and the statement if the current user may see it.  NULL if
 * nobody does any more, or nothing was waited for.  Needs a snapshot.
 */
extern char *migr_blockers_describe(void);

#endif							/* MIGR_BLOCKERS_H */
