/*
 * diff_loss.c
 *		What a script loses, and what may merely have got another name.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "diff/diff_pair.h"
#include "kind/column.h"
#include "kind/ddl.h"
#include "model/attributes.h"

static bool
is_local(const MigrObject *table)
{
	return table->kind == MIGR_KIND_TABLE && *value(table, MIGR_ATTR_RELKIND) != 'f';
}

static char *
loss_of_end(const MigrUnit *unit)
{
	const MigrObject *from = unit->from;

	if (unit->facet != MIGR_FACET_OBJECT || unit->via_text)
		return NULL;
	/* The rows of a partitioned table are those of its partitions. */
	if (is_local(from) && (*value(from, MIGR_ATTR_RELKIND) != 'p' || unit->to == NULL))
		return psprintf("table %s", from->identity);
	if (from->kind == MIGR_KIND_COLUMN && is_local(from->parent) &&
		!migr_object_has(from, MIGR_ATTR_GENERATED))
		return psprintf("column %s", migr_object_identity(from));
	if (from->kind == MIGR_KIND_SEQUENCE)
		return psprintf("sequence %s", from->identity);
	return NULL;
}

/* The labels of an enum that its new form lacks. */
static char *
lost_labels(const MigrUnit *unit)
{
	StringInfoData labels;
	List	   *new;
	int			count = 0;
	ListCell   *lc;

	if (unit->from->kind != MIGR_KIND_ENUM || unit->to->kind != MIGR_KIND_ENUM)
		return NULL;
	new = migr_ddl_list(value(unit->to, MIGR_ATTR_LABELS));
	initStringInfo(&labels);
	foreach(lc, migr_ddl_list(value(unit->from, MIGR_ATTR_LABELS)))
	{
		const char *label = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(new, label))
			continue;
		migr_ddl_list_next(&labels, &count, "", ", ");
		appendStringInfoString(&labels, label);
	}
	return count > 0 ? psprintf("%s %s of type %s", count > 1 ? "labels" : "label",
								labels.data, unit->to->identity) : NULL;
}

/* The attributes of a composite type, which columns hold, that are no more. */
static char *
lost_attributes(const MigrUnit *unit)
{
	StringInfoData names;
	List	   *new;
	int			count = 0;
	ListCell   *lc;

	if (unit->from->kind != MIGR_KIND_COMPOSITE || unit->to->kind != MIGR_KIND_COMPOSITE ||
		!migr_object_is(unit->from, MIGR_ATTR_STORED))
		return NULL;
	new = migr_ddl_list(value(unit->to, MIGR_ATTR_ATTRIBUTES));
	initStringInfo(&names);
	foreach(lc, migr_ddl_list(value(unit->from, MIGR_ATTR_ATTRIBUTES)))
	{
		const char *name = ((MigrDdlItem *) lfirst(lc))->key;

		if (migr_ddl_list_key(new, name))
			continue;
		migr_ddl_list_next(&names, &count, "", ", ");
		appendStringInfoString(&names, name);
	}
	return count > 0 ? psprintf("%s %s of type %s", count > 1 ? "attributes" : "attribute",
								names.data, unit->to->identity) : NULL;
}

static char *
loss_of_alter(const MigrUnit *unit)
{
	const char *what;

	if (unit->facet == MIGR_FACET_OBJECT && unit->to->kind == MIGR_KIND_COMPOSITE)
		return lost_attributes(unit);
	if (unit->facet != MIGR_FACET_OBJECT || unit->to->kind != MIGR_KIND_COLUMN ||
		!is_local(unit->to->parent))
		return NULL;
	what = migr_column_loss(value(unit->from, MIGR_ATTR_TYPE), value(unit->to, MIGR_ATTR_TYPE));
	return what ? psprintf("%s: column %s becomes %s", what, migr_object_identity(unit->to),
						   value(unit->to, MIGR_ATTR_TYPE)) : NULL;
}

char *
migr_diff_loss(MigrDiff *diff, const MigrStep *step)
{
	const MigrUnit *unit = &diff->units[step->unit];
	char	   *loss = NULL;

	if (step->kind == MIGR_STEP_END)
		loss = loss_of_end(unit);
	else if (step->kind == MIGR_STEP_ALTER)
		loss = loss_of_alter(unit);
	else if (step->kind == MIGR_STEP_MAKE && unit->aside)
		loss = unit->to->kind == MIGR_KIND_COMPOSITE ? lost_attributes(unit) : lost_labels(unit);
	if (loss)
		diff->losses = lappend(diff->losses, loss);
	return loss;
}

/* --- names ---------------------------------------------------------------- */

/* Have two tables the same columns? */
static bool
has_shape_of(const MigrObject *table, const MigrObject *other)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *twin;

		if (column->kind != MIGR_KIND_COLUMN)
			break;
		twin = migr_diff_find_column(other, column->name);
		if (twin == NULL || strcmp(value(twin, MIGR_ATTR_TYPE), value(column, MIGR_ATTR_TYPE)) != 0)
			return false;
		count++;
	}
	foreach(lc, other->children)
		count -= ((MigrObject *) lfirst(lc))->kind == MIGR_KIND_COLUMN;
	return count == 0;
}

/* Can one that goes be one that comes? */
static bool
may_be(const MigrObject *from, const MigrObject *to)
{
	if (from->kind == MIGR_KIND_TABLE)
		return has_shape_of(from, to);
	return from->parent->unit == to->parent->unit &&
		strcmp(value(from, MIGR_ATTR_TYPE), value(to, MIGR_ATTR_TYPE)) == 0;
}

/* What may have got another name: the pairs, and as renames of migr_diff(). */
typedef struct Guesses
{
	StringInfoData pairs;
	StringInfoData renames;
	List	   *proposed;		/* MigrObject *: old and new ones in renames */
} Guesses;

static void
add_guess(Guesses *guesses, const char *noun, MigrObject *from, MigrObject *to)
{
	StringInfo	pairs = &guesses->pairs;
	StringInfo	renames = &guesses->renames;

	appendStringInfo(pairs, "%s%s %s may be what %s was.", pairs->len > 0 ? "\n" : "", noun,
					 migr_object_identity(to), migr_object_identity(from));
	if ((from->schema && strcmp(from->schema, to->schema) != 0) ||
		list_member_ptr(guesses->proposed, from) || list_member_ptr(guesses->proposed, to))
		return;
	guesses->proposed = lappend(lappend(guesses->proposed, from), to);
	if (renames->len > 0)
		appendStringInfoString(renames, ", ");
	escape_json(renames, migr_object_identity(from));
	appendStringInfoString(renames, ": ");
	escape_json(renames, quote_identifier(to->name));
}

static void
add_guesses(Guesses *guesses, const MigrDiff *diff, MigrKind kind, const char *noun)
{
	List	   *going = NIL;
	List	   *coming = NIL;
	ListCell   *lc;
	ListCell   *cell;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];
		MigrObject *object = migr_diff_object(unit);

		if (unit->facet != MIGR_FACET_OBJECT || object->kind != kind ||
			(kind == MIGR_KIND_COLUMN &&
			 (object->parent->kind != MIGR_KIND_TABLE ||
			  diff->units[object->parent->unit].mode == MIGR_MODE_CREATE ||
			  diff->units[object->parent->unit].mode == MIGR_MODE_DROP)))
			continue;
		if (unit->mode == MIGR_MODE_DROP)
			going = lappend(going, object);
		else if (unit->mode == MIGR_MODE_CREATE)
			coming = lappend(coming, object);
	}
	foreach(lc, going)
	{
		foreach(cell, coming)
		{
			if (may_be(lfirst(lc), lfirst(cell)))
				add_guess(guesses, noun, lfirst(lc), lfirst(cell));
		}
	}
}

void
migr_diff_report(MigrDiff *diff)
{
	StringInfoData losses;
	Guesses		guesses = {.proposed = NIL};
	ListCell   *lc;

	initStringInfo(&losses);
	foreach(lc, diff->losses)
		appendStringInfo(&losses, "%s%s", losses.len > 0 ? "\n" : "", (char *) lfirst(lc));
	if (losses.len > 0)
		ereport(NOTICE,
				(errmsg("the script loses data"),
				 errdetail("%s", losses.data)));

	initStringInfo(&guesses.pairs);
	initStringInfo(&guesses.renames);
	add_guesses(&guesses, diff, MIGR_KIND_TABLE, "Table");
	add_guesses(&guesses, diff, MIGR_KIND_COLUMN, "Column");
	if (guesses.pairs.len > 0)
		ereport(NOTICE,
				(errmsg("what is dropped and what is created have the same shape"),
				 errdetail("%s", guesses.pairs.data),
				 guesses.renames.len == 0 ? 0 :
				 errhint("If so, it keeps its data with renames => %s",
						 quote_literal_cstr(psprintf("{%s}", guesses.renames.data)))));
}
