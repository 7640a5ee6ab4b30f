/*
 * stamp.c
 *		The version without a run: what is applied because somebody says so.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/strict_setting.h"
#include "graph/plan.h"
#include "run/squash_rows.h"
#include "run/stamp.h"
#include "schema/record.h"
#include "store/log.h"
#include "store/missing.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/standing.h"
#include "store/tenant_state.h"

/* Delete the rows of the version table that a stamp leaves out; how many. */
static int
unstamp(MigrDb *db, const MigrState *state, const bool *wanted,
		const List *versions, bool purge)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(state->graph, version->revision);

		CHECK_FOR_INTERRUPTS();
		if (node >= 0 ? wanted[node] && !purge : !purge)
			continue;
		migr_store_remove_version(db, version->revision);
		count++;
	}
	return count;
}

/* Add the rows that are missing, each behind what it stands on; how many. */
static int
add_stamps(MigrDb *db, const MigrState *state, const bool *wanted, bool purge)
{
	const MigrGraph *graph = state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(graph, wanted, MIGR_DOWN_ALL, order);
	MigrVersion version = {.stamped = true, .applied_by = migr_audit_user()};
	int			added = 0;

	version.ordinal = migr_store_next_ordinal(db);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (state->applied[order[i]] && !purge)
			continue;
		version.revision = graph->nodes[order[i]].id;
		version.checksum = ((MigrRevision *) graph->nodes[order[i]].info)->checksum;
		migr_store_add_version(db, &version, 0);
		version.ordinal++;
		added++;
	}
	return added;
}

int
migr_stamp_apply(MigrDb *db, MigrState *state, const bool *wanted, bool purge)
{
	int			changes;

	changes = unstamp(db, state, wanted, migr_store_read_versions(db), purge);
	changes += add_stamps(db, state, wanted, purge);
	memcpy(state->applied, wanted, state->graph->count * sizeof(bool));
	return changes;
}

void
migr_stamp_record(const MigrAudit *audit)
{
	if (audit->to_heads == NIL)
		migr_record_none();
	else
		migr_record_all(audit->action, list_length(audit->to_heads) == 1
						? linitial(audit->to_heads) : NULL);
}

List *
migr_stamp_set(const char *targets, bool purge, const char *tag)
{
	MigrAudit	audit = {.action = "stamp", .started = GetCurrentTimestamp()};
	MigrState  *state;
	int			changes;
	MigrDb		db;

	migr_mutex_acquire();
	if (purge)
		migr_safeguard_check("stamp with purge");
	migr_squash_rows_settle();
	migr_db_begin(&db, false);
	state = migr_tenant_read_shared_state(&db);
	audit.from_heads = migr_set_ids(state->graph, migr_state_heads(state));
	changes = migr_stamp_apply(&db, state, migr_plan_stamp(state, targets, purge),
							   purge);
	migr_repeatable_forget_undone(&db, state);
	migr_db_end(&db);

	audit.target = targets;
	audit.tag = tag;
	audit.to_heads = migr_set_ids(state->graph, migr_state_heads(state));
	migr_stamp_record(&audit);
	if (changes > 0)
		migr_audit_write(&audit);
	migr_standing_refresh();
	if (!purge)
		migr_missing_warn_kept(state->unknown);
	return audit.to_heads;
}
