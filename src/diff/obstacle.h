/*
 * obstacle.h
 *		What is made by hand already, and stands in the way of a script.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OBSTACLE_H
#define MIGR_OBSTACLE_H

#include "model/model.h"

/*
 * Objects of to (MigrObject *) that from lacks and live has, and that live could
 * not keep while from becomes to: a policy that looks at a column which gets
 * another type.  All that live has and from lacks is marked (foreign.h) behind it.
 */
extern List *migr_obstacles(MigrSchema *from, MigrSchema *to, MigrSchema *live);

#endif							/* MIGR_OBSTACLE_H */
