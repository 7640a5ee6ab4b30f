/*
 * rule.c
 *		Integrity rules: what holds in a well-kept database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/guc.h"

#include "compat.h"
#include "ident.h"
#include "pattern.h"
#include "rule.h"
#include "scan.h"
#include "snap.h"
#include "subxact.h"

static MigrQuery rows_query = {
	"SELECT name, setting, exceptions FROM migr.rule", 0, {0}
};

static MigrQuery type_query = {
	"SELECT pg_catalog.to_regtype($1) IS NOT NULL", 1, {TEXTOID}
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

static MigrRule *
find_rule(const char *name)
{
	for (MigrRule *rule = migr_rules; rule->name; rule++)
	{
		if (strcmp(rule->name, name) == 0)
			return rule;
	}
	return NULL;
}

bool
migr_rule_exists(const char *name)
{
	return find_rule(name) != NULL;
}

List *
migr_rule_names(void)
{
	List	   *names = NIL;

	for (MigrRule *rule = migr_rules; rule->name; rule++)
		names = lappend(names, unconstify(char *, rule->name));
	return names;
}

/* --- settings ------------------------------------------------------------ */

static bool
is_off(const char *setting)
{
	return setting && pg_strcasecmp(setting, "off") == 0;
}

/* The parts between commas, without blanks around them. */
static List *
split_at_commas(const char *setting)
{
	List	   *parts = NIL;

	while (*setting != '\0')
	{
		int			len = strcspn(setting, ",");
		const char *end = setting + len;
		const char *start = setting;
		const char *last = end;

		while (start < end && migr_scan_isspace(*start))
			start++;
		while (last > start && migr_scan_isspace(last[-1]))
			last--;
		if (last > start)
			parts = lappend(parts, pnstrdup(start, last - start));
		setting = end + (*end == ',');
	}
	return parts;
}

/* A number from 0 to max, in digits alone. */
static bool
is_number(const char *setting, int max)
{
	int			len = strlen(setting);

	return len > 0 && len <= 9 && strspn(setting, "0123456789") == len &&
		atoi(setting) <= max;
}

static bool
is_action(const char *value)
{
	static const char *const actions[] = {
		"no action", "restrict", "cascade", "set null", "set default"
	};

	for (int i = 0; i < (int) lengthof(actions); i++)
	{
		if (strcmp(value, actions[i]) == 0)
			return true;
	}
	return false;
}

/* The setting taken apart, as the rule's query gets it. */
static List *
values_of(const MigrRule *rule, const char *setting)
{
	int			len = strlen(setting);

	switch (rule->takes)
	{
		case MIGR_RULE_TYPES:
		case MIGR_RULE_TABLES:
			return split_at_commas(setting);
		case MIGR_RULE_ACTIONS:
			return split_at_commas(asc_tolower(setting, len));
		case MIGR_RULE_PERCENT:
			if (len > 0 && setting[len - 1] == '%')
				return list_make1(pnstrdup(setting, len - 1));
			return list_make1(pstrdup(setting));
		default:
			return list_make1(pstrdup(setting));
	}
}

/* What a rule takes, said to somebody who gave it something else. */
static const char *
describe_setting(const MigrRule *rule)
{
	switch (rule->takes)
	{
		case MIGR_RULE_TYPES:
			return "Its setting is the name of a type, or several separated by commas; a type outside pg_catalog needs its schema.";
		case MIGR_RULE_ACTIONS:
			return "Its setting is \"no action\", \"restrict\", \"cascade\", \"set null\" or \"set default\", or several of them separated by commas.";
		case MIGR_RULE_TABLES:
			return "Its setting is a list of tables, schema.name, separated by commas.";
		case MIGR_RULE_COUNT:
			return "Its setting is a number.";
		case MIGR_RULE_PERCENT:
			return "Its setting is a percentage, from 0 to 100.";
		default:
			return "Its setting is \"on\" or \"off\".";
	}
}

static bool
type_exists(const char *name)
{
	Datum		value = CStringGetTextDatum(name);
	MigrDb		db;
	bool		exists;

	migr_db_begin_as_caller(&db);
	exists = migr_db_run(&db, &type_query, &value, NULL) > 0 &&
		DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	return exists;
}

/* Does a setting other than NULL and "off" make sense? */
static bool
is_valid(const MigrRule *rule, const char *setting)
{
	List	   *values = values_of(rule, setting);
	ListCell   *lc;

	switch (rule->takes)
	{
		case MIGR_RULE_SWITCH:
			return pg_strcasecmp(setting, "on") == 0;
		case MIGR_RULE_COUNT:
			return is_number(setting, INT_MAX);
		case MIGR_RULE_PERCENT:
			return is_number(linitial(values), 100);
		case MIGR_RULE_TABLES:
			return values != NIL;
		case MIGR_RULE_ACTIONS:
		case MIGR_RULE_TYPES:
			break;
	}
	foreach(lc, values)
	{
		if (rule->takes == MIGR_RULE_ACTIONS ? !is_action(lfirst(lc))
			: !type_exists(lfirst(lc)))
			return false;
	}
	return values != NIL;
}

/* Can a rule be in force without being told what to expect? */
static bool
has_preset(const MigrRule *rule)
{
	return rule->takes == MIGR_RULE_SWITCH || !is_off(rule->preset);
}

void
migr_rule_check(const char *name, const char *setting)
{
	const MigrRule *rule = find_rule(name);

	if (rule == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no integrity rule \"%s\"", name),
				 errdetail("The rules are %s.", migr_ident_join(migr_rule_names()))));
	if (setting == NULL && !has_preset(rule))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("integrity rule \"%s\" needs a setting", name),
				 errdetail("%s", describe_setting(rule))));
	if (setting && !is_off(setting) && !is_valid(rule, setting))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no setting of integrity rule \"%s\"", setting, name),
				 errdetail("%s", describe_setting(rule))));
}

/* --- checks -------------------------------------------------------------- */

static bool
is_left_out(const Check *check, const Row *row)
{
	return migr_pattern_matches(check->excluded, row->schema, row->relation) ||
		migr_pattern_matches(check->excluded, row->schema, row->name) ||
		migr_pattern_matches(check->exceptions, row->schema, row->relation) ||
		migr_pattern_matches(check->exceptions, row->schema, row->name);
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

/* What the rule's query gives (Row *). */
static List *
run_query(const Check *check)
{
	Datum		values = migr_db_texts_datum(check->values);
	List	   *rows = NIL;
	uint64		count;
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	count = migr_db_run(&db, &check->rule->query, &values, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		Row		   *row = read_row(i);

		row->unknown = DatumGetBool(migr_db_datum(i, 5));
		row->detail = migr_db_text(i, 6);
		rows = lappend(rows, row);
	}
	migr_db_end(&db);
	return rows;
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
			body->config = DatumGetArrayTypePCopy(migr_db_datum(i, 7));
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
		if (error)
			add_error(check, body, error);
	}
}

static void
run_check(const Check *check)
{
	if (!is_valid(check->rule, check->setting))
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
		else if (is_off(rule->preset))
			check.setting = "on";
	}
	check.values = values_of(rule, check.setting);
	check.excluded = migr_snap_excluded();
	return check;
}

void
migr_rule_verify(MigrReport *report, const char *only)
{
	List	   *expectations = read_expectations();

	for (MigrRule *rule = migr_rules; rule->name; rule++)
	{
		Check		check;

		if (only && strcmp(only, rule->name) != 0)
			continue;
		check = make_check(rule, expectations);
		check.report = report;
		migr_report_begin(report);
		if (!is_off(check.setting))
			run_check(&check);
		else if (only)
			add(&check, NULL, MIGR_STATUS_SKIPPED,
				"it is not switched on in migr.rule");
		else
			continue;
		migr_report_end(report, check.name,
						rule->takes == MIGR_RULE_SWITCH ? NULL
						: psprintf("expected: %s", check.setting));
	}
}
