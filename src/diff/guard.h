/*
 * guard.h
 *		A script for all databases at a revision, and what one of them has besides.
 *
 * The way between two models is the same everywhere.  In the live database
 * something may be there already, or be gone, or stand in the way: what a script
 * says of that has no effect in databases where it is otherwise.
 *
 * - What is made, and is there already, is made if it is not there.
 * - What is dropped, and is gone, is dropped if it is there.
 * - What no revision makes, and has to go for a while, goes where it is, and comes
 *   back with its owner and its privileges.
 * - Privileges and owners of what has to be replaced, which no revision gave,
 *   are given again, to whomever the database says at the time.
 * - What can't be reconciled is told, and left to the server, which refuses it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GUARD_H
#define MIGR_GUARD_H

#include "diff/diff.h"
#include "diff/hazard.h"

typedef struct MigrDiffGuard
{
	MigrSchema *live;
	bool		is_back;		/* the way back, from where live is not yet */
	MigrHazards *hazards;		/* to be looked for, or NULL */
	bool		quiet;			/* what people should know is in comments alone */
	MigrDiffRemark more;		/* remarks besides, or NULL */
	void	   *more_arg;

	/* What came of it: char *. */
	List	   *present;		/* made already */
	List	   *gone;			/* dropped already */
	List	   *kept;			/* of no revision, and goes for a while */
	List	   *failing;		/* why the script fails in the live database */

	/* For itself. */
	struct MigrLookup *lookup;
	List	   *obstacles;		/* see obstacle.h */
	int		   *numbers;		/* by unit: of what is noted of it; 0: nothing */
	int			last;
	List	   *notes;			/* on the step at hand */
} MigrDiffGuard;

/* The difference of two models; *head is what to write in front of all, as in diff.h. */
extern char *migr_guard_script(MigrDiffGuard *guard, MigrSchema *from, MigrSchema *to,
							   char **head);

/* Tell what came of it: by a WARNING what fails, by NOTICEs all else. */
extern void migr_guard_report(const MigrDiffGuard *guard);

#endif							/* MIGR_GUARD_H */
