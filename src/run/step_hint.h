/*
 * step_hint.h
 *		What to do about an error of the server's that stops a run.
 *
 * Goes by SQLSTATE, and by what the run knows and a statement does not: what was
 * applied when it began, and what its steps so far have done.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STEP_HINT_H
#define MIGR_STEP_HINT_H

#include "nodes/pg_list.h"

/* Of an upgrade, from its first step on; initialised with what is known then. */
typedef struct MigrStepHint
{
	bool		from_nothing;	/* nothing was applied */
	const char *revision;		/* of the step that runs */
	List	   *labels;			/* MigrStepLabel *: added to enums, latest first */
	ErrorContextCallback callback;
} MigrStepHint;

/*
 * Between these two, the statements (MigrStatement *) of a revision's section
 * run.  In a memory context that lasts as long as the hint.
 */
extern void migr_step_hint_push(MigrStepHint *hint, const char *revision,
								const List *statements);
extern void migr_step_hint_pop(MigrStepHint *hint);

#endif							/* MIGR_STEP_HINT_H */
