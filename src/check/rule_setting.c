/*
 * rule_setting.c
 *		Integrity rules: which there are, and what can be expected of them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#include "base/ident.h"
#include "base/scan.h"
#include "check/rule.h"
#include "exec/own_rule.h"

static MigrQuery type_query = {
	"SELECT pg_catalog.to_regtype($1) IS NOT NULL", 1, {TEXTOID}
};

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

List *
migr_rule_names(void)
{
	List	   *names = NIL;

	for (MigrRule *rule = migr_rules; rule->name; rule++)
		names = lappend(names, unconstify(char *, rule->name));
	return names;
}

List *
migr_rule_all_names(void)
{
	List	   *names = migr_rule_names();
	ListCell   *lc;

	foreach(lc, migr_own_rules())
		names = lappend(names, unconstify(char *, ((MigrOwnRule *) lfirst(lc))->name));
	return names;
}

bool
migr_rule_is_off(const char *setting)
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

List *
migr_rule_values(const MigrRule *rule, const char *setting)
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

bool
migr_rule_is_valid(const MigrRule *rule, const char *setting)
{
	List	   *values = migr_rule_values(rule, setting);
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
	return rule->takes == MIGR_RULE_SWITCH || !migr_rule_is_off(rule->preset);
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
	if (setting && !migr_rule_is_off(setting) && !migr_rule_is_valid(rule, setting))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no setting of integrity rule \"%s\"", setting, name),
				 errdetail("%s", describe_setting(rule))));
}

const char *
migr_rule_check_own(const char *name, const char *setting, bool has_exceptions, const char *query,
					const char *owner)
{
	if (find_rule(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("integrity rule \"%s\" has a query already", name),
				 errhint("Give a rule of your own another name.")));
	if (setting && !migr_rule_is_off(setting) && pg_strcasecmp(setting, "on") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no setting of integrity rule \"%s\"", setting, name),
				 errdetail("It is on, or off.")));
	if (has_exceptions)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a rule of your own has its exceptions in its query")));
	return migr_own_rule_owner(query, owner);
}
