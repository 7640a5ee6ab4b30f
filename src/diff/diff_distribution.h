/*
 * diff_distribution.h
 *		Tables that are distributed by Citus, in a difference.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIFF_DISTRIBUTION_H
#define MIGR_DIFF_DISTRIBUTION_H

#include "diff/diff_needs.h"

/* What distributions need, and foreign keys of them. */
extern void migr_diff_connect_distributions(MigrSide *side);

/*
 * The foreign keys, as units, that have to go and come back so that a table can be
 * distributed that is there already, and are not yet to.
 */
extern List *migr_diff_keys_in_the_way(const MigrDiff *diff);

#endif							/* MIGR_DIFF_DISTRIBUTION_H */
