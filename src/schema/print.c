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

#include "base/text.h"
#include "diff/order.h"
#include "kind/ddl.h"
#include "schema/print.h"
#include "schema/public.h"

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

char *
migr_print_objects(const List *objects)
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

/* A model to be printed. */
typedef struct Printing
{
	MigrSchema *schema;
	char	   *text;
} Printing;

static void
print(void *arg)
{
	Printing   *printing = arg;

	printing->text = migr_print_objects(migr_order(printing->schema));
}

char *
migr_print_model(MigrSchema *schema)
{
	Printing	printing = {.schema = schema};

	migr_snap_pinned(print, &printing);
	return printing.text;
}

char *
migr_print_schema(const MigrScope *scope)
{
	MigrSchema *schema = migr_snap_take(scope);

	migr_public_settle(schema, true);
	return migr_print_model(schema);
}

char *
migr_print_fingerprint(const char *text)
{
	const char *utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);

	return migr_text_sha256(utf8, strlen(utf8));
}
