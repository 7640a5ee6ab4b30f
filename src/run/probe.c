/*
 * probe.c
 *		What a statement that was interrupted has left behind.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "commands/dbcommands.h"
#include "commands/tablespace.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/server_parser.h"
#include "run/probe.h"

static Node *
parse(const char *sql)
{
	return linitial_node(RawStmt, migr_parse(sql, NULL, 1))->stmt;
}

static char *
name_of(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
									  get_rel_name(relation));
}

/* --- indexes --------------------------------------------------------------- */

/*
 * The indexes of a table (Oid), in order: those as well that are no longer kept up, as a drop or
 * a rebuild that was cut short leaves them, and which the server's own list lacks.
 */
static List *
indexes_of(Oid table)
{
	Relation	catalog = table_open(IndexRelationId, AccessShareLock);
	List	   *indexes = NIL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
	scan = systable_beginscan(catalog, IndexIndrelidIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		indexes = lappend_oid(indexes, ((Form_pg_index) GETSTRUCT(tuple))->indexrelid);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	list_sort(indexes, list_oid_cmp);
	return indexes;
}

static bool
is_valid(Oid index)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	bool		valid;

	if (!HeapTupleIsValid(tuple))
		return false;
	valid = ((Form_pg_index) GETSTRUCT(tuple))->indisvalid;
	ReleaseSysCache(tuple);
	return valid;
}

static bool
is_known(const List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

static MigrProbe
drop_first(Oid index)
{
	MigrProbe	probe = {0};

	probe.found = psprintf("index %s is invalid", name_of(index));
	probe.command = psprintf("DROP INDEX CONCURRENTLY %s", name_of(index));
	probe.table = IndexGetRelation(index, true);
	probe.index = index;
	return probe;
}

void
migr_probe_wait(const MigrProbe *probe)
{
	Relation	catalog;
	SnapshotData dirty;
	ScanKeyData key;
	SysScanDesc scan;
	TransactionId builder = InvalidTransactionId;

	LockRelationOid(probe->table, ShareUpdateExclusiveLock);
	InitDirtySnapshot(dirty);
	ScanKeyInit(&key, Anum_pg_index_indexrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(probe->index));
	catalog = table_open(IndexRelationId, AccessShareLock);
	scan = systable_beginscan(catalog, IndexRelidIndexId, true, &dirty, 1, &key);
	/* The row as it was before is met first, or as it will be. */
	while (!TransactionIdIsValid(builder) && HeapTupleIsValid(systable_getnext(scan)))
		builder = TransactionIdIsValid(dirty.xmax) ? dirty.xmax : dirty.xmin;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	InvalidateCatalogSnapshot();
	if (TransactionIdIsValid(builder))
		XactLockTableWait(builder, NULL, NULL, XLTW_None);
}

/* The index that a statement makes: by its name, or what was not there before. */
static Oid
find_index(const IndexStmt *stmt, Oid table, const List *before)
{
	ListCell   *lc;

	foreach(lc, indexes_of(table))
	{
		Oid			index = lfirst_oid(lc);

		if (stmt->idxname ? strcmp(get_rel_name(index), stmt->idxname) == 0
			: !is_known(before, name_of(index)))
			return index;
	}
	return InvalidOid;
}

static MigrProbe
look_index(const IndexStmt *stmt, const List *before)
{
	MigrProbe	probe = {0};
	Oid			table = RangeVarGetRelid(stmt->relation, NoLock, true);
	Oid			index = OidIsValid(table) ? find_index(stmt, table, before) : InvalidOid;

	if (!OidIsValid(index))
		return probe;
	if (!is_valid(index))
		return drop_first(index);
	probe.found = psprintf("index %s is there, and valid", name_of(index));
	probe.done = true;
	return probe;
}

static bool
ends_in_number(const char *name, const char *suffix)
{
	const char *found = strstr(name, suffix);

	return found && strspn(found + strlen(suffix), "0123456789") == strlen(found + strlen(suffix));
}

/* The index of a table that a rebuild has not finished, or not dropped; or none. */
static Oid
find_rebuilt(Oid table)
{
	ListCell   *lc;

	foreach(lc, OidIsValid(table) ? indexes_of(table) : NIL)
	{
		Oid			index = lfirst_oid(lc);
		const char *name = get_rel_name(index);

		if (!is_valid(index) &&
			(ends_in_number(name, "_ccnew") || ends_in_number(name, "_ccold")))
			return index;
	}
	return InvalidOid;
}

/* Where long values are kept has an index as well, that is rebuilt with the others. */
static Oid
toast_of(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			toast;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	toast = ((Form_pg_class) GETSTRUCT(tuple))->reltoastrelid;
	ReleaseSysCache(tuple);
	return toast;
}

static MigrProbe
look_reindex(const ReindexStmt *stmt)
{
	MigrProbe	probe = {0};
	Oid			table = stmt->relation ? RangeVarGetRelid(stmt->relation, NoLock, true)
		: InvalidOid;
	Oid			index;

	if (OidIsValid(table) && stmt->kind == REINDEX_OBJECT_INDEX)
		table = IndexGetRelation(table, true);
	index = find_rebuilt(table);
	if (!OidIsValid(index))
		index = find_rebuilt(toast_of(table));
	return OidIsValid(index) ? drop_first(index) : probe;
}

/* --- what is dropped, detached or made -------------------------------------- */

static MigrProbe
done_if(bool done, const char *found)
{
	MigrProbe	probe = {0};

	probe.done = done;
	probe.found = done ? pstrdup(found) : NULL;
	return probe;
}

static MigrProbe
look_drop(const DropStmt *stmt)
{
	RangeVar   *index = makeRangeVarFromNameList(linitial_node(List, stmt->objects));

	return done_if(!OidIsValid(RangeVarGetRelid(index, NoLock, true)),
				   psprintf("index %s is gone", quote_identifier(index->relname)));
}

static MigrProbe
look_detach(const AlterTableStmt *stmt, const AlterTableCmd *cmd)
{
	MigrProbe	probe = {0};
	Oid			parent = RangeVarGetRelid(stmt->relation, NoLock, true);
	Oid			partition = RangeVarGetRelid(castNode(PartitionCmd, cmd->def)->name, NoLock, true);

	if (!OidIsValid(parent) || !OidIsValid(partition))
		return probe;
	if (!migr_compat_is_partition_of(partition, parent))
		return done_if(true, psprintf("%s is detached", name_of(partition)));
	if (migr_compat_detach_pending(partition))
	{
		probe.found = psprintf("%s is being detached", name_of(partition));
		probe.command = psprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE", name_of(parent),
								 name_of(partition));
	}
	return probe;
}

static MigrProbe
look_alter_table(const AlterTableStmt *stmt)
{
	MigrProbe	probe = {0};
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		if (migr_compat_detach_concurrently(lfirst_node(AlterTableCmd, lc)))
			return look_detach(stmt, lfirst_node(AlterTableCmd, lc));
	}
	return probe;
}

static bool
has_database(const char *name)
{
	return OidIsValid(get_database_oid(name, true));
}

static bool
has_tablespace(const char *name)
{
	return OidIsValid(get_tablespace_oid(name, true));
}

MigrProbe
migr_probe_look(const char *sql, const List *before)
{
	Node	   *node = parse(sql);

	switch (nodeTag(node))
	{
		case T_IndexStmt:
			return look_index((IndexStmt *) node, before);
		case T_ReindexStmt:
			return look_reindex((ReindexStmt *) node);
		case T_DropStmt:
			return look_drop((DropStmt *) node);
		case T_AlterTableStmt:
			return look_alter_table((AlterTableStmt *) node);
		case T_CreatedbStmt:
			return done_if(has_database(((CreatedbStmt *) node)->dbname),
						   "the database is there");
		case T_DropdbStmt:
			return done_if(!has_database(((DropdbStmt *) node)->dbname),
						   "the database is gone");
		case T_CreateTableSpaceStmt:
			return done_if(has_tablespace(((CreateTableSpaceStmt *) node)->tablespacename),
						   "the tablespace is there");
		case T_DropTableSpaceStmt:
			return done_if(!has_tablespace(((DropTableSpaceStmt *) node)->tablespacename),
						   "the tablespace is gone");
		default:
			return done_if(false, NULL);
	}
}

/* IF NOT EXISTS takes an index for there that is invalid. */
MigrProbe
migr_probe_look_first(const char *sql)
{
	IndexStmt  *stmt = (IndexStmt *) parse(sql);
	MigrProbe	probe = {0};

	if (IsA(stmt, IndexStmt) && stmt->if_not_exists && stmt->idxname)
	{
		probe = look_index(stmt, NIL);
		probe.done = false;
	}
	return probe;
}

List *
migr_probe_note(const char *sql)
{
	IndexStmt  *stmt = (IndexStmt *) parse(sql);
	List	   *names = NIL;
	Oid			table;
	ListCell   *lc;

	if (!IsA(stmt, IndexStmt) || stmt->idxname)
		return NIL;
	table = RangeVarGetRelid(stmt->relation, NoLock, true);
	foreach(lc, OidIsValid(table) ? indexes_of(table) : NIL)
		names = lappend(names, name_of(lfirst_oid(lc)));
	return names;
}
