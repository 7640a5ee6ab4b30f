/*
 * pending_near.h
 *		The state around what is pending, without the rest of the graph.
 *
 * Where it is known what is pending, and that nothing applied stands on it, a way to the
 * heads leads through that alone: through what is pending, the applied revisions that it
 * names, and the applied heads.  A state of these answers what is asked of it on such a
 * way as the whole one does; it does not say what stands on what among the applied ones.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PENDING_NEAR_H
#define MIGR_PENDING_NEAR_H

#include "store/standing.h"

/* Does this state do for that target?  Only with what is known (NULL: nothing). */
extern bool migr_pending_is_near(const MigrStanding *standing, const char *target);

/* That state; NULL if the store is not as it is known. */
extern MigrState *migr_pending_near_state(MigrDb *db, const MigrStanding *standing);

/* Write down how the database stands when all of it, and nothing else, has been applied. */
extern void migr_pending_record_done(MigrGeneration generation, const MigrStanding *before,
									 const MigrState *state);

#endif							/* MIGR_PENDING_NEAR_H */
