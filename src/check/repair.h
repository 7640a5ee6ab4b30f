/*
 * repair.h
 *		Does the version tell what the schema is?  Make it so, if that is known.
 *
 * Changes migr's own tables only.  Which revisions a schema stands for is
 * found out by building it, not taken from anybody's word.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPAIR_H
#define MIGR_REPAIR_H

#include "nodes/pg_list.h"

typedef struct MigrFinding
{
	const char *finding;		/* see doc/reference.md */
	const char *action;			/* what was done, or is to be; "none" */
	const char *detail;
} MigrFinding;

/*
 * Look at the state of the version and, unless check_only, mend it; each
 * finding goes to the log then.  MigrFinding *, at least one.  Raises what
 * a scratch build raises.
 */
extern List *migr_repair_run(bool check_only);

#endif							/* MIGR_REPAIR_H */
