/*
 * compare.h
 *		The schema that DDL describes, and the SQL that leads to it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_COMPARE_H
#define MIGR_COMPARE_H

/*
 * The script (see diff.h) that turns what the DDL of current builds, or the
 * live schema if it is NULL, into what the DDL of desired builds.  Raises what
 * the DDL raises, with its line, and MG012.
 */
extern char *migr_compare(const char *desired, const char *current);

#endif							/* MIGR_COMPARE_H */
