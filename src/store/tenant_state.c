/*
 * tenant_state.c
 *		What is for tenants of what is stored, and what of it is applied to one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/errors.h"
#include "base/ident.h"
#include "graph/graph_apart.h"
#include "graph/replace.h"
#include "store/missing.h"
#include "store/tenant_state.h"

/* --- what all share -------------------------------------------------------------- */

MigrState *
migr_tenant_shared_state(MigrGraph *all, const List *versions)
{
	const char *label = migr_tenant_label();
	MigrState  *whole = migr_store_state(all, versions);
	bool	   *members = label ? migr_apart_branch(whole->graph, label) : NULL;
	MigrState  *shared;
	ListCell   *lc;

	if (members == NULL)
		return whole;
	shared = migr_state_create(migr_apart_without(whole->graph, members, label));
	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(whole->graph, version->revision);

		/* One that was applied to the database when it was nobody's own. */
		if (node < 0 || !members[node])
			migr_state_add(shared, version->revision, version->ordinal);
	}
	return shared;
}

MigrState *
migr_tenant_read_shared_state_as(MigrDb *db, const List *versions)
{
	int			count;
	MigrNode   *nodes = migr_store_read_nodes(db, &count);
	MigrGraph  *graph = migr_replace_create(nodes, count);

	migr_graph_check(graph);
	return migr_tenant_shared_state(graph, versions);
}

MigrState *
migr_tenant_read_shared_state(MigrDb *db)
{
	return migr_tenant_read_shared_state_as(db, migr_store_read_versions(db));
}

/* --- a tenant --------------------------------------------------------------------- */

static const char *
require_label(void)
{
	const char *label = migr_tenant_label();

	if (label == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there are no tenants in this database"),
				 errdetail("migr.tenant_label does not say which revisions are for them."),
				 errhint("Give their branch a label, and name it: ALTER DATABASE ... SET migr.tenant_label = '...'.")));
	return label;
}

static bool *
require_branch(const MigrGraph *graph, const char *label)
{
	bool	   *members = migr_apart_branch(graph, label);

	if (members == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
				 errmsg("no revision has the label \"%s\", which migr.tenant_label names", label),
				 errhint(MIGR_LOAD_FIRST)));
	return members;
}

/* What the heads stand on within a branch of the graph, themselves included. */
static bool *
below_heads(const MigrGraph *graph, const char *label, const List *heads)
{
	bool	   *members = require_branch(graph, label);
	bool	   *below = migr_set_create(graph);
	ListCell   *lc;

	foreach(lc, heads)
	{
		int			node = migr_graph_find(graph, lfirst(lc));

		if (node >= 0)
			below[node] = true;
	}
	migr_graph_close(graph, below, MIGR_DOWN_ALL);
	migr_set_restrict(graph, below, members, true);
	return below;
}

static void
check_heads(const MigrGraph *all, const MigrTenant *tenant)
{
	ListCell   *lc;

	foreach(lc, tenant->heads)
	{
		if (migr_graph_find(all, lfirst(lc)) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
					 errmsg("tenant \"%s\" is at \"%s\", which has no script", tenant->name,
							(char *) lfirst(lc)),
					 errhint("Load its script again, with migr_load().")));
	}
}

static void
check_count(const MigrTenant *tenant, int count)
{
	if (count == tenant->applied)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("revisions below those that tenant \"%s\" is at have changed", tenant->name),
			 errdetail("It is at %s, which stood on %d when they were applied and stand on %d now, themselves included.",
					   tenant->heads == NIL ? "base" : migr_ident_join(tenant->heads),
					   tenant->applied, count),
			 errhint("Have new revisions stand on the heads. If all of them are applied, say so by migr_stamp('%s', tenant => %s).",
					 migr_ident_join(tenant->heads), quote_literal_cstr(tenant->name))));
}

/* Rows as the version table would have them, if it had any of a tenant. */
static List *
rows_of(const MigrGraph *all, const bool *applied, const List *versions, const char *label)
{
	bool	   *members = require_branch(all, label);
	int		   *order = palloc((all->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(all, applied, MIGR_DOWN_ALL, order);
	List	   *rows = NIL;
	int64		last = 0;
	ListCell   *lc;

	foreach(lc, versions)
	{
		MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(all, version->revision);

		if (node >= 0 && members[node])
			continue;
		rows = lappend(rows, version);
		last = Max(last, version->ordinal);
	}
	for (int i = 0; i < count; i++)
	{
		MigrVersion *version = palloc0(sizeof(MigrVersion));

		version->revision = all->nodes[order[i]].id;
		version->ordinal = ++last;
		rows = lappend(rows, version);
	}
	return rows;
}

MigrTenantState
migr_tenant_state(MigrGraph *all, const List *versions, const MigrTenant *tenant)
{
	MigrTenantState where = {.label = require_label()};
	bool	   *applied = below_heads(all, where.label, tenant->heads);
	int			below;

	check_heads(all, tenant);
	check_count(tenant, migr_set_count(all, applied));
	where.state = migr_store_state(all, rows_of(all, applied, versions, where.label));
	where.members = require_branch(where.state->graph, where.label);
	if (migr_apart_find_standing(where.state->graph, where.members, &below) >= 0)
		(void) migr_apart_without(where.state->graph, where.members, where.label);
	return where;
}

List *
migr_tenant_heads(const MigrTenantState *where)
{
	const MigrGraph *graph = where->state->graph;
	bool	   *applied = migr_set_copy(graph, where->state->applied);

	migr_set_restrict(graph, applied, where->members, true);
	return migr_set_ids(graph, migr_set_topmost(graph, applied, MIGR_DOWN_ALL));
}

void
migr_tenant_note(const MigrTenantState *where, MigrGraph *all, MigrTenant *tenant)
{
	tenant->heads = migr_tenant_heads(where);
	tenant->applied = migr_set_count(all, below_heads(all, where->label, tenant->heads));
}

const char *
migr_tenant_target(const MigrTenantState *where, const char *target)
{
	if (strchr(target, '@') || strchr(target, ',') || strcmp(target, "current") == 0)
		return target;
	if (strcmp(target, "head") == 0 || strcmp(target, "heads") == 0 || strcmp(target, "base") == 0 ||
		target[0] == '+' || target[0] == '-')
		return psprintf("%s@%s", where->label, target);
	return target;
}
