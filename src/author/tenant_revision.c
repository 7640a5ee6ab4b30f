/*
 * tenant_revision.c
 *		New revisions for tenants: where they stand, and what a tenant's schema has of its own.
 *
 * The difference is made under a name that no tenant has, and that name is left out of what
 * is printed.  That what is left means the same is not believed but tried.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "author/tenant_revision.h"
#include "base/errors.h"
#include "base/ident.h"
#include "check/tenant_build.h"
#include "diff/diff.h"
#include "diff/drift.h"
#include "graph/graph_apart.h"
#include "schema/tenant_fingerprint.h"
#include "store/loader.h"
#include "store/tenant_view.h"

#define BY_HAND "Write the revision by hand; migr_verify('{tenants}') prints the difference between tenants."

/* --- where it stands ---------------------------------------------------------------- */

/* The first revision that the draft would stand on, and that is for tenants or not; or NULL. */
static const char *
find_parent(const MigrState *state, const MigrDraft *draft, const bool *members, bool for_tenants)
{
	ListCell   *lc;

	foreach(lc, draft->heads)
	{
		bool	   *set = migr_resolve(state, lfirst(lc), false);

		for (int i = 0; i < state->graph->count; i++)
		{
			if (set[i] && members[i] == for_tenants)
				return state->graph->nodes[i].id;
		}
	}
	return NULL;
}

/* The first revision for tenants that it would stand on, and the first other one; or NULL. */
static void
find_parents(const MigrDraft *draft, const char **own, const char **shared)
{
	const char *label = migr_tenant_label();
	MigrState  *state;
	bool	   *members;
	MigrDb		db;

	*own = *shared = NULL;
	if (label == NULL)
		return;
	migr_db_begin(&db, false);
	state = migr_store_read_state(&db);
	migr_db_end(&db);
	members = migr_apart_branch(state->graph, label);
	if (members == NULL)
		return;
	*own = find_parent(state, draft, members, true);
	*shared = find_parent(state, draft, members, false);
}

void
migr_tenant_revision_look(const MigrDraft *draft)
{
	const char *own;
	const char *shared;

	find_parents(draft, &own, &shared);
	if (own && shared)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("revision \"%s\" is for tenants, and \"%s\" is not", own, shared),
				 errdetail("Nothing stands on both."),
				 errhint("Name revisions of the one or of the other. One for tenants can depend on what all share.")));
	if (own && list_length(draft->heads) == 1 && strcmp(linitial(draft->heads), "head") == 0 &&
		draft->tenant == NULL)
		ereport(NOTICE,
				(errmsg("the revision is for tenants, as it stands on \"%s\"", own),
				 errhint("For one of what all share, say by head which one it stands on.")));
}

void
migr_tenant_revision_check(const MigrDraft *draft)
{
	const char *parent;
	const char *shared;

	find_parents(draft, &parent, &shared);
	if (parent)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("revision \"%s\" is for tenants, and what is compared is what all of them share", parent),
				 errhint("Name the tenant whose schema has what is to be written: tenant => '...'. For a revision of what all share, say by head which one it stands on.")));
}

/* --- what a schema has ----------------------------------------------------------------- */

/* A tenant's schema, and what the scripts make of one. */
typedef struct Comparing
{
	const MigrTenant *tenant;
	MigrTenantBuild build;
	char	   *upgrade;
	char	   *downgrade;
	const char *wrong;			/* what is to be told of it, or NULL */
} Comparing;

static bool
is_schema(const MigrObject *object, void *arg)
{
	return object->kind == MIGR_KIND_SCHEMA;
}

/* Who may use a tenant's schema is that tenant's own. */
static MigrSchema *
without_schema(MigrSchema *schema)
{
	migr_schema_remove(schema, is_schema, NULL);
	return schema;
}

static MigrSchema *
built(void)
{
	return without_schema(migr_tenant_build_look());
}

static MigrSchema *
there(const Comparing *comparing)
{
	MigrSchema *schema = migr_tenant_model(comparing->tenant->schema, MIGR_TENANT_BUILT);

	if (schema == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" does not exist", comparing->tenant->name)));
	return without_schema(schema);
}

/* SQL without the name that qualifies; NULL if it stands anywhere else. */
static char *
unqualified(const char *sql)
{
	static const char name[] = MIGR_TENANT_BUILT ".";
	StringInfoData out;
	const char *found;

	initStringInfo(&out);
	while ((found = strstr(sql, name)) != NULL)
	{
		appendBinaryStringInfo(&out, sql, found - sql);
		sql = found + strlen(name);
	}
	appendStringInfoString(&out, sql);
	return strstr(out.data, MIGR_TENANT_BUILT) ? NULL : out.data;
}

/* The first object in which two differ, but for the order of columns; or NULL. */
static const char *
first_difference(MigrSchema *is, MigrSchema *wanted)
{
	ListCell   *lc;

	foreach(lc, migr_drift_find(is, wanted))
	{
		const MigrDrift *drift = lfirst(lc);

		if (drift->kind != MIGR_DRIFT_COLUMN_ORDER)
			return drift->object;
	}
	return NULL;
}

static void
try_upgrade(void *arg)
{
	Comparing  *comparing = arg;
	const char *other;

	migr_tenant_build_sql("the revision's upgrade", comparing->upgrade);
	other = first_difference(built(), there(comparing));
	if (other)
		comparing->wrong = psprintf("Without the schema's name, its upgrade makes another %s.",
									unqualified(other));
}

static void
try_downgrade(void *arg)
{
	const Comparing *comparing = arg;

	migr_tenant_build_sql("the revision's downgrade", comparing->downgrade);
}

/* What is printed names objects without a schema: does it lead there, and back? */
static void
prove(Comparing *comparing)
{
	MigrSchema *before = built();
	ErrorData  *error = migr_scratch_try(try_upgrade, comparing, true);
	const char *other;

	if (error == NULL && comparing->wrong == NULL)
		error = migr_scratch_try(try_downgrade, comparing, true);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	if (error)
		comparing->wrong = psprintf("Without the schema's name, it raises: %s", error->message);
	if (comparing->wrong)
		return;
	other = first_difference(built(), before);
	if (other)
		comparing->wrong = psprintf("Without the schema's name, its downgrade leaves another %s.",
									unqualified(other));
}

/* The difference changes what it compares. */
static void
compare(void *arg)
{
	Comparing  *comparing = arg;
	ListCell   *lc;

	foreach(lc, comparing->build.own)
	{
		CHECK_FOR_INTERRUPTS();
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	}
	comparing->upgrade = migr_diff_script(built(), there(comparing), false);
	if (*comparing->upgrade == '\0')
		return;
	comparing->upgrade = unqualified(comparing->upgrade);
	comparing->downgrade = unqualified(migr_diff_script(there(comparing), built(), false));
	if (comparing->upgrade == NULL || comparing->downgrade == NULL)
		comparing->wrong = "Its SQL names the schema where that can't be left out.";
	else
		prove(comparing);
}

/* --- whose it is ------------------------------------------------------------------------- */

static MigrQuery owner_query = {
	"SELECT r.rolname::text"
	"  FROM (SELECT nspowner FROM pg_catalog.pg_namespace WHERE oid = $1"
	"         UNION ALL SELECT relowner FROM pg_catalog.pg_class WHERE relnamespace = $1"
	"         UNION ALL SELECT proowner FROM pg_catalog.pg_proc WHERE pronamespace = $1"
	"         UNION ALL SELECT typowner FROM pg_catalog.pg_type WHERE typnamespace = $1) AS o (owner)"
	"  JOIN pg_catalog.pg_roles r ON r.oid = o.owner"
	" WHERE NOT r.rolsuper ORDER BY 1 LIMIT 1", 1, {OIDOID}
};

/*
 * What is in the schema is built elsewhere, and then is a script that runs for all: of
 * superusers, only what is theirs, as it is with scripts (store/vouch.h).
 */
static void
check_owners(const MigrTenant *tenant)
{
	Datum		schema = ObjectIdGetDatum(tenant->schema);
	char	   *owner = NULL;
	MigrDb		db;

	if (!superuser())
		return;
	migr_db_begin(&db, true);
	if (migr_db_run(&db, &owner_query, &schema, NULL) > 0)
		owner = migr_db_text(0, 1);
	migr_db_end(&db);
	if (owner)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("a superuser does not build what is in schema \"%s\"", tenant->name),
				 errdetail("It is, or something in it is, of role \"%s\", which is no superuser.", owner),
				 errhint("Call it as that role, or as one that deploys and is no superuser.")));
}

/* --- the draft --------------------------------------------------------------------------- */

static void
check_done(const MigrTenantView *look)
{
	MigrPlan	plan = migr_tenant_pending(look, "heads");

	if (plan.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg_plural("tenant \"%s\" is not up to date: %d revision pending",
							   "tenant \"%s\" is not up to date: %d revisions pending",
							   plan.count, look->tenant->name, plan.count),
				 errdetail("The next is \"%s\".", look->view.state->graph->nodes[plan.steps[0]].id),
				 errhint("Run migr_upgrade(tenant => %s).", quote_literal_cstr(look->tenant->name))));
}

/* "head" is the tenants' branch's. */
static void
settle_heads(MigrDraft *draft, const MigrTenantView *look)
{
	MigrTenantState where = {.label = look->label};
	const char *parent;
	ListCell   *lc;

	foreach(lc, draft->heads)
		lfirst(lc) = unconstify(char *, migr_tenant_target(&where, lfirst(lc)));
	parent = find_parent(look->view.state, draft, look->members, false);
	if (parent)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("revision \"%s\" is not for tenants", parent),
				 errhint("What a tenant's schema has goes above the tenants' branch: %s@head.", look->label)));
}

bool
migr_tenant_revision_generate(MigrDraft *draft, char **upgrade, char **downgrade)
{
	Comparing	comparing = {NULL};
	const MigrTenantView *look;

	migr_loader_load_location();
	look = migr_tenant_look(draft->tenant);
	check_owners(look->tenant);
	check_done(look);
	settle_heads(draft, look);
	comparing.tenant = look->tenant;
	comparing.build.state = look->view.state;
	comparing.build.members = look->members;
	comparing.build.work = compare;
	comparing.build.arg = &comparing;
	migr_tenant_build_run(&comparing.build);
	if (comparing.wrong)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("what schema \"%s\" differs in can't be written for all tenants", draft->tenant),
				 errdetail_internal("%s", comparing.wrong),
				 errhint(BY_HAND)));
	if (*comparing.upgrade == '\0')
	{
		ereport(NOTICE,
				(errmsg("no revision was written: schema \"%s\" is what the scripts build", draft->tenant)));
		return false;
	}
	*upgrade = comparing.upgrade;
	*downgrade = comparing.downgrade;
	return true;
}
