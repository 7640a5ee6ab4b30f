/*
 * offline.h
 *		What a run would do, as SQL for an operator to run.
 *
 * The script refuses to run on a database that is not where the range begins,
 * and keeps the version itself.  It has what a run would do but for verify
 * sections.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OFFLINE_H
#define MIGR_OFFLINE_H

#include "run/offline_range.h"

/*
 * The script for psql -1 that goes from the lower end of a range to the upper
 * one (for a downgrade: from the first named to the second).  Reads only.
 */
extern char *migr_offline_script(MigrDirection direction, const char *range,
								 const MigrOfflinePlace *place);

#endif							/* MIGR_OFFLINE_H */
