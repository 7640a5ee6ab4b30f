/*
 * tenant_deploy.c
 *		Upgrade of many tenants: a transaction for each.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "base/display.h"
#include "base/errors.h"
#include "base/ident.h"
#include "base/pattern.h"
#include "base/saved_settings.h"
#include "base/subxact.h"
#include "base/xact.h"
#include "run/deploy.h"
#include "run/restore_point.h"
#include "run/retry.h"
#include "run/summary.h"
#include "run/tenant_deploy.h"
#include "run/tenant_ways.h"
#include "store/loader.h"
#include "store/mutex.h"

/* So many that failed are named at the end. */
#define NAMED_FAILURES 10

/* As much of an error as a row keeps. */
#define ERROR_LENGTH 2000

/* How long nothing is told, in milliseconds. */
#define TELL_EVERY 5000

/* A deploy that goes on. */
typedef struct Deploying
{
	const MigrTenantDeploy *deploy;
	MemoryContext memory;		/* of what lasts as long as it */
	MigrTenantWays ways;
	char	   *shared;			/* what all share and that has to be applied first, or NULL */
	List	   *tenants;		/* char *: that are not at the target */
	List	   *canaries;		/* char *: of these */
	int			matching;		/* tenants that match */
	MigrRestorePoint point;
	TimestampTz started;
	TimestampTz told;			/* when something was, last */
	int			done;			/* tenants that it has brought there */
	int			elsewhere;		/* that another session had */
	List	   *failed;			/* char *: their names */
	List	   *settings;		/* of the session */
	bool		stopped;

	/* the tenant that is on its way */
	const char *name;
	bool		is_canary;
	bool		ran;
	ErrorData  *error;			/* of it */
} Deploying;

/* --- before ------------------------------------------------------------------------- */

static void
load(void *arg)
{
	migr_mutex_check_writable();
	migr_loader_load_location();
}

/* Is what all share to be run before, for anything that matches? */
static void
find_shared(void *arg)
{
	Deploying  *deploying = arg;
	const char *target = deploying->deploy->target;
	const MigrState *shared;
	List	   *needed = NIL;
	MigrTenant	none = {.name = ""};
	MigrPlan	pending = {0};
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_tenant_ways_read(&deploying->ways, &db);
	migr_db_end(&db);
	/* What is wrong with the tenants' branch shall be told before anything runs. */
	needed = migr_tenant_ways_find(&deploying->ways, &none)->shared;
	shared = deploying->ways.kept->view.state;
	deploying->shared = NULL;
	if (migr_tenant_wants_shared(target) && shared->graph->count > 0)
	{
		pending = migr_plan_upgrade(shared, target);
		if (pending.count > 0 ||
			migr_repeatable_due_behind(deploying->ways.kept->repeatables, shared, pending) != NIL)
			deploying->shared = MemoryContextStrdup(deploying->memory, target);
	}
	if (deploying->shared == NULL && needed != NIL)
		deploying->shared = MemoryContextStrdup(deploying->memory, migr_ident_join(needed));
}

/* What all share takes the mutex alone, so it has to be over before that is taken beside others. */
static void
run_shared(Deploying *deploying)
{
	MigrDeploy	deploy = {.direction = MIGR_UPGRADE, .target = deploying->shared};

	deploy.tag = deploying->deploy->tag;
	deploy.lock_timeout = deploying->deploy->lock_timeout;
	deploy.attempts = deploying->deploy->attempts;
	migr_deploy_run(&deploy);
}

static void
check_shared(const Deploying *deploying)
{
	if (deploying->shared)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("what all tenants share has become pending meanwhile"),
				 errhint("Run the command again.")));
}

/* A tenant whose way can't be planned is taken up: then it fails by itself. */
typedef struct Planning
{
	Deploying  *deploying;
	const MigrTenant *tenant;
	MigrTenantPlan *plan;
} Planning;

static void
plan_way(void *arg)
{
	Planning   *planning = arg;

	planning->plan = migr_tenant_ways_find(&planning->deploying->ways, planning->tenant);
}

/* Is a tenant to be taken up? */
static bool
is_due(Deploying *deploying, const MigrTenant *tenant)
{
	Planning	planning = {.deploying = deploying, .tenant = tenant};

	if (tenant->failed || !OidIsValid(tenant->schema))
		return true;
	/* Of most of them, it is planned already. */
	planning.plan = migr_tenant_ways_known(&deploying->ways, tenant);
	if (planning.plan == NULL && migr_subxact_run(plan_way, &planning, true))
		return true;
	return planning.plan == NULL || planning.plan->run.count > 0;
}

static bool
is_canary(const Deploying *deploying, const char *name)
{
	List	   *patterns = list_make1(unconstify(char *, deploying->deploy->canary));

	return migr_pattern_matches(patterns, name, "");
}

static void
find_tenants(void *arg)
{
	Deploying  *deploying = arg;
	const MigrTenantDeploy *deploy = deploying->deploy;
	List	   *tenants;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_tenant_ways_read(&deploying->ways, &db);
	tenants = migr_tenant_read_all(&db, deploy->pattern);
	migr_db_end(&db);
	foreach(lc, tenants)
	{
		const MigrTenant *tenant = lfirst(lc);
		MemoryContext caller;
		char	   *name;

		CHECK_FOR_INTERRUPTS();
		if (!is_due(deploying, tenant))
			continue;
		caller = MemoryContextSwitchTo(deploying->memory);
		name = pstrdup(tenant->name);
		if (deploy->canary && is_canary(deploying, name))
			deploying->canaries = lappend(deploying->canaries, name);
		else
			deploying->tenants = lappend(deploying->tenants, name);
		MemoryContextSwitchTo(caller);
	}
	deploying->matching = list_length(tenants);
}

static void
check_any(const Deploying *deploying)
{
	if (deploying->matching == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("no tenant matches \"%s\"", deploying->deploy->pattern),
				 errhint("Schemas become tenants by migr_upgrade(tenant => ..., new_tenant => true), or by migr_stamp('base', tenant => ...) if they are empty.")));
}

/* The limits are those of each tenant, and each of its transactions sees what others have done. */
static void
set_settings(void *arg)
{
	static const struct
	{
		const char *name;
		const char *value;
	}			settings[] = {
		{"lock_timeout", "0"},
		{"statement_timeout", "0"},
		{"default_transaction_isolation", "read committed"},
	};

	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i].name, settings[i].value, PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SET, true, 0, false);
}

/* --- a tenant ------------------------------------------------------------------------ */

/* What the server makes of other characters has no number that is known here. */
static char *
in_ascii(const char *text)
{
	StringInfoData ascii;

	initStringInfo(&ascii);
	for (const char *c = text; *c; c += pg_mblen(c))
		appendStringInfoChar(&ascii, IS_HIGHBIT_SET(*c) || (unsigned char) *c < ' ' ? '?' : *c);
	return ascii.data;
}

/* In application_name: which tenant, and how many of how many. */
static void
show(const Deploying *deploying, int number, int total)
{
	char	   *count = psprintf(" (%d of %d)", number, total);
	int			room = NAMEDATALEN - 1 - strlen(count);

	(void) set_config_option("application_name",
							 psprintf("%.*s%s", room, psprintf("migr tenant %s", in_ascii(deploying->name)), count),
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

static int
number_of(const Deploying *deploying)
{
	return deploying->done + deploying->elsewhere + list_length(deploying->failed) + 1;
}

/* Take the lock; false if another session has it. */
static bool
take(Deploying *deploying)
{
	Oid			schema;

	if (!deploying->is_canary)
		return migr_mutex_try_tenant(deploying->name, &schema);

	/* Nobody goes on before it is known how it ends. */
	migr_mutex_acquire_tenant(deploying->name, &schema);
	return true;
}

static void
run_tenant(void *arg)
{
	Deploying  *deploying = arg;
	MigrAudit	audit = {.action = "deploy", .target = deploying->deploy->target};
	MigrTenantPlan *plan;
	MigrTenant *tenant;
	MigrDb		db;

	deploying->ran = false;
	if (!take(deploying))
		return;
	show(deploying, number_of(deploying),
		 list_length(deploying->tenants) + list_length(deploying->canaries));
	migr_db_begin(&db, false);
	migr_tenant_ways_read(&deploying->ways, &db);
	tenant = migr_tenant_read(&db, deploying->name);
	migr_tenant_check(&db, tenant, false);
	migr_db_end(&db);
	plan = migr_tenant_ways_find(&deploying->ways, tenant);
	if (plan->shared != NIL)
	{
		deploying->shared = migr_ident_join(plan->shared);
		check_shared(deploying);
	}
	/* Another session has done it meanwhile. */
	if (plan->run.count == 0 && tenant->known && !tenant->failed)
		return;
	audit.tag = deploying->deploy->tag;
	audit.restore_point = deploying->point.name[0] ? deploying->point.name : NULL;
	migr_tenant_plan_run(plan, tenant, &audit);
	deploying->ran = true;
}

static void
run_caught(void *arg)
{
	Deploying  *deploying = arg;
	MigrRetry	retry = {.attempts = deploying->deploy->attempts, .beside = true};

	retry.lock_timeout = deploying->deploy->lock_timeout;
	retry.what = psprintf("tenant \"%s\"", deploying->name);
	migr_retry_run(&retry, run_tenant, deploying, false);
}

/* A part of an error as the row keeps it, cut where a character ends. */
static char *
clip(const char *label, const char *text)
{
	return psprintf("%s%.*s", label, pg_mbcliplen(text, strlen(text), ERROR_LENGTH), text);
}

static char *
describe(const ErrorData *error)
{
	return psprintf("%s%s%s", clip("", error->message),
					error->detail ? clip("\nDETAIL:  ", error->detail) : "",
					error->context ? clip("\nCONTEXT:  ", error->context) : "");
}

/* The row says why; of who else has it by now, nobody says anything. */
static void
write_failure(void *arg)
{
	Deploying  *deploying = arg;
	const ErrorData *error = deploying->error;
	MigrAudit	audit = {.action = "deploy", .outcome = "failed", .tag = deploying->deploy->tag};
	MigrTenant *tenant;
	Oid			schema;
	MigrDb		db;

	if (!migr_mutex_try_tenant(deploying->name, &schema))
		return;
	migr_db_begin(&db, false);
	tenant = migr_tenant_read(&db, deploying->name);
	tenant->error = describe(error);
	tenant->sqlstate = unpack_sql_state(error->sqlerrcode);
	migr_tenant_write_failure(&db, tenant);
	migr_db_end(&db);
	audit.target = deploying->deploy->target;
	audit.tenant = deploying->name;
	audit.started = GetCurrentTimestamp();
	audit.from_heads = audit.to_heads = tenant->heads;
	audit.detail = psprintf("%s (%s)", clip("", error->message), tenant->sqlstate);
	migr_audit_write(&audit);
}

static void
tell_failure(const Deploying *deploying)
{
	const ErrorData *error = deploying->error;

	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("tenant \"%s\" was rolled back: %s", deploying->name, error->message),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0));
}

static void
note_failure(Deploying *deploying)
{
	MemoryContext caller;

	if (deploying->error->sqlerrcode == ERRCODE_QUERY_CANCELED ||
		ERRCODE_TO_CATEGORY(deploying->error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(deploying->error);
	tell_failure(deploying);
	(void) migr_xact_run(write_failure, deploying);
	caller = MemoryContextSwitchTo(deploying->memory);
	deploying->failed = lappend(deploying->failed, pstrdup(deploying->name));
	MemoryContextSwitchTo(caller);
}

static void
tell_progress(Deploying *deploying)
{
	TimestampTz now = GetCurrentTimestamp();

	if (!TimestampDifferenceExceeds(deploying->told, now, TELL_EVERY))
		return;
	deploying->told = now;
	ereport(NOTICE,
			(errmsg("tenants: %d done, %d failed, %d left", deploying->done,
					list_length(deploying->failed),
					list_length(deploying->tenants) + list_length(deploying->canaries) -
					number_of(deploying) + 1)));
}

/* False: no more of them. */
static bool
run_one(Deploying *deploying, const char *name)
{
	MemoryContext memory = AllocSetContextCreate(deploying->memory, "migr tenant", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(memory);

	deploying->name = name;
	deploying->error = migr_xact_catch(run_caught, deploying);
	if (deploying->error)
		note_failure(deploying);
	else if (deploying->ran)
		deploying->done++;
	else
		deploying->elsewhere++;
	tell_progress(deploying);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(memory);
	return deploying->deploy->stop_after == 0 ||
		list_length(deploying->failed) < deploying->deploy->stop_after;
}

static void
run_list(Deploying *deploying, const List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		CHECK_FOR_INTERRUPTS();
		if (run_one(deploying, lfirst(lc)))
			continue;
		deploying->stopped = true;
		return;
	}
}

/* --- the whole ------------------------------------------------------------------------ */

static void
take_point(void *arg)
{
	Deploying  *deploying = arg;

	migr_restore_point_take(&deploying->point, "tenants");
}

static void
tell_begin(const Deploying *deploying)
{
	int			due = list_length(deploying->tenants) + list_length(deploying->canaries);

	if (due == 0)
		ereport(NOTICE,
				(errmsg("nothing to do: \"%s\" is applied already, tenants: %d",
						deploying->deploy->target, deploying->matching)));
	else
		ereport(NOTICE,
				(errmsg("tenants: %d, of which %d are not at \"%s\"", deploying->matching, due,
						deploying->deploy->target)));
}

static void
run_all(void *arg)
{
	Deploying  *deploying = arg;

	migr_xact_do(load, NULL);
	migr_xact_do(find_shared, deploying);
	if (deploying->shared)
		run_shared(deploying);
	migr_mutex_hold_shared();
	migr_xact_do(set_settings, NULL);
	migr_xact_do(find_shared, deploying);
	check_shared(deploying);
	migr_xact_do(find_tenants, deploying);
	check_any(deploying);
	tell_begin(deploying);
	if (deploying->tenants == NIL && deploying->canaries == NIL)
		return;
	migr_xact_do(take_point, deploying);
	deploying->is_canary = true;
	run_list(deploying, deploying->canaries);
	deploying->is_canary = false;
	if (deploying->failed == NIL)
		run_list(deploying, deploying->tenants);
	else
		deploying->stopped = true;
}

static void
restore_settings(void *settings)
{
	migr_saved_settings_restore(settings);
}

static void
release(void *arg)
{
	migr_mutex_release_shared();
}

static void
tell_end(const Deploying *deploying)
{
	if (deploying->elsewhere > 0)
		ereport(NOTICE,
				(errmsg_plural("%d tenant was done by another session, or is in its hands",
							   "%d tenants were done by another session, or are in its hands",
							   deploying->elsewhere, deploying->elsewhere)));
	if (migr_summary_is_shown() && deploying->done > 0)
		ereport(NOTICE,
				(errmsg_plural("%d tenant done in %s, now at %s", "%d tenants done in %s, now at %s",
							   deploying->done, deploying->done,
							   migr_display_duration(GetCurrentTimestamp() - deploying->started),
							   deploying->deploy->target)));
}

static void
raise_failures(const Deploying *deploying)
{
	int			count = list_length(deploying->failed);
	List	   *named = NIL;
	ListCell   *lc;

	if (count == 0)
		return;
	foreach(lc, deploying->failed)
	{
		if (list_length(named) < NAMED_FAILURES)
			named = lappend(named, unconstify(char *, quote_identifier(lfirst(lc))));
	}
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_TENANTS_FAILED),
			 errmsg_plural("%d tenant failed, %d done%s", "%d tenants failed, %d done%s", count,
						   count, deploying->done, deploying->stopped ? ", the others were not begun" : ""),
			 errdetail("Failed: %s%s.", migr_ident_join(named), count > NAMED_FAILURES ? ", ..." : ""),
			 errhint("migr.tenant says why: SELECT tenant, error FROM migr.tenant WHERE state = 'failed'. The next call takes up what is not at the target.")));
}

void
migr_tenant_deploy_run(const MigrTenantDeploy *deploy)
{
	Deploying	deploying = {.deploy = deploy, .memory = CurrentMemoryContext};
	ErrorData  *error;

	disable_timeout(STATEMENT_TIMEOUT, false);
	migr_tenant_ways_begin(&deploying.ways, deploy->target);
	deploying.started = deploying.told = GetCurrentTimestamp();
	deploying.settings = migr_saved_settings_take();
	error = migr_xact_catch(run_all, &deploying);
	migr_xact_finish(restore_settings, deploying.settings);
	migr_xact_finish(release, NULL);
	tell_end(&deploying);
	if (error)
		ReThrowError(error);
	raise_failures(&deploying);
}
