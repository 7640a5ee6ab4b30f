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

#include "base/ident.h"
#include "base/text.h"
#include "diff/diff_pair.h"
#include "kind/ddl.h"
#include "kind/type_loss.h"
#include "model/attributes.h"
#include "model/ddl_text.h"

static bool
is_local(const MigrObject *table)
{
	return table->kind == MIGR_KIND_TABLE && *value(table, MIGR_ATTR_RELKIND) != 'f';
}

static char *
loss_of_end(const MigrDiff *diff, const MigrUnit *unit)
{
	const MigrObject *from = unit->from;

	if (from->kind == MIGR_KIND_TABLE && migr_diff_rows_move(diff, from))
		return NULL;
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
	if (from->kind == MIGR_KIND_SERVER)
		return psprintf("user mappings of server %s", from->identity);
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

/* A type of a side as its values are stored: what domains are based on. */
static MigrLossType
stored_type(const MigrSide *side, const char *name)
{
	const MigrObject *domain;

	while ((domain = migr_diff_find(side, MIGR_KIND_DOMAIN, name)) != NULL &&
		   domain->kind == MIGR_KIND_DOMAIN)
		name = value(domain, MIGR_ATTR_BASE);
	/* Types of all kinds are found by their names. */
	return (MigrLossType) {name, domain && domain->kind == MIGR_KIND_ENUM};
}

static const char *
loss_of_type(const MigrDiff *diff, const char *from, const char *to)
{
	MigrLossType old = stored_type(&diff->from, from);
	MigrLossType new = stored_type(&diff->to, to);

	return migr_type_loss(&old, &new);
}

static char *
loss_of_column(const MigrDiff *diff, const MigrUnit *unit)
{
	const char *to = value(unit->to, MIGR_ATTR_TYPE);
	const char *what = !is_local(unit->to->parent) || migr_object_has(unit->from, MIGR_ATTR_GENERATED)
		? NULL : loss_of_type(diff, value(unit->from, MIGR_ATTR_TYPE), to);

	return what ? psprintf("%s: column %s becomes %s", what, migr_object_identity(unit->to), to)
		: NULL;
}

/* The type of a composite type's attribute, behind its name. */
static const char *
type_of(const MigrDdlItem *attribute)
{
	int			collation = migr_ddl_text_clause(attribute->rest, "COLLATE");

	return collation > 0 ? pnstrdup(attribute->rest, collation - 1) : attribute->rest;
}

/* The first attribute of a composite type whose values may lose something. */
static char *
loss_of_attribute(const MigrDiff *diff, const MigrUnit *unit)
{
	List	   *new = migr_ddl_list(value(unit->to, MIGR_ATTR_ATTRIBUTES));
	ListCell   *lc;

	foreach(lc, migr_ddl_list(value(unit->from, MIGR_ATTR_ATTRIBUTES)))
	{
		const MigrDdlItem *old = lfirst(lc);
		const MigrDdlItem *attribute = migr_ddl_list_key(new, old->key);
		const char *what = attribute ? loss_of_type(diff, type_of(old), type_of(attribute)) : NULL;

		if (what)
			return psprintf("%s: attribute %s of type %s becomes %s", what, old->key,
							unit->to->identity, type_of(attribute));
	}
	return NULL;
}

static const char *
subtype_of(const MigrObject *range)
{
	return migr_ddl_list_key(migr_ddl_list(value(range, MIGR_ATTR_OPTIONS)), "SUBTYPE")->rest;
}

/* Of a type that is built anew while columns hold values of it. */
static char *
loss_of_rebuild(const MigrDiff *diff, const MigrUnit *unit)
{
	const char *what = NULL;
	MigrKind	kind = unit->to->kind;

	if (unit->from->kind != unit->to->kind)
		return psprintf("what the new type does not hold: type %s becomes another one",
						unit->to->identity);
	if (kind == MIGR_KIND_ENUM)
		return lost_labels(unit);
	if (kind == MIGR_KIND_COMPOSITE)
		return lost_attributes(unit) ? lost_attributes(unit) : loss_of_attribute(diff, unit);
	if (kind == MIGR_KIND_DOMAIN)
		what = loss_of_type(diff, value(unit->from, MIGR_ATTR_BASE),
							value(unit->to, MIGR_ATTR_BASE));
	else if (kind == MIGR_KIND_RANGE)
		what = loss_of_type(diff, subtype_of(unit->from), subtype_of(unit->to));
	return what ? psprintf("%s: type %s becomes another one", what, unit->to->identity) : NULL;
}

static char *
loss_of_alter(const MigrDiff *diff, const MigrUnit *unit)
{
	if (unit->facet != MIGR_FACET_OBJECT)
		return NULL;
	if (unit->to->kind == MIGR_KIND_COMPOSITE)
		return lost_attributes(unit);
	return unit->to->kind == MIGR_KIND_COLUMN ? loss_of_column(diff, unit) : NULL;
}

/* What of the values of a table that is made anew around its rows is lost. */
static char *
loss_of_move(const MigrDiff *diff, const MigrUnit *unit)
{
	StringInfoData losses;
	ListCell   *lc;

	initStringInfo(&losses);
	foreach(lc, unit->from->children)
	{
		const MigrObject *column = lfirst(lc);
		const MigrObject *to = column->kind == MIGR_KIND_COLUMN ? diff->units[column->unit].to : NULL;
		const char *what = to ? loss_of_type(diff, value(column, MIGR_ATTR_TYPE),
													   value(to, MIGR_ATTR_TYPE)) : NULL;

		if (column->kind != MIGR_KIND_COLUMN || migr_object_has(column, MIGR_ATTR_GENERATED))
			continue;
		if (to == NULL || migr_object_has(to, MIGR_ATTR_GENERATED))
			appendStringInfo(&losses, "%scolumn %s", losses.len > 0 ? "; " : "",
							 migr_object_identity(column));
		else if (what)
			appendStringInfo(&losses, "%s%s: column %s becomes %s", losses.len > 0 ? "; " : "", what,
							 migr_object_identity(to), value(to, MIGR_ATTR_TYPE));
	}
	return losses.len > 0 ? losses.data : NULL;
}

char *
migr_diff_loss(MigrDiff *diff, const MigrStep *step)
{
	const MigrUnit *unit = &diff->units[step->unit];
	char	   *loss = NULL;

	if (step->kind == MIGR_STEP_END)
		loss = loss_of_end(diff, unit);
	else if (step->kind == MIGR_STEP_ALTER)
		loss = loss_of_alter(diff, unit);
	else if (step->kind == MIGR_STEP_MOVE)
		loss = loss_of_move(diff, unit);
	else if (step->kind == MIGR_STEP_MAKE && unit->aside)
		loss = loss_of_rebuild(diff, unit);
	else if (step->kind == MIGR_STEP_MAKE && unit->via_text)
		loss = loss_of_column(diff, unit);
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

/* What goes without data of its own; what is lost is told as that. */
static void
report_taken(const MigrDiff *diff)
{
	List	   *lines = NIL;
	ListCell   *lc;

	foreach(lc, diff->taken)
	{
		const char *line = lfirst(lc);
		const char *what = strchr(line, ' ') + 1;

		if (!migr_ident_is_in(diff->losses, what))
			lines = lappend(lines, lfirst(lc));
	}
	if (lines != NIL)
		ereport(NOTICE,
				(errmsg("the script takes away what is there"),
				 errdetail("%s", migr_text_join(lines, "\n"))));
}

void
migr_diff_report(MigrDiff *diff)
{
	Guesses		guesses = {.proposed = NIL};

	if (diff->losses != NIL)
		ereport(NOTICE,
				(errmsg("the script loses data"),
				 errdetail("%s", migr_text_join(diff->losses, "\n"))));
	report_taken(diff);

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
