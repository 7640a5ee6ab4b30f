/*
 * verify_tenant.c
 *		What can be known to be wrong with one tenant.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "miscadmin.h"

#include "base/ident.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "check/verify_subject.h"
#include "check/verify_tenant.h"
#include "exec/statement.h"
#include "exec/verify_section.h"
#include "schema/tenant_fingerprint.h"
#include "store/mutex.h"
#include "store/tenant_view.h"
#include "store/vouch.h"

#define VERSIONS "versions"
#define SECTIONS "sections"
#define DRIFT "drift"

typedef struct Subject
{
	MigrReport *report;
	const char *name;
	const MigrTenantView *look;
	const MigrScript *script;	/* whose section runs */
	ErrorData  *failure;		/* of it */
	char	   *fingerprint;	/* of the schema as it is */
} Subject;

static void
look(void *arg)
{
	Subject    *subject = arg;

	subject->look = migr_tenant_look(subject->name);
}

static bool
is_wanted(const List *names, const char *check)
{
	return names == NIL || migr_ident_is_in(names, check);
}

/* --- sections --------------------------------------------------------------------- */

static void
try_section(void *arg)
{
	Subject    *subject = arg;

	(void) LookupExplicitNamespace(subject->name, false);
	subject->failure = migr_verify_try(subject->script,
									   migr_stmt_split(subject->script, MIGR_SECTION_VERIFY));
}

static void
run_section(void *arg)
{
	Subject    *subject = arg;
	MigrSetting path = {"search_path", migr_tenant_path(subject->name)};
	MigrConfined confined;

	migr_vouch_check(list_make1(unconstify(MigrScript *, subject->script)));
	migr_vouch_confine(&confined, subject->script);
	migr_settings_run(&path, 1, try_section, subject);
	migr_vouch_release(&confined);
}

static void
check_section(Subject *subject)
{
	ErrorData  *error;

	subject->failure = NULL;
	migr_mutex_enter_run();
	error = migr_subxact_run(run_section, subject, false);
	migr_mutex_leave_run();
	if (error == NULL)
		error = subject->failure;
	if (error)
		migr_report_add(subject->report, SECTIONS, subject->script->revision,
						error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ? MIGR_STATUS_SKIPPED
						: migr_check_status_of(error), migr_check_describe(error));
}

static void
check_sections(Subject *subject)
{
	const MigrState *state = subject->look->view.state;
	bool	   *applied = migr_set_copy(state->graph, state->applied);
	int		   *order = palloc((state->graph->count + 1) * sizeof(int));
	int			count = 0;
	List	   *scripts;
	ListCell   *lc;
	MigrDb		db;

	migr_set_restrict(state->graph, applied, subject->look->members, true);
	migr_db_begin(&db, true);
	scripts = migr_store_parse_scripts(&db, state->graph, order,
									   migr_graph_order_steps(state->graph, applied, MIGR_DOWN_ALL, order));
	migr_db_end(&db);
	foreach(lc, scripts)
	{
		CHECK_FOR_INTERRUPTS();
		subject->script = lfirst(lc);
		if (!subject->script->sections[MIGR_SECTION_VERIFY].present)
			continue;
		count++;
		check_section(subject);
	}
	migr_report_end(subject->report, SECTIONS, psprintf("verify sections: %d", count));
}

/* --- drift ------------------------------------------------------------------------ */

static void
take_fingerprint(void *arg)
{
	Subject    *subject = arg;

	subject->fingerprint = migr_tenant_fingerprint(subject->look->tenant->schema);
}

static void
check_drift(Subject *subject)
{
	const char *recorded = subject->look->tenant->fingerprint;
	ErrorData  *error;

	if (recorded == NULL)
	{
		migr_report_add(subject->report, DRIFT, NULL, MIGR_STATUS_SKIPPED,
						"no run has taken its fingerprint; migr_verify('tenants') compares it with others");
		return;
	}
	error = migr_subxact_run(take_fingerprint, subject, true);
	if (error)
		migr_report_add(subject->report, DRIFT, NULL, migr_check_status_of(error),
						migr_check_describe(error));
	else if (subject->fingerprint == NULL || strcmp(subject->fingerprint, recorded) != 0)
		migr_report_add(subject->report, DRIFT, subject->name, MIGR_STATUS_FAIL,
						"its schema is not what its last run left; migr_verify('tenants') tells how it differs from others");
	migr_report_end(subject->report, DRIFT, "its schema is what its last run left");
}

/* --- all -------------------------------------------------------------------------- */

static void
check_versions(Subject *subject)
{
	const MigrTenant *tenant = subject->look->tenant;

	if (tenant->failed)
		migr_report_add(subject->report, VERSIONS, subject->name, MIGR_STATUS_FAIL,
						psprintf("the last run of it failed: %s", tenant->error));
	migr_report_end(subject->report, VERSIONS,
					psprintf("current: %s", tenant->heads == NIL ? "base" : migr_ident_join(tenant->heads)));
}

void
migr_check_run_tenant(MigrReport *report, const List *names, const char *tenant)
{
	static const struct
	{
		const char *name;
		void		(*run) (Subject *);
	}			checks[] = {
		{VERSIONS, check_versions},
		{SECTIONS, check_sections},
		{DRIFT, check_drift},
	};
	Subject		subject = {.report = report, .name = tenant};
	ErrorData  *error = migr_subxact_run(look, &subject, true);
	ListCell   *lc;

	if (error)
	{
		migr_report_begin(report);
		migr_report_add(report, VERSIONS, tenant, migr_check_status_of(error), migr_check_describe(error));
		return;
	}
	for (int i = 0; i < (int) lengthof(checks); i++)
	{
		if (!is_wanted(names, checks[i].name))
			continue;
		migr_report_begin(report);
		checks[i].run(&subject);
	}
	foreach(lc, names)
	{
		const char *name = lfirst(lc);

		if (strcmp(name, VERSIONS) != 0 && strcmp(name, SECTIONS) != 0 && strcmp(name, DRIFT) != 0)
			migr_report_add(report, name, NULL, MIGR_STATUS_SKIPPED, "it is about the database, not about a tenant");
	}
}
