/*
 * deploy.h
 *		Upgrade and downgrade of a busy database: a transaction for each revision.
 *
 * A revision has the locks that it needs within a limit, or is rolled back and
 * tried again with nothing held in between; its version and its row of the log are
 * of its own transaction.  What no transaction block holds runs at top level
 * (apart.h).  Wherever it ends, the next call goes on from there.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DEPLOY_H
#define MIGR_DEPLOY_H

#include "graph/plan.h"

typedef struct MigrDeploy
{
	MigrDirection direction;
	const char *target;
	const char *tag;			/* or NULL */
	int			lock_timeout;	/* of each statement, in milliseconds */
	int			attempts;		/* for each revision, or statement that runs apart */
	bool		before;			/* only what need not wait for the application's rollout */
} MigrDeploy;

/* Called by a procedure that xact.h has let through, in its memory context. */
extern void migr_deploy_run(const MigrDeploy *deploy);

#endif							/* MIGR_DEPLOY_H */
