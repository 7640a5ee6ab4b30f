/*
 * range.h
 *		Ranges of revisions, as history takes them.
 *
 * Pure, as resolve is.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RANGE_H
#define MIGR_RANGE_H

#include "graph/resolve.h"

/*
 * What lies in a range a:b, :b or a: (both ends included, heads and base by
 * default).  22023 if it is no range, MG004 if a is not below b.
 */
extern bool *migr_range_resolve(const MigrState *state, const char *range);

/* The two ends of a range as they are written; "" where one is left out. */
extern void migr_range_split(const char *range, char **lower, char **upper);

#endif							/* MIGR_RANGE_H */
