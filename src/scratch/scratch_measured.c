/*
 * scratch_measured.c
 *		What a statement did, in the messages of a session and its worker.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/wire.h"
#include "scratch/scratch_build.h"

static void
put_relation(StringInfo message, const MigrMeasuredRelation *relation)
{
	migr_wire_put_text(message, relation->schema);
	migr_wire_put_text(message, relation->name);
	migr_wire_put_int(message, relation->kind);
	migr_wire_put_int(message, relation->made_in);
	migr_wire_put_int(message, relation->is_subject);
	migr_wire_put_int(message, relation->is_partition);
	migr_wire_put_int(message, relation->lock);
	migr_wire_put_int(message, relation->rewritten);
	migr_wire_put_int(message, relation->scanned);
	migr_wire_put_int(message, relation->indexed);
	migr_wire_put_int(message, relation->checked);
	migr_wire_put_int(message, relation->dropped);
}

static MigrMeasuredRelation *
get_relation(StringInfo message)
{
	MigrMeasuredRelation *relation = palloc(sizeof(MigrMeasuredRelation));

	relation->schema = migr_wire_get_text(message);
	relation->name = migr_wire_get_text(message);
	relation->kind = migr_wire_get_int(message);
	relation->made_in = migr_wire_get_int(message);
	relation->is_subject = migr_wire_get_int(message);
	relation->is_partition = migr_wire_get_int(message);
	relation->lock = migr_wire_get_int(message);
	relation->rewritten = migr_wire_get_int(message);
	relation->scanned = migr_wire_get_int(message);
	relation->indexed = migr_wire_get_int(message);
	relation->checked = migr_wire_get_int(message);
	relation->dropped = migr_wire_get_int(message);
	return relation;
}

/* Types of the server's own have the same number everywhere; others say little. */
static void
put_column(StringInfo message, const MigrMeasuredColumn *column)
{
	migr_wire_put_text(message, column->name);
	migr_wire_put_oid(message, column->old_type);
	migr_wire_put_int(message, column->old_typmod);
	migr_wire_put_oid(message, column->new_type);
	migr_wire_put_int(message, column->new_typmod);
	migr_wire_put_int(message, column->is_checked_domain);
	migr_wire_put_int(message, column->has_other_collation);
	migr_wire_put_int(message, column->has_default);
}

static MigrMeasuredColumn *
get_column(StringInfo message)
{
	MigrMeasuredColumn *column = palloc(sizeof(MigrMeasuredColumn));

	column->name = migr_wire_get_text(message);
	column->old_type = migr_wire_get_oid(message);
	column->old_typmod = migr_wire_get_int(message);
	column->new_type = migr_wire_get_oid(message);
	column->new_typmod = migr_wire_get_int(message);
	column->is_checked_domain = migr_wire_get_int(message);
	column->has_other_collation = migr_wire_get_int(message);
	column->has_default = migr_wire_get_int(message);
	return column;
}

void
migr_scratch_put_measured(StringInfo message, const MigrMeasured *measured)
{
	ListCell   *lc;

	migr_wire_put_int(message, measured->number);
	migr_wire_put_int(message, measured->how);
	migr_wire_put_text(message, measured->reason);
	migr_wire_put_int(message, measured->sqlstate);
	migr_wire_put_int(message, measured->no_op);
	migr_wire_put_int(message, measured->of_older_type);
	migr_wire_put_int(message, measured->drops_key);
	migr_wire_put_text(message, measured->unsafe_label);
	migr_wire_put_int(message, list_length(measured->relations));
	foreach(lc, measured->relations)
		put_relation(message, lfirst(lc));
	migr_wire_put_int(message, list_length(measured->columns));
	foreach(lc, measured->columns)
		put_column(message, lfirst(lc));
}

MigrMeasured *
migr_scratch_get_measured(StringInfo message)
{
	MigrMeasured *measured = palloc0(sizeof(MigrMeasured));

	measured->number = migr_wire_get_int(message);
	measured->how = migr_wire_get_int(message);
	measured->reason = migr_wire_get_text(message);
	measured->sqlstate = migr_wire_get_int(message);
	measured->no_op = migr_wire_get_int(message);
	measured->of_older_type = migr_wire_get_int(message);
	measured->drops_key = migr_wire_get_int(message);
	measured->unsafe_label = migr_wire_get_text(message);
	for (int count = migr_wire_get_int(message); count > 0; count--)
		measured->relations = lappend(measured->relations, get_relation(message));
	for (int count = migr_wire_get_int(message); count > 0; count--)
		measured->columns = lappend(measured->columns, get_column(message));
	return measured;
}
