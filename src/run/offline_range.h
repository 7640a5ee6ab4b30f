/*
 * offline_range.h
 *		What a script for psql has to do, read from its range.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OFFLINE_RANGE_H
#define MIGR_OFFLINE_RANGE_H

#include "graph/plan.h"

/* The database that the script is for. */
typedef struct MigrOfflinePlace
{
	bool		elsewhere;		/* what is applied is given, and not read */
	List	   *applied;		/* then: char *, in the order of application */
} MigrOfflinePlace;

typedef struct MigrOfflineRange
{
	const char *text;			/* as it was asked for */
	const char *target;			/* its end */
	bool		current;		/* it starts from what is applied */
	MigrState  *state;			/* as if the database were at the start */
	List	   *versions;		/* MigrVersion *, of that database */
} MigrOfflineRange;

/* What has to run: nodes, their ids, and the texts of their scripts (char *). */
typedef struct MigrOfflineSteps
{
	MigrPlan	plan;
	List	   *ids;
	List	   *texts;
} MigrOfflineSteps;

/*
 * The ends of a range: "from:to", where an upgrade may leave out either.  Raises
 * 22023, and what names raise.
 */
extern MigrOfflineRange migr_offline_range(const char *range, bool may_leave_out,
										   const MigrOfflinePlace *place);

/* The steps between its ends. */
extern MigrOfflineSteps migr_offline_steps(const MigrOfflineRange *range, MigrDirection direction);

/* Revisions (char *), and what the squashes among them replace. */
extern List *migr_offline_with_replaced(const MigrGraph *graph, const List *ids);

/*
 * The names (char *) of repeatable scripts that an upgrade would run behind the
 * state as it is now.
 */
extern List *migr_offline_left_out(const MigrState *state);

#endif							/* MIGR_OFFLINE_RANGE_H */
