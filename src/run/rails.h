/*
 * rails.h
 *		What can refuse an upgrade because of what it does: in one bracket, for all that run some.
 *
 * Around the statements of one transaction stand, in this order: what was not as the last run
 * left it (schema/record_gate.h), what was in use (run/usage_gate.h), rules of one's own
 * (exec/own_rule.h).  Whoever runs an upgrade so runs it between a begin and an end, and none
 * of them is left out.  Each raises in the transaction of the statements, so nothing of these
 * is left when one does.  A downgrade is refused by none of them.
 *
 * What has to be approved is no part of it: that is asked before the first statement
 * (run/consent.h), and of downgrades as well.  Nor is what commits statement by statement: it
 * can't be taken back, so each has something of its own for it.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RAILS_H
#define MIGR_RAILS_H

#include "graph/plan.h"
#include "schema/record_gate.h"
#include "store/log.h"

typedef struct MigrRails
{
	bool		on;				/* an upgrade */
	MigrGate	gate;
	char	   *told;			/* for the log, or NULL */
} MigrRails;

/* Before the first statement. */
extern void migr_rails_begin(MigrRails *rails, MigrDirection direction);

/*
 * Behind the last one, before anything is recorded of what it has left: raises MG014, or MG013.
 */
extern void migr_rails_ran(MigrRails *rails);

/*
 * When that is recorded, which has found out what somebody else has changed meanwhile (char *,
 * or NIL): raises MG014, or MG011.
 */
extern void migr_rails_end(MigrRails *rails, const List *by_hand);

/* Add to the log's row what there is to say of it. */
extern void migr_rails_tell(const MigrRails *rails, MigrAudit *audit);

#endif							/* MIGR_RAILS_H */
