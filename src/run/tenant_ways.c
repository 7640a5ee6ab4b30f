/*
 * tenant_ways.c
 *		What runs for tenants, by where they stand: what is stored is read and parsed once.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "run/tenant_ways.h"

/* What runs for all tenants that stand at one place. */
typedef struct Way
{
	List	   *heads;			/* char * */
	int			applied;
	MigrTenantPlan *plan;
} Way;

void
migr_tenant_ways_begin(MigrTenantWays *ways, const char *target)
{
	memset(ways, 0, sizeof(MigrTenantWays));
	ways->target = target;
	ways->memory = AllocSetContextCreate(CurrentMemoryContext, "migr tenants", ALLOCSET_DEFAULT_SIZES);
}

void
migr_tenant_ways_read(MigrTenantWays *ways, MigrDb *db)
{
	MigrGeneration generation = migr_generation_read(db);
	MemoryContext caller;

	if (ways->kept && migr_generation_equal(generation.now, ways->generation))
		return;
	MemoryContextReset(ways->memory);
	ways->kept = NULL;
	ways->ways = NIL;
	caller = MemoryContextSwitchTo(ways->memory);
	ways->kept = migr_kept_read(db, &generation);
	ways->generation = generation.now ? pstrdup(generation.now) : NULL;
	MemoryContextSwitchTo(caller);
}

static bool
equal_names(const List *one, const List *other)
{
	if (list_length(one) != list_length(other))
		return false;
	for (int i = 0; i < list_length(one); i++)
	{
		if (strcmp(list_nth(one, i), list_nth(other, i)) != 0)
			return false;
	}
	return true;
}

MigrTenantPlan *
migr_tenant_ways_known(const MigrTenantWays *ways, const MigrTenant *tenant)
{
	ListCell   *lc;

	foreach(lc, ways->ways)
	{
		const Way  *way = lfirst(lc);

		if (way->applied == tenant->applied && equal_names(way->heads, tenant->heads))
			return way->plan;
	}
	return NULL;
}

static List *
copy_names(const List *names)
{
	List	   *copy = NIL;
	ListCell   *lc;

	foreach(lc, names)
		copy = lappend(copy, pstrdup(lfirst(lc)));
	return copy;
}

MigrTenantPlan *
migr_tenant_ways_find(MigrTenantWays *ways, const MigrTenant *tenant)
{
	MigrTenantPlan *plan = migr_tenant_ways_known(ways, tenant);
	MemoryContext caller;
	Way		   *way;

	if (plan)
		return plan;
	caller = MemoryContextSwitchTo(ways->memory);
	plan = migr_tenant_plan(ways->kept, tenant, MIGR_UPGRADE, ways->target);
	plan->run.quiet = true;
	way = palloc(sizeof(Way));
	way->applied = tenant->applied;
	way->heads = copy_names(tenant->heads);
	way->plan = plan;
	ways->ways = lappend(ways->ways, way);
	MemoryContextSwitchTo(caller);
	return plan;
}
