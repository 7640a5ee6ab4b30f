/*
 * which_revisions.h
 *		Which revisions' scripts build a given schema?
 *
 * Builds, in a scratch database, what the scripts of sets of revisions say,
 * and compares the result with a model.  A set fits if all that its scripts build
 * is there, whatever else is (fit.h), unless that is what other revisions make.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WHICH_REVISIONS_H
#define MIGR_WHICH_REVISIONS_H

#include "check/candidates.h"

/*
 * Try one set, in the order of the graph.  Behind it, as behind all that are
 * tried, stand the repeatable scripts that have run.
 */
extern MigrMatch migr_match_set(MigrSchema *wanted, const MigrState *state, const bool *set);

/*
 * Try no revision at all, each revision with all below it, all together, and what
 * is applied.
 */
extern MigrMatch migr_match_all(MigrSchema *wanted, const MigrState *state);

#endif							/* MIGR_WHICH_REVISIONS_H */
