/*
 * hazard_cost.c
 *		Changes that rewrite or read all rows of a table.
 *
 * They are right, and quick on an empty table; on one with rows, everybody waits
 * meanwhile.  Told where there are rows, once of each table.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#include "base/scan.h"
#include "diff/hazard_change.h"
#include "diff/hazard_rows.h"
#include "kind/column.h"
#include "kind/type_loss.h"
#include "model/attributes.h"

#define REWRITES "rewrites"
#define READS "reads"

/* --- what a default does --------------------------------------------------- */

/* Is a function that is yet to be made volatile, as most are? */
static bool
is_new_volatile(const MigrDiff *diff, const char *name)
{
	for (int i = 0; i < diff->count; i++)
	{
		const MigrObject *to = diff->units[i].to;

		if (to && to->kind == MIGR_KIND_ROUTINE && strcmp(to->name, name) == 0 &&
			strstr(value(to, MIGR_ATTR_DEFINITION), "\n IMMUTABLE") == NULL &&
			strstr(value(to, MIGR_ATTR_DEFINITION), "\n STABLE") == NULL)
			return true;
	}
	return false;
}

/* Is a function of that name volatile? */
static bool
may_be_volatile(const MigrDiff *diff, const char *name)
{
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	bool		result = list->n_members == 0 && is_new_volatile(diff, name);

	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		result = result || form->provolatile == PROVOLATILE_VOLATILE;
	}
	ReleaseSysCacheList(list);
	return result;
}

/* Then it calls something. */
bool
migr_hazard_is_volatile(const MigrDiff *diff, const char *expression)
{
	MigrScan	scan;
	MigrToken	token;
	const char *name = NULL;

	migr_scan_begin(&scan, expression, strlen(expression));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END && token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		bool		quoted = expression[token.start] == '"';

		if (name && token.kind == MIGR_TOKEN_OTHER && expression[token.start] == '(' &&
			may_be_volatile(diff, name))
			return true;
		name = token.kind == MIGR_TOKEN_WORD || quoted
			? pnstrdup(expression + token.start + quoted, token.end - token.start - 2 * quoted) : NULL;
	}
	return false;
}

/* --- what changes do ------------------------------------------------------- */

/* Is it a domain with checks, which a new column's values are put to? */
static bool
is_checked_type(const MigrDiff *diff, const char *type)
{
	const MigrObject *domain = migr_diff_find(&diff->to, MIGR_KIND_DOMAIN, type);

	return domain && domain->kind == MIGR_KIND_DOMAIN &&
		(domain->children != NIL || migr_object_is(domain, MIGR_ATTR_NOT_NULL) ||
		 is_checked_type(diff, value(domain, MIGR_ATTR_BASE)));
}

/* A column that is added to the rows that are there. */
static const char *
cost_of_new_column(const MigrDiff *diff, const MigrObject *column)
{
	const char *generated = value(column, MIGR_ATTR_GENERATED);
	const char *expression = migr_diff_default(column);

	if ((generated && *generated == 's') || migr_object_has(column, MIGR_ATTR_IDENTITY) ||
		is_checked_type(diff, value(column, MIGR_ATTR_TYPE)) ||
		(expression && migr_hazard_is_volatile(diff, expression)))
		return REWRITES;
	return NULL;
}

/* Is a check there, and stays, which says that a column has no nulls? */
static bool
is_proven_not_null(const MigrDiff *diff, const MigrObject *column)
{
	const char *definition = psprintf("CHECK ((%s IS NOT NULL))", quote_identifier(column->name));
	ListCell   *lc;

	foreach(lc, column->parent->children)
	{
		const MigrObject *check = lfirst(lc);

		if (check->kind == MIGR_KIND_CONSTRAINT && migr_hazard_is_kept(diff, check) &&
			strcmp(value(check, MIGR_ATTR_DEFINITION), definition) == 0)
			return true;
	}
	return false;
}

static const char *
cost_of_column(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *from = unit->from;
	const MigrObject *to = unit->to;

	if (unit->mode != MIGR_MODE_ALTER)
		return cost_of_new_column(diff, to);
	if (unit->retype || migr_type_rewrites(value(from, MIGR_ATTR_TYPE), value(to, MIGR_ATTR_TYPE),
										   migr_column_conversion(from, to)) ||
		(migr_object_has(to, MIGR_ATTR_GENERATED) && *value(to, MIGR_ATTR_GENERATED) == 's' &&
		 !same(from, to, MIGR_ATTR_DEFAULT)))
		return REWRITES;
	return migr_object_is(to, MIGR_ATTR_NOT_NULL) && !migr_object_is(from, MIGR_ATTR_NOT_NULL) &&
		!is_proven_not_null(diff, from) ? READS : NULL;
}

/* What holds for all rows is looked at in each, unless it is NOT VALID or was there. */
static const char *
cost_of_constraint(const MigrUnit *unit)
{
	const char *definition = value(unit->to, MIGR_ATTR_DEFINITION);

	if (unit->mode == MIGR_MODE_ALTER || migr_hazard_is_unchecked(definition))
		return NULL;
	return READS;
}

static const char *
cost_of_unit(const MigrDiff *diff, const MigrUnit *unit)
{
	MigrKind	kind = migr_diff_object(unit)->kind;

	/* Citus makes a new table of it, and moves the rows there. */
	if (kind == MIGR_KIND_DISTRIBUTION)
		return REWRITES;
	if (kind == MIGR_KIND_TABLE)
		return *value(unit->to, MIGR_ATTR_RELKIND) == 'r' &&
			(!same(unit->from, unit->to, MIGR_ATTR_PERSISTENCE) ||
			 !same(unit->from, unit->to, MIGR_ATTR_ACCESS_METHOD) ||
			 !same(unit->from, unit->to, MIGR_ATTR_TABLESPACE)) ? REWRITES : NULL;
	if (kind == MIGR_KIND_COLUMN)
		return cost_of_column(diff, unit);
	if (kind == MIGR_KIND_CONSTRAINT || kind == MIGR_KIND_FOREIGN_KEY)
		return cost_of_constraint(unit);
	return kind == MIGR_KIND_PARTITION ? READS : NULL;
}

bool
migr_hazard_costs(const MigrDiff *diff, const MigrUnit *unit)
{
	return unit->to && cost_of_unit(diff, unit) != NULL;
}

bool
migr_hazard_rewrites(const MigrDiff *diff, const MigrUnit *unit)
{
	const char *cost = unit->to ? cost_of_unit(diff, unit) : NULL;

	return cost && strcmp(cost, REWRITES) == 0;
}

/* --- telling --------------------------------------------------------------- */

static bool
is_told(const MigrHazards *hazards, const char *what)
{
	ListCell   *lc;

	foreach(lc, hazards->told)
	{
		if (strcmp(lfirst(lc), what) == 0)
			return true;
	}
	return false;
}

/* Nobody uses the table meanwhile; of a foreign key, nobody writes to both. */
static const char *
who_waits(const MigrUnit *unit)
{
	return migr_diff_object(unit)->kind == MIGR_KIND_FOREIGN_KEY ? "while nobody can write to it"
		: "while nobody can use it";
}

List *
migr_hazard_cost(MigrHazards *hazards, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *object = migr_diff_object(unit);
	const MigrObject *table = object->parent ? object->parent : object;
	const char *cost;
	const char *asked;
	char	   *told;
	MigrHazardAnswer answer;

	if (table->kind != MIGR_KIND_TABLE || *value(table, MIGR_ATTR_RELKIND) == 'f' ||
		!migr_hazard_is_kept(diff, table))
		return NIL;
	cost = cost_of_unit(diff, unit);
	told = cost ? psprintf("%s %s", cost, table->identity) : NULL;
	asked = migr_hazard_where(migr_hazard_from(table, false), "true");
	if (cost == NULL || is_told(hazards, told) || migr_hazard_is_renamed(hazards, asked))
		return NIL;
	hazards->told = lappend(hazards->told, told);
	answer = migr_hazard_ask(table->identity, asked);
	return answer.bad == 0 ? NIL :
		list_make1(psprintf("Note: %s all rows of %s, %s" INT64_FORMAT ", %s", cost,
							table->identity, answer.at_least ? "at least " : "", answer.bad,
							who_waits(unit)));
}
