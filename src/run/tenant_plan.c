/*
 * tenant_plan.c
 *		What runs for a tenant: planned for all that stand at the same place, run for one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/errors.h"
#include "base/settings.h"
#include "exec/own_rule.h"
#include "run/rails.h"
#include "run/tenant_plan.h"
#include "schema/tenant_fingerprint.h"
#include "store/mutex.h"
#include "store/salvaged.h"

/* --- planning --------------------------------------------------------------------- */

/* A downgrade undoes nothing of what others stand on. */
static void
check_own(const MigrTenantState *where, int node, const char *target)
{
	if (!where->members[node])
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("a tenant can't be taken down to \"%s\"", target),
				 errdetail("Revision \"%s\" would have to be undone, which is for all tenants together.",
						   where->state->graph->nodes[node].id),
				 errhint("Name a revision of the tenants' branch, or \"base\".")));
}

static void
check_transactional(const MigrNode *node)
{
	if (!((MigrRevision *) node->info)->transaction)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("revision \"%s\" says \"transaction off\", which revisions for tenants can't", node->id),
				 errdetail("Each tenant has what is applied to it in one transaction.")));
}

/* All that is applied of the tenants' branch, from above. */
static MigrPlan
plan_to_base(const MigrTenantState *where)
{
	const MigrGraph *graph = where->state->graph;
	bool	   *undone = migr_set_copy(graph, where->state->applied);
	MigrPlan	plan;

	migr_set_restrict(graph, undone, where->members, true);
	plan.steps = palloc((graph->count + 1) * sizeof(int));
	plan.count = migr_graph_order_steps(graph, undone, MIGR_UP_ALL, plan.steps);
	return plan;
}

/* Leave in an upgrade what is the tenant's, and note the rest. */
static MigrPlan
plan_up(MigrTenantPlan *plan, const char *target)
{
	const MigrTenantState *where = &plan->where;
	MigrPlan	all = migr_plan_upgrade(where->state, migr_tenant_target(where, target));
	MigrPlan	own = {.steps = palloc((all.count + 1) * sizeof(int))};

	for (int i = 0; i < all.count; i++)
	{
		if (where->members[all.steps[i]])
			own.steps[own.count++] = all.steps[i];
		else
			plan->shared = lappend(plan->shared,
								   unconstify(char *, where->state->graph->nodes[all.steps[i]].id));
	}
	return own;
}

static MigrPlan
plan_down(const MigrTenantPlan *plan, const char *target)
{
	const MigrTenantState *where = &plan->where;
	MigrPlan	own = strcmp(target, "base") == 0 ? plan_to_base(where)
		: migr_plan_downgrade(where->state, migr_tenant_target(where, target));

	for (int i = 0; i < own.count; i++)
		check_own(where, own.steps[i], target);
	return own;
}

MigrTenantPlan *
migr_tenant_plan(const MigrKept *kept, const MigrTenant *tenant, MigrDirection direction,
				 const char *target)
{
	MigrTenantPlan *plan = palloc0(sizeof(MigrTenantPlan));
	MigrPlan	steps;

	plan->all = kept->all;
	plan->where = migr_tenant_state(kept->all, kept->versions, tenant);
	plan->run.direction = direction;
	plan->run.state = plan->where.state;
	plan->run.tenant = tenant->name;
	steps = direction == MIGR_UPGRADE ? plan_up(plan, target) : plan_down(plan, target);
	for (int i = 0; i < steps.count; i++)
		check_transactional(&plan->where.state->graph->nodes[steps.steps[i]]);
	(void) migr_steps_prepare_plan(&plan->run, steps, NIL);
	return plan;
}

/* --- the schema ------------------------------------------------------------------- */

/* As the caller, whose right it takes. */
static void
create_schema(MigrTenant *tenant)
{
	char	   *sql = psprintf("CREATE SCHEMA %s", quote_identifier(tenant->name));

	if (SPI_connect() != SPI_OK_CONNECT || SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not create the schema of a tenant");
	SPI_finish();
	tenant->schema = get_namespace_oid(tenant->name, false);
}

/*
 * Where a server takes no lock to rename a schema, another session can do that meanwhile, and
 * the rest of the statements has run without it.
 */
static void
check_schema_stays(const MigrTenant *tenant)
{
	if (get_namespace_oid(tenant->name, true) != tenant->schema)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" was dropped or renamed while revisions ran for its tenant",
						tenant->name),
				 errdetail("Neither they nor another session may do that meanwhile.")));
}

/* --- names ------------------------------------------------------------------------ */

void
migr_tenant_path_run(const char *tenant, MigrWork work, void *arg)
{
	MigrSetting path = {"search_path", migr_tenant_path(tenant)};

	migr_settings_run(&path, 1, work, arg);
}

/* --- running ---------------------------------------------------------------------- */

static void
run_each(void *arg)
{
	MigrRun    *run = arg;

	for (int i = 0; i < run->count; i++)
		migr_steps_run(run, i);
}

/* The steps, with migr's own commands barred to them. */
static void
run_steps(MigrRun *run, MigrTenant *tenant)
{
	migr_mutex_enter_run();
	if (!OidIsValid(tenant->schema))
		create_schema(tenant);
	/* Who may not look into it has it passed over, and what he makes would be elsewhere. */
	(void) LookupExplicitNamespace(tenant->name, false);
	migr_tenant_path_run(tenant->name, run_each, run);
	migr_steps_check_versions(run, run->count);
	migr_mutex_leave_run();
	check_schema_stays(tenant);
}

/* The plan is one for many tenants: what a run changes of it is its own. */
static MigrTenantState
state_for(const MigrTenantPlan *plan)
{
	MigrTenantState where = plan->where;

	where.state = palloc(sizeof(MigrState));
	*where.state = *plan->where.state;
	where.state->applied = migr_set_copy(where.state->graph, plan->where.state->applied);
	return where;
}

/* As ready.h, of what a tenant's run writes. */
static void
ready(void)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_tenant_ready();
	migr_log_ready();
	migr_salvaged_ready();
	migr_own_rules_ready();
	migr_db_end(&db);
}

/* A schema, and what it is like. */
typedef struct Print
{
	Oid			schema;
	char	   *fingerprint;
} Print;

static void
take_print(void *arg)
{
	Print	   *print = arg;

	print->fingerprint = migr_tenant_fingerprint(print->schema);
}

/* What can't be recorded is no reason to take back what was done. */
static const char *
fingerprint_of(Oid schema)
{
	const char *on = GetConfigOption("migr.record_fingerprints", true, false);
	Print		print = {.schema = schema};
	ErrorData  *error;

	if (on == NULL || strcmp(on, "on") != 0)
		return NULL;
	CommandCounterIncrement();
	error = migr_subxact_run(take_print, &print, true);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	return error ? NULL : print.fingerprint;
}

void
migr_tenant_plan_run(const MigrTenantPlan *plan, MigrTenant *tenant, MigrAudit *audit)
{
	MigrTenantState where = state_for(plan);
	MigrRun		run = plan->run;
	MigrRails	rails;
	MigrDb		db;

	run.state = where.state;
	run.tenant = tenant->name;
	audit->started = GetCurrentTimestamp();
	if (XLogRecPtrIsInvalid(audit->lsn))
		audit->lsn = GetXLogInsertRecPtr();
	audit->from_heads = tenant->heads;
	audit->tenant = tenant->name;
	migr_steps_check_consent(&run);
	migr_rails_begin(&rails, run.direction);
	ready();
	run_steps(&run, tenant);
	migr_rails_ran(&rails);
	migr_rails_end(&rails, NIL);
	migr_tenant_note(&where, plan->all, tenant);
	tenant->fingerprint = fingerprint_of(tenant->schema);
	migr_db_begin(&db, false);
	migr_tenant_write(&db, tenant);
	migr_db_end(&db);
	audit->to_heads = tenant->heads;
	migr_steps_audit(&run, 0, run.count, audit);
	migr_rails_tell(&rails, audit);
	migr_audit_write(audit);
}
