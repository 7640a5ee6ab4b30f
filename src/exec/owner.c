/*
 * owner.c
 *		Who owns what a statement names, for who may not touch it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "base/named.h"
#include "base/server_parser.h"
#include "exec/owner.h"

/* The relation that the first parts of a name are: of a column, a trigger … */
static List *
add_relation_of(List *named, const List *parts)
{
	List	   *name = list_truncate(list_copy(parts), list_length(parts) - 1);

	return name == NIL ? named
		: migr_named_add_relation(named, makeRangeVarFromNameList(name));
}

static List *
add_type(List *named, Node *name)
{
	TypeName   *type = IsA(name, TypeName) ? (TypeName *) name
		: makeTypeNameFromNameList((List *) name);

	return migr_named_add(named, TypeRelationId, LookupTypeNameOid(NULL, type, true));
}

/* An object by its kind, as ALTER, COMMENT and RENAME name it. */
static List *
add_object(List *named, ObjectType kind, Node *object)
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
		case OBJECT_COLUMN:
		case OBJECT_POLICY:
		case OBJECT_RULE:
		case OBJECT_TABCONSTRAINT:
		case OBJECT_TRIGGER:
			return add_relation_of(named, (List *) object);
		case OBJECT_DOMAIN:
		case OBJECT_TYPE:
			return add_type(named, object);
		case OBJECT_AGGREGATE:
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
			return migr_named_add(named, ProcedureRelationId,
								  LookupFuncWithArgs(kind, (ObjectWithArgs *) object, true));
		case OBJECT_SCHEMA:
			return migr_named_add(named, NamespaceRelationId,
								  get_namespace_oid(strVal(object), true));
		default:
			return named;
	}
}

static List *
add_renamed(List *named, const RenameStmt *rename)
{
	if (rename->relation)
		return migr_named_add_relation(named, rename->relation);
	if (rename->renameType == OBJECT_SCHEMA)
		return migr_named_add(named, NamespaceRelationId,
							  get_namespace_oid(rename->subname, true));
	return add_object(named, rename->renameType, rename->object);
}

static List *
add_moved(List *named, const AlterObjectSchemaStmt *move)
{
	return move->relation ? migr_named_add_relation(named, move->relation)
		: add_object(named, move->objectType, move->object);
}

/* DROP TRIGGER and its like name what is on a relation. */
static List *
add_dropped(List *named, const DropStmt *drop)
{
	ListCell   *lc;

	if (drop->removeType != OBJECT_POLICY && drop->removeType != OBJECT_RULE &&
		drop->removeType != OBJECT_TRIGGER)
		return list_concat(named, migr_named_by_drop(drop));
	foreach(lc, drop->objects)
		named = add_relation_of(named, lfirst(lc));
	return named;
}

/* The relation whose owner a statement wants, where its tree says so plainly. */
static const RangeVar *
relation_of(Node *statement)
{
	if (IsA(statement, ViewStmt))
		return ((ViewStmt *) statement)->replace ? ((ViewStmt *) statement)->view : NULL;
	return migr_named_relation(statement);
}

/* What a statement names that its user has to own. */
static List *
owned_by(Node *statement)
{
	const RangeVar *relation = relation_of(statement);

	if (relation)
		return migr_named_add_relation(NIL, relation);
	switch (nodeTag(statement))
	{
		case T_DropStmt:
			return add_dropped(NIL, (DropStmt *) statement);
		case T_RenameStmt:
			return add_renamed(NIL, (RenameStmt *) statement);
		case T_AlterObjectSchemaStmt:
			return add_moved(NIL, (AlterObjectSchemaStmt *) statement);
		case T_AlterOwnerStmt:
			return add_object(NIL, ((AlterOwnerStmt *) statement)->objectType,
							  ((AlterOwnerStmt *) statement)->object);
		case T_CommentStmt:
			return add_object(NIL, ((CommentStmt *) statement)->objtype,
							  ((CommentStmt *) statement)->object);
		case T_AlterFunctionStmt:
			return add_object(NIL, ((AlterFunctionStmt *) statement)->objtype,
							  (Node *) ((AlterFunctionStmt *) statement)->func);
		case T_AlterEnumStmt:
			return add_type(NIL, (Node *) ((AlterEnumStmt *) statement)->typeName);
		case T_AlterDomainStmt:
			return add_type(NIL, (Node *) ((AlterDomainStmt *) statement)->typeName);
		case T_GrantStmt:
			return migr_named_by_grant((GrantStmt *) statement);
		default:
			return NIL;
	}
}

/* What a statement creates in a schema, or NULL. */
static const RangeVar *
created_by(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreateStmt:
			return ((CreateStmt *) statement)->relation;
		case T_CreateTableAsStmt:
			return ((CreateTableAsStmt *) statement)->into->rel;
		case T_CreateSeqStmt:
			return ((CreateSeqStmt *) statement)->sequence;
		case T_ViewStmt:
			return ((ViewStmt *) statement)->view;
		case T_CompositeTypeStmt:
			return ((CompositeTypeStmt *) statement)->typevar;
		case T_CreateEnumStmt:
			return makeRangeVarFromNameList(((CreateEnumStmt *) statement)->typeName);
		case T_CreateDomainStmt:
			return makeRangeVarFromNameList(((CreateDomainStmt *) statement)->domainname);
		case T_CreateFunctionStmt:
			return makeRangeVarFromNameList(((CreateFunctionStmt *) statement)->funcname);
		default:
			return NULL;
	}
}

bool
migr_owner_matters(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_DropStmt:
		case T_RenameStmt:
		case T_AlterObjectSchemaStmt:
		case T_AlterOwnerStmt:
		case T_CommentStmt:
		case T_AlterFunctionStmt:
		case T_AlterEnumStmt:
		case T_AlterDomainStmt:
		case T_GrantStmt:
			return true;
		default:
			return relation_of(statement) != NULL || created_by(statement) != NULL;
	}
}

/* Whom to ask for a schema in which the statement may create nothing, or NULL. */
static char *
schema_hint(const RangeVar *created)
{
	List	   *path = fetch_search_path(false);
	ObjectAddress schema;
	Oid			owner;

	ObjectAddressSet(schema, NamespaceRelationId,
					 created->schemaname ? get_namespace_oid(created->schemaname, true)
					 : path != NIL ? linitial_oid(path) : InvalidOid);
	/* A system's or an extension's is no place for others. */
	if (!OidIsValid(schema.objectId) || IsCatalogNamespace(schema.objectId) ||
		OidIsValid(getExtensionOfObject(NamespaceRelationId, schema.objectId)) ||
		DatumGetBool(DirectFunctionCall2(has_schema_privilege_id,
										 ObjectIdGetDatum(schema.objectId),
										 CStringGetTextDatum("CREATE"))))
		return NULL;
	owner = migr_named_owner(&schema);
	return !OidIsValid(owner) ? NULL
		: psprintf("Ask role \"%s\", who owns it, for GRANT CREATE ON SCHEMA %s TO %s.",
				   GetUserNameFromId(owner, false),
				   quote_identifier(get_namespace_name(schema.objectId)),
				   quote_identifier(GetUserNameFromId(GetUserId(), false)));
}

char *
migr_owner_hint(const char *sql)
{
	Node	   *statement;
	const RangeVar *created;
	ListCell   *lc;

	if (superuser())
		return NULL;
	statement = linitial_node(RawStmt, migr_parse(sql, NULL, 1))->stmt;
	foreach(lc, owned_by(statement))
	{
		const ObjectAddress *object = lfirst(lc);
		Oid			owner = migr_named_owner(object);

		if (OidIsValid(owner) && !has_privs_of_role(GetUserId(), owner))
			return psprintf("Ask role \"%s\", who owns %s, to hand it over by ALTER ... OWNER TO %s, or to run the revision.",
							GetUserNameFromId(owner, false),
							getObjectDescriptionOids(object->classId, object->objectId),
							quote_identifier(GetUserNameFromId(GetUserId(), false)));
	}
	created = created_by(statement);
	return created && created->relpersistence != RELPERSISTENCE_TEMP
		? schema_hint(created) : NULL;
}
