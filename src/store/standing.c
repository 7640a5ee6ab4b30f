/*
 * standing.c
 *		Where the database stands, in one row: for those who ask often.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "base/settings.h"
#include "graph/plan.h"
#include "graph/resolve.h"
#include "store/kept.h"
#include "store/standing.h"

/* More names than that make a row that is read for little. */
#define NAMES_MAX 100

#define WRITE_ARGS 11

static MigrQuery read_query = {
	"SELECT revisions, applied, pending, due, unknown, heads, current, plain, tips, waiting"
	"  FROM migr.standing WHERE generation = $1 LIMIT 1", 1, {TEXTOID}
};

static MigrQuery find_free = {
	"SELECT ctid FROM migr.standing LIMIT 1 FOR UPDATE SKIP LOCKED", 0, {0}
};

static MigrQuery find_any = {
	"SELECT true FROM migr.standing LIMIT 1", 0, {0}
};

static MigrQuery update = {
	"UPDATE migr.standing SET generation = $1, revisions = $2, applied = $3, pending = $4,"
	"       due = $5, unknown = $6, heads = $7, current = $8, plain = $9,"
	"       tips = $10::migr.revision_info[], waiting = $11 WHERE ctid = $12",
	WRITE_ARGS + 1, {TEXTOID, INT4OID, INT4OID, INT4OID, INT4OID, TEXTARRAYOID, TEXTARRAYOID,
	TEXTARRAYOID, BOOLOID, TEXTOID, TEXTARRAYOID, TIDOID}
};

static MigrQuery insert = {
	"INSERT INTO migr.standing (generation, revisions, applied, pending, due, unknown, heads,"
	"       current, plain, tips, waiting)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::migr.revision_info[], $11)",
	WRITE_ARGS, {TEXTOID, INT4OID, INT4OID, INT4OID, INT4OID, TEXTARRAYOID, TEXTARRAYOID,
	TEXTARRAYOID, BOOLOID, TEXTOID, TEXTARRAYOID}
};

/* --- rows of migr.revision_info --------------------------------------------------- */

static Oid
info_type(void)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("revision_info"),
						   ObjectIdGetDatum(get_namespace_oid("migr", false)));
}

/* Rows, and the text of an array of them. */
typedef struct InfosText
{
	List	   *infos;
	char	   *text;
} InfosText;

static void
write_infos(void *arg)
{
	InfosText  *infos = arg;
	Oid			type = info_type();
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	Datum	   *rows = palloc((list_length(infos->infos) + 1) * sizeof(Datum));
	int			count = 0;
	Oid			output;
	bool		is_varlena;
	ListCell   *lc;

	foreach(lc, infos->infos)
	{
		MigrInfo   *info = lfirst(lc);

		rows[count++] = HeapTupleGetDatum(heap_form_tuple(desc, info->values, info->nulls));
	}
	ReleaseTupleDesc(desc);
	getTypeOutputInfo(get_array_type(type), &output, &is_varlena);
	infos->text = OidOutputFunctionCall(output,
										PointerGetDatum(construct_array(rows, count, type, -1, false,
																		TYPALIGN_DOUBLE)));
}

/*
 * As the text of an array, which needs no type that may have another OID tomorrow.  Its
 * dates are such that they can be read again: other styles have time zones by names that
 * may be unknown, or those of others.
 */
static char *
infos_text(List *infos)
{
	static const MigrSetting style = {"DateStyle", "ISO"};
	InfosText	text = {.infos = infos};

	migr_settings_run(&style, 1, write_infos, &text);
	return text.text;
}

static List *
infos_of(Datum array)
{
	ArrayType  *rows = DatumGetArrayTypePCopy(array);
	Datum	   *elements;
	List	   *infos = NIL;
	int			count;

	deconstruct_array(rows, ARR_ELEMTYPE(rows), -1, false, TYPALIGN_DOUBLE, &elements, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		HeapTupleHeader row = DatumGetHeapTupleHeader(elements[i]);
		TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row),
												  HeapTupleHeaderGetTypMod(row));
		HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row), .t_data = row};
		MigrInfo   *info = palloc(sizeof(MigrInfo));

		heap_deform_tuple(&tuple, desc, info->values, info->nulls);
		ReleaseTupleDesc(desc);
		infos = lappend(infos, info);
	}
	return infos;
}

/* --- reading ------------------------------------------------------------------------ */

MigrStanding *
migr_standing_read(MigrDb *db, MigrGeneration generation)
{
	MigrStanding *standing;
	Datum		value;

	if (generation.now == NULL)
		return NULL;
	value = migr_db_text_datum(generation.now);
	if (migr_db_run(db, &read_query, &value, NULL) == 0)
		return NULL;
	standing = palloc0(sizeof(MigrStanding));
	standing->revisions = DatumGetInt32(migr_db_datum(0, 1));
	standing->applied = DatumGetInt32(migr_db_datum(0, 2));
	standing->pending = DatumGetInt32(migr_db_datum(0, 3));
	standing->due = DatumGetInt32(migr_db_datum(0, 4));
	standing->unknown = migr_db_texts(0, 5);
	standing->heads = migr_db_texts(0, 6);
	standing->current = migr_db_texts(0, 7);
	standing->plain = DatumGetBool(migr_db_datum(0, 8));
	standing->has_tips = !migr_db_is_null(0, 9);
	if (standing->has_tips)
		standing->tips = infos_of(migr_db_datum_of(0, 9, get_array_type(info_type())));
	standing->has_waiting = !migr_db_is_null(0, 10);
	standing->waiting = migr_db_texts(0, 10);
	return standing;
}

/* --- writing ------------------------------------------------------------------------ */

/* Put the row into the place of one that nobody holds, or where there is none yet. */
static void
put_row(MigrDb *db, Datum *values, const char *nulls)
{
	if (migr_db_run(db, &find_free, NULL, NULL) > 0)
	{
		values[WRITE_ARGS] = PointerGetDatum(memcpy(palloc(sizeof(ItemPointerData)),
													DatumGetPointer(migr_db_datum_of(0, 1, TIDOID)),
													sizeof(ItemPointerData)));
		(void) migr_db_run(db, &update, values, nulls);
	}
	else if (migr_db_run(db, &find_any, NULL, NULL) == 0)
		(void) migr_db_run(db, &insert, values, nulls);
}

void
migr_standing_write(MigrDb *db, MigrGeneration generation, const MigrStanding *standing)
{
	MigrGeneration now = migr_generation_read(db);
	Datum		values[WRITE_ARGS + 1] = {0};
	char		nulls[WRITE_ARGS + 2] = "            ";

	if (!migr_generation_equal(generation.others, now.others) ||
		Max(Max(list_length(standing->unknown), list_length(standing->heads)),
			list_length(standing->current)) > NAMES_MAX)
		return;
	values[0] = migr_db_text_datum(now.now);
	values[1] = Int32GetDatum(standing->revisions);
	values[2] = Int32GetDatum(standing->applied);
	values[3] = Int32GetDatum(standing->pending);
	values[4] = Int32GetDatum(standing->due);
	values[5] = migr_db_texts_datum(standing->unknown);
	values[6] = migr_db_texts_datum(standing->heads);
	values[7] = migr_db_texts_datum(standing->current);
	values[8] = BoolGetDatum(standing->plain);
	if (standing->has_tips && list_length(standing->tips) <= NAMES_MAX)
		values[9] = migr_db_text_datum(infos_text(standing->tips));
	else
		nulls[9] = 'n';
	values[10] = migr_db_texts_datum(standing->waiting);
	if (!standing->has_waiting || list_length(standing->waiting) > NAMES_MAX)
		nulls[10] = 'n';
	put_row(db, values, nulls);
}

/* What migr_current() returns. */
static List *
find_tips(const MigrView *view)
{
	List	   *tips = NIL;
	int		   *order;
	int			count = migr_view_order(view, view->tips, &order);

	for (int i = 0; i < count && count <= NAMES_MAX; i++)
	{
		MigrInfo   *info = palloc(sizeof(MigrInfo));

		*info = migr_view_info(view, order[i]);
		tips = lappend(tips, info);
	}
	return tips;
}

static List *
ids_of(const MigrGraph *graph, MigrPlan plan)
{
	List	   *ids = NIL;

	for (int i = 0; i < plan.count && i <= NAMES_MAX; i++)
		ids = lappend(ids, unconstify(char *, graph->nodes[plan.steps[i]].id));
	return ids;
}

/* How a state stands whose graph is sound and complete. */
static MigrStanding
find_standing(const MigrView *view, const List *repeatables, bool plain)
{
	const MigrState *state = view->state;
	MigrPlan	plan = migr_plan_upgrade(state, "heads");
	MigrName	heads = migr_name_parse("heads");
	MigrStanding standing = {.has_tips = true, .plain = plain};

	standing.revisions = state->graph->count;
	standing.applied = migr_set_count(state->graph, state->applied);
	standing.pending = plan.count;
	standing.due = list_length(migr_repeatable_due_behind(repeatables, state, plan));
	standing.unknown = state->unknown;
	standing.heads = migr_set_ids(state->graph, migr_resolve_symbol(state, &heads));
	standing.current = migr_set_ids(state->graph, view->current);
	standing.tips = find_tips(view);
	standing.waiting = ids_of(state->graph, plan);
	standing.has_waiting = migr_set_count(state->graph, migr_state_gaps(state)) == 0;
	return standing;
}

/* The revisions whose rows say since when, and by whom, the tips are applied. */
static List *
names_of_rows(const MigrView *view)
{
	const MigrGraph *graph = view->state->graph;
	List	   *names = NIL;

	for (int i = 0; i < graph->count; i++)
	{
		if (view->tips[i])
			names = list_concat(lappend(names, unconstify(char *, graph->nodes[i].id)),
								graph->nodes[i].replaces);
	}
	return names;
}

void
migr_standing_record(MigrGeneration generation, const MigrState *state, bool plain)
{
	MigrStanding standing;
	MigrView	view;
	MigrDb		db;

	if (generation.now == NULL || state->graph->lost != NIL)
		return;
	migr_db_begin(&db, false);
	view = migr_view_create(state, NIL);
	migr_view_set_versions(&view, migr_store_read_versions_of(&db, names_of_rows(&view)));
	standing = find_standing(&view, migr_repeatable_read(&db), plain);
	migr_standing_write(&db, generation, &standing);
	migr_db_end(&db);
}

void
migr_standing_refresh(void)
{
	MigrGeneration generation;
	const MigrKept *kept;
	MigrDb		db;

	migr_db_begin(&db, false);
	if (migr_standing_read(&db, migr_generation_read(&db)) == NULL)
	{
		kept = migr_kept_read_sound(&db, &generation);
		if (kept && kept->view.state->graph->lost == NIL)
		{
			MigrStanding standing = find_standing(&kept->view, kept->repeatables, kept->plain);

			migr_standing_write(&db, generation, &standing);
		}
	}
	migr_db_end(&db);
}

void
migr_standing_ready(void)
{
	static MigrQuery *const queries[] = {&find_free, &update};

	migr_db_plan(queries, lengthof(queries));
}
