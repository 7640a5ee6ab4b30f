/*
 * repeatable_load.c
 *		Repeatable scripts into the store, along with the revisions of a load.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/errors.h"
#include "base/ident.h"
#include "graph/graph_apart.h"
#include "store/repeatable_load.h"
#include "store/tenant.h"
#include "store/vouch.h"

/* One on its way into the store. */
typedef struct Given
{
	MigrScript *script;
	MigrLoaded *row;
	bool		write;
} Given;

void
migr_repeatable_load_add(MigrRepeatableLoad *load, MigrScript *script, MigrLoaded *row)
{
	Given	   *given = palloc0(sizeof(Given));

	given->script = script;
	given->row = row;
	load->given = lappend(load->given, given);
}

/* --- what goes with what -------------------------------------------------- */

/* As the graph takes them: their names are ids, and among them they depend. */
static MigrNode
node_of(const char *name, List *depends)
{
	MigrNode	node = {.id = name};

	node.depends = depends;
	return node;
}

static int
compare_nodes(const void *a, const void *b)
{
	return strcmp(((const MigrNode *) a)->id, ((const MigrNode *) b)->id);
}

static bool
is_node(const MigrNode *nodes, int count, const char *name)
{
	MigrNode	key = {.id = name};

	return bsearch(&key, nodes, count, sizeof(MigrNode), compare_nodes) != NULL;
}

/* Raise unless each name means one thing. */
static void
check_names(const MigrNode *nodes, int count, const MigrGraph *graph)
{
	for (int i = 0; i < count; i++)
	{
		const char *name = nodes[i].id;
		int			labelled = migr_graph_find_label(graph, name);

		CHECK_FOR_INTERRUPTS();
		if (i > 0 && strcmp(nodes[i - 1].id, name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
					 errmsg("repeatable script \"%s\" is present more than once", name)));
		if (migr_graph_find(graph, name) >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
					 errmsg("\"%s\" is a revision and a repeatable script", name),
					 errhint("Give one of them another name.")));
		if (labelled >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
					 errmsg("\"%s\" is a repeatable script, and a label of revision \"%s\"",
							name, graph->nodes[labelled].id),
					 errhint("Give one of them another name.")));
	}
}

static void
complain_missing(const char *name, const char *missing, MigrPrune prune)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
			 errmsg("repeatable script \"%s\" depends on \"%s\", which does not exist",
					name, missing),
			 prune == MIGR_PRUNE_ALL
			 ? errhint("To prune, the input has to be the whole project. It can depend on revisions, by id or label, and on other repeatable scripts.")
			 : errhint("It can depend on revisions, by id or label, and on other repeatable scripts.")));
}

/*
 * Leave of what each depends on the other repeatable scripts; raise if it is
 * nothing at all.
 */
static void
check_dependencies(MigrNode *nodes, int count, const MigrGraph *graph, MigrPrune prune)
{
	const char *label = migr_tenant_label();
	const bool *members = label ? migr_apart_branch(graph, label) : NULL;

	for (int i = 0; i < count; i++)
	{
		List	   *others = NIL;
		ListCell   *lc;

		CHECK_FOR_INTERRUPTS();
		foreach(lc, nodes[i].depends)
		{
			char	   *name = lfirst(lc);
			int			node = migr_graph_find(graph, name);

			if (node < 0)
				node = migr_graph_find_label(graph, name);
			if (is_node(nodes, count, name))
				others = lappend(others, name);
			else if (node < 0)
				complain_missing(nodes[i].id, name, prune);
			else if (members && members[node])
				migr_repeatable_raise_on_tenants(nodes[i].id, name);
		}
		nodes[i].depends = others;
	}
}

/* Raise if they depend on each other in a circle.  Takes the nodes over. */
static void
check_circles(MigrNode *nodes, int count)
{
	const MigrGraph *graph = migr_graph_create(nodes, count);
	const MigrProblem *problem;

	if (graph->problems == NIL)
		return;
	problem = linitial(graph->problems);
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
			 errmsg("repeatable script \"%s\" depends on itself", problem->revision),
			 errdetail("Each in this path depends on the next: %s.",
					   strchr(problem->message, ':') + 2)));
}

/* --- comparison with the store -------------------------------------------- */

static const MigrRepeatable *
find_stored(const List *stored, const char *name)
{
	int			low = 0;
	int			high = list_length(stored);

	/* Byte by byte, as the column's collation has it. */
	while (low < high)
	{
		int			middle = (low + high) / 2;
		const MigrRepeatable *one = list_nth(stored, middle);
		int			order = strcmp(one->name, name);

		if (order == 0)
			return one;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
compare_given(MigrRepeatableLoad *load, Given *given, const MigrRepeatable *stored)
{
	bool		changed = stored &&
		strcmp(stored->checksum, given->script->checksum) != 0;

	given->row->action = stored == NULL ? "added" : changed ? "updated" : "unchanged";
	given->write = stored == NULL || changed ||
		migr_vouch_takes_over(&given->script->loader, &stored->loader);
	load->news |= given->write;
	load->changed |= changed;
	if (!given->script->remembered)
		return;
	load->lost |= given->write;
	/* The same checksum: the same text, which says the same. */
	given->script->depends = stored ? stored->depends : NIL;
	given->script->message = stored ? unconstify(char *, stored->message) : "";
}

/* What the row of one will say. */
static MigrRepeatable *
row_of(const MigrScript *script, const MigrRepeatable *stored)
{
	MigrRepeatable *row = palloc0(sizeof(MigrRepeatable));

	row->name = script->revision;
	row->depends = script->depends;
	row->message = script->message;
	row->checksum = script->checksum;
	row->applied = stored ? stored->applied : NULL;
	row->loader = script->loader;
	return row;
}

static int
compare_rows(const ListCell *a, const ListCell *b)
{
	return strcmp(((const MigrRepeatable *) lfirst(a))->name,
				  ((const MigrRepeatable *) lfirst(b))->name);
}

/* Does what the input lacks stay?  Notes what becomes of it. */
static bool
stays(MigrRepeatableLoad *load, const MigrRepeatable *stored, MigrPrune prune)
{
	char	   *name = unconstify(char *, stored->name);

	if (prune == MIGR_PRUNE_NOTHING)
		return true;
	if (stored->applied)
	{
		if (prune == MIGR_PRUNE_ALL)
			load->missing = lappend(load->missing, name);
		return true;
	}
	if (prune == MIGR_PRUNE_LOCATION && !migr_vouch_is_by_setting(&stored->loader))
		return true;
	load->removed = lappend(load->removed, name);
	load->news = load->changed = true;
	return false;
}

void
migr_repeatable_load_compare(MigrDb *db, MigrRepeatableLoad *load,
							 const MigrGraph *graph, MigrPrune prune)
{
	List	   *stored = migr_repeatable_read(db);
	int			total = list_length(stored) + list_length(load->given);
	MigrNode   *nodes = palloc((total + 1) * sizeof(MigrNode));
	int			count = 0;
	ListCell   *lc;

	load->news = load->changed = load->lost = false;
	load->removed = load->missing = load->merged = NIL;
	foreach(lc, load->given)
	{
		Given	   *given = lfirst(lc);
		MigrScript *script = given->script;
		const MigrRepeatable *row = find_stored(stored, script->revision);

		compare_given(load, given, row);
		load->merged = lappend(load->merged, row_of(script, row));
		nodes[count++] = node_of(script->revision, script->depends);
	}
	qsort(nodes, count, sizeof(MigrNode), compare_nodes);
	total = count;
	foreach(lc, stored)
	{
		MigrRepeatable *one = lfirst(lc);

		if (is_node(nodes, total, one->name) || !stays(load, one, prune))
			continue;
		load->merged = lappend(load->merged, one);
		nodes[count++] = node_of(one->name, one->depends);
	}
	list_sort(load->merged, compare_rows);
	qsort(nodes, count, sizeof(MigrNode), compare_nodes);
	check_names(nodes, count, graph);
	check_dependencies(nodes, count, graph, prune);
	check_circles(nodes, count);
}

List *
migr_repeatable_load_write(MigrDb *db, const MigrRepeatableLoad *load)
{
	List	   *written = NIL;
	ListCell   *lc;

	foreach(lc, load->given)
	{
		const Given *given = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (!given->write)
			continue;
		migr_repeatable_put(db, given->script);
		written = lappend(written, given->script->revision);
	}
	foreach(lc, load->removed)
	{
		CHECK_FOR_INTERRUPTS();
		migr_repeatable_delete(db, lfirst(lc));
	}
	return written;
}

/* --- unload ---------------------------------------------------------------- */

bool
migr_repeatable_unload(MigrDb *db, const char *name)
{
	List	   *stored = migr_repeatable_read(db);
	const MigrRepeatable *self = find_stored(stored, name);
	ListCell   *lc;

	if (self == NULL)
		return false;
	foreach(lc, stored)
	{
		const MigrRepeatable *one = lfirst(lc);

		if (one != self && migr_ident_is_in(one->depends, name))
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot unload repeatable script \"%s\" because others depend on it",
							name),
					 errdetail("Repeatable script \"%s\" does.", one->name),
					 errhint("Unload that one first.")));
	}
	migr_repeatable_delete(db, name);
	if (self->applied)
		ereport(NOTICE,
				(errmsg("repeatable script \"%s\" is forgotten; what it has made stays", name),
				 errhint("A revision can drop it.")));
	return true;
}

void
migr_repeatable_check_unreferenced(MigrDb *db, const MigrNode *node)
{
	ListCell   *lc;
	ListCell   *label;

	foreach(lc, migr_repeatable_read(db))
	{
		const MigrRepeatable *one = lfirst(lc);
		bool		names = migr_ident_is_in(one->depends, node->id);

		foreach(label, node->labels)
			names |= migr_ident_is_in(one->depends, lfirst(label));
		if (names)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot unload revision \"%s\" because a repeatable script depends on it",
							node->id),
					 errdetail("Repeatable script \"%s\" does.", one->name),
					 errhint("Unload that one first.")));
	}
}
