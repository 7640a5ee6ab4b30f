/*
 * diff_emit.c
 *		Steps to SQL text.
 *
 * What is printed fits the moment of its step: a column that is to be
 * inherited is the table's own until the table is attached, and one that
 * follows its parent's starts from what that has made of it.  So objects are
 * copied here with attributes of the moment, and kind/ prints the copies.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "kind/column.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"
#include "model/privileges.h"

/* --- types that stand aside ----------------------------------------------- */

/* The name that the old form of a type has meanwhile. */
static char *
aside_name(const MigrObject *object)
{
	const char *suffix = "_migr_old";
	int			len = pg_mbcliplen(object->name, strlen(object->name),
								   NAMEDATALEN - 1 - strlen(suffix));

	return psprintf("%.*s%s", len, object->name, suffix);
}

/* A range type has functions that make values of it, and a multirange type. */
static void
rename_range_aside(StringInfo out, const MigrObject *range)
{
	List	   *options = migr_ddl_list(value(range, MIGR_ATTR_OPTIONS));
	const MigrDdlItem *multirange = migr_ddl_list_key(options, "MULTIRANGE_TYPE_NAME");
	const char *subtype = migr_ddl_list_key(options, "SUBTYPE")->rest;
	const char *alter = psprintf("ALTER FUNCTION %s(%s, %s", range->identity, subtype,
								 subtype);
	const char *name = quote_identifier(aside_name(range));

	appendStringInfo(out, "%s) RENAME TO %s;\n", alter, name);
	appendStringInfo(out, "%s, text) RENAME TO %s;\n", alter, name);
	if (multirange == NULL)
		return;
	alter = psprintf("ALTER FUNCTION %s(", multirange->rest);
	name = quote_identifier(psprintf("%s_m", aside_name(range)));
	appendStringInfo(out, "%s) RENAME TO %s;\n", alter, name);
	appendStringInfo(out, "%s%s) RENAME TO %s;\n", alter, range->identity, name);
	appendStringInfo(out, "%sVARIADIC %s[]) RENAME TO %s;\n", alter, range->identity, name);
	appendStringInfo(out, "ALTER TYPE %s RENAME TO %s;\n", multirange->rest, name);
}

static void
rename_aside(StringInfo out, const MigrObject *object)
{
	if (object->kind == MIGR_KIND_RANGE)
		rename_range_aside(out, object);
	appendStringInfo(out, "ALTER %s %s RENAME TO %s;\n",
					 object->kind == MIGR_KIND_COLLATION ? "COLLATION" : "TYPE",
					 object->identity, quote_identifier(aside_name(object)));
}

static void
drop_aside(StringInfo out, const MigrObject *object)
{
	MigrObject	renamed = *object;

	renamed.name = aside_name(object);
	renamed.identity = quote_qualified_identifier(object->schema, renamed.name);
	migr_ddl_drop(out, &renamed);
}

/* --- parents -------------------------------------------------------------- */

/* A table's parents that it has on one side only, or that come anew. */
static void
set_parents(StringInfo out, const MigrDiff *diff, const MigrSide *side,
			const MigrObject *table, const MigrObject *other, const char *verb)
{
	ListCell   *lc;

	foreach(lc, migr_diff_parents(side, table))
	{
		const MigrObject *parent = lfirst(lc);

		if (other == NULL || !migr_diff_keeps_parent(diff, other, parent))
			appendStringInfo(out, "ALTER TABLE %s %s %s;\n", table->identity, verb,
							 parent->identity);
	}
}

/* --- columns -------------------------------------------------------------- */

/* Default, comment and privileges of a view's new column. */
static void
complete_view_column(StringInfo out, const MigrObject *column)
{
	MigrObject	bare = *column;

	if (migr_diff_default(column))
		migr_column_set_default(out, column, migr_diff_default(column));
	bare.comment = bare.acl = NULL;
	migr_ddl_alter_extras(out, &bare, column);
}

/* The columns of that name that tables have from this one's table alone. */
static List *
columns_below(const MigrDiff *diff, const MigrObject *column)
{
	const MigrDiffEdges *edges = &diff->from.edges;
	int			table = column->parent->unit;
	List	   *result = NIL;

	for (int i = edges->first[table]; i < edges->first[table + 1]; i++)
	{
		const MigrUnit *child = &diff->units[edges->items[i].object];
		MigrObject *below = child->facet == MIGR_FACET_INHERITS && !migr_diff_ends(child)
			? migr_diff_find_column(child->from, column->name) : NULL;

		if (below && migr_object_is(below, MIGR_ATTR_MERELY_INHERITED))
			result = lappend(result, below);
	}
	return result;
}

/* A column goes in the tables below too, but for those that are to keep it. */
static void
drop_column(StringInfo out, const MigrDiff *diff, const MigrObject *column)
{
	List	   *below = columns_below(diff, column);
	StringInfoData others;
	bool		kept = false;
	ListCell   *lc;

	initStringInfo(&others);
	foreach(lc, below)
	{
		const MigrObject *other = lfirst(lc);
		const MigrUnit *unit = &diff->units[other->unit];

		if (unit->mode == MIGR_MODE_DROP)
			migr_ddl_drop(&others, other);
		else if (!migr_object_is(unit->to, MIGR_ATTR_MERELY_INHERITED))
			kept = true;
	}
	if (kept)
		appendStringInfo(out, "ALTER TABLE ONLY %s DROP COLUMN %s;\n%s",
						 column->parent->identity, quote_identifier(column->name), others.data);
	else
		migr_ddl_drop(out, column);
	pfree(others.data);
	list_free(below);
}

/* --- partitions ----------------------------------------------------------- */

static bool
comes_back(const MigrUnit *key)
{
	return key->to && same(key->from, key->to, MIGR_ATTR_DEFINITION);
}

/*
 * A partition that is detached keeps copies of the foreign keys, and finds them
 * when it comes back, if the parent still has those.  The copies are called as
 * those are, or as one that the table had of its own.
 */
static void
drop_copies(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrUnit *table = &diff->units[unit->from->parent->unit];
	List	   *parents = migr_diff_parents(&diff->from, unit->from->parent);
	bool		attached_again = unit->to &&
		strcmp(value(unit->from, MIGR_ATTR_OF), value(unit->to, MIGR_ATTR_OF)) == 0;
	List	   *names = NIL;
	ListCell   *lc;

	if (migr_diff_ends(table))
		return;
	foreach(lc, parents != NIL ? ((MigrObject *) linitial(parents))->children : NIL)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_FOREIGN_KEY &&
			!(attached_again && comes_back(&diff->units[child->unit])))
			names = lappend(names, makeString(pstrdup(child->name)));
	}
	foreach(lc, names != NIL ? table->to->children : NIL)
	{
		const MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_FOREIGN_KEY && diff->units[child->unit].mode == MIGR_MODE_CREATE)
			names = list_append_unique(names, makeString(pstrdup(child->name)));
	}
	foreach(lc, names)
		appendStringInfo(out, "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s;\n",
						 unit->from->identity, quote_identifier(strVal(lfirst(lc))));
}

/*
 * A constraint of a partition can have an index that belongs to one of the
 * parent's which is of no constraint: neither can be dropped without the other.
 */
static void
drop_index(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrDiffEdges *edges = &diff->from.edges;
	bool		cascade = false;

	for (int i = edges->first[unit->from->unit]; i < edges->first[unit->from->unit + 1]; i++)
	{
		const MigrObject *attached = diff->units[edges->items[i].object].from;
		ListCell   *lc;

		foreach(lc, attached->kind == MIGR_KIND_INDEX_PARTITION ? attached->parent->children : NIL)
		{
			const MigrObject *own = lfirst(lc);

			cascade = cascade || (own->kind == MIGR_KIND_CONSTRAINT &&
								  migr_diff_has_need(&diff->from, attached->unit, own->unit));
		}
	}
	appendStringInfo(out, "DROP INDEX %s%s;\n", unit->from->identity, cascade ? " CASCADE" : "");
}

/* --- steps ---------------------------------------------------------------- */

static void
end_unit(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	if (unit->facet == MIGR_FACET_DEFAULT)
		migr_column_set_default(out, unit->from, NULL);
	else if (unit->facet == MIGR_FACET_INHERITS && migr_object_has(unit->from, MIGR_ATTR_OF_TYPE))
		appendStringInfo(out, "ALTER TABLE %s NOT OF;\n", unit->from->identity);
	else if (unit->facet == MIGR_FACET_INHERITS)
	{
		set_parents(out, diff, &diff->from, unit->from, unit->to, "NO INHERIT");
		migr_diff_drop_checks(out, diff, unit);
	}
	else if (unit->aside)
		drop_aside(out, unit->from);
	else if (unit->from->kind == MIGR_KIND_TABLE_SETTING && unit->to)
		;						/* one takes the place of the other */
	else if (unit->from->kind == MIGR_KIND_INDEX)
		drop_index(out, diff, unit);
	else if (unit->from->kind == MIGR_KIND_COLUMN && unit->from->parent->kind == MIGR_KIND_TABLE)
		drop_column(out, diff, unit->from);
	else
		migr_ddl_drop(out, unit->from);
	if (unit->from->kind == MIGR_KIND_PARTITION)
		drop_copies(out, diff, unit);
}

/* A sequence that a column owns has the owner of the table. */
static void
own_sequence(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *sequence = migr_diff_find(&diff->to, MIGR_KIND_SEQUENCE, unit->to->identity);
	const char *owner = migr_diff_owner(&diff->units[unit->to->parent->unit]);

	if (sequence && !migr_privileges_owners_compared() &&
		strcmp(migr_diff_owner(&diff->units[sequence->unit]), owner) != 0)
		appendStringInfo(out, "ALTER SEQUENCE %s OWNER TO %s;\n", sequence->identity,
						 quote_identifier(owner));
}

/* A table as it is created: without parents that it gets in a step of its own. */
static void
create_object(StringInfo out, const MigrDiff *diff, MigrObject *object)
{
	int			partner = diff->units[object->unit].partner;
	MigrObject	alone = *object;
	const char **values;

	if (object->kind != MIGR_KIND_TABLE || partner < 0 || !diff->units[partner].apart ||
		!migr_object_has(object, MIGR_ATTR_INHERITS))
	{
		migr_ddl_create(out, object);
		return;
	}
	values = palloc0(object->columns->count * sizeof(char *));
	for (int i = 0; i < object->count; i++)
	{
		if (object->columns->attributes[i] != MIGR_ATTR_INHERITS)
			values[i] = object->values[i];
	}
	alone.values = values;
	migr_ddl_create(out, &alone);
}

static bool
is_not_valid(const MigrObject *constraint)
{
	const char *definition = value(constraint, MIGR_ATTR_DEFINITION);
	int			start = strlen(definition) - strlen(" NOT VALID");

	return start > 0 && strcmp(definition + start, " NOT VALID") == 0;
}

static void
make_unit(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	MigrObject *to = unit->to;

	if (unit->facet == MIGR_FACET_DEFAULT)
		migr_column_set_default(out, to, value(to, MIGR_ATTR_DEFAULT));
	else if (unit->facet == MIGR_FACET_INHERITS && migr_object_has(to, MIGR_ATTR_OF_TYPE))
		appendStringInfo(out, "ALTER TABLE %s OF %s;\n", to->identity, value(to, MIGR_ATTR_OF_TYPE));
	else if (unit->facet == MIGR_FACET_INHERITS)
		set_parents(out, diff, &diff->to, to, unit->from, "INHERIT");
	else if (to->kind == MIGR_KIND_COLUMN && to->parent->kind == MIGR_KIND_VIEW)
		complete_view_column(out, to);
	else if (unit->follows >= 0)
	{
		/* A constraint that its parent has brought. */
		MigrObject	bare = *to;

		if (is_not_valid(diff->units[unit->follows].to) && !is_not_valid(to))
			appendStringInfo(out, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n",
							 to->parent->identity, quote_identifier(to->name));
		bare.comment = NULL;
		migr_ddl_alter_extras(out, &bare, to);
	}
	else
	{
		if (unit->aside)
			rename_aside(out, unit->from);
		to->has_forward = unit->forward;
		if (to->kind == MIGR_KIND_SEQUENCE_OWNER)
			own_sequence(out, diff, unit);
		create_object(out, diff, to);
		migr_diff_keep(out, diff, unit);
	}
}

/* Are a column's values integers, which a sequence can go on behind? */
static bool
holds_integers(const MigrDiff *diff, const MigrObject *column)
{
	const char *type = value(column, MIGR_ATTR_TYPE);
	const MigrObject *domain = migr_diff_find(&diff->to, MIGR_KIND_DOMAIN, type);

	/* Types of all kinds are found by their names. */
	while (domain && domain->kind == MIGR_KIND_DOMAIN)
	{
		type = value(domain, MIGR_ATTR_BASE);
		domain = migr_diff_find(&diff->to, MIGR_KIND_DOMAIN, type);
	}
	return strcmp(type, "integer") == 0 || strcmp(type, "bigint") == 0 ||
		strcmp(type, "smallint") == 0;
}

/* A new sequence goes on behind the values of a column that was there. */
static void
advance_sequence(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *owner = unit->to;
	const MigrObject *sequence = migr_diff_find(&diff->to, MIGR_KIND_SEQUENCE, owner->identity);
	const MigrObject *column = migr_diff_find_column(owner->parent, value(owner, MIGR_ATTR_COLUMN));

	if (sequence && column && holds_integers(diff, column) &&
		diff->units[sequence->unit].mode == MIGR_MODE_CREATE &&
		(diff->units[column->unit].mode == MIGR_MODE_ALTER ||
		 diff->units[column->unit].mode == MIGR_MODE_SAME))
		migr_column_advance_sequence(out, column, owner->identity, sequence);
}

/* A sequence that its table has made logged or unlogged has come to be so. */
static MigrObject
as_taken_along(const MigrUnit *unit)
{
	MigrObject	sequence = *unit->from;
	int			attribute = migr_object_attribute(unit->from, MIGR_ATTR_PERSISTENCE);

	sequence.values = memcpy(palloc(sequence.count * sizeof(char *)), sequence.values,
							 sequence.count * sizeof(char *));
	sequence.values[attribute] = unit->persistence;
	return sequence;
}

static void
alter_unit(StringInfo out, const MigrDiff *diff, const MigrUnit *unit)
{
	if (unit->facet == MIGR_FACET_DEFAULT)
		migr_column_set_default(out, unit->to, value(unit->to, MIGR_ATTR_DEFAULT));
	else
	{
		MigrObject	taken_along;

		if (unit->persistence)
			taken_along = as_taken_along(unit);
		if (migr_diff_is_renamed(unit->from, unit->to))
			migr_ddl_rename(out, unit->from, unit->from->name, unit->to->name);
		else if (unit->follows < 0)
			(void) migr_ddl_alter(out, unit->persistence ? &taken_along : unit->from, unit->to);
		migr_ddl_alter_extras(out, unit->from, unit->to);
	}
}

static void
loosen_unit(StringInfo out, const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	if (kind->loosen)
		kind->loosen(out, object);
	else
		appendStringInfo(out, "CREATE OR REPLACE %s;\n",
						 value(object, MIGR_ATTR_FORWARD) + strlen("CREATE "));
}

void
migr_diff_emit(StringInfo out, MigrDiff *diff, const List *steps)
{
	const MigrStep *step = linitial(steps);
	const MigrUnit *unit = &diff->units[step->unit];

	if (migr_diff_emit_columns(out, diff, steps))
		return;
	switch (step->kind)
	{
		case MIGR_STEP_LOOSEN:
			loosen_unit(out, unit->from);
			break;
		case MIGR_STEP_END:
			end_unit(out, diff, unit);
			break;
		case MIGR_STEP_FORWARD:
			appendStringInfo(out, "%s;\n", value(unit->to, MIGR_ATTR_FORWARD));
			break;
		case MIGR_STEP_ALTER:
			alter_unit(out, diff, unit);
			break;
		case MIGR_STEP_MAKE:
			make_unit(out, diff, unit);
			if (unit->facet == MIGR_FACET_OBJECT && unit->to->kind == MIGR_KIND_SEQUENCE_OWNER)
				advance_sequence(out, diff, unit);
			break;
	}
}
