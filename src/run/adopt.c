/*
 * adopt.c
 *		A database that another tool runs, taken over: what its version table says.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/errors.h"
#include "base/ident.h"
#include "graph/replace.h"
#include "run/adopt.h"
#include "run/adopt_read.h"
#include "run/squash_rows.h"
#include "run/stamp.h"
#include "store/log.h"
#include "store/missing.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/standing.h"

/* What is known of what is to be adopted. */
typedef struct Adoption
{
	const MigrAdopt *wish;
	MigrAdoptTable table;
	MigrGraph  *all;			/* of all that is stored */
	List	   *versions;		/* MigrVersion *: rows that there are */
	List	   *rows;			/* MigrAdoptRow *: what the table has */
	List	   *applied;		/* char *: what the table says, as ids of ours */
	List	   *lost;			/* char *: what is not loaded */
	MigrState  *state;			/* in the graph as it will be in force */
	bool	   *wanted;			/* what will be applied there */
} Adoption;

/* Of many names the first ones. */
static char *
some_of(const List *names)
{
	List	   *some = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		if (list_length(some) == 5)
			return psprintf("%s and %d more", migr_ident_join(some), list_length(names) - 5);
		some = lappend(some, lfirst(lc));
	}
	return migr_ident_join(some);
}

static void
raise_lost(const Adoption *adoption)
{
	const MigrAdoptTool *tool = adoption->table.tool;

	ereport(ERROR,
			(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
			 errmsg("can't locate revision identified by \"%s\"", (char *) linitial(adoption->lost)),
			 errdetail("Table %s of %s says that it is applied. Not loaded: %s.",
					   adoption->table.name, tool->title, some_of(adoption->lost)),
			 adoption->all->count == 0 ? errhint(MIGR_LOAD_FIRST)
			 : tool->heads
			 ? errhint("Load its script. If it is lost, or was squashed, migr_repair() finds the revision "
					   "that the schema is at, and migr_stamp() sets the one that you know it is.")
			 : errhint("Load their scripts. If their files were deleted on purpose, pass over them "
					   "with skip_lost => true.")));
}

/* Raise 55000 for what the tool has begun and not done. */
static void
check_trouble(const MigrAdoptTable *table, const List *rows)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		const MigrAdoptRow *row = lfirst(lc);

		if (row->trouble)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("can't adopt what table %s of %s says", table->name, table->tool->title),
					 errdetail("\"%s\" %s.", row->revision, row->trouble),
					 errhint("Bring the database into order with %s, or set the version with migr_stamp().",
							 table->tool->title)));
	}
}

/* The tool's name as an id of ours, or as that of what a squash replaces; NULL: not loaded. */
static const char *
our_id(const MigrGraph *all, const char *name)
{
	const char *id = migr_adopt_id(name);

	if (migr_graph_find(all, name) >= 0 || migr_graph_find_alias(all, name) >= 0)
		return name;
	return migr_graph_find(all, id) >= 0 || migr_graph_find_alias(all, id) >= 0 ? id : NULL;
}

/* Sets what is applied, and what is lost: by row, or with all that is below. */
static void
translate(Adoption *adoption, const List *rows)
{
	const MigrGraph *all = adoption->all;
	bool	   *set = migr_set_create(all);
	ListCell   *lc;

	foreach(lc, rows)
	{
		char	   *name = ((MigrAdoptRow *) lfirst(lc))->revision;
		const char *id = our_id(all, name);
		int			node = id ? migr_graph_find(all, id) : -1;

		if (id == NULL)
			adoption->lost = lappend(adoption->lost, name);
		else if (node >= 0)
			set[node] = true;
		else if (adoption->table.tool->heads)
			/* Its script is gone, and a squash has its place, if it was the last of it. */
			set[migr_graph_find(all, all->nodes[migr_graph_find_alias(all, id)].id)] = true;
		else
			adoption->applied = lappend(adoption->applied, pstrdup(id));
	}
	if (adoption->table.tool->heads)
		migr_graph_close(all, set, MIGR_DOWN_ALL);
	adoption->applied = list_concat(adoption->applied, migr_set_ids(all, set));
}

/* A head whose place a squash has taken is lost unless it was the last of what that replaces. */
static void
check_heads(Adoption *adoption, const List *rows)
{
	const MigrGraph *graph = adoption->state->graph;
	ListCell   *lc;

	foreach(lc, adoption->table.tool->heads ? rows : NIL)
	{
		char	   *name = ((MigrAdoptRow *) lfirst(lc))->revision;
		const char *id = our_id(adoption->all, name);
		int			squash = migr_graph_find_alias(graph, id);

		if (migr_graph_find(graph, id) < 0 &&
			(squash < 0 || !migr_ident_is_in(graph->nodes[squash].known_as, id)))
			adoption->lost = lappend(adoption->lost, name);
	}
}

/* The state that there is, and the one to come, in the graph that is in force then. */
static void
plan(Adoption *adoption)
{
	List	   *after = list_copy(adoption->versions);
	MigrState  *state;
	ListCell   *lc;

	foreach(lc, adoption->applied)
	{
		MigrVersion *version = palloc0(sizeof(MigrVersion));

		version->revision = lfirst(lc);
		after = lappend(after, version);
	}
	state = migr_store_state(adoption->all, after);
	adoption->wanted = state->applied;
	foreach(lc, adoption->applied)
	{
		if (migr_graph_find(state->graph, lfirst(lc)) < 0 &&
			migr_graph_find_alias(state->graph, lfirst(lc)) < 0)
			adoption->lost = lappend(adoption->lost, lfirst(lc));
	}
	adoption->state = migr_state_create(state->graph);
	foreach(lc, adoption->versions)
	{
		const MigrVersion *version = lfirst(lc);

		migr_state_add(adoption->state, version->revision, version->ordinal);
	}
}

/* Read all of it.  Fails if the table says what can't be so. */
static Adoption
look(const MigrAdopt *wish)
{
	Adoption	adoption = {.wish = wish};
	MigrNode   *nodes;
	List	   *ids = NIL;
	List	   *rows;
	int			count;
	bool		passes;
	MigrDb		db;

	adoption.table = migr_adopt_find(wish->relation,
									 wish->tool ? migr_adopt_tool_by_name(wish->tool) : NULL);
	migr_db_begin(&db, wish->check_only);
	nodes = migr_store_read_nodes(&db, &count);
	adoption.versions = migr_store_read_versions(&db);
	migr_db_end(&db);
	adoption.all = migr_replace_create(nodes, count);
	migr_graph_check(adoption.all);
	for (int i = 0; i < count; i++)
		ids = lappend(ids, unconstify(char *, adoption.all->nodes[i].id));
	rows = migr_adopt_read(&adoption.table, ids);
	adoption.rows = rows;
	check_trouble(&adoption.table, rows);
	translate(&adoption, rows);
	/* What a head that is lost stands on is not known, so it can't be passed over. */
	passes = wish->skip_lost && !adoption.table.tool->heads;
	if (adoption.lost == NIL || passes)
	{
		plan(&adoption);
		check_heads(&adoption, rows);
	}
	if (adoption.lost != NIL && !passes)
		raise_lost(&adoption);
	return adoption;
}

/* What is to be said of each revision, in the order of application. */
static List *
results(const Adoption *adoption)
{
	const MigrGraph *graph = adoption->state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(graph, adoption->wanted, MIGR_DOWN_ALL, order);
	List	   *result = NIL;
	ListCell   *lc;

	for (int i = 0; i < count; i++)
	{
		MigrAdopted *adopted = palloc(sizeof(MigrAdopted));

		adopted->revision = graph->nodes[order[i]].id;
		adopted->action = adoption->state->applied[order[i]] ? "unchanged"
			: adoption->wish->check_only ? "adopt" : "adopted";
		result = lappend(result, adopted);
	}
	foreach(lc, adoption->lost)
	{
		MigrAdopted *adopted = palloc(sizeof(MigrAdopted));

		adopted->revision = lfirst(lc);
		adopted->action = "skipped";
		result = lappend(result, adopted);
	}
	return result;
}

/* Say what was found, and what comes of it. */
static void
tell(const Adoption *adoption, const List *heads)
{
	const char *table = psprintf("table %s of %s", adoption->table.name, adoption->table.tool->title);
	MigrState  *after = migr_state_create(adoption->state->graph);
	int			changes = migr_set_count(after->graph, adoption->wanted) -
		migr_set_count(after->graph, adoption->state->applied);
	int			gaps;

	after->applied = adoption->wanted;
	gaps = migr_set_count(after->graph, migr_state_gaps(after));
	if (adoption->applied == NIL)
		ereport(NOTICE, (errmsg("%s says that nothing is applied", table)));
	else if (changes == 0)
		ereport(NOTICE, (errmsg("%s is adopted already: what it says is recorded as applied", table)));
	else
		ereport(NOTICE,
				(errmsg_plural("%s: %d revision %s at %s", "%s: %d revisions %s at %s", changes, table, changes,
							   adoption->wish->check_only ? "to be recorded as applied, then"
							   : "recorded as applied, now", migr_ident_join(heads)),
				 gaps > 0 ? errdetail_plural("%d revision below these was not applied, and is pending.",
											 "%d revisions below these were not applied, and are pending.",
											 gaps, gaps) : 0));
}

/* A row that says which script ran has its place, and its checksum, in our table; true if it gets it. */
static bool
add_row(const Adoption *adoption, MigrDb *db, const MigrAdoptRow *row, int64 ordinal)
{
	MigrState  *state = adoption->state;
	int			node = row->checksum ? migr_graph_find(state->graph, row->revision) : -1;
	MigrVersion version = {.revision = row->revision, .ordinal = ordinal,
	.checksum = row->checksum, .stamped = row->stamped, .applied_by = migr_audit_user()};

	if (node < 0 || state->applied[node] || !adoption->wanted[node])
		return false;
	migr_store_add_version(db, &version, 0);
	state->applied[node] = true;
	return true;
}

/* Those rows, in the order in which they were applied; how many. */
static int
add_rows(const Adoption *adoption, MigrDb *db)
{
	int64		ordinal = migr_store_next_ordinal(db);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, adoption->rows)
	{
		if (add_row(adoption, db, lfirst(lc), ordinal + count))
			count++;
	}
	return count;
}

/* Warn of scripts that are not those that have run. */
static void
warn_changed(const Adoption *adoption)
{
	const MigrGraph *graph = adoption->state->graph;
	List	   *changed = NIL;
	ListCell   *lc;

	foreach(lc, adoption->rows)
	{
		const MigrAdoptRow *row = lfirst(lc);
		int			node = row->checksum ? migr_graph_find(graph, row->revision) : -1;

		if (node >= 0 &&
			strcmp(row->checksum, ((const MigrRevision *) graph->nodes[node].info)->checksum) != 0)
			changed = lappend(changed, row->revision);
	}
	if (changed != NIL)
		ereport(WARNING,
				(errcode(ERRCODE_MIGR_SCRIPT_MODIFIED),
				 errmsg_plural("%d script is not the one that was applied",
							   "%d scripts are not those that were applied",
							   list_length(changed), list_length(changed)),
				 errdetail("They are %s.", some_of(changed)),
				 errhint("migr_verify() names them until the scripts are loaded as they were, or migr_repair() has signed them.")));
}

/* Write it down, as a stamp does. */
static void
record(Adoption *adoption, MigrAudit *audit)
{
	int			changes;
	MigrDb		db;

	migr_db_begin(&db, false);
	changes = add_rows(adoption, &db);
	changes += migr_stamp_apply(&db, adoption->state, adoption->wanted, false);
	migr_repeatable_forget_undone(&db, adoption->state);
	migr_db_end(&db);
	if (changes > 0)
	{
		migr_stamp_record(audit);
		migr_audit_write(audit);
	}
	migr_standing_refresh();
}

List *
migr_adopt_table(const MigrAdopt *wish)
{
	MigrAudit	audit = {.action = "stamp", .started = GetCurrentTimestamp(), .tag = wish->tag};
	MigrState	after;
	Adoption	adoption;
	List	   *result;

	if (!wish->check_only)
	{
		migr_mutex_acquire();
		migr_squash_rows_settle();
	}
	adoption = look(wish);
	Assert(adoption.state);
	after = *adoption.state;
	after.applied = adoption.wanted;
	audit.from_heads = migr_set_ids(adoption.state->graph, migr_state_heads(adoption.state));
	audit.to_heads = migr_set_ids(after.graph, migr_state_heads(&after));
	audit.target = migr_ident_join(audit.to_heads);
	audit.detail = psprintf("adopted from table %s of %s", adoption.table.name,
							adoption.table.tool->title);
	result = results(&adoption);
	tell(&adoption, audit.to_heads);
	warn_changed(&adoption);
	if (!wish->check_only)
		record(&adoption, &audit);
	return result;
}
