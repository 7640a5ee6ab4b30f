/*
 * tenant_offline.c
 *		What a run of one tenant would do, as SQL for an operator to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/ident.h"
#include "graph/range.h"
#include "run/offline_write.h"
#include "run/tenant_offline.h"
#include "run/tenant_plan.h"

/* The end of a range that begins where the tenant stands. */
static const char *
target_of(const char *range)
{
	char	   *start;
	char	   *target;

	if (strchr(range, ':') == NULL)
		return range;
	migr_range_split(range, &start, &target);
	if (*start != '\0' && strcmp(start, "current") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the script of a tenant starts from where it stands, not from \"%s\"", start),
				 errhint("Write the range as \"current:%s\".", *target ? target : "head")));
	return *target ? target : "head";
}

static void
check_shared(const MigrTenantPlan *plan)
{
	if (plan->shared != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("what all tenants share has to be applied first"),
				 errdetail("Pending are: %s.", migr_ident_join(plan->shared)),
				 errhint("migr_sql() without a tenant prints it.")));
}

/* The tenant is where the script starts from, and stays there until it has run. */
static void
write_prologue(MigrOffline *write, const MigrTenantPlan *plan, const MigrTenant *tenant)
{
	bool		up = plan->run.direction == MIGR_UPGRADE;
	const char *from = tenant->heads == NIL ? "base" : migr_ident_join(tenant->heads);
	const char *name = quote_literal_cstr(tenant->name);

	appendStringInfo(&write->out,
					 "-- %s of a tenant from %s, revisions: %d.\n"
					 "-- Run it with psql -1 -v ON_ERROR_STOP=1 in a database that has extension migr.\n"
					 "-- Verify sections are left out.\n\n",
					 up ? "Upgrade" : "Downgrade", from, plan->run.count);
	if (!OidIsValid(tenant->schema))
		appendStringInfo(&write->out, "CREATE SCHEMA %s;\n", quote_identifier(tenant->name));
	appendStringInfo(&write->out,
					 "INSERT INTO migr.tenant (tenant, heads, applied, changed_by)\n"
					 "    VALUES (%s, '{}', 0, session_user) ON CONFLICT DO NOTHING;\n"
					 "SELECT FROM migr.tenant WHERE tenant OPERATOR(pg_catalog.=) %s FOR UPDATE;\n"
					 "DO $migr$\n"
					 "BEGIN\n"
					 "    IF NOT EXISTS (SELECT FROM migr.tenant\n"
					 "                    WHERE tenant OPERATOR(pg_catalog.=) %s\n"
					 "                      AND heads OPERATOR(pg_catalog.=) %s) THEN\n"
					 "        RAISE EXCEPTION USING ERRCODE = '55000',\n"
					 "            MESSAGE = 'the tenant is not where this script starts from',\n"
					 "            DETAIL = %s;\n"
					 "    END IF;\n"
					 "END\n"
					 "$migr$;\n",
					 name, name, name, migr_offline_array(tenant->heads),
					 quote_literal_cstr(psprintf("It starts from %s.", from)));
}

/* A section's own settings end with it, the path included. */
static void
write_step(MigrOffline *write, const MigrTenantPlan *plan, int i, const MigrTenant *tenant)
{
	const MigrRunStep *step = &plan->run.steps[i];

	migr_offline_heading(write, step->script, plan->run.direction == MIGR_UPGRADE);
	appendStringInfo(&write->out, "SET LOCAL search_path = %s;\n", migr_tenant_path(tenant->name));
	if (migr_offline_section(write, &step->script->sections[migr_steps_section(&plan->run)],
							 step->statements))
	{
		appendStringInfoString(&write->out, "RESET SESSION AUTHORIZATION;\nRESET ALL;\n");
		write->is_encoded = false;
	}
}

/* The row of the tenant, and that of the log. */
static void
write_end(MigrOffline *write, const MigrTenantPlan *plan, const MigrTenant *before, const MigrTenant *after,
		  const char *target)
{
	bool		up = plan->run.direction == MIGR_UPGRADE;
	const char *name = quote_literal_cstr(before->name);
	List	   *ids = NIL;

	for (int i = 0; i < plan->run.count; i++)
		ids = lappend(ids, plan->run.steps[i].script->revision);
	appendStringInfo(&write->out,
					 "\nRESET search_path;\n"
					 "UPDATE migr.tenant SET heads = %s, applied = %d, state = 'ok', fingerprint = NULL,\n"
					 "       error = NULL, sqlstate = NULL, tries = 0,\n"
					 "       changed_at = pg_catalog.clock_timestamp(), changed_by = session_user\n"
					 "    WHERE tenant OPERATOR(pg_catalog.=) %s;\n"
					 "INSERT INTO migr.log (action, target, tenant, from_heads, to_heads, revisions,\n"
					 "                      started_at, duration, performed_by, run_as)\n"
					 "    VALUES (%s, %s, %s,\n"
					 "            %s, %s,\n"
					 "            %s,\n"
					 "            pg_catalog.now(), pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.now(),\n"
					 "            session_user, current_user);\n",
					 migr_offline_array(after->heads), after->applied, name,
					 up ? "'upgrade'" : "'downgrade'", quote_literal_cstr(target), name,
					 migr_offline_array(before->heads), migr_offline_array(after->heads),
					 migr_offline_array(ids));
}

/* Where the plan leaves the tenant. */
static MigrTenant
after_plan(const MigrTenantPlan *plan, const MigrTenant *tenant)
{
	MigrTenantState where = plan->where;
	MigrTenant	after = *tenant;

	for (int i = 0; i < plan->run.count; i++)
		where.state->applied[plan->run.steps[i].node] = plan->run.direction == MIGR_UPGRADE;
	migr_tenant_note(&where, plan->all, &after);
	return after;
}

char *
migr_tenant_script(MigrDirection direction, const char *range, const char *name)
{
	const char *target = target_of(range);
	MigrOffline write = {.has_data = false};
	const MigrKept *kept;
	MigrTenantPlan *plan;
	MigrTenant *tenant;
	MigrTenant	after;
	MigrDb		db;

	migr_tenant_check_name(name);
	migr_db_begin(&db, true);
	tenant = migr_tenant_read(&db, name);
	migr_tenant_check(&db, tenant, true);
	kept = migr_kept_read(&db, NULL);
	migr_db_end(&db);
	plan = migr_tenant_plan(kept, tenant, direction, target);
	check_shared(plan);
	initStringInfo(&write.out);
	if (plan->run.count == 0)
		return psprintf("-- Nothing to do for %s.\n", range);
	write_prologue(&write, plan, tenant);
	for (int i = 0; i < plan->run.count; i++)
		write_step(&write, plan, i, tenant);
	after = after_plan(plan, tenant);
	write_end(&write, plan, tenant, &after, target);
	return migr_offline_text(&write);
}
