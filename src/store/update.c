/*
 * update.c
 *		What update scripts of the extension can't do by SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/db.h"
#include "store/update.h"

/* Types that the server comes with have the lowest OIDs. */
static MigrQuery types_query = {
	"SELECT c.relname || '.' || a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)"
	"  FROM pg_catalog.pg_attribute a"
	"  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
	"  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
	"   AND d.objid = c.oid AND d.deptype = 'e'"
	"  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid"
	"   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
	" WHERE e.extname = 'migr' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
	"   AND a.atttypid >= " CppAsString2(FirstNormalObjectId)
	" LIMIT 1", 0, {0}
};

static MigrQuery fingerprints_query = {
	"UPDATE migr.version SET fingerprint = NULL, server_major = NULL WHERE fingerprint IS NOT NULL",
	0, {0}
};

/* The functions in schema migr are called in sessions of others, and stay a superuser's. */
static MigrQuery owners_query = {
	"SELECT pg_catalog.format('ALTER %s %s OWNER TO %I', o.kind, o.name, r.rolname)"
	"  FROM (SELECT 'TABLE' AS kind, oid::pg_catalog.regclass::text AS name, relowner AS owner,"
	"               'pg_catalog.pg_class'::pg_catalog.regclass AS catalog, oid"
	"          FROM pg_catalog.pg_class WHERE relkind = 'r'"
	"         UNION ALL"
	"        SELECT 'ROUTINE', oid::pg_catalog.regprocedure::text, proowner,"
	"               'pg_catalog.pg_proc'::pg_catalog.regclass, oid"
	"          FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::pg_catalog.regnamespace"
	"         UNION ALL"
	"        SELECT 'SCHEMA', nspname::text, nspowner, 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid"
	"          FROM pg_catalog.pg_namespace WHERE nspname = 'migr_kept') o"
	"  JOIN pg_catalog.pg_depend d ON d.classid = o.catalog AND d.objid = o.oid AND d.deptype = 'e'"
	"  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid"
	"   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
	"  JOIN pg_catalog.pg_class v ON v.oid = 'migr.version'::pg_catalog.regclass"
	"  JOIN pg_catalog.pg_authid r ON r.oid = v.relowner"
	" WHERE e.extname = 'migr' AND o.owner <> r.oid AND o.owner = $1", 1, {OIDOID}
};

void
migr_update_check_types(void)
{
	MigrDb		db;

	migr_db_begin(&db, true);
	if (migr_db_run(&db, &types_query, NULL, NULL) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column migr.%s is of type %s, which migr did not give it",
						migr_db_text(0, 1), migr_db_text(0, 2)),
				 errhint("As a superuser, drop the column if it was added, and give it back its type if it was changed.")));
	migr_db_end(&db);
}

void
migr_update_owners_of_new(void)
{
	Datum		user = ObjectIdGetDatum(GetUserId());
	List	   *commands = NIL;
	ListCell   *lc;
	uint64		rows;
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	db.read_only = false;
	rows = migr_db_run(&db, &owners_query, &user, NULL);
	for (uint64 i = 0; i < rows; i++)
		commands = lappend(commands, migr_db_text(i, 1));
	foreach(lc, commands)
	{
		MigrQuery	command = {lfirst(lc), 0, {0}};

		(void) migr_db_run_once(&db, &command, NULL);
	}
	migr_db_end(&db);
}

void
migr_update_forget_fingerprints(void)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &fingerprints_query, NULL, NULL);
	migr_db_end(&db);
}

/* The tuple of a function. */
static HeapTuple
function_of(Oid function)
{
	HeapTuple	tuple = SearchSysCacheCopy1(PROCOID, ObjectIdGetDatum(function));

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function with OID %u does not exist", function)));
	return tuple;
}

/* The roles that a function's privileges name. */
static int
members_of(HeapTuple function, Oid **members)
{
	bool		is_null;
	Datum		acl = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proacl, &is_null);

	*members = NULL;
	return is_null ? 0 : aclmembers(DatumGetAclP(acl), members);
}

/*
 * Not by GRANT: what an extension's script grants counts as coming with it, and is left
 * out of dumps.
 */
void
migr_update_hand_over(Oid former, Oid successor)
{
	Relation	rel = table_open(ProcedureRelationId, RowExclusiveLock);
	HeapTuple	from = function_of(former);
	HeapTuple	to = function_of(successor);
	Oid			owner = ((Form_pg_proc) GETSTRUCT(from))->proowner;
	Oid			owner_before = ((Form_pg_proc) GETSTRUCT(to))->proowner;
	Datum		values[Natts_pg_proc] = {0};
	bool		nulls[Natts_pg_proc] = {false};
	bool		replaces[Natts_pg_proc] = {false};
	Oid		   *members_before;
	Oid		   *members;
	int			count_before = members_of(to, &members_before);
	int			count = members_of(from, &members);

	replaces[Anum_pg_proc_proowner - 1] = replaces[Anum_pg_proc_proacl - 1] = true;
	values[Anum_pg_proc_proowner - 1] = ObjectIdGetDatum(owner);
	values[Anum_pg_proc_proacl - 1] = SysCacheGetAttr(PROCOID, from, Anum_pg_proc_proacl,
													  &nulls[Anum_pg_proc_proacl - 1]);
	to = heap_modify_tuple(to, RelationGetDescr(rel), values, nulls, replaces);
	CatalogTupleUpdate(rel, &to->t_self, to);

	/* Owners are left out of what is said of privileges, so these go first and come last. */
	updateAclDependencies(ProcedureRelationId, successor, 0, owner_before,
						  count_before, members_before, 0, NULL);
	changeDependencyOnOwner(ProcedureRelationId, successor, owner);
	updateAclDependencies(ProcedureRelationId, successor, 0, owner,
						  0, NULL, count, members);
	table_close(rel, RowExclusiveLock);
}
