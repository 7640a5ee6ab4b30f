/*
 * citus.c
 *		The extension Citus, as far as migr has to know of it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/citus.h"

#define EXTENSION "citus"
#define MULTI_SHARD_MODE "citus.multi_shard_modify_mode"

/* What is known of a shard: the function is of C, and looks at one name. */
static MigrQuery shards_query = {
	"SELECT r.oid FROM pg_catalog.unnest($1) r (oid)"
	" WHERE pg_catalog.relation_is_a_known_shard(r.oid::pg_catalog.regclass)",
	1, {OIDARRAYOID}
};

static MigrQuery distributed_query = {
	"SELECT p.logicalrelid::pg_catalog.oid FROM pg_catalog.pg_dist_partition p"
	" WHERE p.colocationid OPERATOR(pg_catalog.<>) 0", 0, {0}
};

/* The coordinator is of group 0. */
static MigrQuery group_query = {
	"SELECT g.groupid::pg_catalog.int8 FROM pg_catalog.pg_dist_local_group g", 0, {0}
};

/* A table that it can't do without is looked up in a cache, an extension in its catalog. */
Oid
migr_citus(void)
{
	if (!OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)))
		return InvalidOid;
	return get_extension_oid(EXTENSION, true);
}

static Oid
if_member(Oid classid, Oid objid)
{
	Oid			citus = OidIsValid(objid) ? migr_citus() : InvalidOid;

	return OidIsValid(citus) && getExtensionOfObject(classid, objid) == citus ? objid : InvalidOid;
}

Oid
migr_citus_table(const char *name)
{
	return if_member(RelationRelationId, get_relname_relid(name, PG_CATALOG_NAMESPACE));
}

Oid
migr_citus_function(const char *name, int nargs, const Oid *types)
{
	List	   *names = list_make2(makeString("pg_catalog"), makeString(pstrdup(name)));

	return if_member(ProcedureRelationId, LookupFuncName(names, nargs, types, true));
}

/* The name of a table, "_", and a number. */
bool
migr_citus_is_shard_name(const char *name)
{
	const char *end = strrchr(name, '_');

	return end && end[1] && strspn(end + 1, "0123456789") == strlen(end + 1);
}

List *
migr_citus_shards(MigrDb *db, const List *relations)
{
	static const Oid types[] = {REGCLASSOID};
	List	   *shards = NIL;
	Datum		value;
	uint64		rows;

	if (relations == NIL ||
		!OidIsValid(migr_citus_function("relation_is_a_known_shard", 1, types)))
		return NIL;
	value = migr_db_oids_datum(relations);
	rows = migr_db_run_once(db, &shards_query, &value);
	for (uint64 i = 0; i < rows; i++)
		shards = lappend_oid(shards, DatumGetObjectId(migr_db_datum(i, 1)));
	return shards;
}

bool
migr_citus_is_shard(const char *schema, const char *name)
{
	List	   *shards;
	Oid			space;
	Oid			relation;
	MigrDb		db;

	if (schema == NULL || name == NULL || !migr_citus_is_shard_name(name) || !OidIsValid(migr_citus()))
		return false;
	space = get_namespace_oid(schema, true);
	relation = OidIsValid(space) ? get_relname_relid(name, space) : InvalidOid;
	if (!OidIsValid(relation))
		return false;
	migr_db_begin(&db, false);
	shards = migr_citus_shards(&db, list_make1_oid(relation));
	migr_db_end(&db);
	return shards != NIL;
}

List *
migr_citus_distributed(void)
{
	List	   *tables = NIL;
	uint64		rows;
	MigrDb		db;

	if (!OidIsValid(migr_citus_table("pg_dist_partition")))
		return NIL;
	migr_db_begin(&db, false);
	rows = migr_db_run_once(&db, &distributed_query, NULL);
	for (uint64 i = 0; i < rows; i++)
		tables = lappend_oid(tables, DatumGetObjectId(migr_db_datum(i, 1)));
	migr_db_end(&db);
	return tables;
}

bool
migr_citus_has_rows_of(Oid table)
{
	Oid			partitions = migr_citus_table("pg_dist_partition");
	Relation	catalog;
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	if (!OidIsValid(partitions))
		return false;
	ScanKeyInit(&key, get_attnum(partitions, "logicalrelid"), BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	catalog = table_open(partitions, AccessShareLock);
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

void
migr_citus_check_coordinator(void)
{
	int64		group = 0;
	MigrDb		db;

	if (!OidIsValid(migr_citus_table("pg_dist_local_group")))
		return;
	migr_db_begin(&db, false);
	if (migr_db_run_once(&db, &group_query, NULL) > 0)
		group = migr_db_int64(0, 1);
	migr_db_end(&db);
	if (group != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database is a worker of a Citus cluster"),
				 errdetail("It is of group " INT64_FORMAT "; migrations run on the coordinator, which is of group 0.",
						   group),
				 errhint("Connect to the coordinator. It sends to the workers what they have to know.")));
}

void
migr_citus_sequential(bool for_session)
{
	/* A script can create the extension itself. */
	if (GetConfigOption(MULTI_SHARD_MODE, true, false))
		(void) set_config_option(MULTI_SHARD_MODE, "sequential", PGC_USERSET, PGC_S_SESSION,
								 for_session ? GUC_ACTION_SET : GUC_ACTION_SAVE, true, 0, false);
}
