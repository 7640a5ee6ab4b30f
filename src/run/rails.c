/*
 * rails.c
 *		What can refuse an upgrade because of what it does.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "exec/own_rule.h"
#include "run/rails.h"
#include "run/usage_gate.h"
#include "run/usage_made.h"

void
migr_rails_begin(MigrRails *rails, MigrDirection direction)
{
	memset(rails, 0, sizeof(MigrRails));
	rails->on = direction == MIGR_UPGRADE;
	/* Of a run that was before in the same transaction, nothing is watched any more. */
	migr_usage_gate_stop();
	if (!rails->on)
	{
		migr_usage_made_begin();
		return;
	}
	migr_gate_begin(&rails->gate);
	migr_usage_gate_begin();
}

void
migr_rails_ran(MigrRails *rails)
{
	if (!rails->on)
		return;
	migr_gate_end(&rails->gate);
	rails->told = migr_usage_gate_end();
}

void
migr_rails_end(MigrRails *rails, const List *by_hand)
{
	if (!rails->on)
		return;
	migr_gate_end_hand(&rails->gate, by_hand);
	migr_own_rules_before_commit();
}

void
migr_rails_tell(const MigrRails *rails, MigrAudit *audit)
{
	migr_audit_add_detail(audit, rails->told);
}
