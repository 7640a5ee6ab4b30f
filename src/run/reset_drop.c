/*
 * reset_drop.c
 *		What a reset drops, by the statements that anybody else would drop it by.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"

#include "base/citus.h"
#include "base/db.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "run/reset_drop.h"
#include "store/mutex.h"

/*
 * As many by one statement: for each, the server goes through all that it has found by
 * then, so that one statement for all would take the square of them.
 */
#define AT_ONCE 100

/*
 * What needs one of these and does not go along.  What is a part of something else, such
 * as the rule of a view, is that.  User mappings are part of no schema, but go with their
 * server.
 */
static MigrQuery dependents_query = {
	"WITH RECURSIVE gone (classid, objid) AS ("
	"   SELECT o.classid, o.objid FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) o (classid, objid)"
	"   UNION"
	"   SELECT d.classid, d.objid FROM gone g JOIN pg_catalog.pg_depend d"
	"       ON d.refclassid OPERATOR(pg_catalog.=) g.classid AND d.refobjid OPERATOR(pg_catalog.=) g.objid"
	"    WHERE d.objsubid OPERATOR(pg_catalog.=) 0 AND (d.deptype OPERATOR(pg_catalog.<>) 'n'"
	"       OR d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_user_mapping'::pg_catalog.regclass))"
	"SELECT DISTINCT pg_catalog.pg_describe_object(coalesce(w.refclassid, d.classid), coalesce(w.refobjid, d.objid),"
	"                                     CASE WHEN w.refobjid IS NULL THEN d.objsubid ELSE w.refobjsubid END),"
	"       pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0)"
	"  FROM gone g JOIN pg_catalog.pg_depend d"
	"    ON d.refclassid OPERATOR(pg_catalog.=) g.classid AND d.refobjid OPERATOR(pg_catalog.=) g.objid"
	"  LEFT JOIN pg_catalog.pg_depend w ON w.classid OPERATOR(pg_catalog.=) d.classid"
	"   AND w.objid OPERATOR(pg_catalog.=) d.objid AND w.deptype OPERATOR(pg_catalog.=) 'i'"
	" WHERE d.deptype OPERATOR(pg_catalog.=) 'n'"
	"   AND NOT EXISTS (SELECT FROM gone x WHERE x.classid OPERATOR(pg_catalog.=) d.classid"
	"                      AND x.objid OPERATOR(pg_catalog.=) d.objid)"
	" ORDER BY 1, 2", 2, {OIDARRAYOID, OIDARRAYOID}
};

/* As many of them are named. */
#define NAMED 10

static void
raise_dependents(uint64 rows)
{
	StringInfoData detail;

	initStringInfo(&detail);
	for (uint64 i = 0; i < rows && i < NAMED; i++)
		appendStringInfo(&detail, "%s%s depends on %s", i > 0 ? "\n" : "", migr_db_shown(i, 1),
						 migr_db_shown(i, 2));
	if (rows > NAMED)
		appendStringInfo(&detail, "\nand " UINT64_FORMAT " more", rows - NAMED);
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("cannot reset because something that stays depends on what is dropped"),
			 errdetail_internal("%s", detail.data),
			 errhint("Drop it, or change migr.exclude.")));
}

/* All statements say CASCADE, as two objects can need each other; so who else does is asked before. */
static void
check_dependents(const List *objects)
{
	List	   *classes = NIL;
	List	   *oids = NIL;
	Datum		values[2];
	uint64		rows;
	ListCell   *lc;
	MigrDb		db;

	foreach(lc, objects)
	{
		const MigrObject *object = lfirst(lc);

		classes = lappend_oid(classes, object->address.classid);
		oids = lappend_oid(oids, object->address.objid);
	}
	migr_db_begin(&db, false);
	values[0] = migr_db_oids_datum(classes);
	values[1] = migr_db_oids_datum(oids);
	rows = migr_db_run_once(&db, &dependents_query, values);
	if (rows > 0)
		raise_dependents(rows);
	migr_db_end(&db);
}

/*
 * It may have gone with something before it.  Of default privileges the server's own list
 * knows nothing before 14.
 */
static bool
is_there(const MigrObject *object)
{
	Oid			classid = object->address.classid;
	bool		is_defaults = classid == DefaultAclRelationId;
	Relation	catalog = table_open(classid, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&key, is_defaults ? Anum_pg_default_acl_oid : get_object_attnum_oid(classid),
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(object->address.objid));
	scan = systable_beginscan(catalog, is_defaults ? DefaultAclOidIndexId : get_object_oid_index(classid),
							  true, NULL, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* Has DROP a list of such objects? */
static bool
is_listed(MigrKind kind)
{
	return kind != MIGR_KIND_CAST && kind != MIGR_KIND_TRANSFORM && kind != MIGR_KIND_OPCLASS &&
		kind != MIGR_KIND_OPFAMILY;
}

/* --- statements --------------------------------------------------------------- */

/* A statement that is being put together. */
typedef struct Drop
{
	const char *noun;
	int			count;			/* of objects in it */
	StringInfoData sql;
} Drop;

static void
run(Drop *drop)
{
	if (drop->count == 0)
		return;
	appendStringInfoString(&drop->sql, " CASCADE");
	if (SPI_execute(drop->sql.data, false, 0) < 0)
		elog(ERROR, "could not run \"%s\"", drop->sql.data);
	CommandCounterIncrement();
	drop->count = 0;
}

static void
add(Drop *drop, const MigrObject *object)
{
	const char *noun = migr_ddl_noun(object);

	if (drop->count > 0 && (strcmp(noun, drop->noun) != 0 || !is_listed(object->kind) ||
							drop->count == AT_ONCE))
		run(drop);

	/* Asked when what comes before it has gone: with its own statement it may name what is not there. */
	if (!is_there(object))
		return;
	if (drop->count == 0)
	{
		resetStringInfo(&drop->sql);
		appendStringInfo(&drop->sql, "DROP %s ", noun);
	}
	appendStringInfo(&drop->sql, "%s%s", drop->count++ > 0 ? ", " : "", object->identity);
	drop->noun = noun;
}

/* Default privileges have no DROP: what takes them away sets what there was before. */
static void
drop_rest(const List *objects)
{
	ObjectAddresses *addresses = new_object_addresses();
	ListCell   *lc;

	foreach(lc, objects)
	{
		const MigrObject *object = lfirst(lc);
		ObjectAddress address;

		if (object->kind != MIGR_KIND_DEFAULT_PRIVILEGES || !is_there(object))
			continue;
		ObjectAddressSet(address, object->address.classid, object->address.objid);
		add_exact_object_address(&address, addresses);
	}
	performMultipleDeletions(addresses, DROP_RESTRICT, 0);
	CommandCounterIncrement();
}

/* Who needs others comes before them, as far as that can be told by what they are. */
static int
compare_kinds(const ListCell *a, const ListCell *b)
{
	const MigrObject *left = lfirst(a);
	const MigrObject *right = lfirst(b);

	if (left->kind != right->kind)
		return (int) right->kind - (int) left->kind;
	return strcmp(migr_ddl_noun(left), migr_ddl_noun(right));
}

static void
drop_all(void *arg)
{
	List	   *objects = list_copy(arg);
	Drop		drop = {0};
	ListCell   *lc;

	migr_citus_sequential(false);
	list_sort(objects, compare_kinds);
	initStringInfo(&drop.sql);
	SPI_connect();
	foreach(lc, objects)
	{
		const MigrObject *object = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (object->kind != MIGR_KIND_DEFAULT_PRIVILEGES)
			add(&drop, object);
	}
	run(&drop);
	SPI_finish();
	drop_rest(objects);
}

/*
 * Names of the server's own types stand without a schema: nothing of the session's may be
 * before them, but whatever else is called finds what it finds otherwise.  That something
 * has gone along, which was on the list, is no news.
 */
static void
drop_quietly(void *objects)
{
	MigrSetting settings[] = {
		{"search_path", psprintf("pg_catalog, %s%spg_temp", namespace_search_path,
								 *namespace_search_path ? ", " : "")},
		{"client_min_messages", "warning"}
	};

	migr_settings_run(settings, client_min_messages < WARNING ? 2 : 1, drop_all, objects);
}

void
migr_reset_drop(const List *objects)
{
	ErrorData  *error;

	if (objects == NIL)
		return;
	check_dependents(objects);
	migr_mutex_enter_run();
	error = migr_subxact_run(drop_quietly, unconstify(List *, objects), true);
	migr_mutex_leave_run();
	if (error)
		ReThrowError(error);
}
