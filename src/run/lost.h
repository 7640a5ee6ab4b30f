/*
 * lost.h
 *		What a DROP takes with it is noted, and rows are never taken.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOST_H
#define MIGR_LOST_H

#include "nodes/pg_list.h"

#include "base/subxact.h"

/*
 * Run work(arg), which drops something, and add to *lost all that has gone with
 * it.  Raises 2BP01 if that had rows: a column of a table or of a row type; or,
 * unless with_tables says that they are what it is about, a table or sequence.
 * repeatable names the script in messages.
 */
extern void migr_lost_run(List **lost, const char *repeatable, bool with_tables,
						  MigrWork work, void *arg);

/* Is the default of a column, by the OID and number that it had, among them? */
extern bool migr_lost_default(const List *lost, Oid relation, int column);

/*
 * Raise 2BP01 if there is one that is not there again, by its kind and name.
 * dropped has the names (List of char *) that the script drops on purpose.
 */
extern void migr_lost_check(const List *lost, const char *repeatable,
							const List *dropped);

#endif							/* MIGR_LOST_H */
