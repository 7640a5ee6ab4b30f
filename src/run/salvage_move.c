/*
 * salvage_move.c
 *		A table that is dropped moves to where it is kept.
 *
 * What is done here are the server's own steps of ALTER TABLE, REVOKE and DROP, by what the
 * caller's DROP has been shown to be allowed.  They run no code of anybody's, event
 * triggers included, so it matters to nobody that they are done as a superuser: who
 * may drop a table need be neither its owner nor find it by its name.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_subscription_rel.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "run/salvage_parts.h"

/* --- ALTER TABLE ------------------------------------------------------------------- */

static RangeVar *
name_of(Oid table)
{
	return makeRangeVar(get_namespace_name(get_rel_namespace(table)), get_rel_name(table), -1);
}

static void
alter(Oid table, AlterTableType subtype, const char *name, Node *def)
{
	AlterTableCmd *command = makeNode(AlterTableCmd);
	AlterTableStmt *statement = makeNode(AlterTableStmt);
	AlterTableUtilityContext context = {.queryString = "", .relid = table};

	command->subtype = subtype;
	command->name = unconstify(char *, name);
	command->def = def;
	command->behavior = DROP_CASCADE;
	statement->relation = name_of(table);
	statement->cmds = list_make1(command);
	context.pstmt = makeNode(PlannedStmt);
	LockRelationOid(table, AccessExclusiveLock);
	AlterTable(statement, AccessExclusiveLock, &context);
	CommandCounterIncrement();
}

static List *
parents_of(Oid table)
{
	Relation	catalog = table_open(InheritsRelationId, AccessShareLock);
	List	   *parents = NIL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
	scan = systable_beginscan(catalog, InheritsRelidSeqnoIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		parents = lappend_oid(parents, ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return parents;
}

/* It is nobody's child, nor parent but of its partitions. */
static void
leave_family(Oid table)
{
	ListCell   *lc;

	foreach(lc, parents_of(table))
	{
		if (get_rel_relispartition(table))
		{
			PartitionCmd *detach = makeNode(PartitionCmd);

			detach->name = name_of(table);
			alter(lfirst_oid(lc), AT_DetachPartition, NULL, (Node *) detach);
		}
		else
			alter(table, AT_DropInherit, NULL, (Node *) name_of(lfirst_oid(lc)));
	}
	if (get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE)
		return;
	foreach(lc, find_inheritance_children(table, AccessExclusiveLock))
		alter(lfirst_oid(lc), AT_DropInherit, NULL, (Node *) name_of(table));
}

/* Values stay as they are, whatever they were made of. */
static void
make_plain(Oid table)
{
	for (int i = 1;; i++)
	{
		HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(i));
		FormData_pg_attribute column;

		if (!HeapTupleIsValid(tuple))
			break;
		memcpy(&column, GETSTRUCT(tuple), ATTRIBUTE_FIXED_PART_SIZE);
		ReleaseSysCache(tuple);
		if (column.attisdropped)
			continue;
		if (column.attidentity)
			alter(table, AT_DropIdentity, NameStr(column.attname), NULL);
		/* One that is stored nowhere is no loss. */
		if (column.attgenerated == 's')
			alter(table, AT_DropExpression, NameStr(column.attname), NULL);
		else if (column.attgenerated)
			alter(table, AT_DropColumn, NameStr(column.attname), NULL);
	}
}

/* --- what stands on it ---------------------------------------------------------------- */

/* Is it one of the tables, or what a table has of itself? */
static bool
is_of_tables(const List *tables, const ObjectAddress *object)
{
	ListCell   *lc;

	if (object->classId == RelationRelationId)
		return list_member_oid(tables, object->objectId) ||
			get_rel_relkind(object->objectId) == RELKIND_TOASTVALUE;
	if (object->classId != TypeRelationId)
		return false;
	foreach(lc, tables)
	{
		Oid			type = get_rel_type_id(lfirst_oid(lc));

		if (object->objectId == type || object->objectId == get_array_type(type))
			return true;
	}
	return false;
}

/* Rows of pg_depend that go out from an object, or come in. */
static SysScanDesc
scan_depend(Relation depend, Oid classid, Oid objid, bool in)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], in ? Anum_pg_depend_refclassid : Anum_pg_depend_classid,
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(classid));
	ScanKeyInit(&keys[1], in ? Anum_pg_depend_refobjid : Anum_pg_depend_objid,
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(objid));
	return systable_beginscan(depend, in ? DependReferenceIndexId : DependDependerIndexId, true, NULL,
							  2, keys);
}

/* What an object is a part of, if it can't go by itself. */
static ObjectAddress
owner_of(Relation depend, ObjectAddress object)
{
	SysScanDesc scan = scan_depend(depend, object.classId, object.objectId, false);
	ObjectAddress found = object;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend row = (Form_pg_depend) GETSTRUCT(tuple);

		if (row->deptype == DEPENDENCY_INTERNAL)
			ObjectAddressSubSet(found, row->refclassid, row->refobjid, row->refobjsubid);
	}
	systable_endscan(scan);
	return found;
}

/* Since 18, each NOT NULL is one: that stays. */
static bool
is_not_null(const ObjectAddress *object)
{
	HeapTuple	tuple;
	bool		result;

	if (object->classId != ConstraintRelationId)
		return false;
	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(object->objectId));
	result = HeapTupleIsValid(tuple) && ((Form_pg_constraint) GETSTRUCT(tuple))->contype == 'n';
	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return result;
}

static void
add_dependents(ObjectAddresses *objects, const List *tables, Oid classid, Oid objid)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	SysScanDesc scan = scan_depend(depend, classid, objid, true);
	List	   *found = NIL;
	HeapTuple	tuple;
	ListCell   *lc;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend row = (Form_pg_depend) GETSTRUCT(tuple);
		ObjectAddress *object = palloc(sizeof(ObjectAddress));

		ObjectAddressSubSet(*object, row->classid, row->objid, row->objsubid);
		found = lappend(found, object);
	}
	systable_endscan(scan);
	foreach(lc, found)
	{
		ObjectAddress object = *(ObjectAddress *) lfirst(lc);
		ObjectAddress owner = owner_of(depend, object);

		for (; owner.classId != object.classId || owner.objectId != object.objectId;
			 owner = owner_of(depend, object))
			object = owner;
		if (!is_of_tables(tables, &object) && !is_not_null(&object) &&
			!object_address_present(&object, objects))
			add_exact_object_address(&object, objects);
	}
	table_close(depend, AccessShareLock);
}

/* The DROP has been shown to take all of that. */
static void
strip(const List *tables)
{
	ObjectAddresses *objects = new_object_addresses();
	ListCell   *lc;

	foreach(lc, tables)
	{
		Oid			type = get_rel_type_id(lfirst_oid(lc));

		add_dependents(objects, tables, RelationRelationId, lfirst_oid(lc));
		add_dependents(objects, tables, TypeRelationId, type);
		if (OidIsValid(get_array_type(type)))
			add_dependents(objects, tables, TypeRelationId, get_array_type(type));
	}
	performMultipleDeletions(objects, DROP_CASCADE, PERFORM_DELETION_INTERNAL | PERFORM_DELETION_QUIETLY);
	free_object_addresses(objects);
	CommandCounterIncrement();
}

static const MigrQuery grantees_query = {
	"SELECT DISTINCT a.grantee FROM pg_catalog.pg_class c,"
	"       LATERAL (SELECT c.relacl UNION ALL"
	"                SELECT attacl FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND NOT attisdropped) x (acl),"
	"       LATERAL pg_catalog.aclexplode(x.acl) a"
	" WHERE c.oid = $1 AND a.grantee <> c.relowner", 1, {OIDOID}
};

void
migr_salvage_revoke(Oid table)
{
	GrantStmt  *revoke = makeNode(GrantStmt);
	Datum		value = ObjectIdGetDatum(table);
	uint64		count;
	MigrDb		db;

	migr_db_begin_as(&db, BOOTSTRAP_SUPERUSERID);
	CommandCounterIncrement();
	db.read_only = false;
	count = migr_db_run_once(&db, &grantees_query, &value);
	revoke->targtype = ACL_TARGET_OBJECT;
	revoke->objtype = OBJECT_TABLE;
	revoke->objects = list_make1(name_of(table));
	revoke->behavior = DROP_CASCADE;
	for (uint64 i = 0; i < count; i++)
	{
		Oid			grantee = DatumGetObjectId(migr_db_datum(i, 1));
		RoleSpec   *role = makeNode(RoleSpec);

		role->roletype = OidIsValid(grantee) ? ROLESPEC_CSTRING : ROLESPEC_PUBLIC;
		role->rolename = OidIsValid(grantee) ? GetUserNameFromId(grantee, false) : NULL;
		role->location = -1;
		revoke->grantees = lappend(revoke->grantees, role);
	}
	if (count > 0)
		ExecuteGrantStmt(revoke);
	CommandCounterIncrement();
	migr_db_end(&db);
}

/* --- moving ---------------------------------------------------------------------------- */

static const MigrQuery sequences_query = {
	"SELECT a.attname::text, s.last_value::text"
	"  FROM pg_catalog.pg_depend d"
	"  JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'"
	"  JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid,"
	"       LATERAL (SELECT pg_catalog.pg_sequence_last_value(c.oid)) s (last_value)"
	" WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
	"   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
	"   AND d.refobjid = $1 AND d.deptype IN ('a', 'i') AND s.last_value IS NOT NULL"
	" ORDER BY a.attnum", 1, {OIDOID}
};

static void
note_sequences(MigrSalvaged *salvaged, Oid table)
{
	Datum		value = ObjectIdGetDatum(table);
	uint64		count;
	MigrDb		db;

	migr_db_begin_as(&db, BOOTSTRAP_SUPERUSERID);
	db.read_only = false;
	count = migr_db_run_once(&db, &sequences_query, &value);
	for (uint64 i = 0; i < count; i++)
	{
		salvaged->sequence_columns = lappend(salvaged->sequence_columns, migr_db_text(i, 1));
		salvaged->sequence_values = lappend(salvaged->sequence_values, migr_db_text(i, 2));
	}
	migr_db_end(&db);
}

/* A name that no other has: the number is in it. */
static char *
new_name(int64 id, int part, const char *name)
{
	char	   *head = part == 0 ? psprintf("k" INT64_FORMAT "_", id) : psprintf("k" INT64_FORMAT "p%d_", id, part);
	int			room = NAMEDATALEN - 1 - strlen(head);

	return psprintf("%s%.*s", head, pg_mbcliplen(name, strlen(name), room), name);
}

/* Nobody has a relation or type of that name where a table is, nor where it goes. */
static bool
is_free(Oid table, const char *name)
{
	Oid			schemas[] = {get_rel_namespace(table), migr_salvaged_schema()};

	for (int i = 0; i < (int) lengthof(schemas); i++)
	{
		if (OidIsValid(get_relname_relid(name, schemas[i])) ||
			SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name), ObjectIdGetDatum(schemas[i])))
			return false;
	}
	return true;
}

/* The next number with which all of them have names; numbers can be foreseen, and names taken. */
static int64
next_id(const List *tables)
{
	int64		id;
	bool		free;

	do
	{
		int			part = 0;
		ListCell   *lc;

		CHECK_FOR_INTERRUPTS();
		id = migr_salvaged_next();
		free = true;
		foreach(lc, tables)
			free = is_free(lfirst_oid(lc), new_name(id, part++, get_rel_name(lfirst_oid(lc)))) && free;
	} while (!free);
	return id;
}

static void
move(Oid table, const char *name)
{
	ObjectAddresses *moved = new_object_addresses();
	Relation	rel;

	RenameRelationInternal(table, name, true, false);
	CommandCounterIncrement();
	rel = table_open(table, AccessExclusiveLock);
	AlterTableNamespaceInternal(rel, RelationGetNamespace(rel), migr_salvaged_schema(), moved);
	table_close(rel, NoLock);
	free_object_addresses(moved);
	CommandCounterIncrement();
}

Oid
migr_salvage_owner(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;

	ReleaseSysCache(tuple);
	return owner;
}

static int64
believed_rows(const List *tables)
{
	double		rows = -1;
	ListCell   *lc;

	foreach(lc, tables)
	{
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_class row = (Form_pg_class) GETSTRUCT(tuple);

		if (row->relkind == RELKIND_RELATION && row->reltuples > 0)
			rows = Max(rows, 0) + row->reltuples;
		ReleaseSysCache(tuple);
	}
	return (int64) rows;
}

/* No statement of the caller's, nor what it fires, runs in here. */
static void
move_all(Oid root, int64 id, List *tables, const char *first)
{
	MigrDb		db;
	int			part = 0;
	ListCell   *lc;

	migr_db_begin_as(&db, BOOTSTRAP_SUPERUSERID);
	leave_family(root);
	foreach(lc, tables)
		make_plain(lfirst_oid(lc));
	strip(tables);
	foreach(lc, tables)
	{
		RemoveSubscriptionRel(InvalidOid, lfirst_oid(lc));
		migr_salvage_revoke(lfirst_oid(lc));
		move(lfirst_oid(lc), part == 0 ? first : new_name(id, part, get_rel_name(lfirst_oid(lc))));
		part++;
	}
	migr_db_end(&db);
}

void
migr_salvage_table(const MigrSalvaging *salvaging, Oid table, List **moved)
{
	MigrSalvaged salvaged = {.kind = "table", .kept_for = salvaging->kept_for};
	List	   *tables;

	LockRelationOid(table, AccessExclusiveLock);
	salvaged.revision = salvaging->revision;
	salvaged.action = salvaging->action;
	tables = get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE
		? find_all_inheritors(table, AccessExclusiveLock, NULL) : list_make1_oid(table);
	salvaged.id = next_id(tables);
	salvaged.schema = get_namespace_name(get_rel_namespace(table));
	salvaged.table = get_rel_name(table);
	salvaged.owner = GetUserNameFromId(migr_salvage_owner(table), false);
	salvaged.relation = new_name(salvaged.id, 0, salvaged.table);
	salvaged.rows = believed_rows(tables);
	note_sequences(&salvaged, table);
	move_all(table, salvaged.id, tables, salvaged.relation);
	migr_salvaged_add(&salvaged);
	*moved = list_concat(*moved, tables);
	ereport(NOTICE,
			(errmsg("%s is kept as " INT64_FORMAT, migr_salvaged_describe(&salvaged), salvaged.id)));
}

/* By who may, as the caller has made sure. */
void
migr_salvage_drop_relation(Oid relation)
{
	ObjectAddress object;
	MigrDb		db;

	LockRelationOid(relation, AccessExclusiveLock);
	ObjectAddressSet(object, RelationRelationId, relation);
	migr_db_begin(&db, false);
	performDeletion(&object, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
	CommandCounterIncrement();
	migr_db_end(&db);
}

void
migr_salvage_drop(const MigrSalvaged *salvaged)
{
	if (OidIsValid(salvaged->oid))
		migr_salvage_drop_relation(salvaged->oid);
	migr_salvaged_remove(salvaged->id);
}
