/*
 * scratch_subject.c
 *		What a statement names, looked up where it is about to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "storage/lockdefs.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "scratch/scratch_subject.h"

static Oid
find(const RangeVar *name)
{
	return name ? RangeVarGetRelid(name, NoLock, true) : InvalidOid;
}

/* An index's table; whatever else it is, itself. */
static Oid
table_of(Oid relation)
{
	char		kind = OidIsValid(relation) ? get_rel_relkind(relation) : '\0';

	return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX
		? IndexGetRelation(relation, true) : relation;
}

static List *
add(List *relations, Oid relation)
{
	return OidIsValid(relation) ? list_append_unique_oid(relations, relation) : relations;
}

static List *
find_all(const List *names)
{
	List	   *relations = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		const Node *name = lfirst(lc);

		relations = add(relations, table_of(find(IsA(name, VacuumRelation)
												 ? ((const VacuumRelation *) name)->relation
												 : (const RangeVar *) name)));
	}
	return relations;
}

/* What DROP names: relations, or parts of one, which are called by it and their name. */
static List *
dropped(const DropStmt *drop)
{
	List	   *relations = NIL;
	ListCell   *lc;

	foreach(lc, drop->objects)
	{
		List	   *name = lfirst(lc);

		switch (drop->removeType)
		{
			case OBJECT_TRIGGER:
			case OBJECT_RULE:
			case OBJECT_POLICY:
				name = list_truncate(list_copy(name), list_length(name) - 1);
				break;
			case OBJECT_TABLE:
			case OBJECT_VIEW:
			case OBJECT_MATVIEW:
			case OBJECT_SEQUENCE:
			case OBJECT_FOREIGN_TABLE:
			case OBJECT_INDEX:
				break;
			default:
				return NIL;
		}
		if (name != NIL)
			relations = add(relations, table_of(find(makeRangeVarFromNameList(name))));
	}
	return relations;
}

List *
migr_subject_relations(Node *node)
{
	switch (nodeTag(node))
	{
		case T_AlterTableStmt:
			return add(NIL, table_of(find(((AlterTableStmt *) node)->relation)));
		case T_IndexStmt:
			return add(NIL, find(((IndexStmt *) node)->relation));
		case T_RenameStmt:
			return add(NIL, table_of(find(((RenameStmt *) node)->relation)));
		case T_AlterObjectSchemaStmt:
			return add(NIL, find(((AlterObjectSchemaStmt *) node)->relation));
		case T_CreateTrigStmt:
			return add(NIL, find(((CreateTrigStmt *) node)->relation));
		case T_RuleStmt:
			return add(NIL, find(((RuleStmt *) node)->relation));
		case T_RefreshMatViewStmt:
			return add(NIL, find(((RefreshMatViewStmt *) node)->relation));
		case T_AlterSeqStmt:
			return add(NIL, find(((AlterSeqStmt *) node)->sequence));
		case T_UpdateStmt:
			return add(NIL, find(((UpdateStmt *) node)->relation));
		case T_DeleteStmt:
			return add(NIL, find(((DeleteStmt *) node)->relation));
		case T_InsertStmt:
			return add(NIL, find(((InsertStmt *) node)->relation));
		case T_ReindexStmt:
			return add(NIL, table_of(find(((ReindexStmt *) node)->relation)));
		case T_TruncateStmt:
			return find_all(((TruncateStmt *) node)->relations);
		case T_LockStmt:
			return find_all(((LockStmt *) node)->relations);
		case T_VacuumStmt:
			return find_all(((VacuumStmt *) node)->rels);
		case T_DropStmt:
			return dropped((DropStmt *) node);
		default:
			return NIL;
	}
}

Oid
migr_subject_enum(Node *node)
{
	return IsA(node, AlterEnumStmt)
		? LookupTypeNameOid(NULL, makeTypeNameFromNameList(((AlterEnumStmt *) node)->typeName), true)
		: InvalidOid;
}

static bool
is_key(Oid constraint)
{
	HeapTuple	row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	bool		is_one;

	if (!HeapTupleIsValid(row))
		return false;
	is_one = ((Form_pg_constraint) GETSTRUCT(row))->contype == CONSTRAINT_FOREIGN;
	ReleaseSysCache(row);
	return is_one;
}

bool
migr_subject_drops_key(Node *node)
{
	Oid			relation;
	ListCell   *lc;

	if (!IsA(node, AlterTableStmt))
		return false;
	relation = find(((AlterTableStmt *) node)->relation);
	foreach(lc, OidIsValid(relation) ? ((AlterTableStmt *) node)->cmds : NIL)
	{
		const AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (cmd->subtype == AT_DropConstraint &&
			is_key(get_relation_constraint_oid(relation, cmd->name, true)))
			return true;
	}
	return false;
}

bool
migr_subject_is_single(Node *node)
{
	if (IsA(node, AlterTableStmt))
		return list_length(((AlterTableStmt *) node)->cmds) == 1;
	return IsA(node, IndexStmt) || IsA(node, CreateStmt);
}

/* --- forms that are not run as they stand ---------------------------------- */

const MigrForm *
migr_subject_form(Node *node, const MigrStatement *statement)
{
	static const MigrForm create_index = {"CREATE INDEX CONCURRENTLY", ShareUpdateExclusiveLock, NoLock, true, false};
	static const MigrForm drop_index = {"DROP INDEX CONCURRENTLY", ShareUpdateExclusiveLock, NoLock, false, false};
	static const MigrForm detach = {"DETACH PARTITION CONCURRENTLY", ShareUpdateExclusiveLock, AccessExclusiveLock, false, false};
	static const MigrForm reindex_concurrently = {"REINDEX CONCURRENTLY", ShareUpdateExclusiveLock, NoLock, true, false};
	static const MigrForm reindex = {"REINDEX", ShareLock, NoLock, true, false};
	static const MigrForm vacuum = {"VACUUM", ShareUpdateExclusiveLock, NoLock, true, false};
	static const MigrForm vacuum_full = {"VACUUM FULL", AccessExclusiveLock, NoLock, true, true};

	switch (nodeTag(node))
	{
		case T_IndexStmt:
			return ((IndexStmt *) node)->concurrent ? &create_index : NULL;
		case T_DropStmt:
			return ((DropStmt *) node)->concurrent ? &drop_index : NULL;
		case T_AlterTableStmt:
			return statement->outside ? &detach : NULL;
		case T_ReindexStmt:
			return statement->patient ? &reindex_concurrently : &reindex;
		case T_VacuumStmt:
			return statement->patient ? &vacuum : &vacuum_full;
		default:
			return NULL;
	}
}

Oid
migr_subject_partition(Node *node)
{
	ListCell   *lc;

	if (!IsA(node, AlterTableStmt))
		return InvalidOid;
	foreach(lc, ((AlterTableStmt *) node)->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (migr_compat_detach_concurrently(cmd))
			return find(castNode(PartitionCmd, cmd->def)->name);
	}
	return InvalidOid;
}

/* --- columns --------------------------------------------------------------- */

/* What a column is of; false if there is none of that name. */
static bool
read_column(Oid relation, const char *name, Oid *type, int *typmod, Oid *collation,
			bool *has_default)
{
	HeapTuple	row = SearchSysCacheAttName(relation, name);
	Form_pg_attribute attribute;

	if (!HeapTupleIsValid(row))
		return false;
	attribute = (Form_pg_attribute) GETSTRUCT(row);
	*type = attribute->atttypid;
	*typmod = attribute->atttypmod;
	*collation = attribute->attcollation;
	*has_default = attribute->atthasdef || attribute->attidentity != '\0' ||
		get_typdefault(attribute->atttypid) != NULL;
	ReleaseSysCache(row);
	return true;
}

List *
migr_subject_columns(Node *node)
{
	List	   *columns = NIL;
	Oid			relation;
	ListCell   *lc;

	if (!IsA(node, AlterTableStmt))
		return NIL;
	relation = find(((AlterTableStmt *) node)->relation);
	foreach(lc, OidIsValid(relation) ? ((AlterTableStmt *) node)->cmds : NIL)
	{
		const AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);
		MigrMeasuredColumn *column;
		Oid			collation;
		bool		has_default;

		if (cmd->subtype != AT_AddColumn && cmd->subtype != AT_AlterColumnType)
			continue;
		column = palloc0(sizeof(MigrMeasuredColumn));
		column->name = cmd->subtype == AT_AddColumn ? ((ColumnDef *) cmd->def)->colname : cmd->name;
		(void) read_column(relation, column->name, &column->old_type, &column->old_typmod,
						   &collation, &has_default);
		columns = lappend(columns, column);
	}
	return columns;
}

void
migr_subject_columns_after(Oid relation, List *columns)
{
	ListCell   *lc;

	foreach(lc, columns)
	{
		MigrMeasuredColumn *column = lfirst(lc);
		Oid			collation;

		if (!read_column(relation, column->name, &column->new_type, &column->new_typmod,
						 &collation, &column->has_default))
			continue;
		column->is_checked_domain = get_typtype(column->new_type) == TYPTYPE_DOMAIN &&
			DomainHasConstraints(column->new_type);
		column->has_other_collation = OidIsValid(collation) &&
			collation != get_typcollation(column->new_type);
	}
}
