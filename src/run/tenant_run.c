/*
 * tenant_run.c
 *		Upgrade, downgrade and stamp of one tenant, in the caller's transaction.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/ident.h"
#include "base/strict_setting.h"
#include "base/subxact.h"
#include "run/restore_point.h"
#include "run/runner.h"
#include "run/summary.h"
#include "run/tenant_plan.h"
#include "run/tenant_run.h"
#include "store/loader.h"
#include "store/mutex.h"

/* A request, and what came of it. */
typedef struct Running
{
	const MigrTenantRequest *request;
	List	   *ids;			/* that were run */
} Running;

/* What has to be applied first, as a target; NULL if nothing has. */
static char *
shared_target(const MigrKept *kept, const MigrTenantPlan *plan, const MigrTenantRequest *request)
{
	const MigrState *shared = kept->view.state;

	if (request->direction == MIGR_UPGRADE && migr_tenant_wants_shared(request->target))
	{
		MigrPlan	pending = shared->graph->count == 0 ? (MigrPlan) {0}
			: migr_plan_upgrade(shared, request->target);

		if (pending.count > 0 ||
			migr_repeatable_due_behind(kept->repeatables, shared, pending) != NIL)
			return pstrdup(request->target);
	}
	return plan->shared != NIL ? migr_ident_join(plan->shared) : NULL;
}

/* A tenant as it is, what is stored, and the way to the target. */
typedef struct Looked
{
	MigrTenant *tenant;
	MigrTenantPlan *plan;
	char	   *shared;			/* what has to be applied first */
} Looked;

static Looked
look(const MigrTenantRequest *request)
{
	Looked		looked;
	const MigrKept *kept;
	MigrDb		db;

	migr_db_begin(&db, false);
	kept = migr_kept_read(&db, NULL);
	looked.tenant = migr_tenant_read(&db, request->tenant);
	migr_tenant_check(&db, looked.tenant, request->create);
	migr_db_end(&db);
	looked.plan = migr_tenant_plan(kept, looked.tenant, request->direction, request->target);
	looked.shared = shared_target(kept, looked.plan, request);
	return looked;
}

static void
warn_empty(const MigrTenant *tenant)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_tenant_warn_empty(&db, tenant);
	migr_db_end(&db);
}

static void
raise_shared_again(const char *shared)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("what all tenants share has become pending meanwhile"),
			 errdetail("It is %s.", shared),
			 errhint("Run the command again.")));
}

/* Take the locks, database first, and apply what has to be there before. */
static void
prepare(Running *running)
{
	const MigrTenantRequest *request = running->request;
	Looked		looked;
	Oid			schema;

	if (request->direction == MIGR_UPGRADE)
		migr_loader_load_location();
	looked = look(request);
	if (looked.shared)
		running->ids = migr_runner_run(MIGR_UPGRADE, looked.shared, false, request->tag);
	else
		migr_mutex_acquire_shared();
	migr_mutex_acquire_tenant(request->tenant, &schema);
}

static void
tell(const MigrTenantRequest *request, const MigrAudit *audit)
{
	MigrSummary summary = {.direction = request->direction, .dry = request->dry};

	summary.count = list_length(audit->revisions);
	summary.microseconds = GetCurrentTimestamp() - audit->started;
	summary.heads = request->dry ? audit->from_heads : audit->to_heads;
	migr_summary_tell(&summary);
}

static void
run_request(void *arg)
{
	Running    *running = arg;
	const MigrTenantRequest *request = running->request;
	MigrAudit	audit = {.target = request->target, .tag = request->tag};
	MigrRestorePoint point;
	Looked		looked;

	prepare(running);
	looked = look(request);
	if (looked.shared)
		raise_shared_again(looked.shared);
	warn_empty(looked.tenant);
	if (looked.plan->run.count == 0 && looked.tenant->known && !looked.tenant->failed)
	{
		ereport(NOTICE,
				(request->direction == MIGR_UPGRADE
				 ? errmsg("nothing to do for tenant \"%s\": \"%s\" is applied already",
						  request->tenant, request->target)
				 : errmsg("nothing to do for tenant \"%s\": nothing above \"%s\" is applied",
						  request->tenant, request->target)));
		return;
	}
	audit.action = request->direction == MIGR_UPGRADE ? "upgrade" : "downgrade";
	if (!request->dry && looked.plan->run.count > 0)
	{
		migr_restore_point_take(&point, looked.plan->run.steps[0].script->revision);
		audit.lsn = point.lsn;
		audit.restore_point = point.name[0] ? point.name : NULL;
	}
	migr_tenant_plan_run(looked.plan, looked.tenant, &audit);
	running->ids = list_concat(running->ids, audit.revisions);
	tell(request, &audit);
}

List *
migr_tenant_run(const MigrTenantRequest *request)
{
	Running		running = {.request = request};

	migr_tenant_check_name(request->tenant);
	migr_mutex_check_writable();
	if (request->direction == MIGR_DOWNGRADE)
		migr_safeguard_check("downgrade");
	if (request->dry)
	{
		ErrorData  *error = migr_subxact_run(run_request, &running, false);

		if (error)
			ReThrowError(error);
	}
	else
		run_request(&running);
	return running.ids;
}

/* --- stamps ----------------------------------------------------------------------- */

List *
migr_tenant_stamp(const char *name, const char *targets, bool purge, const char *tag)
{
	MigrAudit	audit = {.action = "stamp", .started = GetCurrentTimestamp(), .tenant = name};
	const MigrKept *kept;
	MigrTenantState where;
	MigrTenant *tenant;
	MigrTenant	before = {0};
	Oid			schema;
	MigrDb		db;

	migr_tenant_check_name(name);
	migr_mutex_acquire_shared();
	if (purge)
		migr_safeguard_check("stamp with purge");
	migr_mutex_acquire_tenant(name, &schema);
	migr_db_begin(&db, false);
	kept = migr_kept_read(&db, NULL);
	tenant = migr_tenant_read(&db, name);
	if (!OidIsValid(tenant->schema))
		migr_tenant_check(&db, tenant, false);
	before = *tenant;
	/* What it is at may be what can't be gone by. */
	tenant->heads = NIL;
	tenant->applied = 0;
	where = migr_tenant_state(kept->all, kept->versions, tenant);
	if (strcmp(targets, "base") != 0)
		where.state->applied = migr_plan_stamp(where.state, migr_tenant_target(&where, targets), purge);
	migr_tenant_note(&where, kept->all, tenant);
	tenant->fingerprint = NULL;
	migr_tenant_write(&db, tenant);
	migr_db_end(&db);

	audit.target = targets;
	audit.tag = tag;
	audit.from_heads = before.heads;
	audit.to_heads = tenant->heads;
	if (!before.known || before.failed || before.applied != tenant->applied ||
		strcmp(migr_ident_join(before.heads), migr_ident_join(tenant->heads)) != 0)
		migr_audit_write(&audit);
	return tenant->heads;
}
