/*
 * print.c
 *		The schema that is there as canonical text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "base/text.h"
#include "diff/order.h"
#include "kind/ddl.h"
#include "schema/print.h"

/* A body may use what is created later, and no dependency tells of it. */
static bool
has_routine(const List *objects)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_ROUTINE)
			return true;
	}
	return false;
}

/* The objects' DDL, with a blank line between. */
static char *
print_objects(const List *objects)
{
	StringInfoData out;
	StringInfoData one;
	ListCell   *lc;

	initStringInfo(&out);
	initStringInfo(&one);
	if (has_routine(objects))
		appendStringInfoString(&out, "SET check_function_bodies = off;\n");
	foreach(lc, objects)
	{
		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&one);
		migr_ddl_create(&one, lfirst(lc));

		/* Some objects are there without being created. */
		if (one.len == 0)
			continue;
		if (out.len > 0)
			appendStringInfoChar(&out, '\n');
		appendBinaryStringInfo(&out, one.data, one.len);
	}
	return out.data;
}

char *
migr_print_model(MigrSchema *schema)
{
	int			guc_level = migr_snap_pin();
	char	   *text = print_objects(migr_order(schema));

	AtEOXact_GUC(false, guc_level);
	return text;
}

char *
migr_print_schema(const MigrSnapScope *scope)
{
	int			guc_level = migr_snap_pin();
	char	   *text = migr_print_model(migr_snap_take(scope));

	AtEOXact_GUC(false, guc_level);
	return text;
}

char *
migr_print_fingerprint(const char *text)
{
	const char *utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);

	return migr_text_sha256(utf8, strlen(utf8));
}
