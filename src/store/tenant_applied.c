/*
 * tenant_applied.c
 *		What is applied to any tenant, for those who change the scripts.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "graph/graph_apart.h"
#include "store/tenant.h"
#include "store/tenant_applied.h"

static MigrQuery heads_query = {
	"SELECT DISTINCT pg_catalog.unnest(heads) FROM migr.tenant", 0, {0}
};

bool *
migr_tenant_applied(MigrDb *db, const MigrGraph *graph)
{
	const char *label = migr_tenant_label();
	bool	   *members = label ? migr_apart_branch(graph, label) : NULL;
	bool	   *applied;
	uint64		rows;

	if (members == NULL)
		return NULL;
	rows = migr_db_run(db, &heads_query, NULL, NULL);
	if (rows == 0)
		return NULL;
	applied = migr_set_create(graph);
	for (uint64 i = 0; i < rows; i++)
	{
		int			node = migr_graph_find(graph, migr_db_text(i, 1));

		if (node >= 0)
			applied[node] = true;
	}
	migr_graph_close(graph, applied, MIGR_DOWN_ALL);
	migr_set_restrict(graph, applied, members, true);
	return applied;
}

void
migr_tenant_applied_check(const bool *applied, int node, const MigrScript *script,
						  const MigrNode *stored)
{
	if (applied == NULL || node < 0 || !applied[node] ||
		strcmp(((MigrRevision *) stored->info)->checksum, script->checksum) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_SCRIPT_MODIFIED),
			 errmsg("revision \"%s\" is applied to tenants, and its script differs from the one that ran",
					script->revision),
			 errhint("Put the change into a new revision. To replace the script in the store all the same, call migr_load() with replace => true.")));
}
