/*
 * hazard.h
 *		Changes that the rows of the live tables do not admit.
 *
 * Looks at the rows as the owner of their table, whose rights the caller must
 * have, under a lock that stands in nobody's way and is not waited for, and at
 * no more than a million rows of a table.  So no caller runs code of others
 * with rights of his own.  What cannot be looked at is said to be unknown; it
 * raises no error.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_HAZARD_H
#define MIGR_HAZARD_H

#include "diff/diff.h"

typedef struct MigrHazards
{
	const List *renamings;		/* MigrRenaming *: not yet done to the tables */
	List	   *failing;		/* char *: what fails */
	List	   *unchecked;		/* char *: what may fail */
	List	   *told;			/* char *: tables of which it is known what
								 * takes time, or that they have no rows */
} MigrHazards;

/*
 * A MigrDiffRemark whose argument is a MigrHazards *: what the rows have
 * against a step, and the way around it.
 */
extern List *migr_hazard_remark(void *hazards, const struct MigrDiff *diff,
								const struct MigrStep *step);

/* Tell by a WARNING what fails, and by a NOTICE what has not been checked. */
extern void migr_hazard_report(const MigrHazards *hazards);

#endif							/* MIGR_HAZARD_H */
