/*
 * hazard_change.h
 *		What hazard.c leaves to others: conversions, and what takes time.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_HAZARD_CHANGE_H
#define MIGR_HAZARD_CHANGE_H

#include "diff/diff_pair.h"
#include "diff/hazard.h"

/* --- hazard_subject.c ------------------------------------------------------ */

/*
 * May a question speak of something by a name that it is yet to get, or that
 * something else has now?
 */
extern bool migr_hazard_is_renamed(const MigrHazards *hazards, const char *question);

/* Is a relation there before and after, and the same one? */
extern bool migr_hazard_is_kept(const MigrDiff *diff, const MigrObject *object);

/* A relation in FROM; a plain table's constraint is about its own rows only. */
extern const char *migr_hazard_from(const MigrObject *relation, bool only);

/* Does a constraint's definition say nothing of rows that are there? */
extern bool migr_hazard_is_unchecked(const char *definition);

/* --- hazard_type.c --------------------------------------------------------- */

/*
 * Remarks (char *) on a column that gets another type, if values in it do not
 * become values of that; they are noted as failing.
 */
extern List *migr_hazard_conversion(MigrHazards *hazards, const MigrDiff *diff,
									const MigrUnit *unit);

/* --- hazard_cost.c --------------------------------------------------------- */

/*
 * Remarks (char *) on what rewrites or reads all rows of a table while nobody
 * else may use it; NIL if there are none, or if it is known of the table.
 */
extern List *migr_hazard_cost(MigrHazards *hazards, const MigrDiff *diff,
							  const MigrUnit *unit);

/*
 * Does what a unit of a table that stays goes through rewrite all its rows, or
 * at least read them, while others wait?
 */
extern bool migr_hazard_rewrites(const MigrDiff *diff, const MigrUnit *unit);
extern bool migr_hazard_costs(const MigrDiff *diff, const MigrUnit *unit);

/* May an expression have another value for each row? */
extern bool migr_hazard_is_volatile(const MigrDiff *diff, const char *expression);

#endif							/* MIGR_HAZARD_CHANGE_H */
