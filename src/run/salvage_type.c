/*
 * salvage_type.c
 *		What is kept is in no statement's way that alters a type.
 *
 * A domain's new check, or another attribute of a composite type, would be refused for values
 * that nobody sees any more.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "run/salvage_parts.h"

static void add_columns(List **found, List **types, Oid type);

/* What has a type: a column that is kept, or a type that is made of it. */
static void
add_dependent(List **found, List **types, Form_pg_depend row)
{
	MigrLoss   *loss;

	if (row->classid == TypeRelationId)
		add_columns(found, types, row->objid);
	if (row->classid != RelationRelationId || row->objsubid == 0)
		return;
	if (get_rel_relkind(row->objid) == RELKIND_COMPOSITE_TYPE)
		add_columns(found, types, get_rel_type_id(row->objid));
	if (get_rel_namespace(row->objid) != migr_salvaged_schema())
		return;
	loss = palloc0(sizeof(MigrLoss));
	loss->table = row->objid;
	loss->column = row->objsubid;
	loss->is_kept = true;
	*found = lappend(*found, loss);
}

static void
add_columns(List **found, List **types, Oid type)
{
	Relation	depend;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(type) || list_member_oid(*types, type))
		return;
	*types = lappend_oid(*types, type);
	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(TypeRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		add_dependent(found, types, (Form_pg_depend) GETSTRUCT(tuple));
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
}

/* The row type that ALTER TABLE, or ALTER TYPE, gives other values; or invalid. */
static Oid
reshaped_by(const AlterTableStmt *alter)
{
	Oid			relation = RangeVarGetRelid(alter->relation, NoLock, true);
	bool		is_type = OidIsValid(relation) && get_rel_relkind(relation) == RELKIND_COMPOSITE_TYPE;
	ListCell   *lc;

	foreach(lc, OidIsValid(relation) ? alter->cmds : NIL)
	{
		AlterTableType subtype = ((const AlterTableCmd *) lfirst(lc))->subtype;

		if (subtype == AT_AddColumn || subtype == AT_AlterColumnType || (is_type && subtype == AT_DropColumn))
			return get_rel_type_id(relation);
	}
	return InvalidOid;
}

/* The type whose values a statement looks at, or makes others; or invalid. */
static Oid
altered_by(const Node *statement)
{
	if (IsA(statement, AlterTableStmt))
		return reshaped_by((const AlterTableStmt *) statement);
	if (IsA(statement, AlterDomainStmt))
	{
		const AlterDomainStmt *alter = (const AlterDomainStmt *) statement;

		/* ADD CONSTRAINT, SET NOT NULL, VALIDATE CONSTRAINT. */
		if (strchr("COV", alter->subtype))
			return LookupTypeNameOid(NULL, makeTypeNameFromNameList(alter->typeName), true);
	}
	return InvalidOid;
}

void
migr_salvage_loosen(const Node *statement)
{
	Oid			type = altered_by(statement);
	List	   *found = NIL;
	List	   *types = NIL;

	if (!OidIsValid(type))
		return;
	add_columns(&found, &types, type);
	if (found != NIL)
		migr_salvage_free(found);
}
