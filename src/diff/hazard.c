/*
 * hazard.c
 *		Changes that the rows of the live tables do not admit.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/text.h"
#include "diff/diff_pair.h"
#include "diff/hazard.h"
#include "diff/hazard_change.h"
#include "diff/hazard_rows.h"
#include "kind/constraint.h"
#include "kind/ddl.h"
#include "model/attributes.h"
#include "model/ddl_text.h"

/* The steps that get by with rows as they are. */
#define STEPS_ADD_COLUMN \
	"ADD COLUMN without NOT NULL; fill it; ALTER COLUMN %s SET NOT NULL"
#define STEPS_SET_NOT_NULL \
	"ADD CONSTRAINT ... CHECK (%s IS NOT NULL) NOT VALID; correct the rows; VALIDATE CONSTRAINT ...;" \
	" SET NOT NULL; DROP CONSTRAINT ..."
#define STEPS_CONSTRAINT \
	"ADD CONSTRAINT %s ... NOT VALID; correct the rows; VALIDATE CONSTRAINT %s"
#define STEPS_VALIDATE "correct the rows; VALIDATE CONSTRAINT %s"
#define STEPS_BEFORE "correct the rows, in a revision before this one; then %s"
#define STEPS_USING_INDEX "CREATE UNIQUE INDEX CONCURRENTLY ...; ADD CONSTRAINT %s %s USING INDEX ..."
#define STEPS_LABELS "give the rows other labels, in a revision before this one; then remove the labels"

/* A question about a step, and what is said of the answer. */
typedef struct Doubt
{
	const char *question;		/* see hazard_rows.h */
	const char *table;			/* whose rows it is about, quoted and qualified */
	const char *against;		/* what they violate */
	const char *because;		/* more of it, or NULL */
	const char *steps;
} Doubt;

typedef struct Context
{
	MigrHazards *hazards;
	const MigrDiff *diff;
	const MigrUnit *unit;
	List	   *remarks;		/* char * */
} Context;

static bool
is_foreign(const MigrObject *relation)
{
	return relation->kind == MIGR_KIND_TABLE && *value(relation, MIGR_ATTR_RELKIND) == 'f';
}

/* --- remarks -------------------------------------------------------------- */

static void
add_violation(Context *context, const Doubt *doubt, const MigrHazardAnswer *answer)
{
	bool		one = answer->bad == 1;
	char	   *what = psprintf("%s" INT64_FORMAT " %s of %s %s %s%s%s",
								answer->at_least ? "at least " : "", answer->bad,
								one ? "row" : "rows", doubt->table,
								one ? "violates" : "violate", doubt->against,
								doubt->because ? ": " : "", doubt->because ? doubt->because : "");

	context->hazards->failing = lappend(context->hazards->failing, what);
	context->remarks = lappend(context->remarks, psprintf("Note: %s", what));
	context->remarks = lappend(context->remarks, psprintf("In steps: %s", doubt->steps));
}

static void
add_unknown(Context *context, const Doubt *doubt, const char *why)
{
	char	   *what = psprintf("%s was not checked against %s: %s", doubt->table,
								doubt->against, why);

	context->hazards->unchecked = lappend(context->hazards->unchecked, what);
	context->remarks = lappend(context->remarks, psprintf("Note: %s", what));
}

static void
raise_doubt(Context *context, const Doubt *doubt)
{
	MigrHazardAnswer answer;

	if (migr_hazard_is_renamed(context->hazards, doubt->question))
	{
		add_unknown(context, doubt, "something gets another name");
		return;
	}
	answer = migr_hazard_ask(doubt->table, doubt->question);
	if (answer.unknown && !answer.is_new)
		add_unknown(context, doubt, answer.unknown);
	else if (answer.bad > 0)
		add_violation(context, doubt, &answer);
}

/* --- columns -------------------------------------------------------------- */

/* Will a new column have a value in the rows that are there? */
static bool
is_filled(const MigrDiff *diff, const MigrObject *column)
{
	const MigrObject *domain = migr_diff_find(&diff->to, MIGR_KIND_DOMAIN,
											  value(column, MIGR_ATTR_TYPE));

	return migr_object_has(column, MIGR_ATTR_DEFAULT) || migr_object_has(column, MIGR_ATTR_IDENTITY) ||
		(domain && domain->kind == MIGR_KIND_DOMAIN && migr_object_has(domain, MIGR_ATTR_DEFAULT));
}

static void
doubt_column(Context *context)
{
	const MigrObject *from = context->unit->from;
	const MigrObject *to = context->unit->to;
	const char *name = quote_identifier(to->name);
	bool		is_new = from == NULL || context->unit->mode == MIGR_MODE_REPLACE;
	Doubt		doubt = {.table = to->parent->identity};

	if (!migr_object_is(to, MIGR_ATTR_NOT_NULL) || (is_new ? is_filled(context->diff, to)
											: migr_object_is(from, MIGR_ATTR_NOT_NULL)))
		return;
	doubt.question = migr_hazard_where(migr_hazard_from(to->parent, false),
									   is_new ? "true" : psprintf("%s IS NOT DISTINCT FROM NULL", name));
	doubt.against = psprintf("NOT NULL of column %s", name);
	doubt.because = is_new ? "the column is new and has no default" : NULL;
	doubt.steps = is_new ? psprintf(STEPS_ADD_COLUMN, name) : psprintf(STEPS_SET_NOT_NULL, name);
	raise_doubt(context, &doubt);
}

/* --- constraints ---------------------------------------------------------- */

/* NOT VALID first, or VALIDATE alone if it is there already. */
static const char *
constraint_steps(const Context *context)
{
	const char *name = quote_identifier(context->unit->to->name);

	return context->unit->mode == MIGR_MODE_ALTER ? psprintf(STEPS_VALIDATE, name)
		: psprintf(STEPS_CONSTRAINT, name, name);
}

/* Is it part of an index of the partitioned table that is made as well? */
static bool
is_part_of_new(const MigrDiff *diff, const MigrObject *object)
{
	const char *of = NULL;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, object->parent->children)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_INDEX_PARTITION && strcmp(child->name, object->name) == 0)
			of = value(child, MIGR_ATTR_OF);
	}
	foreach(lc, of ? migr_diff_parents(&diff->to, object->parent) : NIL)
	{
		foreach(cell, ((MigrObject *) lfirst(lc))->children)
		{
			const MigrObject *child = lfirst(cell);

			if ((child->kind == MIGR_KIND_CONSTRAINT || child->kind == MIGR_KIND_INDEX) &&
				strcmp(quote_qualified_identifier(child->schema, child->name), of) == 0)
				return !migr_hazard_is_kept(diff, child);
		}
	}
	return false;
}

static bool
is_partitioned(const MigrObject *relation)
{
	return relation->kind == MIGR_KIND_TABLE && *value(relation, MIGR_ATTR_RELKIND) == 'p';
}

static void
doubt_unique(Context *context, const char *definition, const char *statement)
{
	const MigrObject *to = context->unit->to;
	Doubt		doubt = {.table = to->parent->identity};

	/* 18: a key over ranges is another matter. */
	if (migr_ddl_list_word(definition, "OVERLAPS") >= 0 || is_part_of_new(context->diff, to))
		return;
	doubt.question = migr_hazard_duplicates(migr_hazard_from(to->parent, true),
											migr_hazard_key(definition));
	doubt.against = quote_identifier(to->name);
	doubt.because = "they have duplicates";
	doubt.steps = psprintf(STEPS_BEFORE, is_partitioned(to->parent)
						   ? psprintf("make %s", doubt.against) : statement);
	raise_doubt(context, &doubt);
}

static void
doubt_check(Context *context, const char *definition)
{
	const MigrObject *to = context->unit->to;
	bool		only = !migr_constraint_is_for_children(to);
	Doubt		doubt = {.table = to->parent->identity};

	doubt.question = migr_hazard_where(migr_hazard_from(to->parent, only),
									   psprintf("%s IS FALSE", migr_ddl_list_parenthesis(definition)));
	doubt.against = quote_identifier(to->name);
	doubt.steps = constraint_steps(context);
	raise_doubt(context, &doubt);
}

static void
doubt_constraint(Context *context)
{
	const MigrObject *to = context->unit->to;
	const char *definition = value(to, MIGR_ATTR_DEFINITION);
	const char *name = quote_identifier(to->name);

	switch (migr_constraint_form(to))
	{
		case CONSTRAINT_CHECK:
			doubt_check(context, definition);
			break;
		case CONSTRAINT_PRIMARY:
			doubt_unique(context, definition, psprintf(STEPS_USING_INDEX, name, "PRIMARY KEY"));
			break;
		case CONSTRAINT_UNIQUE:
			doubt_unique(context, definition, psprintf(STEPS_USING_INDEX, name, "UNIQUE"));
			break;
	}
}

static List *
names_in(const char *parenthesis)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, migr_ddl_list(pnstrdup(parenthesis + 1, strlen(parenthesis) - 2)))
		names = lappend(names, unconstify(char *, ((MigrDdlItem *) lfirst(lc))->text));
	return names;
}

static void
doubt_foreign_key(Context *context)
{
	const MigrObject *to = context->unit->to;
	const char *definition = value(to, MIGR_ATTR_DEFINITION);
	int			references = migr_ddl_list_word(definition, "REFERENCES");
	const char *behind = definition + references + strlen("REFERENCES ");
	List	   *keys = names_in(migr_ddl_list_parenthesis(definition));
	MigrHazardKey *referenced = migr_hazard_key(behind);
	const char *name = migr_hazard_name(behind);
	const MigrObject *table = migr_diff_find(&context->diff->to, MIGR_KIND_TABLE, name);
	bool		is_new = table && !migr_hazard_is_kept(context->diff, table);
	Doubt		doubt = {.table = to->parent->identity};

	/* 18: a key over ranges is another matter. */
	if (migr_ddl_list_word(definition, "PERIOD") >= 0)
		return;
	doubt.question = migr_hazard_orphans(migr_hazard_from(to->parent, true), keys,
										 is_new ? NULL : table ? migr_hazard_from(table, true) : name,
										 referenced->keys,
										 migr_ddl_list_word(behind, "FULL") >= 0);
	doubt.against = quote_identifier(to->name);
	doubt.because = psprintf("%s %s", name, is_new ? "has no rows yet" : "lacks what they refer to");
	/* 18: NOT VALID on a partitioned table. */
	doubt.steps = is_partitioned(to->parent) && MIGR_SERVER_MAJOR < 18
		? psprintf(STEPS_BEFORE, psprintf("ADD CONSTRAINT %s", doubt.against))
		: constraint_steps(context);
	raise_doubt(context, &doubt);
}

static void
doubt_index(Context *context)
{
	const MigrObject *to = context->unit->to;
	const char *definition = value(to, MIGR_ATTR_DEFINITION);

	if (strncmp(definition, "CREATE UNIQUE ", strlen("CREATE UNIQUE ")) == 0)
		doubt_unique(context, definition,
					 psprintf("CREATE UNIQUE INDEX CONCURRENTLY %s", quote_identifier(to->name)));
}

/* --- types ---------------------------------------------------------------- */

/* Are the values of a column there when the script has run? */
static bool
is_column_kept(const MigrDiff *diff, const MigrHazardUse *use)
{
	const MigrObject *table = migr_diff_find(&diff->from, MIGR_KIND_TABLE, use->table);
	const MigrObject *column = table && migr_hazard_is_kept(diff, table)
		? migr_diff_find_column(table, use->column) : NULL;

	return column && diff->units[column->unit].mode != MIGR_MODE_DROP;
}

/* Does the value of a domain do what an expression, with VALUE in it, says? */
static void
doubt_domain(Context *context, const MigrObject *domain, const char *expression,
			 const char *against, const char *steps)
{
	ListCell   *lc;

	foreach(lc, migr_hazard_uses(domain))
	{
		const MigrHazardUse *use = lfirst(lc);
		const char *column = quote_identifier(use->column);
		Doubt		doubt = {.table = use->table, .steps = steps};

		if (use->is_array || !is_column_kept(context->diff, use))
			continue;

		/* VALUE is a name that a column may have. */
		doubt.question = migr_hazard_where(psprintf("(SELECT %s AS value FROM ONLY %s) v", column, use->table),
										   expression);
		doubt.against = psprintf("%s of domain %s", against, domain->identity);
		doubt.because = psprintf("in column %s", column);
		raise_doubt(context, &doubt);
	}
}

static void
doubt_domain_constraint(Context *context)
{
	const MigrObject *to = context->unit->to;
	const char *definition = value(to, MIGR_ATTR_DEFINITION);

	if (migr_constraint_form(to) == CONSTRAINT_CHECK)
		doubt_domain(context, to->parent,
					 psprintf("%s IS FALSE", migr_ddl_list_parenthesis(definition)),
					 psprintf("constraint %s", quote_identifier(to->name)),
					 constraint_steps(context));
}

static void
doubt_domain_null(Context *context)
{
	const MigrUnit *unit = context->unit;

	if (migr_hazard_is_kept(context->diff, unit->to) && !migr_object_is(unit->from, MIGR_ATTR_NOT_NULL) &&
		migr_object_is(unit->to, MIGR_ATTR_NOT_NULL))
		doubt_domain(context, unit->to, "VALUE IS NOT DISTINCT FROM NULL", "NOT NULL",
					 psprintf(STEPS_BEFORE, "SET NOT NULL"));
}

/* The labels of an enum that go, as an array; NULL if none does. */
static char *
removed_labels(const MigrUnit *unit)
{
	List	   *labels = migr_ddl_list(value(unit->to, MIGR_ATTR_LABELS));
	StringInfoData removed;
	ListCell   *lc;

	initStringInfo(&removed);
	foreach(lc, migr_ddl_list(value(unit->from, MIGR_ATTR_LABELS)))
	{
		const char *label = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(labels, label) == NULL)
			appendStringInfo(&removed, "%s%s", removed.len > 0 ? ", " : "", label);
	}
	return removed.len > 0 ? psprintf("ARRAY[%s]::text[]", removed.data) : NULL;
}

static void
doubt_enum(Context *context)
{
	const MigrObject *to = context->unit->to;
	const char *labels;
	ListCell   *lc;

	if (context->unit->from == NULL || context->unit->from->kind != MIGR_KIND_ENUM)
		return;
	labels = removed_labels(context->unit);
	foreach(lc, labels ? migr_hazard_uses(context->unit->from) : NIL)
	{
		const MigrHazardUse *use = lfirst(lc);
		const char *column = quote_identifier(use->column);
		Doubt		doubt = {.table = use->table};

		if (!is_column_kept(context->diff, use))
			continue;
		doubt.question = migr_hazard_where(psprintf("ONLY %s", use->table), use->is_array
										   ? psprintf("%s::text[] && %s", column, labels)
										   : psprintf("%s::text = ANY (%s)", column, labels));
		doubt.against = psprintf("type %s", to->identity);
		doubt.because = psprintf("in column %s, with a label that it loses", column);
		doubt.steps = STEPS_LABELS;
		raise_doubt(context, &doubt);
	}
}

/* --- steps ---------------------------------------------------------------- */

/* Is a constraint or index what it was, so that the rows admit it? */
static bool
is_held(const MigrUnit *unit)
{
	const char *definition = value(unit->to, MIGR_ATTR_DEFINITION);

	return migr_hazard_is_unchecked(definition) ||
		(unit->mode == MIGR_MODE_ALTER && migr_diff_is_renamed(unit->from, unit->to)) ||
		(unit->from && strcmp(value(unit->from, MIGR_ATTR_DEFINITION), definition) == 0);
}

static void
doubt_unit(Context *context)
{
	const MigrObject *to = context->unit->to;

	if (to->kind == MIGR_KIND_ENUM)
		doubt_enum(context);
	else if (to->kind == MIGR_KIND_DOMAIN)
		doubt_domain_null(context);
	if (to->parent == NULL || !migr_hazard_is_kept(context->diff, to->parent) || is_foreign(to->parent))
		return;
	if (to->kind == MIGR_KIND_COLUMN && to->parent->kind == MIGR_KIND_TABLE)
		doubt_column(context);
	else if (to->kind == MIGR_KIND_FOREIGN_KEY && !is_held(context->unit))
		doubt_foreign_key(context);
	else if (to->kind == MIGR_KIND_INDEX && !is_held(context->unit))
		doubt_index(context);
	else if (to->kind != MIGR_KIND_CONSTRAINT || is_held(context->unit))
		return;
	else if (to->parent->kind == MIGR_KIND_DOMAIN)
		doubt_domain_constraint(context);
	else
		doubt_constraint(context);
}

/* Rows that are to move into a table that has no partition. */
static void
doubt_move(Context *context)
{
	const MigrObject *from = context->unit->from;
	Doubt		doubt = {.table = from->identity};

	if (*value(context->unit->to, MIGR_ATTR_RELKIND) != 'p' ||
		migr_diff_has_partitions(context->diff, context->unit->to))
		return;
	doubt.question = migr_hazard_where(from->identity, "true");
	doubt.against = psprintf("the partitions of %s", from->identity);
	doubt.because = "it has none";
	doubt.steps = "give it partitions, in the same revision; CREATE TABLE ... PARTITION OF ... DEFAULT takes all";
	raise_doubt(context, &doubt);
}

List *
migr_hazard_remark(void *hazards, const MigrDiff *diff, const MigrStep *step)
{
	Context		context = {hazards, diff, &diff->units[step->unit], NIL};

	/* What follows a parent's change is told with that. */
	if (step->kind == MIGR_STEP_MOVE)
		doubt_move(&context);
	if (step->kind == MIGR_STEP_END && context.unit->facet == MIGR_FACET_OBJECT &&
		context.unit->from->kind == MIGR_KIND_DISTRIBUTION)
		return migr_hazard_cost(hazards, diff, context.unit);
	if ((step->kind != MIGR_STEP_MAKE && step->kind != MIGR_STEP_ALTER) ||
		context.unit->facet != MIGR_FACET_OBJECT || context.unit->follows >= 0)
		return context.remarks;
	context.remarks = migr_hazard_conversion(hazards, diff, context.unit);
	doubt_unit(&context);
	/* What fails takes no time. */
	return context.remarks != NIL ? context.remarks : migr_hazard_cost(hazards, diff, context.unit);
}

void
migr_hazard_report(const MigrHazards *hazards)
{
	if (hazards->failing != NIL)
		ereport(WARNING,
				(errmsg("the script fails on rows that are there"),
				 errdetail("%s", migr_text_join(hazards->failing, "\n")),
				 errhint("The script says in front of each statement which steps work.")));
	if (hazards->unchecked != NIL)
		ereport(NOTICE,
				(errmsg("the script may fail on rows that were not checked"),
				 errdetail("%s", migr_text_join(hazards->unchecked, "\n"))));
}
