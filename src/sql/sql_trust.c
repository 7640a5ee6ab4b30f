/*
 * sql_trust.c
 *		SQL-callable: what is wrong with the store, and with the database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"

#include "base/args.h"
#include "base/srf.h"
#include "check/rule.h"
#include "check/validate.h"
#include "check/verify_database.h"
#include "check/verify_tenant.h"
#include "graph/replace.h"
#include "sql/sql_function.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(migr_validate);
PG_FUNCTION_INFO_V1(migr_verify_1_0);
PG_FUNCTION_INFO_V1(migr_verify_names);
PG_FUNCTION_INFO_V1(migr_check_rule);

static void
put_text(Datum *value, bool *null, const char *text)
{
	*null = text == NULL;
	*value = text ? CStringGetTextDatum(text) : (Datum) 0;
}

/*
 * migr_validate() → TABLE(revision text, problem text, detail text)
 *
 * What is wrong with the store alone.  Reads only, and raises nothing about
 * what it finds.
 */
MIGR_FUNCTION(migr_validate)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	MigrFlawFindings findings = {{NIL}};
	MigrNode   *nodes;
	MigrGraph  *graph;
	int			count;
	MigrDb		db;

	migr_db_begin(&db, true);
	nodes = migr_store_read_nodes(&db, &count);
	migr_db_end(&db);
	graph = migr_replace_create(nodes, count);
	migr_validate_graph(&findings, graph, true);
	migr_validate_scripts(&findings, graph);
	migr_validate_repeatables(&findings, graph);
	migr_validate_files(&findings, graph);

	for (int flaw = 0; flaw < MIGR_FLAWS; flaw++)
	{
		ListCell   *lc;

		foreach(lc, findings.by_flaw[flaw])
		{
			const MigrFlawFinding *finding = lfirst(lc);
			Datum		values[3];
			bool		nulls[3];

			CHECK_FOR_INTERRUPTS();
			put_text(&values[0], &nulls[0], finding->revision);
			put_text(&values[1], &nulls[1], migr_flaw_name(flaw));
			put_text(&values[2], &nulls[2], finding->detail);
			migr_srf_put(&srf, values, nulls);
		}
	}
	return (Datum) 0;
}

/* Make the checks named and return what came of them. */
static Datum
verify(FunctionCallInfo fcinfo, List *names, const char *tenant)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	MigrReport	report = {NIL};
	ListCell   *lc;

	migr_check_names_known(names);
	if (tenant)
		migr_check_run_tenant(&report, names, tenant);
	else
		migr_check_run(&report, names);
	foreach(lc, report.verdicts)
	{
		const MigrVerdict *verdict = lfirst(lc);
		Datum		values[4];
		bool		nulls[4];

		put_text(&values[0], &nulls[0], verdict->check);
		put_text(&values[1], &nulls[1], verdict->object);
		put_text(&values[2], &nulls[2], migr_status_name(verdict->status));
		put_text(&values[3], &nulls[3], verdict->detail);
		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}

/*
 * migr_verify(checks text[], tenant text) → TABLE(check_name text, object text, status text,
 * detail text)
 *
 * Make the checks named, or all; nothing stays changed.  Raises 22023 for a
 * name that is none of a check, 22004 for a NULL among them.
 */
MIGR_FUNCTION(migr_verify_1_0)
{
	char	   *tenant = migr_arg_text_or_null(fcinfo, 1);

	if (PG_ARGISNULL(0))
		return verify(fcinfo, tenant ? NIL : migr_check_usual_names(), tenant);
	return verify(fcinfo, migr_arg_texts(fcinfo, 0, "checks"), tenant);
}

/* Raise 42501 for who may not call migr_verify(text[], text). */
static void
check_may_verify(void)
{
	Oid			types[] = {TEXTARRAYOID, TEXTOID};
	Oid			function = LookupFuncName(list_make2(makeString("pg_catalog"),
													 makeString("migr_verify")),
										  lengthof(types), types, false);

	if (!DatumGetBool(DirectFunctionCall3(has_function_privilege_id_id,
										  ObjectIdGetDatum(GetUserId()),
										  ObjectIdGetDatum(function),
										  CStringGetTextDatum("EXECUTE"))))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, "migr_verify");
}

/*
 * migr_verify(checks text) → the same
 *
 * What a string constant is taken for: names, in an array's braces or not.  For
 * who may call the other one, from whom it was revoked before there was this.
 */
MIGR_FUNCTION(migr_verify_names)
{
	check_may_verify();
	return verify(fcinfo, PG_ARGISNULL(0) ? migr_check_usual_names()
				  : migr_arg_names(fcinfo, 0, "checks"), NULL);
}

static char *
column_text(HeapTuple tuple, TupleDesc desc, const char *column)
{
	return SPI_getvalue(tuple, desc, SPI_fnumber(desc, column));
}

/* A row with a query runs as whoever writes it, or as a role whose rights he has. */
static HeapTuple
with_owner(HeapTuple tuple, TupleDesc desc, const char *name)
{
	const char *exceptions = column_text(tuple, desc, "exceptions");
	const char *owner = migr_rule_check_own(name, column_text(tuple, desc, "setting"),
											exceptions && strcmp(exceptions, "{}") != 0,
											column_text(tuple, desc, "query"), column_text(tuple, desc, "owner"));
	int			column = SPI_fnumber(desc, "owner");
	Datum		value = CStringGetTextDatum(owner);
	bool		is_null = false;

	return heap_modify_tuple_by_cols(tuple, desc, 1, &column, &value, &is_null);
}

/*
 * migr.check_rule() → trigger
 *
 * Refuses a row of migr.rule that makes no sense: 22023.
 */
MIGR_FUNCTION(migr_check_rule)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	tuple;
	TupleDesc	desc;
	char	   *name;
	char	   *before_commit;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"check_rule\" was not called by trigger manager")));
	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple
		: trigger->tg_trigtuple;
	desc = RelationGetDescr(trigger->tg_relation);
	name = column_text(tuple, desc, "name");
	if (name == NULL)			/* the table says what is wrong */
		return PointerGetDatum(tuple);
	if (column_text(tuple, desc, "query"))
		return PointerGetDatum(with_owner(tuple, desc, name));
	before_commit = column_text(tuple, desc, "before_commit");
	if (column_text(tuple, desc, "message") || column_text(tuple, desc, "owner") ||
		(before_commit && strcmp(before_commit, "t") == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only a rule with a query of your own has message, before_commit and owner")));
	migr_rule_check(name, column_text(tuple, desc, "setting"));
	return PointerGetDatum(tuple);
}
