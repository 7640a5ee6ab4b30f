/*
 * toposort.h
 *		Things in an order in which each comes behind what it waits for.
 *
 * Pure.  The things are numbers from 0 on.  Of those that wait for nothing the
 * one with the lowest rank is next, so equal input gives equal order, and what
 * need not wait stands where it is looked for.  Things in a loop, and behind
 * one, are never next, unless they are told not to wait.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TOPOSORT_H
#define MIGR_TOPOSORT_H

typedef struct MigrToposort MigrToposort;

/* Things by their ranks, which the caller keeps; NULL: by their numbers. */
extern MigrToposort *migr_toposort_create(int count, const int64 *ranks);

/* One comes before another; told before the first one is taken. */
extern void migr_toposort_arc(MigrToposort *sort, int before, int after);

/* It takes no part: nothing waits for it, and it is never next. */
extern void migr_toposort_leave_out(MigrToposort *sort, int thing);

/* Take the next one; -1: there is none, or none that does not wait. */
extern int	migr_toposort_next(MigrToposort *sort);

/* Does it wait for another one? */
extern bool migr_toposort_waits(const MigrToposort *sort, int thing);

/* Let it wait no longer. */
extern void migr_toposort_release(MigrToposort *sort, int thing);

extern void migr_toposort_free(MigrToposort *sort);

#endif							/* MIGR_TOPOSORT_H */
