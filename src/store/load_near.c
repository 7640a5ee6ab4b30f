/*
 * load_near.c
 *		A load without the graph: by the scripts that it brings and their neighbours.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/load_near.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/vouch.h"

/* With more scripts than that, and more than a tenth of all, the whole table is read. */
#define LOOKED_UP_MAX 64

static MigrQuery read_some = {
	"SELECT revision, checksum, loader, loaded_by, loaded_in FROM migr.revision"
	" WHERE revision = ANY ($1)", 1, {TEXTARRAYOID}
};

static MigrQuery read_all = {
	"SELECT revision, checksum, loader, loaded_by, loaded_in FROM migr.revision", 0, {0}
};

static MigrQuery read_marks = {
	"SELECT revision, is_head FROM migr.revision WHERE revision = ANY ($1)", 1, {TEXTARRAYOID}
};

static MigrQuery any_repeatable = {
	"SELECT true FROM migr.repeatable WHERE name = ANY ($1) LIMIT 1", 1, {TEXTARRAYOID}
};

/* --- what is stored of the input ------------------------------------------------------ */

/* A revision of the input, and whether it is stored. */
typedef struct Given
{
	const MigrScript *script;
	int			place;			/* in the input */
} Given;

static int
compare_given(const void *a, const void *b)
{
	return strcmp(((const Given *) a)->script->revision, ((const Given *) b)->script->revision);
}

/* The scripts of one kind, sorted by name; false if two have the same. */
static bool
sort_given(const List *scripts, bool repeatable, Given *given, int *count)
{
	int			place = 0;
	ListCell   *lc;

	*count = 0;
	foreach(lc, scripts)
	{
		const MigrScript *script = lfirst(lc);

		if (script->repeatable == repeatable)
		{
			given[*count].script = script;
			given[(*count)++].place = place;
		}
		place++;
	}
	qsort(given, *count, sizeof(Given), compare_given);
	for (int i = 1; i < *count; i++)
	{
		if (compare_given(&given[i - 1], &given[i]) == 0)
			return false;
	}
	return true;
}

static List *
names_of(const Given *given, int count)
{
	List	   *names = NIL;

	for (int i = 0; i < count; i++)
		names = lappend(names, given[i].script->revision);
	return names;
}

static const Given *
find_given(const Given *given, int count, const char *name)
{
	MigrScript	script = {.revision = unconstify(char *, name)};
	Given		key = {.script = &script};

	return bsearch(&key, given, count, sizeof(Given), compare_given);
}

/* Whom rows name as loader; mostly the same as the row before. */
typedef struct LoaderSeen
{
	MigrLoader	loader;
	bool		takes_over;		/* does who loads now take its scripts over? */
	bool		valid;
} LoaderSeen;

static bool
same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static bool
takes_over(const MigrNearLoad *load, uint64 row, LoaderSeen *seen)
{
	MigrLoader	loader = migr_store_loader_of(row, 3);

	if (!seen->valid || seen->loader.known != loader.known || seen->loader.role != loader.role ||
		!same_text(seen->loader.name, loader.name) ||
		!same_text(seen->loader.installation, loader.installation))
	{
		seen->loader = loader;
		seen->takes_over = migr_vouch_takes_over(&load->loader, &loader);
		seen->valid = true;
	}
	return seen->takes_over;
}

/* Compare rows with the input.  False if one is stored, but has to be written. */
static bool
compare_rows(const MigrNearLoad *load, const Given *given, int count, uint64 rows)
{
	LoaderSeen	seen = {.valid = false};

	for (uint64 i = 0; i < rows; i++)
	{
		const Given *one = find_given(given, count, migr_db_text(i, 1));

		CHECK_FOR_INTERRUPTS();
		if (one == NULL)
			continue;
		if (strcmp(migr_db_text(i, 2), one->script->checksum) != 0 || takes_over(load, i, &seen))
			return false;
		load->is_new[one->place] = false;
	}
	return true;
}

static bool
compare_revisions(MigrDb *db, const MigrNearLoad *load, const Given *given, int count)
{
	uint64		rows;

	if (count > LOOKED_UP_MAX && count > load->standing->revisions / 10)
		rows = migr_db_run(db, &read_all, NULL, NULL);
	else
	{
		Datum		names = migr_db_texts_datum(names_of(given, count));

		rows = migr_db_run(db, &read_some, &names, NULL);
	}
	return compare_rows(load, given, count, rows);
}

/* The same for repeatable scripts, of which none may be new. */
static bool
compare_repeatables(MigrDb *db, const MigrNearLoad *load, const Given *given, int count)
{
	int			found = 0;
	ListCell   *lc;

	if (count == 0)
		return true;
	foreach(lc, migr_repeatable_read(db))
	{
		const MigrRepeatable *stored = lfirst(lc);
		const Given *one = find_given(given, count, stored->name);

		if (one == NULL)
			continue;
		if (strcmp(stored->checksum, one->script->checksum) != 0 ||
			migr_vouch_takes_over(&load->loader, &stored->loader))
			return false;
		load->is_new[one->place] = false;
		found++;
	}
	return found == count;
}

/* --- what is new ------------------------------------------------------------------------- */

/* Names that new ones revise or depend on, and that are none of these. */
static List *
names_beyond(const MigrScript *const *added, int count)
{
	List	   *names = NIL;

	for (int i = 0; i < count; i++)
	{
		names = list_concat(names, list_copy(added[i]->revises));
		names = list_concat(names, list_copy(added[i]->depends));
	}
	return names;
}

/* The new scripts, in the order of the input; how many. */
static int
collect_new(const MigrNearLoad *load, const MigrScript **added)
{
	int			count = 0;
	int			place = 0;
	ListCell   *lc;

	foreach(lc, load->scripts)
	{
		if (load->is_new[place++])
			added[count++] = lfirst(lc);
	}
	return count;
}

/* The graph of new scripts and of the stored ones that they name, which revise nothing. */
static void
make_graph(MigrDb *db, MigrNearLoad *load, const MigrScript *const *added, int count)
{
	Datum		names = migr_db_texts_datum(names_beyond(added, count));
	uint64		rows = migr_db_run(db, &read_marks, &names, NULL);
	MigrNode   *nodes = palloc0((count + rows + 1) * sizeof(MigrNode));
	List	   *heads = NIL;
	ListCell   *lc;

	for (int i = 0; i < count; i++)
		nodes[i] = migr_store_node(added[i]);
	for (uint64 i = 0; i < rows; i++)
	{
		nodes[count + i].id = migr_db_text(i, 1);
		if (DatumGetBool(migr_db_datum(i, 2)))
			heads = lappend(heads, unconstify(char *, nodes[count + i].id));
	}
	load->graph = migr_graph_create(nodes, count + rows);
	load->given = migr_set_create(load->graph);
	load->marked = migr_set_create(load->graph);
	for (int i = 0; i < load->graph->count; i++)
		load->given[i] = load->graph->nodes[i].info != NULL;
	foreach(lc, heads)
		load->marked[migr_graph_find(load->graph, lfirst(lc))] = true;
}

/* Can they be added without a look at anything else? */
static bool
are_simple(MigrDb *db, MigrNearLoad *load)
{
	const MigrScript **added = palloc((list_length(load->scripts) + 1) * sizeof(MigrScript *));
	int			count = collect_new(load, added);
	List	   *names = NIL;
	Datum		value;

	if (!load->standing->plain || load->standing->unknown != NIL)
		return false;
	for (int i = 0; i < count; i++)
	{
		/* Of one that is remembered, its file has to be read. */
		if (added[i]->labels != NIL || added[i]->replaces != NIL || added[i]->remembered)
			return false;
		names = lappend(names, added[i]->revision);
	}
	value = migr_db_texts_datum(names);
	if (migr_db_run(db, &any_repeatable, &value, NULL) > 0)
		return false;
	make_graph(db, load, added, count);
	return load->graph->problems == NIL;
}

static bool
any_new(const MigrNearLoad *load)
{
	for (int i = 0; i < list_length(load->scripts); i++)
	{
		if (load->is_new[i])
			return true;
	}
	return false;
}

/* Compare with what is stored. */
static MigrNearness
compare(MigrDb *db, MigrNearLoad *load)
{
	int			total = list_length(load->scripts);
	Given	   *given = palloc((total + 1) * sizeof(Given));
	int			count;

	load->generation = migr_generation_read(db);
	load->standing = migr_standing_read(db, load->generation);
	if (load->standing == NULL)
		return MIGR_NEAR_UNKNOWN;
	load->is_new = palloc((total + 1) * sizeof(bool));
	memset(load->is_new, true, total + 1);
	if (!sort_given(load->scripts, true, given, &count) ||
		!compare_repeatables(db, load, given, count) ||
		!sort_given(load->scripts, false, given, &count) ||
		!compare_revisions(db, load, given, count))
		return MIGR_NEAR_UNKNOWN;
	if (!any_new(load))
		return MIGR_NEAR_UNCHANGED;
	return are_simple(db, load) ? MIGR_NEAR_ADDS : MIGR_NEAR_UNKNOWN;
}

/* --- writing ------------------------------------------------------------------------------- */

static bool
is_head(const MigrGraph *graph, int node)
{
	return !migr_graph_has_neighbour(graph, node, MIGR_UP_ALL, NULL);
}

static int
compare_ids(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/* The heads that stay, and the new ones. */
static List *
heads_behind(const MigrNearLoad *load)
{
	const MigrGraph *graph = load->graph;
	List	   *heads = NIL;
	ListCell   *lc;

	foreach(lc, load->standing->heads)
	{
		int			node = migr_graph_find(graph, lfirst(lc));

		if (node < 0 || is_head(graph, node))
			heads = lappend(heads, lfirst(lc));
	}
	for (int i = 0; i < graph->count; i++)
	{
		if (load->given[i] && is_head(graph, i))
			heads = lappend(heads, unconstify(char *, graph->nodes[i].id));
	}
	list_sort(heads, compare_ids);
	return heads;
}

/* What is current has got what revises it. */
static void
correct_tips(const MigrNearLoad *load)
{
	ListCell   *lc;

	foreach(lc, load->standing->tips)
	{
		MigrInfo   *info = lfirst(lc);
		const char *id = TextDatumGetCString(info->values[MIGR_INFO_REVISION]);
		int			node = migr_graph_find(load->graph, id);
		int			up = node < 0 ? 0 : migr_graph_neighbours(load->graph, node, MIGR_UP).count;

		if (up == 0)
			continue;
		/* Before, it had none, one or more. */
		if (up > 1 || !DatumGetBool(info->values[MIGR_INFO_IS_HEAD]))
			info->values[MIGR_INFO_IS_BRANCH] = BoolGetDatum(true);
		info->values[MIGR_INFO_IS_HEAD] = BoolGetDatum(false);
	}
}

/*
 * Write what is new, as the comparison found it under the lock of the store: the ids, in
 * the order of the input.
 */
static List *
write_new(MigrDb *db, MigrNearLoad *load)
{
	const MigrGraph *graph = load->graph;
	MigrStanding standing = *load->standing;
	List	   *written = NIL;
	int			place = 0;
	ListCell   *lc;

	foreach(lc, load->scripts)
	{
		const MigrScript *script = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (!load->is_new[place++])
			continue;
		migr_store_insert(db, script, is_head(graph, migr_graph_find(graph, script->revision)));
		written = lappend(written, script->revision);
	}
	for (int i = 0; i < graph->count; i++)
	{
		if (load->marked[i] && !is_head(graph, i))
			migr_store_set_head(db, graph->nodes[i].id, false);
	}
	standing.revisions += list_length(written);
	standing.pending += list_length(written);
	standing.waiting = list_concat(list_copy(standing.waiting), written);
	standing.heads = heads_behind(load);
	correct_tips(load);
	migr_standing_write(db, load->generation, &standing);
	return written;
}

MigrNearness
migr_near_load(MigrNearLoad *load, bool may_add)
{
	MigrAudit	audit = {.action = "load", .started = GetCurrentTimestamp()};
	MigrNearness found;
	MigrDb		db;

	migr_db_begin(&db, false);
	found = compare(&db, load);
	if (found == MIGR_NEAR_ADDS && !may_add)
		found = MIGR_NEAR_UNKNOWN;
	else if (found == MIGR_NEAR_ADDS)
	{
		migr_mutex_lock_store();
		found = compare(&db, load);
		if (found == MIGR_NEAR_ADDS)
			audit.revisions = write_new(&db, load);
	}
	migr_db_end(&db);
	if (audit.revisions != NIL)
		migr_audit_write(&audit);
	return found;
}
