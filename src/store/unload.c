/*
 * unload.c
 *		Scripts out of the store, one by one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/errors.h"
#include "graph/replace.h"
#include "graph/resolve.h"
#include "store/head_marks.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/repeatable_load.h"
#include "store/standing.h"
#include "store/tenant_applied.h"
#include "store/unload.h"

/* Is a revision one of those for which a squash is in force? */
static bool
is_replaced(const MigrState *state, const char *revision)
{
	return migr_graph_find(state->graph, revision) < 0;
}

/*
 * Raise 2BP01 if others name the revision: not if a squash stands for it, which
 * is what they mean.
 */
static void
check_unreferenced(const MigrGraph *all, int node)
{
	MigrNeighbours above = migr_graph_neighbours(all, node, MIGR_UP_ALL);

	if (above.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot unload revision \"%s\" because others revise or depend on it",
						all->nodes[node].id),
				 errdetail("Revision \"%s\" does.",
						   all->nodes[above.nodes[0]].id),
				 errhint("Unload from the head downwards.")));
}

/* Raise 55000 if a squash can't take the place of the revision without its script. */
static void
check_not_needed(const MigrGraph *all, int node, const List *versions)
{
	bool	   *kept = migr_set_create(all);

	for (int i = 0; i < all->count; i++)
		kept[i] = i != node;
	migr_replace_keep(all, migr_store_version_ids(versions), kept);
	if (kept[node])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot unload revision \"%s\" because some of what a squash replaces with it is applied",
						all->nodes[node].id),
				 errhint("Run migr_upgrade(); the next run puts the squash in its place.")));
}

/* The graph of all that is stored but one. */
static MigrGraph *
without(const MigrGraph *all, int node)
{
	MigrNode   *nodes = palloc(all->count * sizeof(MigrNode));
	int			count = 0;

	for (int i = 0; i < all->count; i++)
	{
		if (i != node)
			nodes[count++] = all->nodes[i];
	}
	return migr_replace_create(nodes, count);
}

/* The node of all that a name means; what a squash stands for has its own id only. */
static int
find_stored(const MigrGraph *all, const MigrState *state, const char *name)
{
	int			node = migr_graph_find(all, name);

	if (node < 0)
		node = migr_graph_find(all, state->graph->nodes[migr_resolve_revision(state, name)].id);
	return node;
}

/* Raise 55000 if the revision, or a squash that stands for it, is applied. */
static void
check_not_applied(MigrDb *db, const MigrState *state, const char *revision)
{
	bool		replaced = is_replaced(state, revision);

	if (migr_store_is_applied(db, revision) ||
		(!replaced && state->applied[migr_graph_find(state->graph, revision)]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot unload revision \"%s\" because it is applied", revision),
				 replaced
				 ? errhint("A squash replaces it: run migr_upgrade() first, which puts the squash in its place.")
				 : errhint("Downgrade below it first.")));
}

static void
check_no_tenant(MigrDb *db, const MigrGraph *all, int node)
{
	const bool *applied = migr_tenant_applied(db, all);

	if (applied && applied[node])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot unload revision \"%s\" because it is applied to tenants",
						all->nodes[node].id),
				 errhint("Downgrade them below it first.")));
}

/* Forget a revision; returns its id. */
static const char *
unload_revision(MigrDb *db, const char *name)
{
	int			count;
	MigrNode   *nodes = migr_store_read_nodes(db, &count);
	MigrGraph  *all = migr_replace_create(nodes, count);
	List	   *versions = migr_store_read_versions(db);
	MigrState  *state;
	MigrGraph  *rest;
	const char *revision;
	int			node;

	migr_graph_check(all);
	state = migr_store_state(all, versions);
	node = find_stored(all, state, name);
	revision = all->nodes[node].id;
	check_not_applied(db, state, revision);
	check_no_tenant(db, all, node);
	if (!is_replaced(state, revision))
	{
		check_unreferenced(all, node);
		migr_repeatable_check_unreferenced(db, &all->nodes[node]);
	}
	check_not_needed(all, node, versions);
	rest = without(all, node);
	migr_graph_check(rest);
	migr_store_delete(db, revision);
	migr_heads_correct(db, all, rest, migr_replace_heads(rest));
	return revision;
}

void
migr_unload_script(const char *name)
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
	migr_standing_refresh();
}
