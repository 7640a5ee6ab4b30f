/*
 * squash_rows.c
 *		The rows of what a squash replaces, and the squash's own.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/ident.h"
#include "run/squash_rows.h"
#include "store/log.h"
#include "store/reached.h"
#include "store/vouch.h"

List *
migr_squash_rows_of(const MigrState *state, const List *versions, int node)
{
	const MigrGraph *graph = state->graph;
	List	   *rows = NIL;
	ListCell   *lc;

	if (graph->nodes[node].replaces == NIL)
		return NIL;
	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);

		if (migr_graph_find(graph, version->revision) < 0 &&
			migr_graph_find_alias(graph, version->revision) == node)
			rows = lappend(rows, unconstify(char *, version->revision));
	}
	return rows;
}

/* The heads as they were: those of what is replaced in place of the squash. */
static List *
heads_before(const MigrState *state, int squash, const List *rows)
{
	const MigrNode *node = &state->graph->nodes[squash];
	List	   *before = NIL;
	ListCell   *lc;

	foreach(lc, migr_set_ids(state->graph, migr_state_heads(state)))
	{
		ListCell   *name;

		if (strcmp(lfirst(lc), node->id) != 0)
		{
			before = lappend(before, lfirst(lc));
			continue;
		}
		foreach(name, node->known_as)
		{
			if (migr_ident_is_in(rows, lfirst(name)))
				before = lappend(before, lfirst(name));
		}
	}
	return before;
}

/* Put a squash in the place of these rows. */
static void
take_place(MigrDb *db, const MigrState *state, int squash, const List *rows)
{
	const MigrNode *node = &state->graph->nodes[squash];
	const MigrRevision *info = node->info;
	const char *last = llast(rows);
	ListCell   *lc;

	if (migr_store_is_applied(db, node->id))
		last = NULL;
	foreach(lc, rows)
	{
		if (lfirst(lc) != last)
			migr_store_remove_version(db, lfirst(lc));
	}
	if (last)
		migr_store_rename_version(db, last, node->id, info->checksum);
}

static void
report(const MigrState *state, int squash, List *rows, TimestampTz started)
{
	MigrAudit	audit = {.action = "squash", .started = started};
	const char *names = migr_ident_join(rows);

	audit.target = state->graph->nodes[squash].id;
	audit.from_heads = heads_before(state, squash, rows);
	audit.to_heads = migr_set_ids(state->graph, migr_state_heads(state));
	audit.revisions = rows;
	audit.detail = psprintf("its row in migr.version takes the place of those of %s", names);
	migr_audit_write(&audit);
	ereport(NOTICE,
			(errmsg("squash \"%s\" takes the place of %s", audit.target, names)));
}

void
migr_squash_rows_settle(void)
{
	TimestampTz started = GetCurrentTimestamp();
	MigrState  *state;
	List	   *versions;
	List	  **rows;
	List	   *scripts = NIL;
	MigrDb		db;

	migr_db_begin(&db, false);
	if (!migr_reached_open_squash(&db))
	{
		migr_db_end(&db);
		return;
	}
	state = migr_store_read_state(&db);
	versions = migr_store_read_versions(&db);
	rows = palloc((state->graph->count + 1) * sizeof(List *));
	for (int i = 0; i < state->graph->count; i++)
	{
		rows[i] = migr_squash_rows_of(state, versions, i);
		if (rows[i] != NIL)
			scripts = lappend(scripts, migr_store_parse_script(&db, state->graph->nodes[i].id));
	}
	migr_db_end(&db);
	/* Each will be undone by its own downgrade: so it has to be one that the caller may run. */
	if (scripts != NIL)
		migr_vouch_check(scripts);
	migr_db_begin(&db, false);
	for (int i = 0; i < state->graph->count; i++)
	{
		if (rows[i] != NIL)
			take_place(&db, state, i, rows[i]);
	}
	migr_db_end(&db);
	for (int i = 0; i < state->graph->count; i++)
	{
		if (rows[i] != NIL)
			report(state, i, rows[i], started);
	}
}
