/*
 * adopt_tenants.c
 *		Schemas that were there before migr: at which revision of the tenants' branch are they?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/ident.h"
#include "base/pattern.h"
#include "check/adopt_tenants.h"
#include "check/tenant_build.h"
#include "schema/record.h"
#include "schema/tenant_fingerprint.h"
#include "store/kept.h"
#include "store/log.h"
#include "store/mutex.h"

/* Not those that are the server's or migr's, nor what all tenants share. */
static MigrQuery schemas_query = {
	"SELECT n.nspname::text, n.oid FROM pg_catalog.pg_namespace n"
	" WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> ALL ('{information_schema,migr,migr_kept,migr_standalone}')"
	"   AND n.nspname <> '$user' AND n.nspname::text <> ALL ($1)"
	"   AND NOT EXISTS (SELECT FROM migr.tenant t WHERE t.tenant = n.nspname::text)"
	" ORDER BY n.oid", 1, {TEXTARRAYOID}
};

/* Behind some of the scripts. */
typedef struct Place
{
	const char *fingerprint;
	List	   *heads;			/* char * */
	int			applied;
} Place;

/* A build of all of the branch, script by script. */
typedef struct Building
{
	MigrGraph  *all;
	MigrTenantState where;
	MigrTenantBuild build;
	List	   *places;			/* Place * */
} Building;

/* Hold what is built now. */
static void
note_place(Building *building)
{
	MigrSchema *schema = migr_tenant_build_look();
	Place	   *place = palloc(sizeof(Place));
	MigrTenant	tenant = {0};

	place->fingerprint = migr_record_fingerprint(schema);
	migr_tenant_note(&building->where, building->all, &tenant);
	place->heads = tenant.heads;
	place->applied = tenant.applied;
	/* Of two that are alike, the later one has to have been there first. */
	building->places = lcons(place, building->places);
}

static void
build(void *arg)
{
	Building   *building = arg;
	ListCell   *script;
	ListCell   *node;

	note_place(building);
	forboth(script, building->build.own, node, building->build.nodes)
	{
		CHECK_FOR_INTERRUPTS();
		migr_scratch_run_section(lfirst(script), MIGR_SECTION_UPGRADE);
		building->where.state->applied[lfirst_int(node)] = true;
		note_place(building);
	}
}

static void
find_places(Building *building)
{
	MigrTenant	nobody = {.name = MIGR_TENANT_BUILT};
	const MigrKept *kept;
	MigrDb		db;

	migr_db_begin(&db, false);
	kept = migr_kept_read(&db, NULL);
	migr_db_end(&db);
	building->all = kept->all;
	building->where = migr_tenant_state(kept->all, kept->versions, &nobody);
	building->build.state = building->where.state;
	building->build.members = building->where.members;
	building->build.work = build;
	building->build.arg = building;
	migr_tenant_build_run(&building->build);
}

static const Place *
find_place(const Building *building, Oid schema)
{
	MigrSchema *model = migr_tenant_model(schema, MIGR_TENANT_BUILT);
	char	   *fingerprint = model ? migr_record_fingerprint(model) : NULL;
	ListCell   *lc;

	foreach(lc, building->places)
	{
		const Place *place = lfirst(lc);

		if (fingerprint && strcmp(place->fingerprint, fingerprint) == 0)
			return place;
	}
	return NULL;
}

/* The schemas (MigrTenant *) that are asked for. */
static List *
find_schemas(const char *pattern)
{
	Datum		shared = migr_db_texts_datum(migr_tenant_shared_names());
	List	   *patterns = list_make1(unconstify(char *, pattern));
	List	   *found = NIL;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &schemas_query, &shared, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrTenant *tenant = palloc0(sizeof(MigrTenant));

		tenant->name = migr_db_text(i, 1);
		tenant->schema = DatumGetObjectId(migr_db_datum(i, 2));
		if (migr_pattern_matches(patterns, tenant->name, ""))
			found = lappend(found, tenant);
	}
	migr_db_end(&db);
	return found;
}

static void
write_row(MigrTenant *tenant, const Place *place)
{
	MigrAudit	audit = {.action = "stamp", .started = GetCurrentTimestamp()};
	MigrDb		db;

	tenant->heads = place->heads;
	tenant->applied = place->applied;
	tenant->fingerprint = migr_tenant_fingerprint(tenant->schema);
	migr_db_begin(&db, false);
	migr_tenant_write(&db, tenant);
	migr_db_end(&db);
	audit.tenant = tenant->name;
	audit.to_heads = tenant->heads;
	audit.detail = "found by comparison with what the scripts build";
	migr_audit_write(&audit);
}

static MigrAdoptedTenant *
adopt(const Building *building, MigrTenant *tenant, bool check_only)
{
	MigrAdoptedTenant *adopted = palloc0(sizeof(MigrAdoptedTenant));
	const Place *place;
	Oid			schema;

	if (!check_only)
		migr_mutex_acquire_tenant(tenant->name, &schema);
	place = find_place(building, tenant->schema);
	adopted->tenant = tenant->name;
	if (place == NULL)
	{
		adopted->action = "unknown";
		adopted->detail = "it is not what the scripts build at any revision";
		return adopted;
	}
	if (!check_only)
		write_row(tenant, place);
	adopted->heads = place->heads;
	adopted->action = check_only ? "found" : "adopted";
	return adopted;
}

List *
migr_adopt_tenants_run(const char *pattern, bool check_only)
{
	Building	building = {.places = NIL};
	List	   *result = NIL;
	List	   *tenants;
	ListCell   *lc;

	migr_mutex_acquire_shared();
	tenants = find_schemas(pattern);
	if (tenants == NIL)
		ereport(NOTICE,
				(errmsg("no schema matches \"%s\" that is not a tenant already", pattern)));
	else
		find_places(&building);
	foreach(lc, tenants)
	{
		CHECK_FOR_INTERRUPTS();
		result = lappend(result, adopt(&building, lfirst(lc), check_only));
	}
	return result;
}
