/*
 * paths.h
 *		In which order scripts are run to come to the states of revisions.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PATHS_H
#define MIGR_PATHS_H

#include "graph/resolve.h"

/*
 * Revisions to be run one behind the other in one scratch database, and from
 * which one on the state is looked at.
 */
typedef struct MigrPath
{
	int			count;
	int		   *nodes;
	int			look_from;		/* how many have run by then */
	int		   *others;			/* by how many have run: the tables that are
								 * other ones then; NULL: not to be counted */
} MigrPath;

/* A path that looks at what a set builds, with room to go on; NULL: of all. */
extern MigrPath migr_path_to(const MigrGraph *graph, const bool *set);

/*
 * Paths (MigrPath *) on which no revision at all, each with all below it, all
 * together, and what is applied come about.  None has been counted.
 */
extern List *migr_paths_all(const MigrState *state);

/*
 * How many other tables may a state have to be among the nearest ones, which are
 * few, or all of the very nearest?  -1: none was built.
 */
extern int	migr_paths_limit(const List *paths);

/* Cut off what leads to no state that is to be looked at; is any left? */
extern bool migr_path_shorten(MigrPath *path, int most);

#endif							/* MIGR_PATHS_H */
