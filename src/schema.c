/*
 * schema.c
 *		The live schema as canonical text, and its fingerprint.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "compat.h"
#include "ddl.h"
#include "order.h"
#include "resolve.h"
#include "schema.h"
#include "scratch.h"
#include "snap.h"
#include "store.h"
#include "text.h"

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

/* Print the schema as a snapshot of this scope sees it. */
static char *
print_schema(const MigrSnapScope *scope)
{
	int			guc_level = migr_snap_pin();
	List	   *objects = migr_order(migr_snap_take(scope));
	char	   *text = print_objects(objects);

	AtEOXact_GUC(false, guc_level);
	return text;
}

char *
migr_schema_text(void)
{
	return print_schema(NULL);
}

/* The scripts (MigrScript *) of what a name means and all below, in order. */
static List *
scripts_up_to(const char *revision)
{
	MigrState  *state;
	bool	   *set;
	int		   *order;
	int			count;
	List	   *ids = NIL;
	List	   *scripts = NIL;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	state = migr_store_read_state(&db);
	set = migr_resolve(state, revision, false);
	migr_graph_close(state->graph, set, MIGR_DOWN_ALL);
	order = palloc((state->graph->count + 1) * sizeof(int));
	count = migr_graph_order(state->graph, set, MIGR_DOWN_ALL, order);
	for (int i = 0; i < count; i++)
		ids = lappend(ids, unconstify(char *, state->graph->nodes[order[i]].id));
	foreach(lc, migr_store_read_scripts(&db, ids))
		scripts = lappend(scripts, migr_script_parse_stored(lfirst(lc)));
	migr_db_end(&db);
	return scripts;
}

static void
print_scratch(void *arg)
{
	*(char **) arg = print_schema(migr_scratch_scope());
}

char *
migr_schema_text_at(const char *revision)
{
	char	   *text = NULL;

	migr_scratch_run(scripts_up_to(revision), print_scratch, &text);
	return text;
}

char *
migr_schema_fingerprint(const char *text)
{
	return migr_text_checksum(text, strlen(text));
}
