/*
 * scratch_hollow.h
 *		Stand-ins of what a build refers to and does not make.
 *
 * Tables have columns and keys, views are tables, functions have no body: enough
 * to refer to.  No default, check, index expression, policy or body of the live
 * database is in it; these would run, on empty tables as well, what others wrote.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_HOLLOW_H
#define MIGR_SCRATCH_HOLLOW_H

#include "nodes/pg_list.h"

/*
 * Statements (char *) that make stand-ins for what is in schemas (char *) of
 * this database.  One may need what comes later, or fail: a stand-in of that is
 * not to be had.
 */
extern List *migr_scratch_hollow(const List *schemas);

/* Run such statements, in the worker. */
extern void migr_scratch_hollow_run(List *statements);

#endif							/* MIGR_SCRATCH_HOLLOW_H */
