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
#include "base/settings.h"
#include "check/adopt_tenants.h"
#include "schema/record.h"
#include "schema/tenant_fingerprint.h"
#include "scratch/scratch.h"
#include "store/kept.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/tenant_state.h"
#include "store/vouch.h"

/* What a tenant is called where it is built. */
#define BUILT "migr_tenant"

/* Not those that are the server's or migr's, nor what all tenants share. */
static MigrQuery schemas_query = {
	"SELECT n.nspname::text, n.oid FROM pg_catalog.pg_namespace n"
	" WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> ALL ('{information_schema,migr,migr_standalone}')"
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
	List	   *shared;			/* MigrScript *, in order */
	List	   *own;
	List	   *nodes;			/* int: of these */
	MigrScratchJob job;
	List	   *places;			/* Place * */
} Building;

static bool
is_outside(const MigrObject *object, void *arg)
{
	const char *place;

	while (object->parent)
		object = object->parent;
	place = object->kind == MIGR_KIND_SCHEMA ? object->name : object->schema;
	return place == NULL || strcmp(place, BUILT) != 0;
}

/* Hold what is built now. */
static void
note_place(Building *building)
{
	MigrSchema *schema = migr_scratch_look(0);
	Place	   *place = palloc(sizeof(Place));
	MigrTenant	tenant = {0};

	migr_schema_remove(schema, is_outside, NULL);
	place->fingerprint = migr_record_fingerprint(schema);
	migr_tenant_note(&building->where, building->all, &tenant);
	place->heads = tenant.heads;
	place->applied = tenant.applied;
	/* Of two that are alike, the later one has to have been there first. */
	building->places = lcons(place, building->places);
}

/* While there is no such schema, search_path leads to what all share. */
static void
create_schema(void)
{
	int			statements;
	int			reached;
	int			number = migr_scratch_load_sql("schema of a tenant", "CREATE SCHEMA " BUILT, &statements);

	migr_scratch_run_sql(number, 0, statements, &reached);
}

static void
build(void *arg)
{
	Building   *building = arg;
	ListCell   *script;
	ListCell   *node;

	foreach(script, building->shared)
		migr_scratch_run_section(lfirst(script), MIGR_SECTION_UPGRADE);
	create_schema();
	note_place(building);
	forboth(script, building->own, node, building->nodes)
	{
		CHECK_FOR_INTERRUPTS();
		migr_scratch_run_section(lfirst(script), MIGR_SECTION_UPGRADE);
		building->where.state->applied[lfirst_int(node)] = true;
		note_place(building);
	}
}

static void
do_build(void *arg)
{
	Building   *building = arg;

	migr_scratch_do(&building->job, build, building);
}

/* The scripts of what all share, as far as it is applied, and of the branch. */
static void
read_scripts(Building *building, MigrDb *db)
{
	const MigrGraph *graph = building->where.state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(graph, NULL, MIGR_DOWN_ALL, order);

	for (int i = 0; i < count; i++)
	{
		bool		own = building->where.members[order[i]];
		MigrScript *script;

		if (!own && !building->where.state->applied[order[i]])
			continue;
		script = migr_store_parse_script(db, graph->nodes[order[i]].id);
		if (own)
		{
			building->own = lappend(building->own, script);
			building->nodes = lappend_int(building->nodes, order[i]);
		}
		else
			building->shared = lappend(building->shared, script);
	}
}

static void
find_places(Building *building)
{
	MigrTenant	nobody = {.name = BUILT};
	MigrSetting path = {"search_path", migr_tenant_path(BUILT)};
	const MigrKept *kept;
	MigrDb		db;

	migr_db_begin(&db, false);
	kept = migr_kept_read(&db, NULL);
	building->all = kept->all;
	building->where = migr_tenant_state(kept->all, kept->versions, &nobody);
	read_scripts(building, &db);
	migr_db_end(&db);
	building->job.role =
		migr_vouch_role_for_build(list_concat(list_copy(building->shared), building->own));
	migr_settings_run(&path, 1, do_build, building);
}

static const Place *
find_place(const Building *building, Oid schema)
{
	MigrSchema *model = migr_tenant_model(schema, BUILT);
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
