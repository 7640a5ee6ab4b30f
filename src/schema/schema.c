/*
 * schema.c
 *		Schemas as canonical text: the live one, and what scripts build.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "graph/resolve.h"
#include "schema/print.h"
#include "schema/public.h"
#include "schema/schema.h"
#include "scratch/scratch.h"
#include "store/repeatable.h"
#include "store/tenant_state.h"

char *
migr_schema_text(void)
{
	return migr_print_schema(NULL);
}

List *
migr_schema_scripts(const char *revision)
{
	MigrState  *state;
	bool	   *set;
	int		   *order;
	int			count;
	List	   *scripts;
	MigrDb		db;

	migr_db_begin(&db, false);
	state = migr_tenant_read_shared_state(&db);
	set = migr_resolve_applied(state, revision);
	order = palloc((state->graph->count + 1) * sizeof(int));
	count = migr_graph_order_steps(state->graph, set, MIGR_DOWN_ALL, order);
	scripts = migr_store_parse_scripts(&db, state->graph, order, count);
	migr_db_end(&db);
	return list_concat(scripts, strcmp(revision, "current") == 0
					   ? migr_repeatable_scripts_applied(state)
					   : migr_repeatable_scripts(state, set));
}

MigrSchema *
migr_schema_model_at(const char *revision)
{
	return migr_scratch_build(migr_schema_scripts(revision));
}

char *
migr_schema_text_at(const char *revision)
{
	MigrSchema *schema = migr_schema_model_at(revision);

	migr_public_settle(schema, false);
	return migr_print_model(schema);
}
