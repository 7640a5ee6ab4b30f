/*
 * which_revisions.c
 *		Which revisions' scripts build a given schema?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/ident.h"
#include "check/which_revisions.h"
#include "exec/statement.h"
#include "scratch/scratch.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/vouch.h"

#define NEAR_STATES 16

/*
 * Revisions to be run one behind the other in one scratch database, and from
 * which one on the state is looked at.
 */
typedef struct Path
{
	int			count;
	int		   *nodes;
	int			look_from;		/* how many have run by then */
	int		   *others;			/* by how many have run: the tables that are
								 * other ones then; NULL: not to be counted */
} Path;

/* A search. */
typedef struct Search
{
	const MigrGraph *graph;
	MigrCandidates candidates;
	char	   *failure;		/* of a script that could not be run, or NULL */
	Oid			role;			/* as whom scripts run */
	List	   *repeatables;	/* MigrScript *: those that have run, as they did */
	bool	   *set;			/* what has run on this path */
	const Path *path;
	List	   *tables;			/* char *, sorted: those that are there */
	bool	   *made;			/* which of these have been in some state */
	bool		counting;		/* the tables of each state */
	int			most;			/* other tables that a state may have to be
								 * looked at */
} Search;

/*
 * Read a script.  Who had loaded it when the build began has decided as whom it
 * runs; another one may have replaced it since.
 */
static MigrScript *
read_script(const Search *search, const char *id)
{
	Oid			role;
	MigrScript *script;
	MigrDb		db;

	migr_db_begin(&db, false);
	script = migr_store_parse_script(&db, id);
	migr_db_end(&db);
	role = migr_vouch_role_for_build(list_make1(script));
	if (role != search->role && role != GetUserId())
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("revision \"%s\" was loaded by another role meanwhile", id),
				 errhint("Run it again.")));
	return script;
}

/* A state with what the repeatable scripts have made in the wanted one. */
typedef struct Behind
{
	const Search *search;
	MigrSchema *schema;
} Behind;

static void
run_repeatables(void *arg)
{
	Behind	   *behind = arg;
	ListCell   *lc;

	foreach(lc, behind->search->repeatables)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	behind->schema = migr_scratch_look(0);
}

/* Those that can't run in a state have not run there. */
static MigrSchema *
look_behind(const Search *search)
{
	Behind		behind = {.search = search};
	ErrorData  *error = NULL;

	if (search->repeatables != NIL)
		error = migr_scratch_try(run_repeatables, &behind, false);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	return error || search->repeatables == NIL ? migr_scratch_look(0) : behind.schema;
}

/* Hold the state that is there now against what is wanted. */
static void
look(Search *search)
{
	MemoryContext context;
	MemoryContext caller;
	MigrSchema *schema;

	if (migr_candidates_have(&search->candidates, search->set))
		return;
	context = AllocSetContextCreate(search->candidates.context, "migr state",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	schema = look_behind(search);
	MemoryContextSwitchTo(caller);
	migr_candidates_add(&search->candidates, search->set, schema, context);
}

/* The names of a schema's tables, sorted. */
static List *
names_of_tables(const MigrSchema *schema)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_TABLE)
			names = lappend(names, unconstify(char *, object->identity));
	}
	list_sort(names, migr_ident_compare);
	return names;
}

/*
 * How many tables are missing or unexpected in the state that is there now?
 * Notes which are not.
 */
static int
count_other_tables(Search *search)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "migr tables",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	List	   *tables;
	int			others = 0;
	int			i = 0;
	int			j = 0;

	tables = names_of_tables(migr_scratch_look(MIGR_LOOK_TABLES));
	while (i < list_length(tables) || j < list_length(search->tables))
	{
		int			order = i == list_length(tables) ? 1
			: j == list_length(search->tables) ? -1
			: strcmp(list_nth(tables, i), list_nth(search->tables, j));

		if (order == 0)
			search->made[j] = true;
		others += order != 0;
		i += order <= 0;
		j += order >= 0;
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return others;
}

/* Look at the state after so many revisions, if it can be the one. */
static void
visit(Search *search, int done)
{
	int		   *others = search->path->others;

	if (others && search->counting)
		others[done] = count_other_tables(search);
	if (others == NULL || others[done] <= search->most)
		look(search);
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
	error = migr_scratch_try(run_script,
							 read_script(search, search->graph->nodes[node].id), true);
	if (error)
	{
		if (migr_subxact_is_foreign(error))
			ReThrowError(error);
		MemoryContextSwitchTo(search->candidates.context);
		search->failure =
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
			visit(search, i);
		if (i == path->count || !run_revision(search, path->nodes[i]))
			break;
	}
}

/* As whom the revisions of a path can all be run. */
static Oid
role_for_path(const MigrGraph *graph, const Path *path, const List *repeatables)
{
	MigrScript *scripts = palloc0((path->count + 1) * sizeof(MigrScript));
	List	   *list = NIL;
	MigrLoader *loaders;
	MigrDb		db;

	migr_db_begin(&db, false);
	loaders = migr_store_read_loaders(&db, graph, path->nodes, path->count);
	migr_db_end(&db);
	for (int i = 0; i < path->count; i++)
	{
		scripts[i].revision = unconstify(char *, graph->nodes[path->nodes[i]].id);
		scripts[i].loader = loaders[i];
		list = lappend(list, &scripts[i]);
	}
	return migr_vouch_role_for_build(list_concat(list, repeatables));
}

static void
try_path(Search *search, const Path *path)
{
	MigrScratchJob job = {.role = role_for_path(search->graph, path, search->repeatables)};

	search->path = path;
	search->role = job.role;
	migr_scratch_do(&job, walk_path, search);
}

static Search
begin_search(MigrSchema *wanted, const MigrState *state)
{
	Search		search = {.graph = state->graph};

	search.candidates = migr_candidates_begin(wanted, state->graph);
	search.set = migr_set_create(state->graph);
	search.repeatables = migr_repeatable_scripts_applied(state);
	return search;
}

static MigrMatch
end_search(Search *search)
{
	MigrMatch	match = migr_candidates_end(&search->candidates);

	match.failure = search->failure;
	return match;
}

/* A path that looks at what a set builds, with room to go on. */
static Path
path_to(const MigrGraph *graph, const bool *set)
{
	Path		path;

	path.nodes = palloc((graph->count + 1) * sizeof(int));
	path.count = migr_graph_order_steps(graph, set, MIGR_DOWN_ALL, path.nodes);
	path.look_from = path.count;
	path.others = NULL;
	return path;
}

MigrMatch
migr_match_set(MigrSchema *wanted, const MigrState *state, const bool *set)
{
	Search		search = begin_search(wanted, state);
	Path		path = path_to(state->graph, set);

	try_path(&search, &path);
	return end_search(&search);
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

/* Does a revision of a set stand on all others of it? */
static bool
has_single_head(const MigrGraph *graph, const bool *set)
{
	int			heads = 0;

	for (int i = 0; i < graph->count; i++)
		heads += (set == NULL || set[i]) &&
			!migr_graph_has_neighbour(graph, i, MIGR_UP_ALL, set);
	return heads <= 1;
}

/* Is it what a revision stands for, or nothing: is it on a path of all_paths()? */
static bool
is_usual(const MigrGraph *graph, const bool *set)
{
	bool	   *closed = migr_set_copy(graph, set);

	migr_graph_close(graph, closed, MIGR_DOWN_ALL);
	return has_single_head(graph, set) && memcmp(closed, set, graph->count * sizeof(bool)) == 0;
}

/* Add a path whose states' tables are to be counted. */
static List *
add_path(List *paths, Path path, int look_from)
{
	Path	   *added = palloc(sizeof(Path));

	*added = path;
	added->look_from = look_from;
	added->others = palloc((path.count + 1) * sizeof(int));
	for (int i = 0; i <= path.count; i++)
		added->others[i] = INT_MAX;
	if (path.nodes)
		added->nodes = repalloc(path.nodes, (path.count + 1) * sizeof(int));
	return lappend(paths, added);
}

/*
 * Paths on which each revision with all below it comes about, all together, and
 * what is applied.
 */
static List *
all_paths(const MigrState *state)
{
	const MigrGraph *graph = state->graph;
	bool	   *tried = migr_set_create(graph);
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, NULL, MIGR_DOWN_ALL, order);
	List	   *paths = NIL;
	Path		path = {0};

	if (count == 0)
		return add_path(NIL, path, 0);
	for (int i = 0; i < count; i++)
	{
		if (tried[order[i]])
			continue;
		path = path_through(graph, order[i], tried);
		/* The first one begins with nothing. */
		paths = add_path(paths, path, i == 0 ? 0 : path.look_from);
	}
	if (!has_single_head(graph, NULL))
	{
		path = path_to(graph, NULL);
		paths = add_path(paths, path, path.look_from);
	}
	if (!is_usual(graph, state->applied))
	{
		path = path_to(graph, state->applied);
		paths = add_path(paths, path, path.look_from);
	}
	return paths;
}

static int
compare_ints(const ListCell *a, const ListCell *b)
{
	return (lfirst_int(a) > lfirst_int(b)) - (lfirst_int(a) < lfirst_int(b));
}

/*
 * How many other tables may a state have to be among the nearest ones, of
 * which there are NEAR_STATES, or all of the very nearest?  -1: none was built.
 */
static int
limit_of_others(List *paths)
{
	List	   *counts = NIL;
	ListCell   *lc;
	int			limit;

	foreach(lc, paths)
	{
		const Path *path = lfirst(lc);

		for (int i = path->look_from; i <= path->count; i++)
		{
			if (path->others[i] != INT_MAX)
				counts = lappend_int(counts, path->others[i]);
		}
	}
	if (counts == NIL)
		return -1;
	list_sort(counts, compare_ints);
	limit = linitial_int(counts);
	for (int i = 1; i <= NEAR_STATES; i++)
	{
		if (i == list_length(counts))
			return INT_MAX - 1;
		if (list_nth_int(counts, i) > list_nth_int(counts, i - 1))
			limit = list_nth_int(counts, i - 1);
	}
	return limit;
}

/* Cut off what leads to no state that is to be looked at; is any left? */
static bool
shorten(Path *path, int most)
{
	while (path->count > path->look_from && path->others[path->count] > most)
		path->count--;
	return path->others[path->count] <= most;
}

/*
 * Tables that no state has are the same to all of them: leave them out of the
 * counts, and return how many they are.  The other ones are the candidates'.
 */
static int
forget_strangers(Search *search, List *paths)
{
	int			strangers = 0;
	ListCell   *lc;

	for (int i = 0; i < list_length(search->tables); i++)
	{
		if (search->made[i])
			search->candidates.made = lappend(search->candidates.made,
											  list_nth(search->tables, i));
		else
			strangers++;
	}
	foreach(lc, paths)
	{
		const Path *path = lfirst(lc);

		for (int i = path->look_from; i <= path->count; i++)
		{
			if (path->others[i] != INT_MAX)
				path->others[i] -= strangers;
		}
	}
	return strangers;
}

/* Look at where a path ends, if it was come to. */
static void
look_at_end(Search *search, Path *path)
{
	bool	   *set = migr_set_create(search->graph);

	for (int i = 0; i < path->count; i++)
		set[path->nodes[i]] = true;
	path->look_from = path->count;
	if (path->others[path->count] != INT_MAX && !migr_candidates_have(&search->candidates, set))
		try_path(search, path);
}

/* Where paths end is what later revisions make; where all are, there is all. */
static void
look_at_ends(Search *search, List *paths)
{
	Path	   *whole = NULL;
	ListCell   *lc;

	search->most = INT_MAX - 1;
	foreach(lc, paths)
	{
		Path	   *path = lfirst(lc);

		if (path->count == search->graph->count && path->others[path->count] != INT_MAX)
			whole = path;
	}
	foreach(lc, paths)
	{
		if (whole == NULL || whole == lfirst(lc))
			look_at_end(search, lfirst(lc));
	}
}

/* Look at the states that have no more than so many other tables. */
static void
look_at_nearest(Search *search, List *paths, int most)
{
	ListCell   *lc;

	search->most = most;
	foreach(lc, paths)
	{
		Path		path = *(Path *) lfirst(lc);

		if (shorten(&path, search->most))
			try_path(search, &path);
	}
}

/*
 * To compare a state takes time in proportion to the whole schema, and there
 * may be thousands.  So their tables are counted, and only states with the
 * right ones are compared; if none of these is all that is there, those that are
 * nearest by their tables.  What is left over by one that fits may be what others
 * make.
 */
MigrMatch
migr_match_all(MigrSchema *wanted, const MigrState *state)
{
	Search		search = begin_search(wanted, state);
	List	   *paths = all_paths(state);
	int			most;
	ListCell   *lc;

	search.tables = names_of_tables(wanted);
	search.made = palloc0((list_length(search.tables) + 1) * sizeof(bool));
	search.counting = true;
	foreach(lc, paths)
		try_path(&search, lfirst(lc));
	search.counting = false;
	if (migr_candidates_any(&search.candidates, false))
		return end_search(&search);
	if (forget_strangers(&search, paths) > 0)
		look_at_nearest(&search, paths, 0);
	most = limit_of_others(paths);
	if (most > 0 && !migr_candidates_any(&search.candidates, true))
		look_at_nearest(&search, paths, most);
	if (migr_candidates_any(&search.candidates, true))
		look_at_ends(&search, paths);
	return end_search(&search);
}
