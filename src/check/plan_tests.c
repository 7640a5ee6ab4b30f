/*
 * plan_tests.c
 *		What the rules of a plan ask of a statement's parse tree.
 *
 * Each is asked only of statements of the sort that its rule names.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "storage/lockdefs.h"

#include "check/plan_case.h"
#include "check/usage_pending.h"

/* --- constraints ----------------------------------------------------------- */

static const Constraint *
constraint_of(const MigrPlanCase *which)
{
	const Node *def = which->command ? which->command->def : NULL;

	return def && IsA(def, Constraint) ? (const Constraint *) def : NULL;
}

static bool
adds(const MigrPlanCase *which, ConstrType type)
{
	const Constraint *constraint = constraint_of(which);

	return constraint && constraint->contype == type;
}

bool
migr_plan_is_check(const MigrPlanCase *which)
{
	return adds(which, CONSTR_CHECK);
}

bool
migr_plan_is_key(const MigrPlanCase *which)
{
	return adds(which, CONSTR_FOREIGN);
}

/* NOT VALID */
bool
migr_plan_is_key_unchecked(const MigrPlanCase *which)
{
	return adds(which, CONSTR_FOREIGN) && constraint_of(which)->skip_validation;
}

bool
migr_plan_is_not_null(const MigrPlanCase *which)
{
	return adds(which, CONSTR_NOTNULL);
}

bool
migr_plan_is_exclusion(const MigrPlanCase *which)
{
	return adds(which, CONSTR_EXCLUSION);
}

bool
migr_plan_is_unique(const MigrPlanCase *which)
{
	return adds(which, CONSTR_UNIQUE) && constraint_of(which)->indexname == NULL;
}

bool
migr_plan_is_primary(const MigrPlanCase *which)
{
	return adds(which, CONSTR_PRIMARY) && constraint_of(which)->indexname == NULL;
}

bool
migr_plan_is_primary_by_index(const MigrPlanCase *which)
{
	return adds(which, CONSTR_PRIMARY) && constraint_of(which)->indexname != NULL;
}

/* --- columns --------------------------------------------------------------- */

static const ColumnDef *
definition(const MigrPlanCase *which)
{
	const Node *def = which->command ? which->command->def : NULL;

	return def && IsA(def, ColumnDef) ? (const ColumnDef *) def : NULL;
}

/* The constraint of a sort that stands in a column's definition, or NULL. */
static const Constraint *
column_constraint(const MigrPlanCase *which, ConstrType type)
{
	ListCell   *lc;

	foreach(lc, definition(which) ? definition(which)->constraints : NIL)
	{
		const Constraint *constraint = lfirst(lc);

		if (IsA(constraint, Constraint) && constraint->contype == type)
			return constraint;
	}
	return NULL;
}

static bool
is_serial(const MigrPlanCase *which)
{
	static const char *const names[] = {"serial", "serial2", "serial4", "serial8",
		"bigserial", "smallserial"};
	const ColumnDef *column = definition(which);

	if (column == NULL || column->typeName == NULL || list_length(column->typeName->names) != 1)
		return false;
	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (strcmp(strVal(linitial(column->typeName->names)), names[i]) == 0)
			return true;
	}
	return false;
}

bool
migr_plan_adds_serial(const MigrPlanCase *which)
{
	return is_serial(which);
}

bool
migr_plan_adds_identity(const MigrPlanCase *which)
{
	return column_constraint(which, CONSTR_IDENTITY) != NULL;
}

bool
migr_plan_adds_stored(const MigrPlanCase *which)
{
	return column_constraint(which, CONSTR_GENERATED) != NULL;
}

bool
migr_plan_adds_checked_domain(const MigrPlanCase *which)
{
	return which->column && which->column->is_checked_domain;
}

bool
migr_plan_adds_default(const MigrPlanCase *which)
{
	return which->column && which->column->has_default;
}

bool
migr_plan_adds_required(const MigrPlanCase *which)
{
	return which->column && !which->column->has_default && !is_serial(which) &&
		(column_constraint(which, CONSTR_NOTNULL) || column_constraint(which, CONSTR_PRIMARY));
}

bool
migr_plan_adds_check(const MigrPlanCase *which)
{
	return column_constraint(which, CONSTR_CHECK) != NULL;
}

bool
migr_plan_adds_unique(const MigrPlanCase *which)
{
	return column_constraint(which, CONSTR_UNIQUE) || column_constraint(which, CONSTR_PRIMARY);
}

bool
migr_plan_adds_reference(const MigrPlanCase *which)
{
	return column_constraint(which, CONSTR_FOREIGN) != NULL;
}

bool
migr_plan_adds_json(const MigrPlanCase *which)
{
	return which->column && which->column->new_type == JSONOID;
}

/* --- types ----------------------------------------------------------------- */

/* USING with more than the column itself. */
bool
migr_plan_changes_with_using(const MigrPlanCase *which)
{
	const ColumnDef *column = definition(which);

	return column && column->raw_default && !IsA(column->raw_default, ColumnRef);
}

static bool
is_type(const MigrMeasuredColumn *column, Oid type)
{
	return column && column->old_type == type && column->new_type == type;
}

/* Has the type a limit, and one that is less than before? */
static bool
is_less(const MigrMeasuredColumn *column)
{
	return column->new_typmod >= 0 &&
		(column->old_typmod < 0 || column->new_typmod < column->old_typmod);
}

bool
migr_plan_narrows_varchar(const MigrPlanCase *which)
{
	const MigrMeasuredColumn *column = which->column;

	return column && (column->new_type == VARCHAROID || column->new_type == BPCHAROID) &&
		(column->old_type != column->new_type || is_less(column)) &&
		(column->old_type == VARCHAROID || column->old_type == TEXTOID ||
		 column->old_type == BPCHAROID);
}

bool
migr_plan_widens_varchar(const MigrPlanCase *which)
{
	return is_type(which->column, VARCHAROID) ||
		(which->column && which->column->old_type == VARCHAROID && which->column->new_type == TEXTOID);
}

bool
migr_plan_widens_numeric(const MigrPlanCase *which)
{
	return is_type(which->column, NUMERICOID);
}

bool
migr_plan_changes_zone(const MigrPlanCase *which)
{
	const MigrMeasuredColumn *column = which->column;

	return column &&
		((column->old_type == TIMESTAMPOID && column->new_type == TIMESTAMPTZOID) ||
		 (column->old_type == TIMESTAMPTZOID && column->new_type == TIMESTAMPOID));
}

bool
migr_plan_narrows_precision(const MigrPlanCase *which)
{
	static const Oid types[] = {TIMESTAMPOID, TIMESTAMPTZOID, TIMEOID, TIMETZOID, INTERVALOID,
		BITOID, VARBITOID};

	for (int i = 0; i < (int) lengthof(types); i++)
	{
		if (is_type(which->column, types[i]))
			return true;
	}
	return false;
}

bool
migr_plan_changes_collation(const MigrPlanCase *which)
{
	const ColumnDef *column = definition(which);

	return (column && column->collClause) || (which->column && which->column->has_other_collation);
}

bool
migr_plan_changes_to_checked_domain(const MigrPlanCase *which)
{
	return which->column && which->column->is_checked_domain;
}

/* What stands on the column is in the way. */
bool
migr_plan_is_refused(const MigrPlanCase *which)
{
	return which->measured->sqlstate == ERRCODE_FEATURE_NOT_SUPPORTED;
}

/* --- DROP ------------------------------------------------------------------ */

static bool
drops(const MigrPlanCase *which, ObjectType type)
{
	return IsA(which->node, DropStmt) && ((DropStmt *) which->node)->removeType == type;
}

bool
migr_plan_drops_key(const MigrPlanCase *which)
{
	return which->measured && which->measured->drops_key;
}

bool
migr_plan_drops_index(const MigrPlanCase *which)
{
	return drops(which, OBJECT_INDEX) && !((DropStmt *) which->node)->concurrent;
}

bool
migr_plan_drops_table(const MigrPlanCase *which)
{
	return drops(which, OBJECT_TABLE);
}

bool
migr_plan_drops_partition(const MigrPlanCase *which)
{
	ListCell   *lc;

	foreach(lc, drops(which, OBJECT_TABLE) ? which->relations : NIL)
	{
		const MigrMeasuredRelation *measured = ((MigrPlanRelation *) lfirst(lc))->measured;

		if (measured->is_subject && measured->is_partition)
			return true;
	}
	return false;
}

bool
migr_plan_drops_trigger(const MigrPlanCase *which)
{
	return drops(which, OBJECT_TRIGGER);
}

/* Of what is no table: tables go with it, or parts of them. */
bool
migr_plan_drops_by_cascade(const MigrPlanCase *which)
{
	return !drops(which, OBJECT_TABLE) && !drops(which, OBJECT_INDEX);
}

bool
migr_plan_truncates_cascade(const MigrPlanCase *which)
{
	return ((TruncateStmt *) which->node)->behavior == DROP_CASCADE;
}

/* --- other statements ------------------------------------------------------ */

bool
migr_plan_is_unique_index(const MigrPlanCase *which)
{
	return ((IndexStmt *) which->node)->unique && migr_plan_runs_at_once(which);
}

bool
migr_plan_reaches_partitions(const MigrPlanCase *which)
{
	return ((IndexStmt *) which->node)->relation->inh;
}

/* No CONCURRENTLY, nor another form that waits for all others. */
bool
migr_plan_runs_at_once(const MigrPlanCase *which)
{
	return !which->statement->patient;
}

bool
migr_plan_may_be_there(const MigrPlanCase *which)
{
	const IndexStmt *index = (IndexStmt *) which->node;

	return index->concurrent && index->if_not_exists;
}

bool
migr_plan_renames_column(const MigrPlanCase *which)
{
	return ((RenameStmt *) which->node)->renameType == OBJECT_COLUMN;
}

bool
migr_plan_renames_table(const MigrPlanCase *which)
{
	ObjectType	type = ((RenameStmt *) which->node)->renameType;

	return type == OBJECT_TABLE || type == OBJECT_VIEW || type == OBJECT_MATVIEW ||
		type == OBJECT_FOREIGN_TABLE;
}

bool
migr_plan_renames_schema(const MigrPlanCase *which)
{
	const RenameStmt *rename = (RenameStmt *) which->node;

	return rename->renameType == OBJECT_SCHEMA && migr_plan_has_schema(rename->subname);
}

bool
migr_plan_renames_label(const MigrPlanCase *which)
{
	const AlterEnumStmt *alter = (AlterEnumStmt *) which->node;

	return alter->oldVal && which->measured && which->measured->of_older_type;
}

bool
migr_plan_adds_label_at_end(const MigrPlanCase *which)
{
	const AlterEnumStmt *alter = (AlterEnumStmt *) which->node;

	return alter->oldVal == NULL && alter->newValNeighbor == NULL &&
		which->measured && which->measured->of_older_type;
}

bool
migr_plan_is_partition_of(const MigrPlanCase *which)
{
	return ((CreateStmt *) which->node)->partbound != NULL;
}

bool
migr_plan_changes_all_rows(const MigrPlanCase *which)
{
	const Node *condition = IsA(which->node, UpdateStmt)
		? ((UpdateStmt *) which->node)->whereClause : ((DeleteStmt *) which->node)->whereClause;

	return condition == NULL && !which->statement->options.batched &&
		which->relation->measured->is_subject;
}

/* It locks the tables of a domain only to look at their rows. */
bool
migr_plan_adds_domain_check(const MigrPlanCase *which)
{
	return which->relation->measured->lock >= ShareLock;
}

bool
migr_plan_is_cluster(const MigrPlanCase *which)
{
	return strcmp(which->statement->tag, "CLUSTER") == 0;
}

bool
migr_plan_is_full_vacuum(const MigrPlanCase *which)
{
	return !which->statement->patient;
}

bool
migr_plan_refreshes_plainly(const MigrPlanCase *which)
{
	return !((RefreshMatViewStmt *) which->node)->concurrent;
}

/*
 * Does it go through a relation that it bars?  Those of a materialized view have
 * no writers.
 */
bool
migr_plan_reads_locked(const MigrPlanCase *which)
{
	const MigrMeasuredRelation *measured = which->relation->measured;

	return (measured->rewritten || measured->scanned) && measured->kind != RELKIND_SEQUENCE &&
		(measured->kind != RELKIND_MATVIEW || measured->lock == AccessExclusiveLock);
}

/* Foreign keys are checked by themselves. */
bool
migr_plan_goes_through(const MigrMeasuredRelation *measured)
{
	return measured->rewritten || (measured->scanned && !measured->checked);
}

/* Partitions come with their table, and with it alone. */
bool
migr_plan_reads_again(const MigrPlanCase *which)
{
	const MigrMeasuredRelation *measured = which->relation->measured;

	return which->relation->gone_through && measured->is_subject &&
		migr_plan_goes_through(measured);
}

/* --- the revision ---------------------------------------------------------- */

/* Is it taken from the application that still runs? */
static bool
takes_away(const MigrPlanCase *which)
{
	switch (nodeTag(which->node))
	{
		case T_AlterTableStmt:
			return which->command && which->command->subtype == AT_DropColumn;
		case T_DropStmt:
			return drops(which, OBJECT_TABLE) || drops(which, OBJECT_VIEW) ||
				drops(which, OBJECT_MATVIEW);
		case T_RenameStmt:
			return migr_plan_renames_column(which) || migr_plan_renames_table(which);
		default:
			return false;
	}
}

bool
migr_plan_takes_away(const MigrPlanCase *which)
{
	const MigrPlanRevision *revision = which->revision;

	return (revision->script->phase_before ||
			(revision->knows_phases && !revision->script->phase_after)) &&
		which->relation->measured->is_subject && takes_away(which);
}

bool
migr_plan_has_no_way_back(const MigrPlanCase *which)
{
	return !which->revision->script->sections[MIGR_SECTION_DOWNGRADE].present &&
		!which->revision->script->repeatable && which->relation->measured->is_subject &&
		!IsA(which->node, RenameStmt) && takes_away(which);
}

bool
migr_plan_is_in_wrong_transaction(const MigrPlanCase *which)
{
	return which->statement->outside && which->revision->script->transaction;
}

bool
migr_plan_is_another_lock(const MigrPlanCase *which)
{
	return which->revision->held != NIL && !which->relation->held &&
		migr_plan_is_table(which->relation);
}

bool
migr_plan_moves_rows_locked(const MigrPlanCase *which)
{
	return which->revision->held != NIL && which->statement->moves_rows &&
		!which->statement->options.batched && which->relation->measured->scanned &&
		which->relation->measured->lock < ShareLock;
}

bool
migr_plan_uses_new_label(const MigrPlanCase *which)
{
	return which->measured && which->measured->unsafe_label;
}

bool
migr_plan_is_in_use(const MigrPlanCase *which)
{
	return migr_usage_hazard(which->node) != NULL;
}
