/*
 * snap_take.c
 *		Snapshots of a schema that others may be changing.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"

#include "base/subxact.h"
#include "snapshot/snap_parts.h"

/* A snapshot to be taken. */
typedef struct Taking
{
	const MigrSnapScope *scope;
	bool		with_needs;
	MigrSchema *schema;
} Taking;

static void
read_schema(void *arg)
{
	Taking	   *taking = arg;

	taking->schema = migr_snap_read(taking->scope, taking->with_needs);
}

static MigrSchema *
take(const MigrSnapScope *scope, bool with_needs)
{
	Taking		taking = {.scope = scope, .with_needs = with_needs};

	migr_subxact_read(read_schema, &taking);
	return taking.schema;
}

MigrSchema *
migr_snap_take(const MigrSnapScope *scope)
{
	return take(scope, false);
}

MigrSchema *
migr_snap_model(const MigrSnapScope *scope)
{
	int			guc_level = migr_snap_pin();
	MigrSchema *schema = take(scope, true);

	AtEOXact_GUC(false, guc_level);
	return schema;
}
