/*
 * diff_colocation.h
 *		Which of the tables that Citus keeps together speaks for them, in a difference.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIFF_COLOCATION_H
#define MIGR_DIFF_COLOCATION_H

#include "model/model.h"

/*
 * Which of the tables that are together speaks for them depends on the names that there
 * are.  Let it be one that is there on both sides, so that a table that comes or goes
 * does not move all the others.
 */
extern void migr_diff_settle_distributions(MigrSchema *from, MigrSchema *to);

#endif							/* MIGR_DIFF_COLOCATION_H */
