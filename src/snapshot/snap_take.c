/*
 * snap_take.c
 *		Snapshots of a schema that others may be changing.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/subxact.h"
#include "snapshot/snap_parts.h"

/* A snapshot to be taken. */
typedef struct Taking
{
	const MigrScope *scope;
	bool		with_needs;
	MigrSchema *schema;
} Taking;

static void
read_schema(void *arg)
{
	Taking	   *taking = arg;

	taking->schema = migr_snap_read(taking->scope, taking->with_needs);
}

static void
read_stable(void *taking)
{
	migr_subxact_read(read_schema, taking);
}

static MigrSchema *
take(const MigrScope *scope, bool with_needs)
{
	Taking		taking = {.scope = scope, .with_needs = with_needs};

	migr_snap_pinned(read_stable, &taking);
	return taking.schema;
}

MigrSchema *
migr_snap_take(const MigrScope *scope)
{
	return take(scope, false);
}

MigrSchema *
migr_snap_model(const MigrScope *scope)
{
	return take(scope, true);
}
