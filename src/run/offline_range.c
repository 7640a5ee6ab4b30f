/*
 * offline_range.c
 *		What a script for psql has to do, read from its range.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "graph/range.h"
#include "run/offline_range.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/tenant_state.h"

/* The ends of the range; an upgrade may leave them out. */
static void
split(const char *range, bool may_leave_out, char **start, char **target)
{
	if (strchr(range, ':') == NULL && may_leave_out)
	{
		*start = pstrdup("");
		*target = pstrdup(range);
	}
	else
		migr_range_split(range, start, target);
	if (!may_leave_out && (**start == '\0' || **target == '\0'))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a downgrade script needs both ends of the range"),
				 errhint("Write it as \"from:to\", for example \"current:base\".")));
	if (**target == '\0')
		*target = pstrdup("head");
}

/*
 * A state in which just what is below a range's start is applied: in the order
 * in which it was, if that is what is current.
 */
static MigrState *
state_at(const MigrState *actual, const char *start, bool current)
{
	MigrState  *state = migr_state_create(actual->graph);
	int		   *order = palloc((actual->graph->count + 1) * sizeof(int));
	List	   *names = *start != '\0' ? migr_name_split(start) : NIL;
	int			count;
	ListCell   *lc;

	foreach(lc, names)
		migr_set_unite(actual->graph, state->applied, migr_resolve_applied(actual, lfirst(lc)));
	count = migr_graph_order_steps(actual->graph, state->applied, MIGR_DOWN_ALL, order);
	for (int i = 0; i < count; i++)
		state->ordinal[order[i]] = current ? actual->ordinal[order[i]] : i + 1;

	/* Where it starts from what is, it may have to undo what is not known. */
	if (current)
	{
		state->unknown = actual->unknown;
		state->newest_unknown = PG_INT64_MAX;
	}
	return state;
}

/* Rows of a version table that is elsewhere. */
static List *
rows_of(const List *applied)
{
	List	   *versions = NIL;
	ListCell   *lc;

	foreach(lc, applied)
	{
		MigrVersion *version = palloc0(sizeof(MigrVersion));

		version->revision = lfirst(lc);
		version->ordinal = list_length(versions) + 1;
		versions = lappend(versions, version);
	}
	return versions;
}

MigrOfflineRange
migr_offline_range(const char *text, bool may_leave_out, const MigrOfflinePlace *place)
{
	MigrOfflineRange range = {.text = text};
	char	   *start;
	char	   *target;
	MigrDb		db;

	split(text, may_leave_out, &start, &target);
	range.target = target;
	range.current = strcmp(start, "current") == 0;
	migr_db_begin(&db, true);
	range.versions = place->elsewhere ? rows_of(place->applied) : migr_store_read_versions(&db);
	range.state = state_at(migr_tenant_read_shared_state_as(&db, range.versions), start, range.current);
	migr_db_end(&db);
	return range;
}

MigrOfflineSteps
migr_offline_steps(const MigrOfflineRange *range, MigrDirection direction)
{
	MigrOfflineSteps steps = {.ids = NIL};
	const MigrGraph *graph = range->state->graph;
	MigrDb		db;

	steps.plan = direction == MIGR_UPGRADE ? migr_plan_upgrade(range->state, range->target)
		: migr_plan_downgrade(range->state, range->target);
	for (int i = 0; i < steps.plan.count; i++)
		steps.ids = lappend(steps.ids, unconstify(char *, graph->nodes[steps.plan.steps[i]].id));
	migr_db_begin(&db, true);
	steps.texts = migr_store_read_scripts(&db, graph, steps.plan.steps, steps.plan.count);
	migr_db_end(&db);
	return steps;
}

List *
migr_offline_with_replaced(const MigrGraph *graph, const List *ids)
{
	List	   *all = list_copy(ids);
	ListCell   *lc;

	foreach(lc, ids)
		all = list_concat(all, graph->nodes[migr_graph_find(graph, lfirst(lc))].replaces);
	return all;
}

List *
migr_offline_left_out(const MigrState *state)
{
	MigrPlan	nothing = {0};
	List	   *names = NIL;
	List	   *all;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	all = migr_repeatable_read(&db);
	migr_db_end(&db);
	foreach(lc, migr_repeatable_due_behind(all, state, nothing))
		names = lappend(names, unconstify(char *, ((MigrRepeatable *) lfirst(lc))->name));
	return names;
}
