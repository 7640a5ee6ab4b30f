/*
 * sql_inspecting.c
 *		SQL-callable: where the database is.  Reads only.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/args.h"
#include "base/srf.h"
#include "base/text.h"
#include "graph/marks.h"
#include "graph/plan.h"
#include "graph/range.h"
#include "schema/desired_diff.h"
#include "script/script_files.h"
#include "store/loader.h"
#include "store/log_steps.h"
#include "store/missing.h"
#include "store/recorded.h"
#include "store/repeatable.h"

PG_FUNCTION_INFO_V1(migr_current);
PG_FUNCTION_INFO_V1(migr_heads);
PG_FUNCTION_INFO_V1(migr_branches);
PG_FUNCTION_INFO_V1(migr_history);
PG_FUNCTION_INFO_V1(migr_show);
PG_FUNCTION_INFO_V1(migr_pending);
PG_FUNCTION_INFO_V1(migr_status);
PG_FUNCTION_INFO_V1(migr_check);

#define INFO_COLUMNS 15

/* A state to be shown: what is true of each node besides. */
typedef struct View
{
	MigrState  *state;
	bool	   *current;		/* the applied heads */
	bool	   *tips;			/* applied, and no applied one above revises them */
	List	  **labels;			/* in force, by node */
	const MigrVersion **versions;	/* by node, NULL where there is no row */
	List	   *repeatables;	/* MigrRepeatable *; of migr_pending() and migr_status() */
} View;

static View
make_view(MigrState *state, const List *versions)
{
	View		view;
	ListCell   *lc;

	view.state = state;
	view.current = migr_state_heads(state);
	view.tips = migr_marks_tips(state);
	view.labels = migr_graph_labels(state->graph);
	view.versions = palloc0((state->graph->count + 1) * sizeof(MigrVersion *));
	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(state->graph, version->revision);

		/* The last of what a squash replaces stands for it, until it has a row. */
		if (node < 0)
			node = migr_graph_find_alias(state->graph, version->revision);
		if (node >= 0)
			view.versions[node] = version;
	}
	return view;
}

/* What is in the store. */
static View
read_view(void)
{
	MigrState  *state;
	List	   *versions;
	View		view;
	MigrDb		db;

	migr_db_begin(&db, true);
	state = migr_store_read_state(&db);
	versions = migr_store_read_versions(&db);
	migr_db_end(&db);
	view = make_view(state, versions);
	return view;
}

/* What is in the store or would be loaded by an upgrade. */
static View
read_view_with_location(void)
{
	List	   *versions;
	List	   *repeatables;
	MigrState  *state = migr_loader_read_state(&versions, &repeatables);
	View		view = make_view(state, versions);

	view.repeatables = repeatables;
	return view;
}

/*
 * Add a migr.revision_info row; where the result is of migr.revision_shown, with the
 * objects that it made and changed last.
 */
static void
put_row(MigrSrf *srf, const Datum *values, const bool *nulls)
{
	Datum		all[INFO_COLUMNS + 2];
	bool		none[INFO_COLUMNS + 2] = {false};
	MigrDb		db;

	memcpy(all, values, INFO_COLUMNS * sizeof(Datum));
	memcpy(none, nulls, INFO_COLUMNS * sizeof(bool));
	if (srf->desc->natts > INFO_COLUMNS)
	{
		char	   *revision = TextDatumGetCString(values[0]);

		migr_db_begin(&db, true);
		all[INFO_COLUMNS] = migr_db_texts_datum(migr_recorded_made_by(&db, revision));
		all[INFO_COLUMNS + 1] = migr_db_texts_datum(migr_recorded_changed_by(&db, revision));
		migr_db_end(&db);
	}
	migr_srf_put(srf, all, none);
}

/* Add what there is to know of a revision. */
static void
put_info(MigrSrf *srf, const View *view, int i)
{
	const MigrGraph *graph = view->state->graph;
	const MigrNode *node = &graph->nodes[i];
	const MigrRevision *info = node->info;
	const MigrVersion *version = view->versions[i];
	int			down = migr_graph_neighbours(graph, i, MIGR_DOWN).count;
	int			up = migr_graph_neighbours(graph, i, MIGR_UP).count;
	Datum		values[INFO_COLUMNS];
	bool		nulls[INFO_COLUMNS] = {false};
	int			n = 0;

	values[n++] = CStringGetTextDatum(node->id);
	values[n++] = migr_db_texts_datum(node->revises);
	values[n++] = migr_db_texts_datum(node->depends);
	values[n++] = migr_db_texts_datum(view->labels[i]);
	values[n++] = CStringGetTextDatum(info->message);
	nulls[n] = !info->has_created;
	values[n++] = TimestampTzGetDatum(info->created);
	values[n++] = BoolGetDatum(down == 0);
	values[n++] = BoolGetDatum(up == 0);
	values[n++] = BoolGetDatum(up > 1);
	values[n++] = BoolGetDatum(down > 1);
	values[n++] = BoolGetDatum(view->state->applied[i]);
	values[n++] = BoolGetDatum(view->tips[i]);
	nulls[n] = version == NULL;
	values[n++] = version ? TimestampTzGetDatum(version->applied_at) : (Datum) 0;
	nulls[n] = version == NULL;
	values[n++] = version ? CStringGetTextDatum(version->applied_by) : (Datum) 0;
	values[n++] = BoolGetDatum(info->reversible);
	Assert(n == INFO_COLUMNS);
	put_row(srf, values, nulls);
}

/* Return the members of a set (NULL: all), newest first. */
static void
put_newest_first(FunctionCallInfo fcinfo, const View *view, const bool *members)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	const MigrGraph *graph = view->state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, members, MIGR_DOWN_ALL, order);

	while (count-- > 0)
	{
		CHECK_FOR_INTERRUPTS();
		put_info(&srf, view, order[count]);
	}
}

/*
 * migr_current() → SETOF migr.revision_info
 *
 * The applied revisions that no applied one revises.  Applied revisions
 * without a script are reported by a warning.
 */
Datum
migr_current(PG_FUNCTION_ARGS)
{
	View		view = read_view();

	migr_missing_warn(view.state->unknown);
	put_newest_first(fcinfo, &view, view.tips);
	return (Datum) 0;
}

/*
 * migr_heads() → SETOF migr.revision_info
 *
 * The revisions that no other revises.
 */
Datum
migr_heads(PG_FUNCTION_ARGS)
{
	View		view = read_view();
	const MigrGraph *graph = view.state->graph;
	bool	   *heads = migr_set_create(graph);

	for (int i = 0; i < graph->count; i++)
		heads[i] = !migr_graph_has_neighbour(graph, i, MIGR_UP, NULL);
	put_newest_first(fcinfo, &view, heads);
	return (Datum) 0;
}

/*
 * migr_branches() → SETOF migr.revision_info
 *
 * The revisions that more than one other revises.
 */
Datum
migr_branches(PG_FUNCTION_ARGS)
{
	View		view = read_view();
	const MigrGraph *graph = view.state->graph;
	bool	   *branches = migr_set_create(graph);

	for (int i = 0; i < graph->count; i++)
		branches[i] = migr_graph_neighbours(graph, i, MIGR_UP).count > 1;
	put_newest_first(fcinfo, &view, branches);
	return (Datum) 0;
}

/*
 * migr_history(range text) → SETOF migr.revision_info
 *
 * Raises MG001 to MG004 for the ends, 22023 for what is no range.
 */
Datum
migr_history(PG_FUNCTION_ARGS)
{
	char	   *range = migr_arg_text(fcinfo, 0, "range");
	View		view = read_view();

	put_newest_first(fcinfo, &view, migr_range_resolve(view.state, range));
	return (Datum) 0;
}

/*
 * migr_show(revision text) → SETOF migr.revision_shown
 *
 * What a name means, and what that made.  Raises MG001 to MG004.
 */
Datum
migr_show(PG_FUNCTION_ARGS)
{
	char	   *name = migr_arg_text(fcinfo, 0, "revision");
	View		view = read_view();

	put_newest_first(fcinfo, &view, migr_resolve(view.state, name, false));
	return (Datum) 0;
}

/* Repeatable scripts in the form of revisions: name, dependencies, message. */
static void
put_repeatables(MigrSrf *srf, const List *repeatables)
{
	ListCell   *lc;

	foreach(lc, repeatables)
	{
		const MigrRepeatable *one = lfirst(lc);
		Datum		values[INFO_COLUMNS] = {0};
		bool		nulls[INFO_COLUMNS] = {false};

		values[0] = migr_db_text_datum(one->name);
		values[1] = migr_db_texts_datum(NIL);
		values[2] = migr_db_texts_datum(one->depends);
		values[3] = migr_db_texts_datum(NIL);
		values[4] = migr_db_text_datum(one->message);
		nulls[5] = nulls[12] = nulls[13] = true;
		migr_srf_put(srf, values, nulls);
	}
}

/*
 * migr_pending(target text) → SETOF migr.revision_info
 *
 * What migr_upgrade(target) would run, in that order.  Raises MG001 to MG004.
 */
Datum
migr_pending(PG_FUNCTION_ARGS)
{
	char	   *target = migr_arg_text(fcinfo, 0, "target");
	View		view = read_view_with_location();
	MigrPlan	plan = migr_plan_upgrade(view.state, target);
	MigrSrf		srf = migr_srf_begin(fcinfo);

	if (view.state->graph->count == 0)
		migr_missing_tell_empty();
	for (int i = 0; i < plan.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_info(&srf, &view, plan.steps[i]);
	}
	put_repeatables(&srf, migr_repeatable_due_behind(view.repeatables, view.state, plan));
	return (Datum) 0;
}

static MigrQuery last_run = {
	"SELECT action, started_at, performed_by FROM migr.log"
	" WHERE action NOT IN ('ddl', 'step') ORDER BY id DESC LIMIT 1",
	0, {0}
};

/* The revisions that have run in part, a line each; or NULL. */
static char *
describe_open(MigrDb *db)
{
	List	   *lines = NIL;
	ListCell   *lc;

	foreach(lc, migr_log_steps_open(db))
	{
		const MigrLogStep *step = lfirst(lc);

		lines = lappend(lines, psprintf("revision \"%s\", %s", step->revision,
										migr_log_steps_describe(step)));
	}
	return lines != NIL ? migr_text_join(lines, "\n") : NULL;
}

static void
put_or_null(Datum *value, bool *is_null, const char *text)
{
	*is_null = text == NULL;
	if (text)
		*value = migr_db_text_datum(text);
}

/*
 * migr_status() → one row
 *
 * Works with several heads, with none, and with revisions that have no script.
 */
Datum
migr_status(PG_FUNCTION_ARGS)
{
	View		view = read_view_with_location();
	const MigrState *state = view.state;
	MigrPlan	plan = migr_plan_upgrade(state, "heads");
	MigrName	heads = migr_name_parse("heads");
	int			due = list_length(migr_repeatable_due_behind(view.repeatables, state, plan));
	MigrRecorded recorded;
	TupleDesc	desc;
	Datum		values[13];
	bool		nulls[13] = {false};
	int			n = 0;
	MigrDb		db;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	values[n++] = migr_db_texts_datum(migr_set_ids(state->graph, view.current));
	values[n++] = migr_db_texts_datum(migr_set_ids(state->graph,
												   migr_resolve_symbol(state, &heads)));
	values[n++] = Int32GetDatum(migr_set_count(state->graph, state->applied));
	values[n++] = Int32GetDatum(plan.count + due);
	values[n++] = BoolGetDatum(plan.count + due == 0 && state->graph->count > 0);
	values[n++] = migr_db_texts_datum(state->unknown);

	migr_db_begin(&db, true);
	migr_recorded_read(&db, &recorded);
	nulls[n] = !recorded.looked;
	values[n++] = BoolGetDatum(recorded.differing == 0);
	if (migr_db_run(&db, &last_run, NULL, NULL) > 0)
	{
		values[n++] = migr_db_text_datum(migr_db_text(0, 1));
		values[n++] = migr_db_datum(0, 2);
		values[n++] = migr_db_text_datum(migr_db_text(0, 3));
	}
	else
	{
		nulls[n++] = true;
		nulls[n++] = true;
		nulls[n++] = true;
	}
	put_or_null(&values[n], &nulls[n], migr_log_steps_failure(&db));
	n++;
	put_or_null(&values[n], &nulls[n], describe_open(&db));
	n++;
	nulls[n] = !recorded.looked;
	values[n] = TimestampTzGetDatum(recorded.looked_at);
	migr_db_end(&db);

	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

/*
 * migr_check() → boolean
 *
 * True, or MG009 when a revision is pending or none is loaded, or when the scripts do
 * not build what is in the files of migr.schema_location.  On a standby, and in a
 * read-only transaction, only what is pending is looked at, and a NOTICE says
 * so: it is what applications ask when they start.
 */
Datum
migr_check(PG_FUNCTION_ARGS)
{
	List	   *repeatables;
	const MigrState *state = migr_loader_read_state(NULL, &repeatables);

	migr_missing_warn(state->unknown);
	migr_missing_check_any(state);
	migr_plan_check_done(state);
	migr_repeatable_check_done(repeatables, state);
	migr_compare_check();
	PG_RETURN_BOOL(true);
}
