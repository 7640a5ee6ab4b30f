/*
 * diff_plan.h
 *		The graph of steps, for the files that make and sort it.
 *
 * Private to diff.
 *
 * What is made here says in which order things are done, and by which step;
 * what is done is decided before (diff_decide.c).  A graph is made anew for
 * each round, because resolving a loop changes what is decided (diff_sort.c).
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIFF_PLAN_H
#define MIGR_DIFF_PLAN_H

#include "diff/diff_pair.h"

/* What makes one step come before another. */
typedef struct MigrArc
{
	int			before;
	int			after;
	int			origin;			/* the unit for whose sake */
} MigrArc;

typedef struct MigrDiffPlan
{
	MigrDiff   *diff;
	int			count;
	int			room;
	MigrStep   *steps;
	int			arc_count;
	int			arc_room;
	MigrArc    *arcs;
	int		   *carrier_of_end; /* by unit: whose end is its end; -1 */
	int		   *forward;		/* by unit: the step that makes it known; -1 */
	int		   *loosen;			/* by unit: the step that frees what it needs */
} MigrDiffPlan;

/* diff_steps.c: the steps of all units, and the arcs between. */
extern void migr_diff_graph(MigrDiffPlan *plan, MigrDiff *diff);

/* diff_inside.c: which constraints can come with their tables, and what runs. */
extern void migr_diff_see_inside(MigrDiff *diff);

/* diff_arcs.c: add one, unless either step is none. */
extern void migr_diff_add_arc(MigrDiffPlan *plan, int before, int after, int origin);

/*
 * diff_gather.c: steps (MigrStep *) in an order as good, in which those that take
 * all rows of one table stand together.
 */
extern List *migr_diff_gather(MigrDiffPlan *plan, List *steps);
/* diff_move.c: rows are saved before anything of their table goes, and come back behind it. */
extern void migr_diff_add_moves(MigrDiffPlan *plan);

/* diff_index.c: what ATTACH could take for another index is gone before. */
extern void migr_diff_add_index_arcs(MigrDiffPlan *plan);

/* diff_names.c: what takes a name waits for what gives it up. */
extern void migr_diff_wait_for_names(MigrDiffPlan *plan);

/*
 * diff_key_order.c: of two foreign keys, which comes first, by their names:
 * negative, 0, positive.
 */
extern int	migr_diff_order_keys(const MigrObject *left, const MigrObject *right);
/* diff_logged.c: what is tied to tables that become logged or unlogged. */
extern void migr_diff_add_logged_arcs(MigrDiffPlan *plan);

/* diff_follow.c: what a table gets through its parents. */
extern void migr_diff_follow(MigrDiff *diff);

#endif							/* MIGR_DIFF_PLAN_H */
