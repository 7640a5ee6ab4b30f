/*
 * fence.c
 *		Keeps scripts off migr's own objects.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_shdepend.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/named.h"
#include "base/secure.h"
#include "store/fence.h"
#include "store/mutex.h"

static object_access_hook_type next_access;
static ProcessUtility_hook_type next_utility;

/* What stands on a relation, and the column that says on which. */
static const struct
{
	Oid			catalog;
	AttrNumber	relation;
}			attached[] =
{
	{ConstraintRelationId, Anum_pg_constraint_conrelid},
	{PolicyRelationId, Anum_pg_policy_polrelid},
	{RewriteRelationId, Anum_pg_rewrite_ev_class},
	{StatisticExtRelationId, Anum_pg_statistic_ext_stxrelid},
	{TriggerRelationId, Anum_pg_trigger_tgrelid}
};

/* migr's own objects, as far as an object's row can tell that it is one. */
typedef struct Own
{
	Oid			extension;
	Oid			schema;
} Own;

/* Do scripts run, and is what happens not migr's doing? */
static bool
is_closed(void)
{
	return migr_mutex_in_run() && !migr_db_active();
}

static Oid
read_oid(HeapTuple tuple, AttrNumber column, TupleDesc desc)
{
	bool		is_null;

	return column == InvalidAttrNumber ? InvalidOid
		: DatumGetObjectId(heap_getattr(tuple, column, desc, &is_null));
}

/*
 * Of an object that may have been created or altered just now, so that no
 * snapshot sees that yet: its schema, and the relation on which it stands.
 */
static void
read_place(Oid classid, Oid objid, Oid *schema, Oid *relation)
{
	Relation	catalog = table_open(classid, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	*schema = *relation = InvalidOid;
	ScanKeyInit(&key, get_object_attnum_oid(classid), BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(objid));
	scan = systable_beginscan(catalog, get_object_oid_index(classid), true,
							  SnapshotSelf, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		TupleDesc	desc = RelationGetDescr(catalog);

		*schema = read_oid(tuple, get_object_attnum_namespace(classid), desc);
		for (int i = 0; i < (int) lengthof(attached); i++)
		{
			if (attached[i].catalog == classid)
				*relation = read_oid(tuple, attached[i].relation, desc);
		}
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

/*
 * Is it an object of migr's, or one that stands on it?  Then the former goes
 * to *own, as far as it was there before.
 */
static bool
find_own(const Own *migr, Oid classid, Oid objid, ObjectAddress *own)
{
	Oid			schema;
	Oid			relation;

	ObjectAddressSet(*own, classid, objid);
	if ((classid == ExtensionRelationId && objid == migr->extension) ||
		(classid == NamespaceRelationId && objid == migr->schema))
		return true;
	if (!is_objectclass_supported(classid) || IsSharedRelation(classid))
		return false;
	if (getExtensionOfObject(classid, objid) == migr->extension)
		return true;
	read_place(classid, objid, &schema, &relation);
	if (OidIsValid(relation) &&
		find_own(migr, RelationRelationId, relation, own))
		return true;
	if (!OidIsValid(schema) || schema != migr->schema)
		return false;
	if (classid != RelationRelationId ||
		!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(objid)))
		ObjectAddressSet(*own, NamespaceRelationId, schema);
	return true;
}

/* Raise 55000 if the object is migr's. */
static void
refuse_own(Oid classid, Oid objid)
{
	Own			migr;
	ObjectAddress own;

	migr.extension = get_extension_oid("migr", true);
	migr.schema = get_namespace_oid("migr", true);
	if (!OidIsValid(migr.extension) || !find_own(&migr, classid, objid, &own))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a revision script can't change migr's own objects"),
			 errdetail("It would change %s.",
					   getObjectDescriptionOids(own.classId, own.objectId)),
			 errhint("Do that outside of a script.")));
}

static void
refuse_any(const List *named)
{
	ListCell   *lc;

	foreach(lc, named)
	{
		const ObjectAddress *address = lfirst(lc);

		refuse_own(address->classId, address->objectId);
	}
}

/* --- what the server does to objects ------------------------------------- */

/* For some catalogs the server tells the relation instead of the row. */
static void
check_access(Oid classid, Oid objid, ObjectAccessType access, void *arg)
{
	switch (classid)
	{
		case AttrDefaultRelationId:
			if (access != OAT_DROP)
				refuse_own(RelationRelationId, objid);
			break;
		case IndexRelationId:
			refuse_own(RelationRelationId, objid);
			break;
		case InheritsRelationId:
			refuse_own(RelationRelationId, objid);
			if (access == OAT_POST_ALTER)
				refuse_own(RelationRelationId,
						   ((ObjectAccessPostAlter *) arg)->auxiliary_id);
			break;
		default:
			refuse_own(classid, objid);
	}
}

static void
see_access(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if ((access == OAT_POST_CREATE || access == OAT_POST_ALTER ||
		 access == OAT_DROP) && is_closed())
		check_access(classid, objid, access, arg);
	if (next_access)
		next_access(access, classid, objid, subid, arg);
}

/* --- commands of which the server tells nothing, or too late -------------- */

/* GRANT for all functions in pg_catalog names no function. */
static void
check_grant(const GrantStmt *grant)
{
	ListCell   *lc;

	refuse_any(migr_named_by_grant(grant));
	if (grant->targtype != ACL_TARGET_ALL_IN_SCHEMA ||
		grant->objtype == OBJECT_TABLE || grant->objtype == OBJECT_SEQUENCE)
		return;
	foreach(lc, grant->objects)
	{
		if (strcmp(strVal(lfirst(lc)), "pg_catalog") == 0)
			refuse_own(ExtensionRelationId, get_extension_oid("migr", true));
	}
}

/* Default privileges in a schema are no object of their own. */
static void
check_defaults(const AlterDefaultPrivilegesStmt *alter)
{
	ListCell   *lc;

	foreach(lc, alter->options)
	{
		const DefElem *option = lfirst_node(DefElem, lc);
		ListCell   *name;

		if (strcmp(option->defname, "schemas") != 0)
			continue;
		foreach(name, (List *) option->arg)
			refuse_own(NamespaceRelationId,
					   get_namespace_oid(strVal(lfirst(name)), true));
	}
}

/* DROP OWNED takes the rights on what others own. */
static void
check_owned(Oid role)
{
	Relation	catalog = table_open(SharedDependRelationId, AccessShareLock);
	List	   *named = NIL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_shdepend_refclassid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(AuthIdRelationId));
	ScanKeyInit(&keys[1], Anum_pg_shdepend_refobjid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(role));
	scan = systable_beginscan(catalog, SharedDependReferenceIndexId, true, NULL,
							  lengthof(keys), keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_shdepend depend = (Form_pg_shdepend) GETSTRUCT(tuple);

		if (depend->dbid == MyDatabaseId &&
			(depend->deptype == SHARED_DEPENDENCY_OWNER ||
			 depend->deptype == SHARED_DEPENDENCY_ACL))
			named = migr_named_add(named, depend->classid, depend->objid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	refuse_any(named);
}

static void
check_drop_owned(const DropOwnedStmt *drop)
{
	ListCell   *lc;

	foreach(lc, drop->roles)
		check_owned(get_rolespec_oid(lfirst_node(RoleSpec, lc), true));
}

/* It would be dropped with another extension. */
static void
check_depends(const AlterObjectDependsStmt *depends)
{
	if (depends->relation)
		refuse_any(migr_named_add_relation(NIL, depends->relation));
	else
		refuse_any(migr_named_object(depends->objectType, depends->object,
									 AccessExclusiveLock));
}

static void
check_command(Node *command)
{
	switch (nodeTag(command))
	{
		case T_AlterDefaultPrivilegesStmt:
			check_defaults((AlterDefaultPrivilegesStmt *) command);
			break;
		case T_AlterObjectDependsStmt:
			check_depends((AlterObjectDependsStmt *) command);
			break;
		case T_AlterSeqStmt:
			refuse_any(migr_named_add_relation(NIL, ((AlterSeqStmt *) command)->sequence));
			break;
		case T_AlterTableStmt:
			refuse_any(migr_named_add_relation(NIL, ((AlterTableStmt *) command)->relation));
			break;
		case T_CommentStmt:
			refuse_any(migr_named_object(((CommentStmt *) command)->objtype,
										 ((CommentStmt *) command)->object,
										 ShareUpdateExclusiveLock));
			break;
		case T_DropOwnedStmt:
			check_drop_owned((DropOwnedStmt *) command);
			break;
		case T_DropStmt:
			refuse_any(migr_named_by_drop((DropStmt *) command));
			break;
		case T_GrantStmt:
			check_grant((GrantStmt *) command);
			break;
		case T_SecLabelStmt:
			refuse_any(migr_named_object(((SecLabelStmt *) command)->objtype,
										 ((SecLabelStmt *) command)->object,
										 ShareUpdateExclusiveLock));
			break;
		default:
			break;
	}
}

bool
migr_fence_is_own(Node *command)
{
	Own			migr = {get_extension_oid("migr", true), get_namespace_oid("migr", true)};
	List	   *named = NIL;
	ObjectAddress own;
	ListCell   *lc;

	if (!OidIsValid(migr.extension))
		return false;
	if (IsA(command, GrantStmt))
		named = migr_named_by_grant((GrantStmt *) command);
	else if (IsA(command, CopyStmt))
	{
		const RangeVar *table = ((CopyStmt *) command)->relation;

		return table && table->schemaname && strcmp(table->schemaname, "migr") == 0;
	}
	else if (IsA(command, CommentStmt))
		named = migr_named_object(((CommentStmt *) command)->objtype,
								  ((CommentStmt *) command)->object,
								  ShareUpdateExclusiveLock);
	foreach(lc, named)
	{
		const ObjectAddress *address = lfirst(lc);

		if (find_own(&migr, address->classId, address->objectId, &own))
			return true;
	}
	return false;
}

/* Does it write what is there anew, let it be less than it is, or say who watches over it? */
static bool
is_about_contents(const AlterTableCmd *cmd)
{
	switch (cmd->subtype)
	{
		case AT_AlterColumnType:
		case AT_DropColumn:
		case AT_DropConstraint:
		case AT_DropNotNull:
		case AT_DisableTrig:
		case AT_DisableTrigAll:
		case AT_DisableTrigUser:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_EnableTrig:
		case AT_EnableTrigAll:
		case AT_EnableTrigUser:
			return true;
		default:
			return false;
	}
}

/* Raise unless it is none of migr's tables, or who alters it may do as he likes. */
static void
check_relation(const RangeVar *relation)
{
	Oid			table = RangeVarGetRelid(relation, NoLock, true);

	/* Who is not the owner hears so from the server. */
	if (!OidIsValid(table) || superuser() ||
		!has_privs_of_role(GetUserId(), migr_secure_store_owner()) ||
		get_rel_namespace(table) != get_namespace_oid("migr", true) ||
		getExtensionOfObject(RelationRelationId, table) != get_extension_oid("migr", true))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("migr.%s can't be altered by hand", relation->relname),
			 errdetail("What it holds is kept by the extension.")));
}

static void
check_alter(const AlterTableStmt *alter)
{
	ListCell   *lc;

	foreach(lc, alter->cmds)
	{
		if (is_about_contents(lfirst_node(AlterTableCmd, lc)))
		{
			check_relation(alter->relation);
			return;
		}
	}
}

/* What is no member any more, nothing keeps from becoming something else. */
static void
check_contents(const AlterExtensionContentsStmt *alter)
{
	if (strcmp(alter->extname, "migr") != 0 || superuser())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("only a superuser can say what belongs to extension migr")));
}

void
migr_fence_check_command(Node *command)
{
	if (IsA(command, AlterTableStmt))
		check_alter((AlterTableStmt *) command);
	else if (IsA(command, RenameStmt) && ((RenameStmt *) command)->relation)
		check_relation(((RenameStmt *) command)->relation);
	else if (IsA(command, AlterExtensionContentsStmt))
		check_contents((AlterExtensionContentsStmt *) command);
}

static void
see_utility(MIGR_UTILITY_PARAMETERS)
{
	if (is_closed())
		check_command(planned->utilityStmt);
	if (next_utility)
		next_utility(MIGR_UTILITY_ARGUMENTS);
	else
		standard_ProcessUtility(MIGR_UTILITY_ARGUMENTS);
}

void
migr_fence_init(void)
{
	next_access = object_access_hook;
	object_access_hook = see_access;
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = see_utility;
}
