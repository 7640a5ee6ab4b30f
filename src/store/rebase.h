/*
 * rebase.h
 *		Applied revisions that get another place in the graph.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REBASE_H
#define MIGR_REBASE_H

#include "graph/graph.h"
#include "script/script.h"

/* Does a script revise other revisions than it does as it is stored? */
extern bool migr_rebase_moves(const MigrNode *stored, const MigrScript *script);

/*
 * Raise MG007 if an applied revision revises or depends on one that is not
 * applied, and did not so far.  Versions: MigrVersion *.
 */
extern void migr_rebase_check(MigrGraph *stored, MigrGraph *merged,
							  const List *versions);

#endif							/* MIGR_REBASE_H */
