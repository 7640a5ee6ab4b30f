/*
 * rule.c
 *		Integrity rules: what holds in a well-kept database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#include "base/citus.h"
#include "base/pattern.h"
#include "base/subxact.h"
#include "check/rule.h"
#include "exec/own_rule.h"
#include "snapshot/snap.h"

static MigrQuery rows_query = {
	"SELECT name, setting, exceptions FROM migr.rule WHERE query IS NULL", 0, {0}
};

/* A rule in force. */
typedef struct Check
{
	MigrRule   *rule;
	const char *name;			/* as a check */
	const char *setting;
	List	   *values;			/* char *: the setting taken apart */
	List	   *exceptions;		/* patterns (char *) */
	List	   *excluded;		/* those of migr.exclude */
	MigrReport *report;
} Check;

/* A row of a rule's query. */
typedef struct Row
{
	const char *schema;
	const char *relation;
	const char *name;
	const char *object;
	bool		unknown;
	const char *detail;
} Row;

static bool
is_left_out(const Check *check, const Row *row)
{
	return migr_pattern_matches(check->excluded, row->schema, row->relation) ||
		migr_pattern_matches(check->excluded, row->schema, row->name) ||
		migr_pattern_matches(check->exceptions, row->schema, row->relation) ||
		migr_pattern_matches(check->exceptions, row->schema, row->name) ||
		migr_citus_is_shard(row->schema, row->relation);
}

static void
add(const Check *check, const char *object, MigrStatus status, const char *detail)
{
	migr_report_add(check->report, check->name, object, status, detail);
}

/* The first four columns, which all queries have. */
static Row *
read_row(uint64 i)
{
	Row		   *row = palloc0(sizeof(Row));

	row->schema = migr_db_text(i, 1);
	row->relation = migr_db_text(i, 2);
	row->name = migr_db_text(i, 3);
	row->object = migr_db_text(i, 4);
	return row;
}

/* A rule's query to be run. */
typedef struct Reading
{
	const Check *check;
	List	   *rows;			/* Row * */
} Reading;

static void
read_rows(void *arg)
{
	Reading    *reading = arg;
	const Check *check = reading->check;
	Datum		values = migr_db_texts_datum(check->values);
	uint64		count;
	MigrDb		db;

	reading->rows = NIL;
	migr_db_begin_as_caller(&db);
	count = migr_db_run(&db, &check->rule->query, &values, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		Row		   *row = read_row(i);

		row->unknown = DatumGetBool(migr_db_datum(i, 5));
		row->detail = migr_db_text(i, 6);
		reading->rows = lappend(reading->rows, row);
	}
	migr_db_end(&db);
}

/* What the rule's query gives (Row *). */
static List *
run_query(const Check *check)
{
	Reading		reading = {.check = check};

	migr_subxact_read(read_rows, &reading);
	return reading.rows;
}

static void
check_objects(const Check *check)
{
	ListCell   *lc;

	foreach(lc, run_query(check))
	{
		const Row  *row = lfirst(lc);

		if (!is_left_out(check, row))
			add(check, row->object,
				row->unknown ? MIGR_STATUS_SKIPPED : MIGR_STATUS_FAIL, row->detail);
	}
}

static void
check_count(const Check *check)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, run_query(check))
		count += !is_left_out(check, lfirst(lc));
	if (count != atoi(check->setting))
		add(check, NULL, MIGR_STATUS_FAIL,
			psprintf("there are %d, expected are %s", count, check->setting));
}

/* Does a name of the setting, with or without a schema, mean the table? */
static bool
means(const char *name, const Row *row)
{
	return strcmp(name, row->name) == 0 ||
		strcmp(name, psprintf("%s.%s", row->schema, row->name)) == 0;
}

static void
check_tables(const Check *check)
{
	List	   *rows = run_query(check);
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, check->values)
	{
		bool		found = false;

		foreach(cell, rows)
			found = found || means(lfirst(lc), lfirst(cell));
		if (!found)
			add(check, psprintf("table %s", (char *) lfirst(lc)), MIGR_STATUS_FAIL,
				"it is expected, and not there");
	}
	foreach(cell, rows)
	{
		const Row  *row = lfirst(cell);
		bool		expected = is_left_out(check, row);

		CHECK_FOR_INTERRUPTS();
		foreach(lc, check->values)
			expected = expected || means(lfirst(lc), row);
		if (!expected)
			add(check, row->object, MIGR_STATUS_FAIL, "it is there, and not expected");
	}
}

/* A function whose body is to be parsed. */
typedef struct Body
{
	Row		   *row;
	Oid			function;
	Oid			validator;
	ArrayType  *config;			/* its own settings, or NULL */
	bool		visible;		/* may the caller look into its schema? */
	const char *path;			/* where the caller looks for names */
} Body;

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Let the language parse a body, as CREATE FUNCTION does: with the function's
 * settings, and the caller's where it has none.  What is not found on the
 * caller's path may be in the function's schema.
 */
static void
parse_body(void *arg)
{
	const Body *body = arg;
	const char *schema = quote_identifier(body->row->schema);

	set("check_function_bodies", "on");
	set("client_min_messages", "error");
	set("search_path", *body->path == '\0' ? schema
		: psprintf("%s, %s", body->path, schema));
	if (body->config)
		ProcessGUCArray(body->config, superuser() ? PGC_SUSET : PGC_USERSET,
						PGC_S_SESSION, GUC_ACTION_SAVE);
	(void) OidFunctionCall1(body->validator, ObjectIdGetDatum(body->function));
}

static List *
read_bodies(void)
{
	const char *path = pstrdup(GetConfigOption("search_path", false, false));
	List	   *bodies = NIL;
	uint64		count;
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	count = migr_db_run(&db, &migr_rule_bodies, NULL, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		Body	   *body = palloc0(sizeof(Body));

		body->row = read_row(i);
		body->function = DatumGetObjectId(migr_db_datum(i, 5));
		body->validator = DatumGetObjectId(migr_db_datum(i, 6));
		if (!migr_db_is_null(i, 7))
			body->config = DatumGetArrayTypePCopy(migr_db_datum_of(i, 7, TEXTARRAYOID));
		body->visible = DatumGetBool(migr_db_datum(i, 8));
		body->path = path;
		bodies = lappend(bodies, body);
	}
	migr_db_end(&db);
	return bodies;
}

/* What is wrong with a body: it may be the caller who can't see what it needs. */
static void
add_error(const Check *check, const Body *body, ErrorData *error)
{
	MigrStatus	status = MIGR_STATUS_FAIL;

	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
	if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE || !body->visible)
		status = MIGR_STATUS_SKIPPED;
	add(check, body->row->object, status,
		body->visible ? error->message
		: psprintf("no privilege on its schema: %s", error->message));
}

static void
check_bodies(const Check *check)
{
	ListCell   *lc;

	foreach(lc, read_bodies())
	{
		Body	   *body = lfirst(lc);
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		if (is_left_out(check, body->row))
			continue;
		error = migr_subxact_run(parse_body, body, false);

		/* Another session may have dropped it. */
		if (error && SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(body->function)))
			add_error(check, body, error);
	}
}

static void
run_check(const Check *check)
{
	if (!migr_rule_is_valid(check->rule, check->setting))
	{
		/* A type may be gone by now. */
		add(check, NULL, MIGR_STATUS_FAIL,
			psprintf("\"%s\" is no setting of this rule", check->setting));
		return;
	}
	if (check->rule->query.sql == NULL)
		check_bodies(check);
	else if (check->rule->takes == MIGR_RULE_COUNT)
		check_count(check);
	else if (check->rule->takes == MIGR_RULE_TABLES)
		check_tables(check);
	else
		check_objects(check);
}

/* A row of migr.rule. */
typedef struct Expectation
{
	const char *name;
	const char *setting;
	List	   *exceptions;
} Expectation;

static List *
read_expectations(void)
{
	List	   *result = NIL;
	uint64		count;
	MigrDb		db;

	migr_db_begin(&db, true);
	count = migr_db_run(&db, &rows_query, NULL, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		Expectation *row = palloc(sizeof(Expectation));

		row->name = migr_db_text(i, 1);
		row->setting = migr_db_text(i, 2);
		row->exceptions = migr_db_texts(i, 3);
		result = lappend(result, row);
	}
	migr_db_end(&db);
	return result;
}

/* What is expected of a rule; its setting is "off" where nothing is. */
static Check
make_check(MigrRule *rule, const List *expectations)
{
	Check		check = {.rule = rule, .setting = rule->preset};
	ListCell   *lc;

	check.name = psprintf(MIGR_RULE_CHECK ".%s", rule->name);
	foreach(lc, expectations)
	{
		const Expectation *row = lfirst(lc);

		if (strcmp(row->name, rule->name) != 0)
			continue;
		check.exceptions = row->exceptions;
		if (row->setting)
			check.setting = row->setting;
		else if (migr_rule_is_off(rule->preset))
			check.setting = "on";
	}
	check.values = migr_rule_values(rule, check.setting);
	check.excluded = migr_scope_excluded();
	return check;
}

static void
check_own(MigrReport *report, const MigrOwnRule *rule)
{
	const char *check = psprintf(MIGR_RULE_CHECK ".%s", rule->name);
	List	   *findings = NIL;
	const char *trouble = rule->off ? "it is switched off in migr.rule" : migr_own_rule_run(rule, &findings);
	ListCell   *lc;

	migr_report_begin(report);
	if (trouble)
		migr_report_add(report, check, NULL, MIGR_STATUS_SKIPPED, trouble);
	foreach(lc, findings)
	{
		const MigrOwnFinding *finding = lfirst(lc);

		migr_report_add(report, check, finding->object, MIGR_STATUS_FAIL, finding->message);
	}
	migr_report_end(report, check, NULL);
}

void
migr_rule_verify(MigrReport *report, const char *only)
{
	List	   *expectations = read_expectations();
	ListCell   *lc;

	for (MigrRule *rule = migr_rules; rule->name; rule++)
	{
		Check		check;

		if (only && strcmp(only, rule->name) != 0)
			continue;
		check = make_check(rule, expectations);
		check.report = report;
		migr_report_begin(report);
		if (!migr_rule_is_off(check.setting))
			run_check(&check);
		else if (only)
			add(&check, NULL, MIGR_STATUS_SKIPPED,
				"it is not switched on in migr.rule");
		else
			continue;
		migr_report_end(report, check.name,
						rule->takes == MIGR_RULE_SWITCH ? NULL
						: psprintf("expected: %s", check.setting));
	}	foreach(lc, migr_own_rules())
	{
		const MigrOwnRule *own = lfirst(lc);

		if (only ? strcmp(only, own->name) == 0 : !own->off)
			check_own(report, own);
	}
}
