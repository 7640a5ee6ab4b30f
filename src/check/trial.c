/*
 * trial.c
 *		Revisions tried out in a scratch database: up, down, up again.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/settings.h"
#include "check/tenant_build.h"
#include "check/trial.h"
#include "check/trial_error.h"
#include "check/trial_script.h"
#include "graph/graph_apart.h"
#include "store/repeatable.h"
#include "store/vouch.h"

/* The revisions being tried. */
typedef struct Trials
{
	const MigrState *state;
	int			count;
	int			shared;			/* how many of these are not for tenants; they come first */
	int		   *order;
	MigrScript **scripts;		/* by place in the order */
	bool	   *failed;			/* by node: it is not there for others */
	MigrTrialState built;		/* what the revisions so far have built */
	List	   *repeatables;	/* MigrScript *: run behind all that is not for tenants */
	MigrScratchJob job;
	List	   *results;		/* MigrTrial * */
} Trials;

static void
add_result(Trials *trials, const MigrScript *script, const char *status,
		   const char *detail)
{
	MigrTrial  *result = palloc(sizeof(MigrTrial));

	result->revision = script->revision;
	result->status = status;
	result->detail = detail;
	trials->results = lappend(trials->results, result);
}

/* A revision below this one that is not there; -1 if all are. */
static int
missing_below(const Trials *trials, int node)
{
	MigrNeighbours below = migr_graph_neighbours(trials->state->graph, node,
												 MIGR_DOWN_ALL);

	for (int i = 0; i < below.count; i++)
	{
		if (trials->failed[below.nodes[i]])
			return below.nodes[i];
	}
	return -1;
}

/* What came of one; it has to run where others stand on it. */
static void
try_script(Trials *trials, int node, const MigrScript *script)
{
	MigrTried	tried = migr_trial_script(&trials->built, script, node < 0);

	if (node >= 0)
		trials->failed[node] = tried.failed;
	add_result(trials, script, tried.status, tried.detail);
}

/* Try those of the order from one place up to another. */
static void
try_revisions(Trials *trials, int from, int to)
{
	for (int i = from; i < to; i++)
	{
		int			node = trials->order[i];
		int			missing = missing_below(trials, node);

		CHECK_FOR_INTERRUPTS();
		if (missing < 0)
			try_script(trials, node, trials->scripts[i]);
		else
		{
			trials->failed[node] = true;
			add_result(trials, trials->scripts[i], "skipped",
					   psprintf("it stands on revision \"%s\"",
								trials->state->graph->nodes[missing].id));
		}
	}
}

/* Repeatable scripts run behind what all share; they are told last. */
static List *
try_repeatables(Trials *trials)
{
	List	   *before = trials->results;
	List	   *results;
	ListCell   *lc;

	trials->results = NIL;
	foreach(lc, trials->repeatables)
		try_script(trials, -1, lfirst(lc));
	results = trials->results;
	trials->results = before;
	return results;
}

/* Try all, one behind the other; what is for tenants in a schema of its own. */
static void
try_all(void *arg)
{
	Trials	   *trials = arg;
	List	   *repeatables;

	migr_trial_state_begin(&trials->built);
	try_revisions(trials, 0, trials->shared);
	repeatables = try_repeatables(trials);
	if (trials->shared < trials->count)
	{
		migr_tenant_build_schema();
		migr_trial_state_begin(&trials->built);
		try_revisions(trials, trials->shared, trials->count);
	}
	trials->results = list_concat(trials->results, repeatables);
}

static void
do_trials(void *arg)
{
	Trials	   *trials = arg;

	migr_scratch_do(&trials->job, try_all, trials);
}

/* By node: is it for tenants?  NULL: none is. */
static bool *
find_members(const MigrGraph *graph)
{
	const char *label = migr_tenant_label();

	return label ? migr_apart_branch(graph, label) : NULL;
}

/* Put what is for tenants behind what all share, which stands on none of it. */
static void
order_trials(Trials *trials, const bool *set)
{
	const MigrGraph *graph = trials->state->graph;
	bool	   *members = find_members(graph);
	bool	   *shared = migr_set_copy(graph, set);
	bool	   *own = migr_set_copy(graph, set);

	trials->order = palloc((graph->count + 1) * sizeof(int));
	if (members)
	{
		migr_set_restrict(graph, shared, members, false);
		migr_set_restrict(graph, own, members, true);
	}
	trials->count = trials->shared = migr_graph_order(graph, shared, MIGR_DOWN_ALL, trials->order);
	if (members)
		trials->count += migr_graph_order(graph, own, MIGR_DOWN_ALL, trials->order + trials->shared);
}

/* The scripts of revisions in an order, MigrScript *. */
static List *
read_scripts(const MigrGraph *graph, const int *order, int count)
{
	List	   *scripts;
	MigrDb		db;

	migr_db_begin(&db, false);
	scripts = migr_store_parse_scripts(&db, graph, order, count);
	migr_db_end(&db);
	return scripts;
}

/*
 * An order in which the branch of one parent comes before those of the others;
 * what several have in common comes first.  Returns how many there are, 0 if
 * the parent has nothing to itself.
 */
static int
order_branch_first(const MigrGraph *graph, bool *const *branches, int count,
				   int first, int *order)
{
	bool	   *all = migr_set_create(graph);
	bool	   *common = migr_set_create(graph);
	bool	   *own = migr_set_create(graph);
	int			n;
	int			owned;

	for (int i = 0; i < graph->count; i++)
	{
		int			in = 0;

		for (int branch = 0; branch < count; branch++)
			in += branches[branch][i];
		common[i] = in > 1;
		own[i] = in == 1 && branches[first][i];
		all[i] = in == 1 && !own[i];
	}
	n = migr_graph_order(graph, common, MIGR_DOWN_ALL, order);
	owned = migr_graph_order(graph, own, MIGR_DOWN_ALL, order + n);
	return owned == 0 ? 0
		: n + owned + migr_graph_order(graph, all, MIGR_DOWN_ALL, order + n + owned);
}

/* What an order of branches builds. */
typedef struct Build
{
	List	   *shared;			/* MigrScript *, in this order */
	List	   *own;			/* of these, those for tenants */
	MigrSchema *schema;
} Build;

static void
run_own(void *arg)
{
	Build	   *build = arg;
	ListCell   *lc;

	foreach(lc, build->own)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	build->schema = migr_scratch_look(0);
}

static void
run_build(void *arg)
{
	Build	   *build = arg;
	MigrTenantBuild own = {.shared = build->shared, .own = build->own, .work = run_own, .arg = build};

	if (build->own == NIL)
		build->schema = migr_scratch_build(build->shared);
	else
		migr_tenant_build_run(&own);
}

static void
read_build(Build *build, const MigrGraph *graph, const int *order, int count)
{
	bool	   *members = find_members(graph);
	ListCell   *lc;
	int			i = 0;

	foreach(lc, read_scripts(graph, order, count))
	{
		if (members && members[order[i++]])
			build->own = lappend(build->own, lfirst(lc));
		else
			build->shared = lappend(build->shared, lfirst(lc));
	}
}

/* The parents, as nodes; returns how many. */
static int
list_members(const MigrGraph *graph, const bool *set, int *nodes)
{
	int			count = 0;

	for (int i = 0; i < graph->count; i++)
	{
		if (set[i])
			nodes[count++] = i;
	}
	return count;
}

/* What is said where the order of two branches matters. */
static char *
describe_conflict(const MigrGraph *graph, int first, int other,
				  const char *difference)
{
	return psprintf("with the branch of \"%s\" first, the schema is another one than with that of \"%s\" first: %s",
					graph->nodes[other].id, graph->nodes[first].id, difference);
}

/* Or does it say that nothing can be built, here or now? */
static bool
is_about_scripts(const ErrorData *error)
{
	switch (error->sqlerrcode)
	{
		case ERRCODE_CONFIGURATION_LIMIT_EXCEEDED:
		case ERRCODE_CONNECTION_FAILURE:
		case ERRCODE_FEATURE_NOT_SUPPORTED:
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
		case ERRCODE_LOCK_NOT_AVAILABLE:
		case ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH:
		case ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE:
		case ERRCODE_READ_ONLY_SQL_TRANSACTION:
			return false;
		default:
			return true;
	}
}

/*
 * Build with each branch in turn first.  What the branches have in common, a
 * branch with nothing of its own, is no reason to build.
 */
char *
migr_trial_branches(const MigrState *state, const bool *parents)
{
	const MigrGraph *graph = state->graph;
	int		   *nodes = palloc((graph->count + 1) * sizeof(int));
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = list_members(graph, parents, nodes);
	bool	  **branches = palloc((count + 1) * sizeof(bool *));
	MigrSchema *reference = NULL;
	int			first = -1;

	for (int i = 0; i < count; i++)
	{
		branches[i] = migr_set_of(graph, nodes[i]);
		migr_graph_close(graph, branches[i], MIGR_DOWN_ALL);
	}
	for (int i = 0; i < count; i++)
	{
		int			n = order_branch_first(graph, branches, count, i, order);
		Build		build = {0};
		ErrorData  *error;
		char	   *difference;

		if (n == 0)
			continue;
		read_build(&build, graph, order, n);
		error = migr_subxact_run(run_build, &build, false);
		if (error && !is_about_scripts(error))
			ReThrowError(error);
		if (error)
			return migr_trial_error(psprintf("with the branch of \"%s\" first",
										   graph->nodes[nodes[i]].id), error);
		difference = reference ? migr_trial_difference(build.schema, reference) : NULL;
		if (difference)
			return describe_conflict(graph, nodes[first], nodes[i], difference);
		if (reference == NULL)
		{
			reference = build.schema;
			first = i;
		}
	}
	return NULL;
}

/* Try the branches of the merge points that have been reached. */
static void
try_merges(Trials *trials)
{
	const MigrGraph *graph = trials->state->graph;
	MemoryContext caller = CurrentMemoryContext;
	ListCell   *lc;

	foreach(lc, trials->results)
	{
		MigrTrial  *result = lfirst(lc);
		int			node = migr_graph_find(graph, result->revision);
		MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN);
		MemoryContext context;
		bool	   *parents;
		char	   *conflict;

		if (below.count < 2 || trials->failed[node])
			continue;
		CHECK_FOR_INTERRUPTS();
		context = AllocSetContextCreate(caller, "migr merge", ALLOCSET_DEFAULT_SIZES);
		MemoryContextSwitchTo(context);
		parents = migr_set_create(graph);
		for (int i = 0; i < below.count; i++)
			parents[below.nodes[i]] = true;
		conflict = migr_trial_branches(trials->state, parents);
		MemoryContextSwitchTo(caller);
		if (conflict)
		{
			result->detail = strcmp(result->status, "fail") == 0
				? psprintf("%s\n%s", result->detail, conflict) : pstrdup(conflict);
			result->status = "fail";
		}
		MemoryContextDelete(context);
	}
}

List *
migr_trial_run(const char *target)
{
	MigrSetting path = {"search_path", migr_tenant_path(MIGR_TENANT_BUILT)};
	Trials		trials = {0};
	MigrState  *state;
	bool	   *set;
	List	   *scripts;
	int			i = 0;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	state = migr_store_read_state(&db);
	migr_db_end(&db);
	set = migr_resolve(state, target, false);
	migr_graph_close(state->graph, set, MIGR_DOWN_ALL);
	trials.state = state;
	trials.failed = migr_set_create(state->graph);
	order_trials(&trials, set);
	trials.scripts = palloc((trials.count + 1) * sizeof(MigrScript *));
	scripts = read_scripts(state->graph, trials.order, trials.count);
	trials.repeatables = migr_repeatable_scripts(state, set);
	trials.job.role = migr_vouch_role_for_build(list_concat_copy(scripts, trials.repeatables));
	foreach(lc, scripts)
		trials.scripts[i++] = lfirst(lc);
	/* While there is no such schema, the path leads to what all share. */
	migr_settings_run(&path, trials.shared < trials.count ? 1 : 0, do_trials, &trials);
	try_merges(&trials);
	return trials.results;
}
