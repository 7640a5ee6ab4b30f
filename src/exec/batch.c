/*
 * batch.c
 *		A statement that is repeated until it changes no row.
 *
 * The rows of a table are found from where the last ones were, so that not each
 * time begins with all that is done already; when there are no more, from the
 * first one again, until that finds nothing to change.  So what others have
 * changed meanwhile, or a plan gave in another order, is not missed.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/itemptr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "exec/batch.h"
#include "exec/batch_text.h"
#include "exec/exec.h"

/* How often rows that are found may stay as they are, one time after another. */
#define IDLE_MAX 3

/* How far it is. */
typedef struct Progress
{
	ItemPointerData from;		/* where the next rows may be */
	bool		walks;			/* that is a place behind the last ones */
	uint64		rows;			/* changed so far */
	uint64		rows_of_pass;	/* since the last time from the first row on */
	uint64		changed;		/* the last time */
	int			idle;			/* how many times nothing was, until now */
	bool		done;
} Progress;

struct MigrBatch
{
	const char *place;
	const MigrSection *section;
	const MigrStatement *statement;
	MigrBatchText text;
	Progress	now;
	Progress	kept;			/* as the last time left it that was kept */
};

static void
begin_pass(MigrBatch *batch)
{
	ItemPointerSet(&batch->now.from, 0, 0);
	batch->now.rows_of_pass = 0;
}

MigrBatch *
migr_batch_begin(const char *place, const MigrSection *section, const MigrStatement *statement)
{
	MigrBatch  *batch = palloc0(sizeof(MigrBatch));
	const MigrStatementOptions *options = &statement->options;

	batch->place = place;
	batch->section = section;
	batch->statement = statement;
	batch->text = migr_batch_text(pnstrdup(section->sql + statement->start,
										   statement->end - statement->start),
								  options->batch_limited,
								  options->batch_size > 0 ? options->batch_size : MIGR_BATCH_SIZE);
	begin_pass(batch);
	migr_batch_keep(batch);
	return batch;
}

uint64
migr_batch_rows(const MigrBatch *batch)
{
	return batch->kept.rows;
}

static void
raise_no_places(const RangeVar *target, const char *is)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("rows of \"%s\" can't be taken a batch at a time", target->relname),
			 errdetail("It is a %s.", is),
			 errhint("Write into the WHERE of the statement which rows it takes at a time, with a LIMIT.")));
}

/* Raise if rows of the target can't be found again by where they are. */
static void
check_target(const RangeVar *target, Oid relation)
{
	char		kind = get_rel_relkind(relation);

	if (kind == RELKIND_VIEW || kind == RELKIND_FOREIGN_TABLE)
		raise_no_places(target, kind == RELKIND_VIEW ? "view" : "foreign table");
}

/* Are places comparable: is it one table, and nothing else? */
static bool
is_one_table(const MigrBatch *batch, Oid relation)
{
	return !batch->text.joined && get_rel_relkind(relation) == RELKIND_RELATION &&
		(!batch->text.target->inh || !has_subclass(relation));
}

/* Remember from where on the next rows are to be looked for. */
static void
go_on_behind(MigrBatch *batch, const Datum *places, uint64 count)
{
	for (uint64 i = 0; i < count; i++)
	{
		ItemPointer place = (ItemPointer) DatumGetPointer(places[i]);

		if (ItemPointerCompare(place, &batch->now.from) >= 0)
			ItemPointerSet(&batch->now.from, ItemPointerGetBlockNumber(place),
						   ItemPointerGetOffsetNumber(place) + 1);
	}
}

/* The places of the next rows, as tid[]; sets *count. */
static Datum
find_rows(MigrBatch *batch, uint64 *count)
{
	Oid			relation = RangeVarGetRelid(batch->text.target, NoLock, true);
	Oid			type = TIDOID;
	Datum		from = PointerGetDatum(&batch->now.from);
	Datum	   *places;

	if (OidIsValid(relation))
		check_target(batch->text.target, relation);
	(void) SPI_execute_with_args(batch->text.find, 1, &type, &from, NULL, false, 0);
	*count = SPI_processed;

	/* By now the name may be that of a view, whose columns can be called anything. */
	if (SPI_gettypeid(SPI_tuptable->tupdesc, 1) != TIDOID)
		raise_no_places(batch->text.target, "view");
	places = palloc((*count + 1) * sizeof(Datum));
	for (uint64 i = 0; i < *count; i++)
	{
		bool		is_null;

		places[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &is_null);
	}
	batch->now.walks = OidIsValid(relation) && is_one_table(batch, relation);
	if (batch->now.walks)
		go_on_behind(batch, places, *count);
	return PointerGetDatum(construct_array(places, *count, TIDOID, sizeof(ItemPointerData),
										   false, TYPALIGN_SHORT));
}

/* Change the rows that are found; false if none are. */
static bool
change_found(MigrBatch *batch)
{
	Oid			type = get_array_type(TIDOID);
	uint64		count;
	Datum		places = find_rows(batch, &count);

	if (count == 0)
		return false;
	(void) SPI_execute_with_args(batch->text.change, 1, &type, &places, NULL, false, 0);
	return true;
}

/* Once what says itself which rows it takes, or the next rows of the target. */
static void
run_round(const char *sql, void *arg)
{
	MigrBatch  *batch = arg;
	bool		found = true;

	if (batch->text.find == NULL)
		(void) SPI_execute(batch->text.change, false, 0);
	else
	{
		found = change_found(batch);
		if (!found && batch->now.rows_of_pass > 0)
		{
			begin_pass(batch);
			found = change_found(batch);
		}
	}
	batch->now.changed = found ? SPI_processed : 0;
	batch->now.idle = batch->now.changed > 0 ? 0 : batch->now.idle + 1;
	/* Where rows are found, a trigger may keep them as they are, or others change them. */
	batch->now.done = !found || (!batch->now.walks && batch->now.idle >= (batch->text.find ? IDLE_MAX : 1));
	batch->now.rows_of_pass += batch->now.changed;
	batch->now.rows += batch->now.changed;
}

bool
migr_batch_round(MigrBatch *batch, uint64 *rows)
{
	batch->now = batch->kept;
	migr_exec_instead(batch->place, batch->section, batch->statement, run_round, batch);
	*rows = batch->now.changed;
	return !batch->now.done;
}

void
migr_batch_keep(MigrBatch *batch)
{
	batch->kept = batch->now;
}
