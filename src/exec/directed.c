/*
 * directed.c
 *		Run statements as the directives in front of them say.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "base/subxact.h"
#include "exec/batch.h"
#include "exec/directed.h"
#include "exec/exec.h"

/* The queries that a section requires. */
typedef struct Requiring
{
	const MigrScript *script;
	MigrSectionKind kind;
	List	   *statements;
	const MigrStatement *asked;
} Requiring;

static void
raise_not_met(const Requiring *requiring, const char *returned)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s \"%s\" requires what is not so",
					migr_script_noun(requiring->script), requiring->script->revision),
			 errdetail("It %s: %s", returned,
					   migr_stmt_show(&requiring->script->sections[requiring->kind],
									  requiring->asked)),
			 errhint("Nothing of it has run: make it so, and run it again.")));
}

/* Every row has to be true, and there has to be one. */
static void
check_answer(SPITupleTable *rows, void *arg)
{
	const Requiring *requiring = arg;

	if (rows->tupdesc->natts != 1 ||
		getBaseType(SPI_gettypeid(rows->tupdesc, 1)) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a query that is required does not return one column of type boolean"),
				 errhint("Write it as a question, as in SELECT count(*) > 0 FROM ...")));
	if (rows->numvals == 0)
		raise_not_met(requiring, "returned no row");
	for (uint64 row = 0; row < rows->numvals; row++)
	{
		bool		is_null;
		Datum		value = SPI_getbinval(rows->vals[row], rows->tupdesc, 1, &is_null);

		if (is_null || !DatumGetBool(value))
			raise_not_met(requiring, is_null ? "returned NULL" : "returned false");
	}
}

static void
ask(void *arg)
{
	Requiring  *requiring = arg;
	const MigrSection *section = &requiring->script->sections[requiring->kind];
	const char *place = migr_stmt_place(requiring->script, requiring->kind);
	ListCell   *lc;

	foreach(lc, requiring->statements)
	{
		const MigrStatement *statement = lfirst(lc);

		requiring->asked = statement;
		if (statement->options.required)
			migr_exec_log(place, section, statement);
		if (statement->options.required)
			(void) migr_exec_statement(place, section, statement, check_answer, requiring);
		else if (statement->sets && statement->unknown_setting == NULL)
			(void) migr_exec_statement(place, section, statement, NULL, NULL);
	}
}

static bool
any_required(const List *statements)
{
	ListCell   *lc;

	foreach(lc, statements)
	{
		if (((MigrStatement *) lfirst(lc))->options.required)
			return true;
	}
	return false;
}

void
migr_directed_require(const MigrScript *script, MigrSectionKind kind, List *statements)
{
	Requiring	requiring = {.script = script, .kind = kind, .statements = statements};
	ErrorData  *error;

	if (!any_required(statements))
		return;
	error = migr_subxact_run(ask, &requiring, false);
	if (error)
		ReThrowError(error);
}

void
migr_directed_check_rows(const char *place, const MigrStatement *statement, uint64 rows)
{
	const MigrStatementOptions *options = &statement->options;

	if (!options->expected ||
		(rows >= (uint64) options->expected_min && rows <= (uint64) options->expected_max))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("a statement has changed another number of rows than is expected"),
			 errdetail("Rows: " UINT64_FORMAT "; expected: %s.", rows,
					   migr_statement_options_range(options)),
			 errcontext("%s, line %d", place, statement->line)));
}

static void
run_batch(const char *place, const MigrSection *section, const MigrStatement *statement)
{
	MigrBatch  *batch = migr_batch_begin(place, section, statement);
	bool		more;
	uint64		rows;

	do
	{
		CHECK_FOR_INTERRUPTS();
		more = migr_batch_round(batch, &rows);
		migr_batch_keep(batch);
	} while (more);
}

void
migr_directed_run(const char *place, const MigrSection *section, const MigrStatement *statement)
{
	if (statement->options.required)
		return;
	if (statement->options.batched)
		run_batch(place, section, statement);
	else
		migr_directed_check_rows(place, statement,
								 migr_exec_statement(place, section, statement, NULL, NULL));
}
