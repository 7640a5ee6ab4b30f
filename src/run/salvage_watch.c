/*
 * salvage_watch.c
 *		What a statement drops that has rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/partition.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/citus.h"
#include "run/salvage_parts.h"

static object_access_hook_type previous_hook;
static List **watching;
static MemoryContext watch_context;

/* Whatever snapshot the transaction goes by, what is dropped is what is there now. */
bool
migr_loss_has_rows(Oid table, AttrNumber column)
{
	Relation	rel = table_open(table, NoLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	bool		found = false;

	while (!found && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		found = column == 0 || !slot_attisnull(slot, column);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
	return found;
}

/* A generated column is made again by what it is made of. */
static bool
is_generated(Oid table, AttrNumber column)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(column));
	bool		generated = HeapTupleIsValid(tuple) &&
		((Form_pg_attribute) GETSTRUCT(tuple))->attgenerated != '\0';

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return generated;
}

/* Is the table one of the user's, that is not gone with the session? */
static bool
is_watched(Oid table)
{
	Oid			schema = get_rel_namespace(table);
	char		relkind = get_rel_relkind(table);

	return (relkind == RELKIND_RELATION || relkind == RELKIND_PARTITIONED_TABLE) &&
		get_rel_persistence(table) != RELPERSISTENCE_TEMP &&
		!IsCatalogNamespace(schema) && !IsToastNamespace(schema);
}

/* What is dropped of it here is empty: its rows are where its shards are. */
static void
check_is_here(Oid table)
{
	if (OidIsValid(migr_citus()) && migr_citus_has_rows_of(table))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows of table \"%s\" can't be kept, and so are not dropped", get_rel_name(table)),
				 errdetail("It is a table of Citus, which has them in shards."),
				 errhint("Say SET migr.keep_dropped = off in the script, before the statement.")));
}

static void
note(Oid table, AttrNumber column)
{
	MigrLoss	loss = {.table = table, .column = column};
	MigrLoss   *noted;

	if (!is_watched(table) || (column != 0 && is_generated(table, column)))
		return;
	check_is_here(table);
	loss.is_kept = get_rel_namespace(table) == migr_salvaged_schema();
	loss.is_root = get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE;
	if (!loss.is_kept && !loss.is_root && !migr_loss_has_rows(table, column))
		return;
	if (column == 0 && OidIsValid(getExtensionOfObject(RelationRelationId, table)))
	{
		ereport(WARNING,
				(errmsg("rows of table %s are not kept", get_rel_name(table)),
				 errdetail("It belongs to an extension.")));
		return;
	}
	noted = palloc(sizeof(MigrLoss));
	*noted = loss;
	*watching = lappend(*watching, noted);
}

static void
see_drop(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if (previous_hook)
		previous_hook(access, classid, objid, subid, arg);
	if (access == OAT_DROP && watching && classid == RelationRelationId && !IsBootstrapProcessingMode())
	{
		MemoryContext caller = MemoryContextSwitchTo(watch_context);

		note(objid, subid);
		MemoryContextSwitchTo(caller);
	}
}

void
migr_loss_watch(List **losses)
{
	static bool installed;

	if (!installed)
	{
		previous_hook = object_access_hook;
		object_access_hook = see_drop;
		installed = true;
	}
	watch_context = CurrentMemoryContext;
	watching = losses;
}

void
migr_loss_watch_end(void)
{
	watching = NULL;
}

/* --- what is to be kept ---------------------------------------------------------- */

static bool
is_lost(const List *losses, Oid table, const char *column)
{
	ListCell   *lc;

	foreach(lc, losses)
	{
		const MigrLoss *loss = lfirst(lc);
		const char *name;

		if (loss->table != table || (loss->column != 0) != (column != NULL))
			continue;
		if (column == NULL)
			return true;
		name = get_attname(table, loss->column, true);
		if (name && strcmp(name, column) == 0)
			return true;
	}
	return false;
}

/* Of the tables above, the topmost that is lost as well, or the same column of it. */
static Oid
topmost(const List *losses, Oid table, const char *column)
{
	Oid			found = table;
	ListCell   *lc;

	if (!get_rel_relispartition(table))
		return table;
	foreach(lc, get_partition_ancestors(table))
	{
		if (!is_lost(losses, lfirst_oid(lc), column))
			break;
		found = lfirst_oid(lc);
	}
	return found;
}

List *
migr_loss_to_keep(const List *losses)
{
	List	   *columns = NIL;
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, losses)
	{
		const MigrLoss *loss = lfirst(lc);
		MigrLoss   *kept;
		char	   *column;
		bool		known = false;
		ListCell   *other;

		if (loss->is_root || loss->is_kept)
			continue;
		kept = palloc0(sizeof(MigrLoss));
		column = loss->column ? get_attname(loss->table, loss->column, false) : NULL;
		kept->table = topmost(losses, loss->table, column);
		kept->column = column ? get_attnum(kept->table, column) : 0;
		foreach(other, loss->column ? columns : tables)
		{
			const MigrLoss *one = lfirst(other);

			known = known || (one->table == kept->table && one->column == kept->column);
		}
		if (known)
			continue;
		if (column)
			columns = lappend(columns, kept);
		else
			tables = lappend(tables, kept);
	}
	return list_concat(columns, tables);
}
