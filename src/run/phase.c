/*
 * phase.c
 *		What has to wait for the rollout of the application.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "run/phase.h"
#include "store/store.h"

MigrPlan
migr_phase_before(MigrDb *db, const MigrState *state, MigrPlan plan, List **waiting)
{
	const MigrGraph *graph = state->graph;
	List	   *scripts = migr_store_parse_scripts(db, graph, plan.steps, plan.count);
	bool	   *waits = migr_set_create(graph);
	MigrPlan	before = {.steps = palloc(Max(plan.count, 1) * sizeof(int))};
	ListCell   *lc;
	int			i = 0;

	foreach(lc, scripts)
	{
		int			node = plan.steps[i++];

		waits[node] = ((MigrScript *) lfirst(lc))->phase_after ||
			migr_graph_has_neighbour(graph, node, MIGR_DOWN_ALL, waits);
		if (waits[node])
			*waiting = lappend(*waiting, (char *) graph->nodes[node].id);
		else
			before.steps[before.count++] = node;
	}
	return before;
}

void
migr_phase_tell(const List *waiting)
{
	if (waiting == NIL)
		return;
	ereport(NOTICE,
			(errmsg_plural("%d revision waits for the rollout of the application: %s",
						   "%d revisions wait for the rollout of the application: %s",
						   list_length(waiting), list_length(waiting), migr_ident_join(waiting)),
			 errhint("CALL migr_deploy() behind it.")));
}
