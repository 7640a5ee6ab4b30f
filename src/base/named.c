/*
 * named.c
 *		What a command names: objects, found as the command would find them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/named.h"

List *
migr_named_add(List *named, Oid classid, Oid objid)
{
	ObjectAddress *address;

	if (!OidIsValid(objid))
		return named;
	address = palloc(sizeof(ObjectAddress));
	ObjectAddressSet(*address, classid, objid);
	return lappend(named, address);
}

List *
migr_named_add_relation(List *named, const RangeVar *name)
{
	return migr_named_add(named, RelationRelationId,
						  RangeVarGetRelid(name, NoLock, true));
}

const RangeVar *
migr_named_relation(const Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			return ((const AlterTableStmt *) statement)->relation;
		case T_AlterSeqStmt:
			return ((const AlterSeqStmt *) statement)->sequence;
		case T_IndexStmt:
			return ((const IndexStmt *) statement)->relation;
		case T_CreateTrigStmt:
			return ((const CreateTrigStmt *) statement)->relation;
		case T_RuleStmt:
			return ((const RuleStmt *) statement)->relation;
		case T_CreatePolicyStmt:
			return ((const CreatePolicyStmt *) statement)->table;
		case T_AlterPolicyStmt:
			return ((const AlterPolicyStmt *) statement)->table;
		case T_RefreshMatViewStmt:
			return ((const RefreshMatViewStmt *) statement)->relation;
		default:
			return NULL;
	}
}

static List *
add_granted(List *named, const GrantStmt *grant, void *name)
{
	if (grant->targtype == ACL_TARGET_ALL_IN_SCHEMA)
		return migr_named_add(named, NamespaceRelationId,
							  get_namespace_oid(strVal(name), true));
	switch (grant->objtype)
	{
		case OBJECT_SCHEMA:
			return migr_named_add(named, NamespaceRelationId,
								  get_namespace_oid(strVal(name), true));
		case OBJECT_TABLE:
		case OBJECT_SEQUENCE:
			return migr_named_add_relation(named, name);
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
			return migr_named_add(named, ProcedureRelationId,
								  LookupFuncWithArgs(grant->objtype, name, true));
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
			return migr_named_add(named, TypeRelationId,
								  LookupTypeNameOid(NULL, makeTypeNameFromNameList(name),
													true));
		default:
			return named;
	}
}

List *
migr_named_by_grant(const GrantStmt *grant)
{
	List	   *named = NIL;
	ListCell   *lc;

	if (grant->targtype == ACL_TARGET_DEFAULTS)
		return NIL;
	foreach(lc, grant->objects)
		named = add_granted(named, grant, lfirst(lc));
	return named;
}

static List *
add_dropped(List *named, ObjectType kind, Node *object)
{
	switch (kind)
	{
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_INDEX:
		case OBJECT_MATVIEW:
		case OBJECT_SEQUENCE:
		case OBJECT_TABLE:
		case OBJECT_VIEW:
			return migr_named_add_relation(named, makeRangeVarFromNameList((List *) object));
		case OBJECT_DOMAIN:
		case OBJECT_EVENT_TRIGGER:
		case OBJECT_EXTENSION:
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
		case OBJECT_SCHEMA:
		case OBJECT_TYPE:
			return list_concat(named, migr_named_object(kind, object, AccessExclusiveLock));
		default:
			return named;
	}
}

List *
migr_named_by_drop(const DropStmt *drop)
{
	List	   *named = NIL;
	ListCell   *lc;

	foreach(lc, drop->objects)
		named = add_dropped(named, drop->removeType, lfirst(lc));
	return named;
}

List *
migr_named_object(ObjectType kind, Node *object, LOCKMODE lock)
{
	Relation	rel = NULL;
	ObjectAddress address = get_object_address(kind, object, &rel, lock, true);

	if (rel)
		table_close(rel, NoLock);
	return migr_named_add(NIL, address.classId, address.objectId);
}

/* The only member of pg_database_owner. */
static Oid
database_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_database) GETSTRUCT(tuple))->datdba;
		ReleaseSysCache(tuple);
	}
	return owner;
}

Oid
migr_named_owner(const ObjectAddress *object)
{
	bool		has_owner = is_objectclass_supported(object->classId) &&
		get_object_attnum_owner(object->classId) != InvalidAttrNumber;
	int			cache = has_owner ? get_object_catcache_oid(object->classId) : -1;
	HeapTuple	tuple = cache < 0 ? NULL
		: SearchSysCache1(cache, ObjectIdGetDatum(object->objectId));
	bool		is_null;
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = DatumGetObjectId(SysCacheGetAttr(cache, tuple,
											 get_object_attnum_owner(object->classId),
											 &is_null));
	ReleaseSysCache(tuple);
	return owner == ROLE_PG_DATABASE_OWNER ? database_owner() : owner;
}
