/*
 * unload.c
 *		A script out of the store.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/errors.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/repeatable_load.h"

/* Raise 2BP01 if others name the revision. */
static void
check_unreferenced(const MigrGraph *graph, int node)
{
	MigrNeighbours above = migr_graph_neighbours(graph, node, MIGR_UP_ALL);

	if (above.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot unload revision \"%s\" because others revise or depend on it",
						graph->nodes[node].id),
				 errdetail("Revision \"%s\" does.",
						   graph->nodes[above.nodes[0]].id),
				 errhint("Unload from the head downwards.")));
}

/* Forget a revision; returns its id. */
static const char *
unload_revision(MigrDb *db, const char *name)
{
	MigrState  *state = migr_store_read_state(db);
	MigrGraph  *graph = state->graph;
	int			node = migr_resolve_revision(state, name);
	const char *revision = graph->nodes[node].id;

	if (state->applied[node])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot unload revision \"%s\" because it is applied", revision),
				 errhint("Downgrade below it first.")));
	check_unreferenced(graph, node);
	migr_repeatable_check_unreferenced(db, &graph->nodes[node]);
	migr_store_delete(db, revision);
	for (int i = 0; i < graph->count; i++)
	{
		const MigrRevision *info = graph->nodes[i].info;
		MigrNeighbours above = migr_graph_neighbours(graph, i, MIGR_UP_ALL);
		bool		head = above.count == 0 ||
			(above.count == 1 && above.nodes[0] == node);

		if (i != node && info->is_head != head)
			migr_store_set_head(db, graph->nodes[i].id, head);
	}
	return revision;
}

void
migr_loader_unload(const char *name)
{
	MigrAudit	audit = {.action = "unload", .started = GetCurrentTimestamp()};
	const char *forgotten = name;
	MigrDb		db;

	migr_mutex_acquire();
	migr_mutex_lock_store();
	migr_db_begin(&db, false);
	if (!migr_repeatable_unload(&db, name))
		forgotten = unload_revision(&db, name);
	migr_db_end(&db);

	audit.target = name;
	audit.revisions = list_make1(unconstify(char *, forgotten));
	migr_audit_write(&audit);
}
