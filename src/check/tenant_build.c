/*
 * tenant_build.c
 *		What the scripts for tenants build, in a schema with a name of its own.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/settings.h"
#include "check/tenant_build.h"
#include "store/vouch.h"

static bool
is_outside(const MigrObject *object, void *arg)
{
	const char *place;

	while (object->parent)
		object = object->parent;
	place = object->kind == MIGR_KIND_SCHEMA ? object->name : object->schema;
	return place == NULL || strcmp(place, MIGR_TENANT_BUILT) != 0;
}

MigrSchema *
migr_tenant_build_look(void)
{
	MigrSchema *schema = migr_scratch_look(0);

	migr_schema_remove(schema, is_outside, NULL);
	return schema;
}

void
migr_tenant_build_sql(const char *name, const char *sql)
{
	int			statements;
	int			reached;
	int			number = migr_scratch_load_sql(name, sql, &statements);

	migr_scratch_run_sql(number, 0, statements, &reached);
}

void
migr_tenant_build_schema(void)
{
	migr_tenant_build_sql("schema of a tenant", "CREATE SCHEMA " MIGR_TENANT_BUILT);
}

/* While there is no such schema, search_path leads to what all share. */
static void
begin(void *arg)
{
	const MigrTenantBuild *build = arg;
	ListCell   *lc;

	foreach(lc, build->shared)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	migr_tenant_build_schema();
	build->work(build->arg);
}

static void
do_build(void *arg)
{
	MigrTenantBuild *build = arg;

	migr_scratch_do(&build->job, begin, build);
}

/* The scripts of what all share, as far as it is applied, and of the branch. */
static void
read_scripts(MigrTenantBuild *build)
{
	const MigrGraph *graph = build->state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(graph, NULL, MIGR_DOWN_ALL, order);
	MigrDb		db;

	migr_db_begin(&db, false);
	for (int i = 0; i < count; i++)
	{
		bool		own = build->members[order[i]];
		MigrScript *script;

		if (!own && !build->state->applied[order[i]])
			continue;
		script = migr_store_parse_script(&db, graph->nodes[order[i]].id);
		if (own)
		{
			build->own = lappend(build->own, script);
			build->nodes = lappend_int(build->nodes, order[i]);
		}
		else
			build->shared = lappend(build->shared, script);
	}
	migr_db_end(&db);
}

void
migr_tenant_build_run(MigrTenantBuild *build)
{
	MigrSetting path = {"search_path", migr_tenant_path(MIGR_TENANT_BUILT)};

	if (build->state)
		read_scripts(build);
	build->job.role = migr_vouch_role_for_build(list_concat(list_copy(build->shared), build->own));
	migr_settings_run(&path, 1, do_build, build);
}
