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
	MigrSchema *schema;
} Taking;

static void
read_schema(void *arg)
{
	Taking	   *taking = arg;

	taking->schema = migr_snap_read(taking->scope);
}

static void
read_stable(void *taking)
{
	const MigrScope *scope = ((Taking *) taking)->scope;

	if (scope && scope->is_alone)
		read_schema(taking);
	else
		migr_subxact_read(read_schema, taking);
}

MigrSchema *
migr_snap_model(const MigrScope *scope)
{
	Taking		taking = {.scope = scope};

	if (scope && scope->only != NIL)
		migr_snap_pinned_some(read_stable, &taking);
	else
		migr_snap_pinned(read_stable, &taking);
	return taking.schema;
}
