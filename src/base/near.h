/*
 * near.h
 *		The names that are nearest to one that there is not.
 *
 * Pure.  Near is what the server takes for near when a column is misspelt: by
 * its own measure, and not if there are many that are as near.  Upper and lower
 * case are the same.  What can't be near costs no more than looking at its
 * length.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_NEAR_H
#define MIGR_NEAR_H

typedef struct MigrNear
{
	char	   *wanted;			/* in lower case */
	int			len;
	int			distance;		/* of what is nearest so far */
	int			count;			/* how many are as near */
	const char *names[2];		/* the first of these */
} MigrNear;

extern void migr_near_begin(MigrNear *near, const char *wanted);

/* A name that there is; it is not copied. */
extern void migr_near_add(MigrNear *near, const char *name);

/* "Did you mean "x"? ", or "", to stand before what else a hint says. */
extern char *migr_near_question(const MigrNear *near);

#endif							/* MIGR_NEAR_H */
