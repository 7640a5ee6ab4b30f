/*
 * standalone.h
 *		What a run would do, as SQL for a server without the extension.
 *
 * The script is for plain psql, or whatever sends it statement by statement: it has
 * its own transactions, so that one that is cut off leaves whole ones; keeps
 * the version in tables of its own, which it makes; and says where the database is when
 * that is not where it starts from.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STANDALONE_H
#define MIGR_STANDALONE_H

#include "run/offline_range.h"

/* The script that goes from one end of a range to the other.  Reads only. */
extern char *migr_standalone_script(MigrDirection direction, const char *range,
									const MigrOfflinePlace *place);

/* The script that says that the database is at the end of the range. */
extern char *migr_standalone_stamp(const char *range, const MigrOfflinePlace *place);

#endif							/* MIGR_STANDALONE_H */
