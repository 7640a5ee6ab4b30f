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
#include "base/errors.h"
#include "base/srf.h"
#include "base/strict_setting.h"
#include "base/text.h"
#include "graph/plan.h"
#include "graph/range.h"
#include "run/consent.h"
#include "schema/desired_diff.h"
#include "script/script_files.h"
#include "sql/sql_function.h"
#include "store/kept.h"
#include "store/loader.h"
#include "store/log_steps.h"
#include "store/missing.h"
#include "store/pending_near.h"
#include "store/recorded.h"
#include "store/repeatable.h"
#include "store/standing.h"
#include "store/tenant_view.h"
#include "store/view.h"

PG_FUNCTION_INFO_V1(migr_current);
PG_FUNCTION_INFO_V1(migr_heads);
PG_FUNCTION_INFO_V1(migr_branches);
PG_FUNCTION_INFO_V1(migr_history_1_0);
PG_FUNCTION_INFO_V1(migr_show_1_0);
PG_FUNCTION_INFO_V1(migr_pending_1_0);
PG_FUNCTION_INFO_V1(migr_status_1_0);
PG_FUNCTION_INFO_V1(migr_check_1_0);

/* What is in the store. */
static const MigrView *
read_view(void)
{
	const MigrKept *kept;
	MigrDb		db;

	migr_db_begin(&db, true);
	kept = migr_kept_read(&db, NULL);
	migr_db_end(&db);
	return &kept->view;
}

/* What is in the store or would be loaded by an upgrade, and the repeatable scripts. */
static MigrView
read_view_with_location(List **repeatables)
{
	List	   *versions;
	MigrState  *state;

	if (migr_source_location() == NULL)
	{
		const MigrKept *kept;
		MigrDb		db;

		migr_db_begin(&db, true);
		kept = migr_kept_read(&db, NULL);
		migr_db_end(&db);
		*repeatables = unconstify(List *, kept->repeatables);
		return kept->view;
	}
	state = migr_loader_read_state(&versions, repeatables);
	return migr_view_create(state, versions);
}

/*
 * Where the database stands, if that is known; NULL: it has to be found out.  What is in
 * files nobody knows before he has read them.
 */
static const MigrStanding *
read_standing(void)
{
	const MigrStanding *standing;
	MigrDb		db;

	migr_db_begin(&db, true);
	standing = migr_standing_read(&db, migr_generation_read(&db));
	migr_db_end(&db);
	return standing;
}

/* The state that is enough for the way to a target, if it is known what is pending; or NULL. */
static MigrState *
read_near_state(const MigrStanding *standing, const char *target)
{
	MigrState  *state;
	MigrDb		db;

	if (migr_source_location() || !migr_pending_is_near(standing, target))
		return NULL;
	migr_db_begin(&db, true);
	state = migr_pending_near_state(&db, standing);
	migr_db_end(&db);
	return state;
}

/*
 * Add a migr.revision_info row; where the result is of migr.revision_shown, with the
 * objects that it made and changed last.
 */
static void
put_row(MigrSrf *srf, const Datum *values, const bool *nulls)
{
	Datum		all[MIGR_INFO_COLUMNS + 2];
	bool		none[MIGR_INFO_COLUMNS + 2] = {false};
	MigrDb		db;

	memcpy(all, values, MIGR_INFO_COLUMNS * sizeof(Datum));
	memcpy(none, nulls, MIGR_INFO_COLUMNS * sizeof(bool));
	if (srf->desc->natts > MIGR_INFO_COLUMNS)
	{
		char	   *revision = TextDatumGetCString(values[0]);

		migr_db_begin(&db, true);
		all[MIGR_INFO_COLUMNS] = migr_db_texts_datum(migr_recorded_made_by(&db, revision));
		all[MIGR_INFO_COLUMNS + 1] = migr_db_texts_datum(migr_recorded_changed_by(&db, revision));
		migr_db_end(&db);
	}
	migr_srf_put(srf, all, none);
}

/* Add what there is to know of a revision. */
static void
put_info(MigrSrf *srf, const MigrView *view, int node)
{
	MigrInfo	info = migr_view_info(view, node);

	put_row(srf, info.values, info.nulls);
}

/* Return the members of a set (NULL: all), newest first. */
static void
put_newest_first(FunctionCallInfo fcinfo, const MigrView *view, const bool *members)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	int		   *order;
	int			count = migr_view_order(view, members, &order);

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_info(&srf, view, order[i]);
	}
}

static void
put_known(FunctionCallInfo fcinfo, const List *infos)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, infos)
	{
		MigrInfo   *info = lfirst(lc);

		migr_srf_put(&srf, info->values, info->nulls);
	}
}

/*
 * migr_current() → SETOF migr.revision_info
 *
 * The applied revisions that no applied one revises.  Applied revisions
 * without a script are reported by a warning.
 */
MIGR_FUNCTION(migr_current)
{
	const MigrStanding *standing = read_standing();
	const MigrView *view;

	if (standing && standing->has_tips)
	{
		migr_missing_warn(standing->unknown);
		put_known(fcinfo, standing->tips);
		return (Datum) 0;
	}
	view = read_view();
	migr_missing_warn(view->state->unknown);
	put_newest_first(fcinfo, view, view->tips);
	return (Datum) 0;
}

/*
 * migr_heads() → SETOF migr.revision_info
 *
 * The revisions that no other revises.
 */
MIGR_FUNCTION(migr_heads)
{
	const MigrView *view = read_view();
	const MigrGraph *graph = view->state->graph;
	bool	   *heads = migr_set_create(graph);

	for (int i = 0; i < graph->count; i++)
		heads[i] = !migr_graph_has_neighbour(graph, i, MIGR_UP, NULL);
	put_newest_first(fcinfo, view, heads);
	return (Datum) 0;
}

/*
 * migr_branches() → SETOF migr.revision_info
 *
 * The revisions that more than one other revises.
 */
MIGR_FUNCTION(migr_branches)
{
	const MigrView *view = read_view();
	const MigrGraph *graph = view->state->graph;
	bool	   *branches = migr_set_create(graph);

	for (int i = 0; i < graph->count; i++)
		branches[i] = migr_graph_neighbours(graph, i, MIGR_UP).count > 1;
	put_newest_first(fcinfo, view, branches);
	return (Datum) 0;
}

/*
 * migr_history(range text, tenant text) → SETOF migr.revision_info
 *
 * Raises MG001 to MG004 for the ends, 22023 for what is no range.
 */
MIGR_FUNCTION(migr_history_1_0)
{
	char	   *range = migr_arg_text(fcinfo, 0, "range");
	char	   *tenant = migr_arg_text_or_null(fcinfo, 1);
	const MigrView *view = tenant ? &migr_tenant_look(tenant)->view : read_view();

	put_newest_first(fcinfo, view, migr_range_resolve(view->state, range));
	return (Datum) 0;
}

/*
 * migr_show(revision text) → SETOF migr.revision_shown
 *
 * What a name means, and what that made.  Raises MG001 to MG004.
 */
MIGR_FUNCTION(migr_show_1_0)
{
	char	   *name = migr_arg_text(fcinfo, 0, "revision");
	const MigrView *view = read_view();

	put_newest_first(fcinfo, view, migr_resolve(view->state, name, false));
	return (Datum) 0;
}

/* Add a migr.revision_pending row; approval is NULL if it waits for nobody. */
static void
put_pending(MigrSrf *srf, const Datum *values, const bool *nulls, const char *approval)
{
	Datum		all[MIGR_INFO_COLUMNS + 1];
	bool		none[MIGR_INFO_COLUMNS + 1];

	memcpy(all, values, MIGR_INFO_COLUMNS * sizeof(Datum));
	memcpy(none, nulls, MIGR_INFO_COLUMNS * sizeof(bool));
	all[MIGR_INFO_COLUMNS] = migr_db_text_datum(approval);
	none[MIGR_INFO_COLUMNS] = approval == NULL;
	migr_srf_put(srf, all, none);
}

/* For whom a repeatable script waits, if approvals are asked for. */
static char *
repeatable_waits(const char *name)
{
	const MigrScript *script;
	MigrDb		db;

	if (migr_safeguard_required() == MIGR_REQUIRED_NONE)
		return NULL;
	migr_db_begin(&db, true);
	script = migr_repeatable_script(&db, name) ? migr_repeatable_parse(&db, name) : NULL;
	migr_db_end(&db);
	return script ? migr_consent_waits(script, MIGR_UPGRADE, false) : NULL;
}

/* Members: those that are for tenants; NULL: none. */
static void
put_pending_revisions(MigrSrf *srf, const MigrView *view, MigrPlan plan, const bool *members)
{
	char	  **approvals = migr_consent_waits_all(view->state->graph, plan.steps, plan.count, members);

	for (int i = 0; i < plan.count; i++)
	{
		MigrInfo	info = migr_view_info(view, plan.steps[i]);

		CHECK_FOR_INTERRUPTS();
		put_pending(srf, info.values, info.nulls, approvals[i]);
	}
}

/* Repeatable scripts in the form of revisions: name, dependencies, message. */
static void
put_repeatables(MigrSrf *srf, const List *repeatables)
{
	ListCell   *lc;

	foreach(lc, repeatables)
	{
		const MigrRepeatable *one = lfirst(lc);
		Datum		values[MIGR_INFO_COLUMNS] = {0};
		bool		nulls[MIGR_INFO_COLUMNS] = {false};

		values[0] = migr_db_text_datum(one->name);
		values[1] = migr_db_texts_datum(NIL);
		values[2] = migr_db_texts_datum(one->depends);
		values[3] = migr_db_texts_datum(NIL);
		values[4] = migr_db_text_datum(one->message);
		nulls[5] = nulls[12] = nulls[13] = true;
		put_pending(srf, values, nulls, repeatable_waits(one->name));
	}
}

/* What is pending for a tenant: of what all share, and of its own. */
static void
put_pending_of(FunctionCallInfo fcinfo, const char *tenant, const char *target)
{
	const MigrTenantView *tenants = migr_tenant_look(tenant);
	MigrPlan	plan = migr_tenant_pending(tenants, target);
	MigrSrf		srf = migr_srf_begin(fcinfo);

	put_pending_revisions(&srf, &tenants->view, plan, tenants->members);
	if (migr_tenant_wants_shared(target))
		put_repeatables(&srf, tenants->due);
}

/*
 * migr_pending(target text, tenant text) → SETOF migr.revision_pending
 *
 * What migr_upgrade(target) would run, in that order.  Raises MG001 to MG004.
 */
MIGR_FUNCTION(migr_pending_1_0)
{
	char	   *target = migr_arg_text(fcinfo, 0, "target");
	char	   *tenant = migr_arg_text_or_null(fcinfo, 1);
	List	   *repeatables = NIL;
	MigrState  *near;
	MigrView	view;
	MigrPlan	plan;
	MigrSrf		srf;

	if (tenant)
	{
		put_pending_of(fcinfo, tenant, target);
		return (Datum) 0;
	}
	near = read_near_state(read_standing(), target);
	view = near ? migr_view_create(near, NIL) : read_view_with_location(&repeatables);
	plan = migr_plan_upgrade(view.state, target);
	srf = migr_srf_begin(fcinfo);

	if (view.state->graph->count == 0)
		migr_missing_tell_empty();
	put_pending_revisions(&srf, &view, plan, NULL);
	put_repeatables(&srf, migr_repeatable_due_behind(repeatables, view.state, plan));
	return (Datum) 0;
}

static MigrQuery last_run = {
	"SELECT action, started_at, performed_by FROM migr.log"
	" WHERE action NOT IN ('ddl', 'step') ORDER BY id DESC LIMIT 1",
	0, {0}
};

static MigrQuery last_run_of = {
	"SELECT action, started_at, performed_by FROM migr.log WHERE tenant = $1 ORDER BY id DESC LIMIT 1",
	1, {TEXTOID}
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

/* The same as migr.standing has it, found out from what is stored and in files. */
static MigrStanding
find_out_standing(void)
{
	List	   *repeatables;
	MigrView	view = read_view_with_location(&repeatables);
	const MigrState *state = view.state;
	MigrPlan	plan = migr_plan_upgrade(state, "heads");
	MigrName	heads = migr_name_parse("heads");
	MigrStanding standing = {0};

	standing.current = migr_set_ids(state->graph, view.current);
	standing.heads = migr_set_ids(state->graph, migr_resolve_symbol(state, &heads));
	standing.revisions = state->graph->count;
	standing.applied = migr_set_count(state->graph, state->applied);
	standing.pending = plan.count;
	standing.due = list_length(migr_repeatable_due_behind(repeatables, state, plan));
	standing.unknown = state->unknown;
	return standing;
}

/* The last run, of a tenant or (NULL) of all: three columns. */
static void
put_last_run(MigrDb *db, const char *tenant, Datum *values, bool *nulls)
{
	Datum		name = migr_db_text_datum(tenant);
	bool		none = migr_db_run(db, tenant ? &last_run_of : &last_run, &name, NULL) == 0;

	nulls[0] = nulls[1] = nulls[2] = none;
	if (none)
		return;
	values[0] = migr_db_text_datum(migr_db_text(0, 1));
	values[1] = migr_db_datum_of(0, 2, TIMESTAMPTZOID);
	values[2] = migr_db_text_datum(migr_db_text(0, 3));
}

/* The same of a tenant: what is pending of what all share counts, and so does what it is at. */
static MigrStanding
find_out_standing_of(const MigrTenantView *tenant)
{
	const MigrState *state = tenant->view.state;
	bool	   *members = migr_set_copy(state->graph, tenant->members);
	MigrStanding standing = {0};

	standing.current = tenant->tenant->heads;
	standing.heads = migr_set_ids(state->graph, migr_set_topmost(state->graph, members, MIGR_DOWN_ALL));
	standing.revisions = migr_set_count(state->graph, members);
	migr_set_restrict(state->graph, members, state->applied, true);
	standing.applied = migr_set_count(state->graph, members);
	standing.pending = migr_tenant_pending(tenant, "heads").count;
	standing.due = list_length(tenant->due);
	return standing;
}

static MigrStanding
standing_of(const MigrTenantView *tenant)
{
	const MigrStanding *known;

	if (tenant)
		return find_out_standing_of(tenant);
	known = migr_source_location() ? NULL : read_standing();
	return known ? *known : find_out_standing();
}

/*
 * migr_status(tenant text) → one row
 *
 * Works with several heads, with none, and with revisions that have no script.
 */
MIGR_FUNCTION(migr_status_1_0)
{
	char	   *name = migr_arg_text_or_null(fcinfo, 0);
	const MigrTenantView *tenant = name ? migr_tenant_look(name) : NULL;
	MigrStanding standing = standing_of(tenant);
	int			pending = standing.pending + standing.due;
	MigrRecorded recorded;
	TupleDesc	desc;
	Datum		values[13];
	bool		nulls[13] = {false};
	int			n = 0;
	MigrDb		db;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	values[n++] = migr_db_texts_datum(standing.current);
	values[n++] = migr_db_texts_datum(standing.heads);
	values[n++] = Int32GetDatum(standing.applied);
	values[n++] = Int32GetDatum(pending);
	values[n++] = BoolGetDatum(pending == 0 && standing.revisions > 0);
	values[n++] = migr_db_texts_datum(standing.unknown);

	migr_db_begin(&db, true);
	migr_recorded_read(&db, &recorded);
	/* Of a tenant, no object is recorded. */
	nulls[n] = tenant || (!recorded.looked && !recorded.clean);
	values[n++] = BoolGetDatum(!recorded.looked || recorded.differing == 0);
	put_last_run(&db, name, &values[n], &nulls[n]);
	n += 3;
	put_or_null(&values[n], &nulls[n], tenant ? tenant->tenant->error : migr_log_steps_failure(&db));
	n++;
	put_or_null(&values[n], &nulls[n], tenant ? NULL : describe_open(&db));
	n++;
	nulls[n] = tenant || !recorded.looked;
	values[n] = TimestampTzGetDatum(recorded.looked_at);
	migr_db_end(&db);

	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

/*
 * Answer from what is known: true if nothing is pending, and nothing to be said of it;
 * MG009 for a revision that is.  False: it has to be found out.
 */
static bool
check_known(void)
{
	const MigrStanding *standing = migr_source_location() ? NULL : read_standing();
	const MigrState *near;

	if (standing == NULL || standing->revisions == 0 || standing->due > 0 ||
		standing->unknown != NIL)
		return false;
	near = read_near_state(standing, "heads");
	if (near)
		migr_plan_check_done(near);
	return standing->pending == 0;
}

/* Raise MG009 if anything is pending for a tenant. */
static void
check_tenant(const char *name)
{
	const MigrTenantView *tenant = migr_tenant_look(name);
	MigrPlan	plan = migr_tenant_pending(tenant, "heads");

	if (plan.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg_plural("tenant \"%s\" is not up to date: %d revision pending",
							   "tenant \"%s\" is not up to date: %d revisions pending",
							   plan.count, name, plan.count),
				 errdetail("The next is \"%s\".", tenant->view.state->graph->nodes[plan.steps[0]].id),
				 errhint("Run migr_upgrade(tenant => %s).", quote_literal_cstr(name))));
	if (tenant->due != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg("database is not up to date: repeatable scripts are due"),
				 errhint("Run migr_upgrade().")));
}

/*
 * migr_check(tenant text) → boolean
 *
 * True, or MG009 when a revision is pending or none is loaded, or when the scripts do
 * not build what is in the files of migr.schema_location.  On a standby, and in a
 * read-only transaction, only what is pending is looked at, and a NOTICE says
 * so: it is what applications ask when they start.
 */
MIGR_FUNCTION(migr_check_1_0)
{
	if (!PG_ARGISNULL(0))
	{
		check_tenant(migr_arg_text(fcinfo, 0, "tenant"));
		PG_RETURN_BOOL(true);
	}
	if (!check_known())
	{
		List	   *repeatables;
		const MigrState *state = migr_loader_read_state(NULL, &repeatables);

		migr_missing_warn(state->unknown);
		migr_missing_check_any(state);
		migr_plan_check_done(state);
		migr_repeatable_check_done(repeatables, state);
	}
	migr_compare_check();
	PG_RETURN_BOOL(true);
}
