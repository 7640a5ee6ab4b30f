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

static MigrQuery read_marks = {
	"SELECT revision, is_head FROM migr.revision WHERE revision = ANY ($1)", 1, {TEXTARRAYOID}
};

static MigrQuery any_repeatable = {
	"SELECT true FROM migr.repeatable WHERE name = ANY ($1) LIMIT 1", 1, {TEXTARRAYOID}
};

/* A shorter text is parsed sooner than what is stored is read. */
#define SPLIT_MIN (16 * 1024)

typedef enum Nearness
{
	NEAR_UNKNOWN,				/* it takes a look at everything */
	NEAR_UNCHANGED,				/* all of it is stored as it is */
	NEAR_ADDS					/* and the rest is new */
} Nearness;

/* --- what is stored of the input ------------------------------------------------------ */

/* What is stored, of the revisions of the input at least. */
static MigrKnown
read_known(MigrDb *db, const MigrNearLoad *load)
{
	List	   *names = NIL;
	ListCell   *lc;

	if (load->known)
		return *load->known;
	foreach(lc, load->scripts)
	{
		MigrScript *script = lfirst(lc);

		if (!script->repeatable)
			names = lappend(names, script->revision);
	}
	if (list_length(names) > LOOKED_UP_MAX && list_length(names) > load->standing->revisions / 10)
		return migr_known_read(db, &load->loader);
	return migr_known_read_some(db, &load->loader, names);
}

/* False if one is stored, but has to be written, or is there twice. */
static bool
compare_revisions(MigrDb *db, const MigrNearLoad *load)
{
	MigrKnown	known = read_known(db, load);
	bool	   *seen = palloc0((known.count + 1) * sizeof(bool));
	int			place = -1;
	ListCell   *lc;

	foreach(lc, load->scripts)
	{
		const MigrScript *script = lfirst(lc);
		const MigrKnownScript *stored;

		CHECK_FOR_INTERRUPTS();
		place++;
		if (script->repeatable)
			continue;
		stored = migr_known_find(&known, script->revision);
		if (stored == NULL)
			continue;
		if (strcmp(stored->checksum, script->checksum) != 0 || stored->takes_over ||
			seen[stored - known.scripts])
			return false;
		seen[stored - known.scripts] = true;
		load->is_new[place] = false;
	}
	return true;
}

/* A repeatable script of the input. */
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

/* Sorted by name, how many; -1 if two have the same. */
static int
sort_repeatables(const List *scripts, Given *given)
{
	int			place = 0;
	int			count = 0;
	ListCell   *lc;

	foreach(lc, scripts)
	{
		const MigrScript *script = lfirst(lc);

		if (script->repeatable)
		{
			given[count].script = script;
			given[count++].place = place;
		}
		place++;
	}
	qsort(given, count, sizeof(Given), compare_given);
	for (int i = 1; i < count; i++)
	{
		if (compare_given(&given[i - 1], &given[i]) == 0)
			return -1;
	}
	return count;
}

static const Given *
find_given(const Given *given, int count, const char *name)
{
	MigrScript	script = {.revision = unconstify(char *, name)};
	Given		key = {.script = &script};

	return bsearch(&key, given, count, sizeof(Given), compare_given);
}

/* The same for repeatable scripts, of which none may be new. */
static bool
compare_repeatables(MigrDb *db, const MigrNearLoad *load)
{
	Given	   *given = palloc((list_length(load->scripts) + 1) * sizeof(Given));
	int			count = sort_repeatables(load->scripts, given);
	int			found = 0;
	ListCell   *lc;

	if (count <= 0)
		return count == 0;
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

static Nearness
compare(MigrDb *db, MigrNearLoad *load)
{
	int			total = list_length(load->scripts);

	/* What was read before has a name only if that was found then. */
	if (load->known == NULL)
		load->generation = migr_generation_read(db);
	load->standing = migr_standing_read(db, load->generation);
	if (load->standing == NULL)
		return NEAR_UNKNOWN;
	load->is_new = palloc((total + 1) * sizeof(bool));
	memset(load->is_new, true, total + 1);
	if (!compare_repeatables(db, load) || !compare_revisions(db, load))
		return NEAR_UNKNOWN;
	if (!any_new(load))
		return NEAR_UNCHANGED;
	return are_simple(db, load) ? NEAR_ADDS : NEAR_UNKNOWN;
}

/* The same again, unless nobody has written since. */
static Nearness
compare_again(MigrDb *db, MigrNearLoad *load)
{
	if (migr_generation_equal(load->generation.now, migr_generation_read(db).now))
		return NEAR_ADDS;
	load->known = NULL;
	return compare(db, load);
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

bool
migr_near_run(MigrNearLoad *load, bool may_add)
{
	MigrAudit	audit = {.action = "load", .started = GetCurrentTimestamp()};
	Nearness	found;
	MigrDb		db;

	migr_db_begin(&db, false);
	found = compare(&db, load);
	if (found == NEAR_ADDS && may_add)
	{
		migr_mutex_lock_store();
		found = compare_again(&db, load);
		if (found == NEAR_ADDS)
			audit.revisions = write_new(&db, load);
	}
	migr_db_end(&db);
	if (audit.revisions != NIL)
		migr_audit_write(&audit);
	return audit.revisions != NIL || found == NEAR_UNCHANGED;
}

bool
migr_near_split(MigrNearLoad *load, const char *text)
{
	MigrDb		db;

	if (strlen(text) < SPLIT_MIN)
		return false;
	load->known = palloc(sizeof(MigrKnown));
	migr_db_begin(&db, false);
	load->generation = migr_generation_read(&db);
	*load->known = migr_known_read(&db, &load->loader);
	migr_db_end(&db);
	return load->known->count > 0 && migr_known_split(load->known, text, &load->scripts);
}
