/*
 * plan_live.c
 *		What is known of the live relations that a plan is about.
 *
 * Nobody is waited for: of a table that somebody has locked, what the catalog
 * says of its size is taken.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "check/plan_case.h"

/* Pages as of the last VACUUM or ANALYZE, in bytes. */
static int64
noted_bytes(Oid relation)
{
	HeapTuple	row = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	int64		bytes = 0;

	if (HeapTupleIsValid(row))
	{
		bytes = (int64) ((Form_pg_class) GETSTRUCT(row))->relpages * BLCKSZ;
		ReleaseSysCache(row);
	}
	return bytes;
}

/* Of a relation with a file: 0 if there is nothing in it, though TOAST has an index. */
static int64
own_bytes(Oid oid)
{
	Relation	relation;
	int64		bytes = 0;

	if (!ConditionalLockRelationOid(oid, AccessShareLock))
		return noted_bytes(oid);
	relation = try_relation_open(oid, NoLock);
	if (relation == NULL)
	{
		UnlockRelationOid(oid, AccessShareLock);
		return 0;
	}
	if (RELKIND_HAS_STORAGE(relation->rd_rel->relkind) && RelationGetNumberOfBlocks(relation) > 0)
		bytes = DatumGetInt64(DirectFunctionCall1(pg_table_size, ObjectIdGetDatum(oid)));
	relation_close(relation, AccessShareLock);
	return bytes;
}

/* With its partitions, or children, for whose sake it is what it is. */
static int64
bytes_of(Oid relation, char kind)
{
	int64		bytes = 0;
	ListCell   *lc;

	if (kind != RELKIND_PARTITIONED_TABLE && !RELKIND_HAS_STORAGE(kind))
		return -1;
	foreach(lc, find_all_inheritors(relation, NoLock, NULL))
		bytes += own_bytes(lfirst_oid(lc));
	return bytes;
}

static MigrPlanRelation *
find_live(const MigrMeasuredRelation *measured)
{
	MigrPlanRelation *relation = palloc0(sizeof(MigrPlanRelation));
	Oid			schema = get_namespace_oid(measured->schema, true);
	Oid			live = OidIsValid(schema) && measured->made_in == 0
		? get_relname_relid(measured->name, schema) : InvalidOid;

	relation->measured = measured;
	relation->name = quote_qualified_identifier(measured->schema, measured->name);
	relation->is_live = OidIsValid(live);
	relation->bytes = relation->is_live ? bytes_of(live, get_rel_relkind(live)) : -1;
	relation->matters = relation->is_live && relation->bytes != 0;
	return relation;
}

bool
migr_plan_is_table(const MigrPlanRelation *relation)
{
	return relation->measured->kind == RELKIND_RELATION ||
		relation->measured->kind == RELKIND_PARTITIONED_TABLE ||
		relation->measured->kind == RELKIND_MATVIEW;
}

/* What has no rows of its own matters as much as the tables that it comes with. */
static void
settle_others(List *relations)
{
	bool		any = false;
	bool		matters = false;
	ListCell   *lc;

	foreach(lc, relations)
	{
		const MigrPlanRelation *relation = lfirst(lc);

		any = any || migr_plan_is_table(relation);
		matters = matters || (migr_plan_is_table(relation) && relation->matters);
	}
	foreach(lc, any && !matters ? relations : NIL)
		((MigrPlanRelation *) lfirst(lc))->matters = false;
}

List *
migr_plan_live(const MigrMeasured *measured)
{
	List	   *relations = NIL;
	ListCell   *lc;

	foreach(lc, measured->relations)
		relations = lappend(relations, find_live(lfirst(lc)));
	settle_others(relations);
	return relations;
}

bool
migr_plan_has_schema(const char *name)
{
	return OidIsValid(get_namespace_oid(name, true));
}
