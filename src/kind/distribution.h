/*
 * distribution.h
 *		How tables are distributed over the nodes of a Citus cluster.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DISTRIBUTION_H
#define MIGR_DISTRIBUTION_H

#include "model/model.h"

/*
 * The identity of the table that a distributed one is said to be colocated with, or its
 * own, if it is that one; NULL where tables of its sort are not.
 */
extern const char *migr_distribution_leader(const MigrObject *object);

#endif							/* MIGR_DISTRIBUTION_H */
