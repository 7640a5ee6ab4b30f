/*
 * plan_pending.c
 *		The scripts that an upgrade would run.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/db.h"
#include "check/plan_pending.h"
#include "graph/plan.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/tenant_state.h"

List *
migr_plan_pending(const char *target, bool read_only)
{
	List	   *pending;
	MigrState  *state;
	MigrPlan	plan;
	List	   *due;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, read_only);
	state = migr_tenant_read_shared_state(&db);
	plan = migr_plan_upgrade(state, target);
	due = migr_repeatable_due_behind(migr_repeatable_read(&db), state, plan);
	pending = migr_store_parse_scripts(&db, state->graph, plan.steps, plan.count);
	foreach(lc, due)
		pending = lappend(pending, migr_repeatable_parse(&db, ((MigrRepeatable *) lfirst(lc))->name));
	migr_db_end(&db);
	return pending;
}
