/*
 * print.c
 *		The schema that is there as canonical text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff.h"
#include "schema/print.h"
#include "schema/public.h"

char *
migr_print_model(MigrSchema *schema)
{
	return migr_diff_whole(schema);
}

char *
migr_print_schema(const MigrScope *scope)
{
	MigrSchema *schema = migr_snap_model(scope);

	migr_public_settle(schema, true);
	return migr_print_model(schema);
}
