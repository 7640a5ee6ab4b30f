/*
 * reached.h
 *		Is there nothing to do?  Without a graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REACHED_H
#define MIGR_REACHED_H

#include "store/standing.h"

/*
 * Is everything applied that the target asks for, and no repeatable script due?  Answered
 * from what is known (NULL: nothing), else from indexes, for the targets that a start-up
 * script uses, if nothing at all is pending: below what is applied, something may be.
 * False means that it takes a plan.
 */
extern bool migr_reached(MigrDb *db, const MigrStanding *standing, const char *target);

/*
 * Is there a squash without a row of its own, and not replaced itself?  Until
 * then heads alone don't tell what is applied.
 */
extern bool migr_reached_open_squash(MigrDb *db);

/* Warn of each revision that is applied and has no script. */
extern void migr_reached_warn_missing(MigrDb *db, const MigrStanding *standing);

#endif							/* MIGR_REACHED_H */
