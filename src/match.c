/*
 * match.c
 *		Which revisions' scripts build a given schema?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "compat.h"
#include "drift.h"
#include "match.h"
#include "scratch.h"
#include "stmt.h"
#include "store.h"

/*
 * Revisions to be run one behind the other in one scratch database, and from
 * which one on the state is looked at.
 */
typedef struct Path
{
	int			count;
	int		   *nodes;
	int			look_from;		/* how many have run by then */
} Path;

/* A search. */
typedef struct Search
{
	const MigrSchema *wanted;
	const MigrGraph *graph;
	MigrMatch	match;
	MemoryContext context;		/* where what was found lives */
	MemoryContext nearest;		/* where its schema lives, or NULL */
	bool	   *set;			/* what has run on this path */
	const Path *path;
} Search;

static MigrScript *
read_script(const char *id)
{
	MigrScript *script;
	MigrDb		db;

	migr_db_begin(&db, false);
	script = migr_script_parse_stored(migr_store_read_script(&db, id));
	migr_db_end(&db);
	return script;
}

static bool *
copy_set(const Search *search)
{
	Size		size = (search->graph->count + 1) * sizeof(bool);
	bool	   *copy = MemoryContextAlloc(search->context, size);

	memcpy(copy, search->set, size);
	return copy;
}

/* How many objects differ from what is wanted. */
static int
count_differences(const Search *search, const MigrSchema *schema)
{
	int			guc_level = migr_snap_pin();
	int			count = 0;
	ListCell   *lc;

	foreach(lc, migr_drift_find(search->wanted, schema))
	{
		if (((MigrDrift *) lfirst(lc))->kind != MIGR_DRIFT_COLUMN_ORDER)
			count++;
	}
	AtEOXact_GUC(false, guc_level);
	return count;
}

/* Compare the state that is there now. */
static void
look(Search *search)
{
	MemoryContext context = AllocSetContextCreate(search->context, "migr state",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	MigrSchema *schema = migr_snap_model(migr_scratch_scope());
	int			differences = count_differences(search, schema);

	MemoryContextSwitchTo(search->context);
	if (differences == 0)
		search->match.exact = lappend(search->match.exact, copy_set(search));
	MemoryContextSwitchTo(caller);
	if (search->match.nearest && differences >= search->match.differences)
	{
		MemoryContextDelete(context);
		return;
	}
	if (search->nearest)
		MemoryContextDelete(search->nearest);
	search->nearest = context;
	search->match.schema = schema;
	search->match.differences = differences;
	search->match.nearest = copy_set(search);
}

static void
run_script(void *script)
{
	migr_scratch_run_section(script, MIGR_SECTION_UPGRADE);
}

/* Run a revision; false if its script fails. */
static bool
run_revision(Search *search, int node)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr revision",
												  ALLOCSET_DEFAULT_SIZES);
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = migr_subxact_run(run_script,
							 read_script(search->graph->nodes[node].id), true);
	if (error)
	{
		if (migr_subxact_is_foreign(error))
			ReThrowError(error);
		MemoryContextSwitchTo(search->context);
		search->match.failure =
			psprintf("revision \"%s\": %s", search->graph->nodes[node].id,
					 error->message);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	search->set[node] = true;
	return error == NULL;
}

static void
walk_path(void *arg)
{
	Search	   *search = arg;
	const Path *path = search->path;

	memset(search->set, 0, search->graph->count * sizeof(bool));
	for (int i = 0;; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i >= path->look_from)
			look(search);
		if (i == path->count || !run_revision(search, path->nodes[i]))
			break;
	}
}

static void
try_path(Search *search, const Path *path)
{
	search->path = path;
	migr_scratch_do(walk_path, search);
}

static Search
begin_search(const MigrSchema *wanted, const MigrGraph *graph)
{
	Search		search = {.wanted = wanted, .graph = graph};

	search.context = CurrentMemoryContext;
	search.set = migr_set_create(graph);
	return search;
}

/* A path that looks at what a set builds, with room to go on. */
static Path
path_to(const MigrGraph *graph, const bool *set)
{
	Path		path;

	path.nodes = palloc((graph->count + 1) * sizeof(int));
	path.count = migr_graph_order(graph, set, MIGR_DOWN_ALL, path.nodes);
	path.look_from = path.count;
	return path;
}

MigrMatch
migr_match_set(const MigrSchema *wanted, const MigrGraph *graph, const bool *set)
{
	Search		search = begin_search(wanted, graph);
	Path		path = path_to(graph, set);

	try_path(&search, &path);
	return search.match;
}

/* Does a node stand on members of the set only? */
static bool
stands_on(const MigrGraph *graph, int node, const bool *set)
{
	MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);

	for (int i = 0; i < below.count; i++)
	{
		if (!set[below.nodes[i]])
			return false;
	}
	return true;
}

/*
 * One that stands on the node, and on nothing else that is not below it; -1 if
 * there is none that was not tried.
 */
static int
next_in_line(const MigrGraph *graph, int node, const bool *set, const bool *tried)
{
	MigrNeighbours above = migr_graph_neighbours(graph, node, MIGR_UP_ALL);

	for (int i = 0; i < above.count; i++)
	{
		if (!tried[above.nodes[i]] && stands_on(graph, above.nodes[i], set))
			return above.nodes[i];
	}
	return -1;
}

/* The path to a revision and on, as long as a line of new ones leads on. */
static Path
path_through(const MigrGraph *graph, int node, bool *tried)
{
	bool	   *set = migr_set_of(graph, node);
	Path		path;

	migr_graph_close(graph, set, MIGR_DOWN_ALL);
	path = path_to(graph, set);
	for (;;)
	{
		tried[node] = true;
		node = next_in_line(graph, node, set, tried);
		if (node < 0)
			return path;
		set[node] = true;
		path.nodes[path.count++] = node;
	}
}

/* Is there a revision that stands on all others? */
static bool
has_single_head(const MigrGraph *graph)
{
	int			heads = 0;

	for (int i = 0; i < graph->count; i++)
		heads += !migr_graph_has_neighbour(graph, i, MIGR_UP_ALL, NULL);
	return heads <= 1;
}

MigrMatch
migr_match_all(const MigrSchema *wanted, const MigrGraph *graph)
{
	Search		search = begin_search(wanted, graph);
	bool	   *tried = migr_set_create(graph);
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, NULL, MIGR_DOWN_ALL, order);
	Path		path = {0};

	if (count == 0)
		try_path(&search, &path);
	for (int i = 0; i < count; i++)
	{
		if (tried[order[i]])
			continue;
		path = path_through(graph, order[i], tried);
		/* The first one begins with nothing. */
		if (i == 0)
			path.look_from = 0;
		try_path(&search, &path);
	}
	if (!has_single_head(graph))
	{
		path = path_to(graph, NULL);
		try_path(&search, &path);
	}
	return search.match;
}
