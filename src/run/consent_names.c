/*
 * consent_names.c
 *		What the statements of a script name, and what that is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/named.h"
#include "run/consent_loss.h"
#include "run/consent_names.h"

static bool
is_known(const List *named, const char *name)
{
	ListCell   *lc;

	foreach(lc, named)
	{
		if (strcmp(((MigrNamed *) lfirst(lc))->name, name) == 0)
			return true;
	}
	return false;
}

static MigrNamed *
new_name(List **named, const char *name)
{
	MigrNamed  *one;

	if (is_known(*named, name))
		return NULL;
	one = palloc0(sizeof(MigrNamed));
	one->name = name;
	one->hash = "";
	*named = lappend(*named, one);
	return one;
}

static void
add_root(MigrNamed *named, Oid classid, Oid objid)
{
	MigrAddress *address = palloc0(sizeof(MigrAddress));

	address->classid = classid;
	address->objid = objid;
	named->roots = lappend(named->roots, address);
}

/* --- relations ------------------------------------------------------------------ */

static Oid
table_of(Oid relation)
{
	char		kind = get_rel_relkind(relation);

	return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX
		? IndexGetRelation(relation, true) : relation;
}

static void
add_relation(List **named, const RangeVar *name)
{
	Oid			relation = name ? migr_consent_relation(name) : InvalidOid;
	MigrNamed  *one;
	ListCell   *lc;

	if (name == NULL || (OidIsValid(relation) && IsCatalogNamespace(get_rel_namespace(relation))))
		return;
	one = new_name(named, psprintf("relation %s", migr_consent_name(name)));
	relation = OidIsValid(relation) ? table_of(relation) : InvalidOid;
	if (one == NULL || !OidIsValid(relation))
		return;
	foreach(lc, find_all_inheritors(relation, NoLock, NULL))
		add_root(one, RelationRelationId, lfirst_oid(lc));
}

static void
add_relations(List **named, const List *names)
{
	ListCell   *lc;

	foreach(lc, names)
		add_relation(named, IsA(lfirst(lc), VacuumRelation) ? ((VacuumRelation *) lfirst(lc))->relation
					 : lfirst(lc));
}

/* --- functions, types, schemas ---------------------------------------------------- */

/* Is a namespace the one that is named, or one of those that are searched? */
static bool
is_found_in(Oid schema, const char *named, const List *path)
{
	return named ? schema == get_namespace_oid(named, true) : list_member_oid(path, schema);
}

/* All of the name, whatever their arguments. */
static void
add_function(List **named, const List *names)
{
	const char *schema = list_length(names) > 1 ? strVal(linitial(names)) : NULL;
	const char *function = strVal(llast(names));
	List	   *path = fetch_search_path(true);
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(function));
	MigrNamed  *one = NULL;
	bool		is_system = schema && strcmp(schema, "pg_catalog") == 0;

	for (int i = 0; i < list->n_members && !is_system; i++)
	{
		Form_pg_proc row = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		if (IsCatalogNamespace(row->pronamespace) || !is_found_in(row->pronamespace, schema, path))
			continue;
		if (one == NULL)
			one = new_name(named, psprintf("function %s", quote_qualified_identifier(schema, function)));
		if (one == NULL)
			break;
		add_root(one, ProcedureRelationId, row->oid);
	}
	ReleaseSysCacheList(list);
}

static void
add_type(List **named, const List *names)
{
	const char *schema = list_length(names) > 1 ? strVal(linitial(names)) : NULL;
	const char *name = strVal(llast(names));
	Oid			type = schema == NULL ? TypenameGetTypid(name)
		: GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						  ObjectIdGetDatum(get_namespace_oid(schema, true)));
	MigrNamed  *one = new_name(named, psprintf("type %s", quote_qualified_identifier(schema, name)));

	if (one && OidIsValid(type))
		add_root(one, TypeRelationId, type);
}

/* Of a schema that is dropped, its relations. */
static void
add_schema(List **named, const char *name)
{
	Oid			schema = get_namespace_oid(name, true);
	MigrNamed  *one = new_name(named, psprintf("schema %s", quote_identifier(name)));
	Relation	catalog;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (one == NULL || !OidIsValid(schema))
		return;
	add_root(one, NamespaceRelationId, schema);
	catalog = table_open(RelationRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_class_relnamespace, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(schema));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class row = (Form_pg_class) GETSTRUCT(tuple);

		if (row->relkind != RELKIND_INDEX && row->relkind != RELKIND_PARTITIONED_INDEX)
			add_root(one, RelationRelationId, row->oid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

/* --- statements --------------------------------------------------------------------- */

/* In a query, wherever they stand. */
static bool
look_in_query(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeVar))
		add_relation(context, (RangeVar *) node);
	else if (IsA(node, FuncCall))
		add_function(context, ((FuncCall *) node)->funcname);
	return raw_expression_tree_walker(node, look_in_query, context);
}

/* A trigger, policy or rule is called by its relation and its own name. */
static void
add_part(List **named, const List *parts)
{
	List	   *name = list_truncate(list_copy(parts), list_length(parts) - 1);

	if (name != NIL)
		add_relation(named, makeRangeVarFromNameList(name));
}

static void
add_object(List **named, ObjectType kind, Node *object)
{
	switch (kind)
	{
		case OBJECT_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_SEQUENCE:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_INDEX:
			add_relation(named, makeRangeVarFromNameList((List *) object));
			break;
		case OBJECT_COLUMN:
		case OBJECT_TRIGGER:
		case OBJECT_RULE:
		case OBJECT_POLICY:
		case OBJECT_TABCONSTRAINT:
			add_part(named, (List *) object);
			break;
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
			add_type(named, IsA(object, TypeName) ? ((TypeName *) object)->names : (List *) object);
			break;
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
		case OBJECT_AGGREGATE:
			add_function(named, ((ObjectWithArgs *) object)->objname);
			break;
		case OBJECT_SCHEMA:
			add_schema(named, strVal(object));
			break;
		default:
			break;
	}
}

/* What ALTER TABLE names beside its table. */
static void
add_alter(List **named, const AlterTableStmt *alter)
{
	ListCell   *lc;

	foreach(lc, alter->cmds)
	{
		const AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (cmd->def && IsA(cmd->def, PartitionCmd))
			add_relation(named, ((PartitionCmd *) cmd->def)->name);
		else if (cmd->def && IsA(cmd->def, Constraint))
			add_relation(named, ((Constraint *) cmd->def)->pktable);
		else if (cmd->def && IsA(cmd->def, ColumnDef))
			(void) look_in_query(((ColumnDef *) cmd->def)->raw_default, named);
	}
}

static void
add_renamed(List **named, const RenameStmt *rename)
{
	if (rename->relation)
		add_relation(named, rename->relation);
	else if (rename->renameType == OBJECT_SCHEMA)
		add_schema(named, rename->subname);
	else
		add_object(named, rename->renameType, rename->object);
}

/* What has one relation that it is about, or makes. */
static const RangeVar *
relation_of(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_ReindexStmt:
			return ((ReindexStmt *) statement)->relation;
		case T_CreateStmt:
			return ((CreateStmt *) statement)->relation;
		case T_CreateSeqStmt:
			return ((CreateSeqStmt *) statement)->sequence;
		case T_CopyStmt:
			return ((CopyStmt *) statement)->relation;
		case T_ViewStmt:
			return ((ViewStmt *) statement)->view;
		case T_CreateTableAsStmt:
			return ((CreateTableAsStmt *) statement)->into->rel;
		default:
			return migr_named_relation(statement);
	}
}

static Node *
query_of(Node *statement)
{
	if (migr_compat_is_merge(statement))
		return statement;
	switch (nodeTag(statement))
	{
		case T_SelectStmt:
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
			return statement;
		case T_CopyStmt:
			return ((CopyStmt *) statement)->query;
		case T_ViewStmt:
			return ((ViewStmt *) statement)->query;
		case T_CreateTableAsStmt:
			/* What was prepared has no tree here. */
			return IsA(((CreateTableAsStmt *) statement)->query, SelectStmt)
				? ((CreateTableAsStmt *) statement)->query : NULL;
		case T_CallStmt:
			return (Node *) ((CallStmt *) statement)->funccall;
		default:
			return NULL;
	}
}

List *
migr_consent_names(List *named, Node *statement)
{
	ListCell   *lc;

	add_relation(&named, relation_of(statement));
	(void) look_in_query(query_of(statement), &named);
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			add_alter(&named, (AlterTableStmt *) statement);
			break;
		case T_RenameStmt:
			add_renamed(&named, (RenameStmt *) statement);
			break;
		case T_AlterObjectSchemaStmt:
			if (((AlterObjectSchemaStmt *) statement)->relation)
				add_relation(&named, ((AlterObjectSchemaStmt *) statement)->relation);
			else
				add_object(&named, ((AlterObjectSchemaStmt *) statement)->objectType,
						   ((AlterObjectSchemaStmt *) statement)->object);
			break;
		case T_DropStmt:
			foreach(lc, ((DropStmt *) statement)->objects)
				add_object(&named, ((DropStmt *) statement)->removeType, lfirst(lc));
			break;
		case T_CreateStmt:
			add_relations(&named, ((CreateStmt *) statement)->inhRelations);
			break;
		case T_TruncateStmt:
			add_relations(&named, ((TruncateStmt *) statement)->relations);
			break;
		case T_LockStmt:
			add_relations(&named, ((LockStmt *) statement)->relations);
			break;
		case T_VacuumStmt:
			add_relations(&named, ((VacuumStmt *) statement)->rels);
			break;
		case T_AlterEnumStmt:
			add_type(&named, ((AlterEnumStmt *) statement)->typeName);
			break;
		case T_AlterDomainStmt:
			add_type(&named, ((AlterDomainStmt *) statement)->typeName);
			break;
		case T_CreateFunctionStmt:
			add_function(&named, ((CreateFunctionStmt *) statement)->funcname);
			break;
		default:
			break;
	}
	return named;
}
