/*
 * redo.c
 *		One revision again, for development: down, its script loaded, up.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/strict_setting.h"
#include "graph/plan.h"
#include "run/consent.h"
#include "run/redo.h"
#include "run/runner.h"
#include "script/script_files.h"
#include "store/loader.h"
#include "store/mutex.h"
#include "store/tenant_state.h"

/* The revision that was applied last. */
static int
last_applied(const MigrState *state)
{
	MigrPlan	last;

	if (migr_set_count(state->graph, state->applied) == 0 && state->unknown == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is nothing to redo: no revision is applied"),
				 errhint("Run migr_upgrade().")));
	last = migr_plan_downgrade(state, "-1");
	return last.steps[0];
}

/* The revision that a name means. */
static int
named(const MigrState *state, const char *name)
{
	MigrName	parsed = migr_name_parse(name);

	/* A step would count from heads, applied or not, and hit another one. */
	if (parsed.relative)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("relative step \"%s\" is not allowed here", name),
				 errhint("Name the revision; without a name, the one that was applied last is done again.")));
	return migr_resolve_revision(state, name);
}

static void
check_applied(const MigrState *state, int node)
{
	const char *id = state->graph->nodes[node].id;

	if (!state->applied[node])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot redo revision \"%s\" because it is not applied", id),
				 errhint("Run migr_upgrade('%s').", id)));
}

/* Raise if something applied stands on the revision: say what, in order. */
static void
check_on_top(const MigrState *state, int node)
{
	const MigrGraph *graph = state->graph;
	bool	   *above = migr_set_of(graph, node);
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	List	   *ids = NIL;
	int			count;

	migr_graph_close(graph, above, MIGR_UP_ALL);
	for (int i = 0; i < graph->count; i++)
		above[i] = above[i] && i != node && state->applied[i];
	count = migr_graph_order(graph, above, MIGR_UP_ALL, order);
	if (count == 0)
		return;
	for (int i = 0; i < count; i++)
		ids = lappend(ids, unconstify(char *, graph->nodes[order[i]].id));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot redo revision \"%s\" because others that are applied stand on it",
					graph->nodes[node].id),
			 errdetail("These have to go first, in this order: %s.", migr_ident_join(ids)),
			 errhint("Undo them with migr_downgrade(), redo the revision, and upgrade again.")));
}

/* What is to be redone, found before anything is changed. */
static char *
find_revision(const char *name)
{
	MigrState  *state;
	char	   *revision;
	MigrDb		db;
	int			node;

	migr_db_begin(&db, false);
	state = migr_tenant_read_shared_state(&db);
	node = name ? named(state, name) : last_applied(state);
	check_applied(state, node);
	check_on_top(state, node);
	revision = pstrdup(state->graph->nodes[node].id);
	migr_db_end(&db);
	return revision;
}

List *
migr_redo_revision(const char *name, const char *scripts)
{
	char	   *revision;

	migr_mutex_acquire();
	migr_safeguard_check("redo");
	migr_consent_refuse_command("redo");
	if (scripts)
		(void) migr_script_parse(scripts, NULL);	/* complains in time */
	revision = find_revision(name);
	migr_runner_undo(revision);
	if (scripts)
		(void) migr_loader_load_text(scripts, 0);
	else
		migr_loader_load_location();
	return migr_runner_upgrade_stored(revision);
}
