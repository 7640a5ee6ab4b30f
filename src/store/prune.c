/*
 * prune.c
 *		What the store holds beyond an input that is the whole project.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/errors.h"
#include "graph/replace.h"
#include "store/log.h"
#include "store/prune.h"
#include "store/tenant_applied.h"
#include "store/vouch.h"

static void
check_allowed(void)
{
	List	   *name = list_make2(makeString("pg_catalog"), makeString("migr_unload"));
	Oid			types[] = {TEXTOID};
	Oid			unload = LookupFuncName(name, lengthof(types), types, false);

	/* Who may load must not get to unload by that. */
	if (!DatumGetBool(DirectFunctionCall2(has_function_privilege_id,
										  ObjectIdGetDatum(unload),
										  CStringGetTextDatum("EXECUTE"))))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to forget revisions"),
				 errdetail("To prune takes the right to call migr_unload(), too."),
				 errhint("GRANT EXECUTE ON FUNCTION migr_unload(text) TO %s;",
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

void
migr_prune_check_project(MigrPrune prune, bool empty)
{
	if (prune != MIGR_PRUNE_ALL)
		return;
	check_allowed();
	if (empty)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("to prune, the input has to be the whole project, and it holds no revision"),
				 errhint("Look for what made it empty; migr_unload() forgets a single revision.")));
}

/* Leave in the set what migr.script_location has brought. */
static void
keep_by_location(MigrDb *db, const MigrGraph *graph, bool *set)
{
	int		   *nodes = palloc((graph->count + 1) * sizeof(int));
	int			count = 0;
	MigrLoader *loaders;

	for (int i = 0; i < graph->count; i++)
	{
		if (set[i])
			nodes[count++] = i;
	}
	if (count == 0)
		return;
	loaders = migr_store_read_loaders(db, graph, nodes, count);
	for (int i = 0; i < count; i++)
		set[nodes[i]] = migr_vouch_is_by_setting(&loaders[i]);
}

/* Leave in the set no more than squashes, in force or not, can do without. */
static void
keep_for_squashes(const MigrGraph *stored, const MigrGraph *all,
				  const List *applied, bool *set)
{
	bool	   *kept = migr_set_create(all);

	for (int i = 0; i < all->count; i++)
	{
		int			node = migr_graph_find(stored, all->nodes[i].id);

		kept[i] = node < 0 || !set[node];
	}
	migr_replace_keep(all, applied, kept);
	for (int i = 0; i < stored->count; i++)
		set[i] = set[i] && !kept[migr_graph_find(all, stored->nodes[i].id)];
}

MigrBeyond
migr_prune_find(MigrDb *db, const MigrGraph *stored, const MigrGraph *all,
				const List *versions, const bool *given, MigrPrune prune)
{
	MigrBeyond	beyond = {.gone = migr_set_create(stored)};
	bool	   *lacking = migr_set_create(stored);
	List	   *applied = migr_store_version_ids(versions);
	int		   *order = palloc((stored->count + 1) * sizeof(int));
	bool	   *tenants;
	int			count;
	ListCell   *lc;

	if (prune == MIGR_PRUNE_NOTHING)
		return beyond;
	tenants = migr_tenant_applied(db, stored);
	for (int i = 0; i < stored->count; i++)
	{
		lacking[i] = !given[i];
		beyond.gone[i] = !given[i] && !(tenants && tenants[i]);
	}
	foreach(lc, applied)
	{
		int			node = migr_graph_find(stored, lfirst(lc));

		if (node >= 0)
			beyond.gone[node] = false;
	}
	if (prune == MIGR_PRUNE_LOCATION)
		keep_by_location(db, stored, beyond.gone);
	if (all)
		keep_for_squashes(stored, all, applied, beyond.gone);
	migr_set_restrict(stored, lacking, beyond.gone, false);
	if (prune == MIGR_PRUNE_ALL)
		beyond.missing = migr_set_ids(stored, lacking);
	count = migr_graph_order(stored, beyond.gone, MIGR_UP_ALL, order);
	for (int i = 0; i < count; i++)
		beyond.removed = lappend(beyond.removed,
								 unconstify(char *, stored->nodes[order[i]].id));
	return beyond;
}

void
migr_prune_add_unknown(MigrBeyond *beyond, const MigrGraph *merged, const List *versions)
{
	ListCell   *lc;

	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);

		/* A squash may stand for it. */
		if (migr_graph_find(merged, version->revision) < 0 &&
			migr_graph_find_alias(merged, version->revision) < 0)
			beyond->missing = lappend(beyond->missing, unconstify(char *, version->revision));
	}
}

int
migr_prune_leave_out(const MigrBeyond *beyond, int stored, MigrNode *nodes, int count)
{
	int			kept = 0;

	for (int i = 0; i < count; i++)
	{
		if (i >= stored || !beyond->gone[i])
			nodes[kept++] = nodes[i];
	}
	return kept;
}

void
migr_prune_check_rest(const MigrBeyond *beyond, const MigrGraph *rest,
					  MigrPrune prune)
{
	const MigrProblem *problem;

	if (beyond->removed == NIL || rest->problems == NIL)
		return;
	problem = linitial(rest->problems);
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
			 errmsg("%s", problem->message),
			 problem->detail ? errdetail("%s", problem->detail) : 0,
			 prune == MIGR_PRUNE_ALL
			 ? errhint("To prune, the input has to be the whole project.")
			 : errhint("Put the missing file back under migr.script_location, or forget by migr_unload() what stands on it.")));
}

void
migr_prune_remove(MigrDb *db, const MigrBeyond *beyond)
{
	ListCell   *lc;

	foreach(lc, beyond->removed)
	{
		CHECK_FOR_INTERRUPTS();
		migr_store_delete(db, lfirst(lc));
	}
}

void
migr_prune_log(const List *removed, MigrPrune prune, const char *kind)
{
	ListCell   *lc;

	foreach(lc, removed)
	{
		MigrAudit	audit = {.action = "unload", .started = GetCurrentTimestamp()};

		CHECK_FOR_INTERRUPTS();
		audit.target = lfirst(lc);
		audit.revisions = list_make1(lfirst(lc));
		migr_audit_write(&audit);
		if (prune == MIGR_PRUNE_LOCATION)
			ereport(NOTICE,
					(errmsg("%s \"%s\" is forgotten: no file under migr.script_location holds it any more",
							kind, (char *) lfirst(lc))));
	}
}
