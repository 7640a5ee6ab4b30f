/*
 * reset.h
 *		The schema anew, for development: all of it dropped, then upgraded.
 *
 * Dropped is what migr_schema() shows: no members of extensions, nothing that
 * migr.exclude names.  An extension goes only if a stored script creates it.
 * Schema public stays and is emptied.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RESET_H
#define MIGR_RESET_H

#include "nodes/pg_list.h"

/*
 * Reset the current database, whose name confirm must be (22023).  Returns the
 * ids applied (char *), in order.  Raises MG010; 55000 without a script to
 * build the schema from; 42501 unless the user may drop everything; 2BP01 if
 * something that stays would have to go, too; and what an upgrade raises.
 */
extern List *migr_reset_database(const char *confirm);

#endif							/* MIGR_RESET_H */
