/*
 * diff_needs.h
 *		Who needs whom, for the files that find it out.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIFF_NEEDS_H
#define MIGR_DIFF_NEEDS_H

#include "diff/diff_pair.h"

/* One unit needs another; nothing if either is none (-1), or both are one. */
extern void migr_diff_add_edge(MigrSide *side, int object, int needed, bool weak);

/*
 * diff_bodies.c: the routines and views (MigrObject *) of a side whose names the
 * text of a routine has.  The catalogs do not tell what most bodies read.
 */
extern List *migr_diff_mentions(MigrSide *side, const MigrObject *routine);

/* Sort the edges by what is needed, and then by who needs it. */
extern void migr_diff_index_edges(const MigrDiff *diff, MigrDiffEdges *edges);

/* diff_needs_own.c: what an object needs that no catalog tells. */
extern void migr_diff_add_own(MigrDiff *diff, MigrSide *side, MigrObject *object);

#endif							/* MIGR_DIFF_NEEDS_H */
