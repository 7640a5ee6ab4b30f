/*
 * kept_rows.h
 *		What runs have dropped and is kept: listed, taken back, discarded.
 *
 * Who may discard what has not expired has the rights of its owner; what has, whoever
 * may call that: for how long rows are kept, the database says.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_KEPT_ROWS_H
#define MIGR_KEPT_ROWS_H

#include "base/srf.h"

/* A row for each, as migr_kept() returns them. */
extern void migr_kept_list(MigrSrf *srf);

/*
 * Put it back where it was, with the caller's rights; how many rows or values.  42704 if
 * there is none, 55000 if there is no place for it.
 */
extern int64 migr_kept_take_back(int64 id);

/*
 * Drop one, or all that have expired; puts the ids.  42704 if there is none, 42501 if
 * the caller may not.
 */
extern void migr_kept_discard(bool expired, int64 id, MigrSrf *srf);

#endif							/* MIGR_KEPT_ROWS_H */
