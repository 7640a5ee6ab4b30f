/*
 * compare.c
 *		The schema that DDL describes, and the SQL that leads to it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"

#include "compare.h"
#include "compat.h"
#include "diff.h"
#include "scratch.h"

/* The settings hold for the snapshot alone: DDL is read with the caller's. */
static MigrSchema *
take(const MigrSnapScope *scope)
{
	int			guc_level = migr_snap_pin();
	MigrSchema *schema = migr_snap_take_with_needs(scope);

	AtEOXact_GUC(false, guc_level);
	return schema;
}

static void
take_scratch(void *arg)
{
	*(MigrSchema **) arg = take(migr_scratch_scope());
}

/* What DDL builds. */
static MigrSchema *
build(const char *ddl, const char *name)
{
	MigrSchema *schema = NULL;

	migr_scratch_run_ddl(ddl, name, take_scratch, &schema);
	return schema;
}

char *
migr_compare(const char *desired, const char *current)
{
	MigrSchema *from = current ? build(current, "current") : take(NULL);
	MigrSchema *to = build(desired, "desired");
	int			guc_level = migr_snap_pin();
	char	   *script = migr_diff_script(from, to);

	AtEOXact_GUC(false, guc_level);
	return script;
}
