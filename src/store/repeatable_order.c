/*
 * repeatable_order.c
 *		Which repeatable scripts are to run, and in which order.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/errors.h"
#include "graph/graph_apart.h"
#include "store/repeatable.h"
#include "store/tenant.h"

void
migr_repeatable_raise_on_tenants(const char *name, const char *on)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
			 errmsg("repeatable script \"%s\" runs once for all tenants, and depends on \"%s\", which is for each of them",
					name, on),
			 errdetail("The branch of label \"%s\" is for tenants, as migr.tenant_label says.", migr_tenant_label()),
			 errhint("Write what it says into a revision of that branch.")));
}

/* The repeatable scripts, looked at in turn. */
typedef struct Turn
{
	const List *all;
	const MigrState *state;
	const bool *applied;
	bool		nothing_pending;
	List	   *seen;			/* MigrRepeatable *: ready or not */
	List	   *ready;
} Turn;

static MigrRepeatable *
find(const List *all, const char *name)
{
	ListCell   *lc;

	foreach(lc, all)
	{
		if (strcmp(((MigrRepeatable *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	}
	return NULL;
}

static bool is_ready(Turn *turn, MigrRepeatable *one);

/* Is what a name means there?  A revision, by id or label, or another of these. */
static bool
is_met(Turn *turn, const MigrRepeatable *one, const char *name)
{
	MigrRepeatable *other = find(turn->all, name);
	int			node;

	if (other)
		return is_ready(turn, other);
	node = migr_graph_find(turn->state->graph, name);
	if (node < 0)
		node = migr_graph_find_label(turn->state->graph, name);
	if (node < 0 && migr_apart_find(turn->state->graph, name))
		migr_repeatable_raise_on_tenants(one->name, name);
	return node >= 0 && turn->applied[node];
}

static bool
is_ready(Turn *turn, MigrRepeatable *one)
{
	bool		ready = turn->nothing_pending || one->depends != NIL;
	ListCell   *lc;

	check_stack_depth();
	if (list_member_ptr(turn->seen, one))
		return list_member_ptr(turn->ready, one);
	turn->seen = lappend(turn->seen, one);
	foreach(lc, one->depends)
		ready = is_met(turn, one, lfirst(lc)) && ready;
	if (ready)
		turn->ready = lappend(turn->ready, one);
	return ready;
}

List *
migr_repeatable_ready(const List *all, const MigrState *state, const bool *applied)
{
	Turn		turn = {.all = all, .state = state, .applied = applied};
	ListCell   *lc;

	turn.nothing_pending = migr_set_count(state->graph, applied) == state->graph->count;
	foreach(lc, all)
		(void) is_ready(&turn, lfirst(lc));
	return turn.ready;
}

List *
migr_repeatable_due_behind(const List *all, const MigrState *state, MigrPlan plan)
{
	bool	   *applied = migr_set_copy(state->graph, state->applied);
	List	   *due = NIL;
	ListCell   *lc;

	for (int i = 0; i < plan.count; i++)
		applied[plan.steps[i]] = true;
	foreach(lc, migr_repeatable_ready(all, state, applied))
	{
		MigrRepeatable *one = lfirst(lc);

		if (one->applied == NULL || strcmp(one->applied, one->checksum) != 0)
			due = lappend(due, one);
	}
	return due;
}

void
migr_repeatable_forget_undone(MigrDb *db, const MigrState *state)
{
	List	   *all = migr_repeatable_read(db);
	List	   *ready = migr_repeatable_ready(all, state, state->applied);
	List	   *undone = NIL;
	ListCell   *lc;

	foreach(lc, all)
	{
		const MigrRepeatable *one = lfirst(lc);

		if (one->applied && !list_member_ptr(ready, one))
			undone = lappend(undone, unconstify(char *, one->name));
	}
	if (undone != NIL)
		migr_repeatable_forget_runs(db, undone);
}

void
migr_repeatable_check_done(const List *all, const MigrState *state)
{
	List	   *due = migr_repeatable_due_behind(all, state, migr_plan_upgrade(state, "heads"));

	if (due != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg_plural("database is not up to date: %d repeatable script pending",
							   "database is not up to date: %d repeatable scripts pending",
							   list_length(due), list_length(due)),
				 errdetail("The next is \"%s\".", ((MigrRepeatable *) linitial(due))->name),
				 errhint("Run migr_upgrade().")));
}

List *
migr_repeatable_scripts(const MigrState *state, const bool *set)
{
	List	   *scripts = NIL;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	foreach(lc, migr_repeatable_ready(migr_repeatable_read(&db), state, set))
		scripts = lappend(scripts, migr_repeatable_parse(&db, ((MigrRepeatable *) lfirst(lc))->name));
	migr_db_end(&db);
	return scripts;
}

List *
migr_repeatable_scripts_applied(const MigrState *state)
{
	List	   *scripts = NIL;
	List	   *all;
	List	   *order;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	all = migr_repeatable_read(&db);
	order = migr_repeatable_ready(all, state, state->applied);
	/* Its turn may have been, and be no more. */
	foreach(lc, list_concat_unique_ptr(order, all))
	{
		const MigrRepeatable *one = lfirst(lc);

		if (one->applied)
			scripts = lappend(scripts, migr_repeatable_parse_applied(&db, one->name));
	}
	migr_db_end(&db);
	return scripts;
}
