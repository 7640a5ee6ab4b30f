/*
 * which_revisions.c
 *		Which revisions' scripts build a given schema?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/ident.h"
#include "base/settings.h"
#include "check/likeness.h"
#include "check/paths.h"
#include "check/which_revisions.h"
#include "exec/statement.h"
#include "kind/kind.h"
#include "scratch/scratch.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/vouch.h"

/* A search. */
typedef struct Search
{
	MigrSchema *wanted;
	const MigrGraph *graph;
	MigrCandidates candidates;
	char	   *failure;		/* of a script that could not be run, or NULL */
	Oid			role;			/* as whom scripts run */
	List	   *repeatables;	/* MigrScript *: those that have run, as they did */
	bool	   *set;			/* what has run on this path */
	const MigrPath *path;
	List	   *tables;			/* char *, sorted: those that are there */
	bool	   *made;			/* which of these have been in some state */
	MigrLikeness *likeness;		/* of each state to what is wanted; or NULL */
	bool		counting;		/* the tables of each state */
	int			guess;			/* tables that no state is likely to have */
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

/*
 * Is it the last of all revisions that has run, behind one that fits but for what
 * is there besides?  That may be what came then, so it is looked at on this way.
 */
static bool
tells_what_came(const Search *search, int done)
{
	return done == search->graph->count && migr_candidates_any(&search->candidates, true) &&
		!migr_candidates_any(&search->candidates, false);
}

/* Look at the state after so many revisions, if it can be the one. */
static void
visit(Search *search, int done)
{
	int		   *others = search->path->others;

	if (search->likeness)
	{
		if (migr_likeness_may_be(search->likeness))
			look(search);
	}
	else if (others && search->counting)
	{
		others[done] = count_other_tables(search);
		if (others[done] == search->guess || tells_what_came(search, done))
			look(search);
	}
	else if (others == NULL || others[done] <= search->most)
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
	const MigrPath *path = search->path;

	memset(search->set, 0, search->graph->count * sizeof(bool));
	if (search->likeness)
		migr_likeness_begin(search->likeness, search->wanted);
	for (int i = 0;; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i >= path->look_from)
			visit(search, i);
		if (i == path->count || !run_revision(search, path->nodes[i]))
			break;
		if (search->likeness)
			migr_likeness_step(search->likeness);
	}
}

/* As whom the revisions of a path can all be run. */
static Oid
role_for_path(const MigrGraph *graph, const MigrPath *path, const List *repeatables)
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
try_path(Search *search, const MigrPath *path)
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

	search.wanted = wanted;
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

MigrMatch
migr_match_set(MigrSchema *wanted, const MigrState *state, const bool *set)
{
	Search		search = begin_search(wanted, state);
	MigrPath		path = migr_path_to(state->graph, set);

	try_path(&search, &path);
	return end_search(&search);
}

/* How many names stand in no script? */
static MigrQuery unknown_query = {
	"SELECT count(*) FROM pg_catalog.unnest($1) t"
	" WHERE t ~ '^\\w+$' AND pg_catalog.lower(t) NOT IN ("
	"       SELECT m[1] FROM (SELECT script FROM migr.revision UNION ALL SELECT script FROM migr.repeatable) s,"
	"              pg_catalog.regexp_matches(pg_catalog.lower(s.script), '\\w+', 'g') m)",
	1, {TEXTARRAYOID}
};

static int
count_unknown(const List *names)
{
	Datum		value;
	int			count;
	MigrDb		db;

	if (names == NIL)
		return 0;
	value = migr_db_texts_datum(names);
	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &unknown_query, &value, NULL);
	count = migr_db_int64(0, 1);
	migr_db_end(&db);
	return count;
}

/*
 * How many tables is no state likely to have?  A script need not name what it
 * makes, so that is for the order of looking alone.
 */
static int
guess_strangers(const MigrSchema *wanted)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, wanted->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (object->kind == MIGR_KIND_TABLE)
			names = lappend(names, unconstify(char *, object->name));
	}
	return count_unknown(names);
}

/*
 * A script could not be run, and so nobody knows what it and those behind it
 * make.  What is left over and stands in a script may be that.
 */
static void
doubt(MigrMatch *match)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, match->strangers)
	{
		const MigrObject *object = lfirst(lc);

		if (!migr_kind_has(object->kind, MIGR_KIND_IS_NAMELESS))
			names = lappend(names, unconstify(char *, object->name));
	}
	if (count_unknown(names) == list_length(names))
		return;
	match->doubtful = match->found;
	match->found = NULL;
	match->others = NIL;
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
		const MigrPath *path = lfirst(lc);

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
look_at_end(Search *search, MigrPath *path)
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
	MigrPath	   *whole = NULL;
	ListCell   *lc;

	search->most = INT_MAX - 1;
	foreach(lc, paths)
	{
		MigrPath	   *path = lfirst(lc);

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
		MigrPath		path = *(MigrPath *) lfirst(lc);

		if (migr_path_shorten(&path, search->most))
			try_path(search, &path);
	}
}

/*
 * Find the states that are all that is there, and no more: what a step touches tells
 * whether it comes to one, so that only these are compared.  Not where repeatable
 * scripts stand behind each state.
 */
static bool
find_equal(Search *search, const List *paths)
{
	MigrLikeness likeness = {0};
	ListCell   *lc;

	if (search->repeatables != NIL)
		return false;
	/* cppcheck-suppress autoVariables ; forgotten before it ends */
	search->likeness = &likeness;
	foreach(lc, paths)
		try_path(search, lfirst(lc));
	search->likeness = NULL;
	return migr_candidates_any(&search->candidates, false);
}

/* A search, and the paths of which the tables are to be counted. */
typedef struct Counting
{
	Search	   *search;
	const List *paths;
} Counting;

static void
count_tables(void *arg)
{
	const Counting *counting = arg;
	ListCell   *lc;

	counting->search->counting = true;
	foreach(lc, counting->paths)
		try_path(counting->search, lfirst(lc));
	counting->search->counting = false;
}

/* What scripts warn of is told once, also if they have run before. */
static void
count_tables_again(Search *search, const List *paths)
{
	static const MigrSetting quiet = {"client_min_messages", "error"};
	Counting	counting = {.search = search, .paths = paths};

	if (search->repeatables != NIL)
		count_tables(&counting);
	else
		migr_settings_run(&quiet, 1, count_tables, &counting);
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
	List	   *paths = migr_paths_all(state);
	MigrMatch	match;
	int			most;

	if (find_equal(&search, paths))
		return end_search(&search);
	search = begin_search(wanted, state);
	search.tables = names_of_tables(wanted);
	search.made = palloc0((list_length(search.tables) + 1) * sizeof(bool));
	search.guess = guess_strangers(wanted);
	count_tables_again(&search, paths);
	if (migr_candidates_any(&search.candidates, false))
		return end_search(&search);
	if (forget_strangers(&search, paths) != search.guess)
		look_at_nearest(&search, paths, 0);
	most = migr_paths_limit(paths);
	if (most > 0 && !migr_candidates_any(&search.candidates, true))
		look_at_nearest(&search, paths, most);
	if (migr_candidates_any(&search.candidates, true))
		look_at_ends(&search, paths);
	match = end_search(&search);
	if (match.failure && match.found)
		doubt(&match);
	return match;
}
