/*
 * verify_section.c
 *		Run a section of assertions and take back what it did.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/errors.h"
#include "base/subxact.h"
#include "exec/pgtap.h"
#include "exec/verify_section.h"

/* Raise MG011; the context that says where comes from exec. */
static void
raise_failed(const MigrScript *script, MigrSectionKind kind, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_VERIFY_FAILED),
			 errmsg("%s section of %s \"%s\" failed", migr_section_names[kind],
					migr_script_noun(script), script->revision),
			 errdetail("%s", detail)));
}

/* Does a line of text begin with "not ok", as a failed test's does? */
static bool
has_failed_test(const char *text)
{
	for (; text; text = strchr(text, '\n'))
	{
		text += *text == '\n';
		if (strncmp(text, "not ok", strlen("not ok")) == 0)
			return true;
	}
	return false;
}

/* The query whose rows are being looked at. */
typedef struct Asked
{
	const MigrScript *script;
	MigrSectionKind kind;
	const MigrStatement *statement;
} Asked;

static char *
show_query(const Asked *query)
{
	return migr_stmt_show(&query->script->sections[query->kind], query->statement);
}

static void
check_value(const Asked *query, SPITupleTable *rows, uint64 row, int column)
{
	Oid			type = getBaseType(SPI_gettypeid(rows->tupdesc, column));
	bool		is_null;
	Datum		value = SPI_getbinval(rows->vals[row], rows->tupdesc, column,
									  &is_null);
	char	   *string;

	if (is_null)
		return;
	if (type == BOOLOID && !DatumGetBool(value))
		raise_failed(query->script, query->kind,
					 psprintf("Column \"%s\" is false in: %s",
							  SPI_fname(rows->tupdesc, column), show_query(query)));
	if (type != TEXTOID && type != VARCHAROID && type != BPCHAROID)
		return;
	string = TextDatumGetCString(value);
	if (has_failed_test(string))
		raise_failed(query->script, query->kind, string);
	pfree(string);
}

/* Look at every value that a query of the section returned. */
static void
check_rows(SPITupleTable *rows, void *arg)
{
	for (uint64 row = 0; row < rows->numvals; row++)
	{
		for (int column = 1; column <= rows->tupdesc->natts; column++)
			check_value(arg, rows, row, column);
	}
}

/* Does a statement of the section make a plan? */
static bool
any_plans(const List *statements)
{
	ListCell   *lc;

	foreach(lc, statements)
	{
		if (((MigrStatement *) lfirst(lc))->plans_tests)
			return true;
	}
	return false;
}

/* A section of assertions with its statements. */
typedef struct Verify
{
	const MigrScript *script;
	MigrSectionKind kind;
	List	   *statements;
	MigrAssertRun run;
} Verify;

static void
run_statements(void *arg)
{
	const Verify *verify = arg;
	bool		planned = any_plans(verify->statements);
	ListCell   *lc;

	migr_pgtap_put_aside();
	foreach(lc, verify->statements)
	{
		Asked		query = {verify->script, verify->kind, lfirst(lc)};

		if (!planned)
			migr_pgtap_plan();
		verify->run(verify->script, verify->kind, query.statement, check_rows, &query);
	}
}

/* Raise again what stopped a section, as MG011 where that is what it means. */
static void
rethrow(const MigrScript *script, ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_MIGR_VERIFY_FAILED ||
		migr_subxact_is_foreign(error))
		ReThrowError(error);
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_VERIFY_FAILED),
			 errmsg("verify section of %s \"%s\" failed", migr_script_noun(script),
					script->revision),
			 errdetail("%s (SQLSTATE %s)%s%s", error->message,
					   unpack_sql_state(error->sqlerrcode),
					   error->detail ? ": " : "",
					   error->detail ? error->detail : ""),
			 error->hint ? errhint("%s", error->hint) : 0,
			 error->context ? errcontext_msg("%s", error->context) : 0,
			 error->internalquery ? internalerrquery(error->internalquery) : 0,
			 internalerrposition(error->internalpos)));
}

ErrorData *
migr_assert_try(const MigrScript *script, MigrSectionKind kind, List *statements,
				MigrAssertRun run)
{
	Verify		verify = {script, kind, statements, run};
	MigrPgtap	noted;
	ErrorData  *error;

	if (statements == NIL)
		return NULL;
	migr_pgtap_note(&noted);
	error = migr_subxact_run(run_statements, &verify, false);
	migr_pgtap_restore(&noted);
	return error;
}

/* In the database itself. */
static void
run_here(const MigrScript *script, MigrSectionKind kind, const MigrStatement *statement,
		 MigrResultCheck check, void *arg)
{
	const char *place = migr_stmt_place(script, kind);

	migr_exec_log(place, &script->sections[kind], statement);
	migr_exec_statement(place, &script->sections[kind], statement, check, arg);
}

ErrorData *
migr_verify_try(const MigrScript *script, List *statements)
{
	return migr_assert_try(script, MIGR_SECTION_VERIFY, statements, run_here);
}

void
migr_verify_run(const MigrScript *script, List *statements)
{
	ErrorData  *error = migr_verify_try(script, statements);

	if (error)
		rethrow(script, error);
}
