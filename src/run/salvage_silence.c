/*
 * salvage_silence.c
 *		Triggers and rules keep quiet while rows go back.
 *
 * What ALTER TABLE … DISABLE TRIGGER and DISABLE RULE write, without what else these do: they
 * would turn those of partitions on again that were off, and event triggers would see them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "rewrite/rewriteDefine.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "run/salvage_parts.h"

/* A trigger or rule that was turned off, and what it was before. */
typedef struct Silenced
{
	Oid			catalog;
	Oid			table;
	NameData	name;
	char		was;
} Silenced;

/* Those of foreign keys stay; before 15, one that a partition has from its parent looks like them. */
static bool
is_users(Form_pg_trigger trigger)
{
	return !trigger->tgisinternal ||
		(OidIsValid(trigger->tgparentid) && trigger->tgfoid != F_UNIQUE_KEY_RECHECK &&
		 RI_FKey_trigger_type(trigger->tgfoid) == RI_TRIGGER_NONE);
}

/* Where a row says whether it fires, and what it is called; NULL: it is none of the user's. */
static char *
state_of(Oid catalog, HeapTuple tuple, Name *name)
{
	if (catalog == RewriteRelationId)
	{
		Form_pg_rewrite rule = (Form_pg_rewrite) GETSTRUCT(tuple);

		*name = &rule->rulename;
		return &rule->ev_enabled;
	}
	else
	{
		Form_pg_trigger trigger = (Form_pg_trigger) GETSTRUCT(tuple);

		*name = &trigger->tgname;
		return is_users(trigger) ? &trigger->tgenabled : NULL;
	}
}

static SysScanDesc
scan_of(Relation catalog, Oid table)
{
	bool		rules = RelationGetRelid(catalog) == RewriteRelationId;
	ScanKeyData key;

	ScanKeyInit(&key, rules ? Anum_pg_rewrite_ev_class : Anum_pg_trigger_tgrelid,
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
	return systable_beginscan(catalog, rules ? RewriteRelRulenameIndexId : TriggerRelidNameIndexId,
							  true, NULL, 1, &key);
}

/* Only who could say so by ALTER TABLE may turn off what is there to watch others. */
static void
check_owner(Oid table)
{
	if (!has_privs_of_role(GetUserId(), migr_salvage_owner(table)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s, which has triggers or rules, to put back what was as it was",
						get_rel_name(table))));
}

/* Turn off what a catalog has of a table; NIL: nothing of it was on. */
static List *
silence(Oid classid, Oid table)
{
	Relation	catalog = table_open(classid, RowExclusiveLock);
	SysScanDesc scan = scan_of(catalog, table);
	List	   *silenced = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		HeapTuple	changed = heap_copytuple(tuple);
		Name		name;
		char	   *state = state_of(classid, changed, &name);
		Silenced   *one;

		if (state == NULL || *state == TRIGGER_DISABLED)
			continue;
		if (silenced == NIL)
			check_owner(table);
		one = palloc0(sizeof(Silenced));
		one->catalog = classid;
		one->table = table;
		one->name = *name;
		one->was = *state;
		silenced = lappend(silenced, one);
		*state = TRIGGER_DISABLED;
		CatalogTupleUpdate(catalog, &changed->t_self, changed);
	}
	systable_endscan(scan);
	table_close(catalog, RowExclusiveLock);
	if (silenced != NIL)
		CacheInvalidateRelcacheByRelid(table);
	return silenced;
}

List *
migr_silence_begin(Oid table)
{
	List	   *silenced;
	ListCell   *lc;

	/* A disabled rule is written as a disabled trigger is. */
	StaticAssertStmt(RULE_DISABLED == TRIGGER_DISABLED, "states of rules and triggers");

	LockRelationOid(table, ShareRowExclusiveLock);
	silenced = silence(RewriteRelationId, table);
	foreach(lc, get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE
			? find_all_inheritors(table, ShareRowExclusiveLock, NULL) : list_make1_oid(table))
		silenced = list_concat(silenced, silence(TriggerRelationId, lfirst_oid(lc)));
	CommandCounterIncrement();
	return silenced;
}

static void
restore(const Silenced *one)
{
	Relation	catalog = table_open(one->catalog, RowExclusiveLock);
	SysScanDesc scan = scan_of(catalog, one->table);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		HeapTuple	changed = heap_copytuple(tuple);
		Name		name;
		char	   *state = state_of(one->catalog, changed, &name);

		if (state == NULL || strcmp(NameStr(*name), NameStr(one->name)) != 0)
			continue;
		*state = one->was;
		CatalogTupleUpdate(catalog, &changed->t_self, changed);
	}
	systable_endscan(scan);
	table_close(catalog, RowExclusiveLock);
	CacheInvalidateRelcacheByRelid(one->table);
}

void
migr_silence_end(const List *silenced)
{
	ListCell   *lc;

	foreach(lc, silenced)
		restore(lfirst(lc));
	CommandCounterIncrement();
}
