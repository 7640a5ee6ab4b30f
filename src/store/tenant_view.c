/*
 * tenant_view.c
 *		Where a tenant stands, for those who look.  Reads only.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "store/kept.h"
#include "store/tenant_view.h"

static void
raise_no_schema(const MigrTenant *tenant)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_SCHEMA),
			 errmsg("schema \"%s\" does not exist", tenant->name),
			 tenant->known
			 ? errdetail("A tenant of that name has been there: it was dropped or renamed.") : 0,
			 tenant->known
			 ? errhint("Name the schema as before; or have migr forget the tenant: DELETE FROM migr.tenant WHERE tenant = %s.",
					   quote_literal_cstr(tenant->name))
			 : errhint("A new tenant, with its schema, is made with new_tenant => true.")));
}

void
migr_tenant_check(MigrDb *db, const MigrTenant *tenant, bool create)
{
	migr_tenant_check_name(tenant->name);
	if (!OidIsValid(tenant->schema))
	{
		/* What failed when it was to be made has left a row, and no more. */
		if (tenant->heads != NIL || !create)
			raise_no_schema(tenant);
		return;
	}
	if (!tenant->known && !migr_tenant_is_empty(db, tenant->schema))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("it is not known where schema \"%s\" stands", tenant->name),
				 errdetail("There are objects in it, and no run of migr has made it a tenant."),
				 errhint("If you know what is applied to it, say so by migr_stamp(..., tenant => %s); migr_adopt_tenants() finds it out by comparison.",
						 quote_literal_cstr(tenant->name))));
}

void
migr_tenant_warn_empty(MigrDb *db, const MigrTenant *tenant)
{
	if (OidIsValid(tenant->schema) && tenant->heads != NIL && migr_tenant_is_empty(db, tenant->schema))
		ereport(WARNING,
				(errmsg_plural("schema \"%s\" is empty, and has %d revision applied",
							   "schema \"%s\" is empty, and has %d revisions applied",
							   tenant->applied, tenant->name, tenant->applied),
				 errhint("If somebody has made it anew, say so by migr_stamp('base', tenant => %s).",
						 quote_literal_cstr(tenant->name))));
}

const MigrTenantView *
migr_tenant_look(const char *name)
{
	MigrTenantView *look = palloc0(sizeof(MigrTenantView));
	MigrPlan	nothing = {0};
	const MigrKept *kept;
	MigrTenantState where;
	MigrTenant *tenant;
	MigrDb		db;

	migr_tenant_check_name(name);
	migr_db_begin(&db, true);
	kept = migr_kept_read(&db, NULL);
	tenant = migr_tenant_read(&db, name);
	migr_tenant_check(&db, tenant, false);
	migr_tenant_warn_empty(&db, tenant);
	migr_db_end(&db);
	where = migr_tenant_state(kept->all, kept->versions, tenant);
	look->tenant = tenant;
	look->label = where.label;
	look->members = where.members;
	look->view = migr_view_create(where.state, kept->versions);
	look->due = migr_repeatable_due_behind(kept->repeatables, kept->view.state, nothing);
	return look;
}

bool
migr_tenant_wants_shared(const char *target)
{
	return strcmp(target, "head") == 0 || strcmp(target, "heads") == 0;
}

/* Put what one set has of a plan behind what there is already. */
static void
add(MigrPlan *plan, const MigrPlan *all, const bool *members, bool wanted)
{
	for (int i = 0; i < all->count; i++)
	{
		if (members[all->steps[i]] == wanted)
			plan->steps[plan->count++] = all->steps[i];
	}
}

MigrPlan
migr_tenant_pending(const MigrTenantView *tenant, const char *target)
{
	const MigrState *state = tenant->view.state;
	MigrTenantState where = {.label = tenant->label};
	MigrPlan	own = migr_plan_upgrade(state, migr_tenant_target(&where, target));
	MigrPlan	all = migr_tenant_wants_shared(target) ? migr_plan_upgrade(state, "heads") : own;
	MigrPlan	plan = {.steps = palloc((state->graph->count + 1) * sizeof(int))};

	add(&plan, &all, tenant->members, false);
	add(&plan, &own, tenant->members, true);
	return plan;
}
