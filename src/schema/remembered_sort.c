/*
 * remembered_sort.c
 *		What the parse tree tells of a statement of desired DDL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "nodes/parsenodes.h"

#include "base/compat.h"
#include "schema/remembered_sort.h"

static MigrStatementSaid
said(MigrStatementSort sort)
{
	return (MigrStatementSaid) {.sort = sort};
}

static MigrStatementSaid
makes(MigrStatementSort sort, const char *name)
{
	MigrStatementSaid result = said(sort);

	result.creates = true;
	result.targets = list_make1(pstrdup(name));
	return result;
}

static void
add(MigrStatementSaid *what, const char *name)
{
	if (name)
		what->targets = lappend(what->targets, pstrdup(name));
}

/* The last part of a qualified name (String). */
static const char *
last_of(const List *names)
{
	return strVal(llast(names));
}

/* --- objects by their kind and what names them ------------------------------ */

/* Of a part of a relation the relation counts as well. */
static bool
has_relation(ObjectType type)
{
	return type == OBJECT_TABCONSTRAINT || type == OBJECT_TRIGGER || type == OBJECT_RULE ||
		type == OBJECT_POLICY;
}

static bool
is_named(ObjectType type)
{
	switch (type)
	{
		case OBJECT_AGGREGATE:
		case OBJECT_COLLATION:
		case OBJECT_COLUMN:
		case OBJECT_DOMAIN:
		case OBJECT_DOMCONSTRAINT:
		case OBJECT_EXTENSION:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_FUNCTION:
		case OBJECT_INDEX:
		case OBJECT_MATVIEW:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
		case OBJECT_SCHEMA:
		case OBJECT_SEQUENCE:
		case OBJECT_STATISTIC_EXT:
		case OBJECT_TABLE:
		case OBJECT_TYPE:
		case OBJECT_VIEW:
			return true;
		default:
			return has_relation(type);
	}
}

static void
add_list(MigrStatementSaid *what, ObjectType type, const List *names)
{
	int			count = list_length(names);

	if (type == OBJECT_DOMCONSTRAINT)
		add(what, last_of(((TypeName *) linitial(names))->names));
	else if (type == OBJECT_COLUMN || has_relation(type))
		add(what, count > 1 ? strVal(list_nth(names, count - 2)) : NULL);
	if (type != OBJECT_COLUMN)
		add(what, last_of(names));
}

/* Add what a statement names; false if its kind is another one. */
static bool
add_object(MigrStatementSaid *what, ObjectType type, Node *object)
{
	if (object == NULL || !is_named(type))
		return false;
	switch (nodeTag(object))
	{
		case T_List:
			add_list(what, type, (List *) object);
			return true;
		case T_ObjectWithArgs:
			add(what, last_of(((ObjectWithArgs *) object)->objname));
			return true;
		case T_TypeName:
			add(what, last_of(((TypeName *) object)->names));
			return true;
		case T_String:
			add(what, strVal(object));
			return true;
		case T_RangeVar:
			add(what, ((RangeVar *) object)->relname);
			return true;
		default:
			return false;
	}
}

static MigrStatementSaid
says_of(MigrStatementSort sort, ObjectType type, Node *object)
{
	MigrStatementSaid result = said(sort);

	result.is_weak = true;
	return add_object(&result, type, object) ? result : said(MIGR_STATEMENT_WHOLE);
}

static MigrStatementSaid
grants(const GrantStmt *grant)
{
	MigrStatementSaid result = said(MIGR_STATEMENT_FIXED);
	ListCell   *lc;

	result.is_weak = true;
	if (grant->targtype != ACL_TARGET_OBJECT)
		return said(MIGR_STATEMENT_WHOLE);
	foreach(lc, grant->objects)
	{
		Node	   *object = lfirst(lc);
		bool		is_type = grant->objtype == OBJECT_TYPE || grant->objtype == OBJECT_DOMAIN;

		if (is_type && IsA(object, List))
			add(&result, last_of((List *) object));
		else if (!add_object(&result, grant->objtype, object))
			return said(MIGR_STATEMENT_WHOLE);
	}
	return result;
}

/* --- tables ----------------------------------------------------------------- */

/* Is a bound of a partition what is written there, and no expression? */
static bool
are_constants(const List *datums)
{
	ListCell   *lc;

	foreach(lc, datums)
	{
		Node	   *datum = lfirst(lc);

		while (IsA(datum, TypeCast))
			datum = ((TypeCast *) datum)->arg;
		if (!IsA(datum, A_Const) && !IsA(datum, ColumnRef) && !IsA(datum, PartitionRangeDatum))
			return false;
		if (IsA(datum, PartitionRangeDatum) && ((PartitionRangeDatum *) datum)->value &&
			!are_constants(list_make1(((PartitionRangeDatum *) datum)->value)))
			return false;
	}
	return true;
}

static bool
is_lasting_bound(const PartitionBoundSpec *bound)
{
	return bound == NULL ||
		(are_constants(bound->listdatums) && are_constants(bound->lowerdatums) &&
		 are_constants(bound->upperdatums));
}

static MigrStatementSaid
creates_table(MigrStatementSort sort, const CreateStmt *create)
{
	MigrStatementSaid result = makes(sort, create->relation->relname);
	ListCell   *lc;

	if (!is_lasting_bound(create->partbound))
		return said(MIGR_STATEMENT_VOLATILE);
	if (create->relation->relpersistence == RELPERSISTENCE_TEMP)
		return said(MIGR_STATEMENT_WHOLE);
	/* What is done to a parent is done to those that it has by then. */
	foreach(lc, create->inhRelations)
		add(&result, lfirst_node(RangeVar, lc)->relname);
	result.has_partitions = create->partbound || create->partspec;
	foreach(lc, create->tableElts)
		result.copies = result.copies || IsA(lfirst(lc), TableLikeClause);
	return result;
}

/* Is it a command that only acts on the table, and takes nothing away? */
static MigrStatementSort
sort_of_command(const AlterTableCmd *command)
{
	switch (command->subtype)
	{
		case AT_AddColumn:
		case AT_AddConstraint:
		case AT_AddIdentity:
		case AT_ClusterOn:
		case AT_ColumnDefault:
		case AT_EnableRowSecurity:
		case AT_ForceRowSecurity:
		case AT_ReplicaIdentity:
		case AT_SetNotNull:
		case AT_SetOptions:
		case AT_SetRelOptions:
		case AT_SetStatistics:
		case AT_SetStorage:
		case AT_ValidateConstraint:
			return MIGR_STATEMENT_FREE;
		case AT_AttachPartition:
		case AT_ChangeOwner:
		case AT_EnableTrig:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_DisableTrig:
			return MIGR_STATEMENT_FIXED;
		default:
			return MIGR_STATEMENT_WHOLE;
	}
}

static bool
is_foreign_key(const AlterTableCmd *command)
{
	return command->subtype == AT_AddConstraint &&
		castNode(Constraint, command->def)->contype == CONSTR_FOREIGN;
}

static MigrStatementSaid
alters_table(const AlterTableStmt *alter)
{
	MigrStatementSaid result = said(MIGR_STATEMENT_FREE);
	ListCell   *lc;

	add(&result, alter->relation->relname);
	result.is_weak = true;
	foreach(lc, alter->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, lc);

		result.sort = Min(result.sort, sort_of_command(command));
		result.is_weak = result.is_weak &&
			(is_foreign_key(command) || command->subtype == AT_ChangeOwner);
		if (is_foreign_key(command))
			add(&result, castNode(Constraint, command->def)->conname);
		if (command->subtype == AT_AttachPartition)
		{
			PartitionCmd *attach = castNode(PartitionCmd, command->def);

			add(&result, attach->name->relname);
			result.has_partitions = true;
			if (!is_lasting_bound(attach->bound))
				return said(MIGR_STATEMENT_VOLATILE);
		}
	}
	return result;
}

static MigrStatementSaid
creates_index(const IndexStmt *create)
{
	MigrStatementSaid result = makes(MIGR_STATEMENT_FREE, create->relation->relname);

	add(&result, create->idxname);
	return result;
}

/* --- sequences, queries, settings -------------------------------------------- */

static MigrStatementSaid
sequence(MigrStatementSaid result, const List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		const DefElem *option = lfirst_node(DefElem, lc);
		List	   *names;

		if (strcmp(option->defname, "owned_by") != 0)
			continue;
		names = castNode(List, option->arg);
		if (list_length(names) > 1)
			add(&result, strVal(list_nth(names, list_length(names) - 2)));
	}
	return result;
}

/* As pg_dump has it: SELECT pg_catalog.set_config('search_path', '', false). */
static MigrStatementSaid
selects(const SelectStmt *select)
{
	MigrStatementSaid result = said(MIGR_STATEMENT_STANDING);
	Node	   *node = list_length(select->targetList) == 1 && select->fromClause == NIL &&
		select->whereClause == NULL && select->op == SETOP_NONE && select->withClause == NULL
		? ((ResTarget *) linitial(select->targetList))->val : NULL;
	const FuncCall *call = (const FuncCall *) node;
	ListCell   *lc;

	if (node == NULL || !IsA(node, FuncCall) || list_length(call->funcname) != 2 ||
		strcmp(strVal(linitial(call->funcname)), "pg_catalog") != 0 ||
		strcmp(last_of(call->funcname), "set_config") != 0 || call->agg_filter || call->over)
		return said(MIGR_STATEMENT_VOLATILE);
	foreach(lc, call->args)
	{
		Node	   *argument = lfirst(lc);

		if (IsA(argument, TypeCast))
			argument = ((TypeCast *) argument)->arg;
		if (!IsA(argument, A_Const))
			return said(MIGR_STATEMENT_VOLATILE);
	}
	result.sets = true;
	return result;
}

static MigrStatementSaid
sets(const VariableSetStmt *set)
{
	MigrStatementSaid result = said(MIGR_STATEMENT_STANDING);

	result.sets = true;
	return set->kind == VAR_SET_VALUE || set->kind == VAR_SET_DEFAULT || set->kind == VAR_RESET
		? result : said(MIGR_STATEMENT_VOLATILE);
}

static MigrStatementSaid
materializes(CreateTableAsStmt *create)
{
	/* Which rows a table gets is for functions to say, which may do anything else. */
	return migr_compat_fills_table((Node *) create) ? said(MIGR_STATEMENT_VOLATILE)
		: makes(MIGR_STATEMENT_FREE, create->into->rel->relname);
}

static MigrStatementSaid
triggers(const CreateTrigStmt *create)
{
	MigrStatementSaid result = makes(MIGR_STATEMENT_FREE, create->trigname);

	add(&result, create->relation->relname);
	result.is_weak = true;
	return result;
}

static MigrStatementSaid
ruled(MigrStatementSaid result, const RangeVar *relation, bool is_weak)
{
	add(&result, relation->relname);
	result.is_weak = is_weak;
	return result;
}

static MigrStatementSaid
defines(const DefineStmt *define)
{
	return define->kind == OBJECT_AGGREGATE
		? makes(MIGR_STATEMENT_FIXED, last_of(define->defnames)) : said(MIGR_STATEMENT_STANDING);
}

static MigrStatementSaid
enumerates(const CreateEnumStmt *create)
{
	MigrStatementSaid result = makes(MIGR_STATEMENT_FREE, last_of(create->typeName));

	result.is_enum = true;
	return result;
}

static MigrStatementSaid
routine(const CreateFunctionStmt *create)
{
	MigrStatementSaid result = makes(MIGR_STATEMENT_FREE, last_of(create->funcname));

	result.is_routine = true;
	return result;
}

static MigrStatementSaid
comments(const CommentStmt *comment)
{
	MigrStatementSaid result = says_of(MIGR_STATEMENT_FREE, comment->objtype, comment->object);

	result.is_comment = true;
	return result;
}

static MigrStatementSaid
alters_names(MigrStatementSort sort, const List *names)
{
	MigrStatementSaid result = said(sort);

	add(&result, last_of(names));
	return result;
}

static MigrStatementSaid
alters_sequence(const AlterSeqStmt *alter)
{
	MigrStatementSaid result = said(MIGR_STATEMENT_FIXED);

	add(&result, alter->sequence->relname);
	return sequence(result, alter->options);
}

static MigrStatementSaid
owns(const AlterOwnerStmt *owner)
{
	return owner->relation
		? says_of(MIGR_STATEMENT_FIXED, owner->objectType, (Node *) owner->relation)
		: says_of(MIGR_STATEMENT_FIXED, owner->objectType, owner->object);
}

static MigrStatementSaid
creates_statistics(const CreateStatsStmt *create)
{
	MigrStatementSaid result = said(MIGR_STATEMENT_FREE);
	ListCell   *lc;

	result.creates = true;
	if (create->defnames != NIL)
		add(&result, last_of(create->defnames));
	foreach(lc, create->relations)
	{
		if (!IsA(lfirst(lc), RangeVar))
			return said(MIGR_STATEMENT_WHOLE);
		add(&result, lfirst_node(RangeVar, lc)->relname);
	}
	return result;
}

/* --- all of them -------------------------------------------------------------- */

/* What makes a schema's tables and types, and what hangs on them. */
static MigrStatementSaid
said_by_most(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateStmt:
			return creates_table(MIGR_STATEMENT_FREE, (CreateStmt *) node);
		case T_CreateForeignTableStmt:
			return creates_table(MIGR_STATEMENT_FIXED, (CreateStmt *) node);
		case T_AlterTableStmt:
			return alters_table((AlterTableStmt *) node);
		case T_IndexStmt:
			return creates_index((IndexStmt *) node);
		case T_ViewStmt:
			return makes(MIGR_STATEMENT_FREE, ((ViewStmt *) node)->view->relname);
		case T_CreateTableAsStmt:
			return materializes((CreateTableAsStmt *) node);
		case T_CreateFunctionStmt:
			return routine((CreateFunctionStmt *) node);
		case T_CreateSeqStmt:
			return sequence(makes(MIGR_STATEMENT_FREE, ((CreateSeqStmt *) node)->sequence->relname),
							((CreateSeqStmt *) node)->options);
		case T_CreateEnumStmt:
			return enumerates((CreateEnumStmt *) node);
		case T_CompositeTypeStmt:
			return makes(MIGR_STATEMENT_FREE, ((CompositeTypeStmt *) node)->typevar->relname);
		case T_CreateDomainStmt:
			return makes(MIGR_STATEMENT_FREE, last_of(((CreateDomainStmt *) node)->domainname));
		case T_CreateTrigStmt:
			return triggers((CreateTrigStmt *) node);
		case T_CreatePolicyStmt:
			return ruled(makes(MIGR_STATEMENT_FREE, ((CreatePolicyStmt *) node)->policy_name),
						 ((CreatePolicyStmt *) node)->table, true);
		case T_CreateStatsStmt:
			return creates_statistics((CreateStatsStmt *) node);
		case T_CommentStmt:
			return comments((CommentStmt *) node);
		default:
			return said(MIGR_STATEMENT_VOLATILE);
	}
}

/* What is built again with what it is about, and not changed by itself. */
static MigrStatementSaid
said_by_some(Node *node)
{
	switch (nodeTag(node))
	{
		case T_GrantStmt:
			return grants((GrantStmt *) node);
		case T_AlterOwnerStmt:
			return owns((AlterOwnerStmt *) node);
		case T_AlterSeqStmt:
			return alters_sequence((AlterSeqStmt *) node);
		case T_AlterEnumStmt:
			return alters_names(MIGR_STATEMENT_FIXED, ((AlterEnumStmt *) node)->typeName);
		case T_AlterDomainStmt:
			return alters_names(MIGR_STATEMENT_FIXED, ((AlterDomainStmt *) node)->typeName);
		case T_AlterFunctionStmt:
			return alters_names(MIGR_STATEMENT_FIXED, ((AlterFunctionStmt *) node)->func->objname);
		case T_RuleStmt:
			return ruled(makes(MIGR_STATEMENT_FIXED, ((RuleStmt *) node)->rulename),
						 ((RuleStmt *) node)->relation, false);
		case T_CreatePublicationStmt:
			return makes(MIGR_STATEMENT_FIXED, ((CreatePublicationStmt *) node)->pubname);
		default:
			return said_by_most(node);
	}
}

MigrStatementSaid
migr_statement_said(Node *node)
{
	switch (nodeTag(node))
	{
		case T_SelectStmt:
			return selects((SelectStmt *) node);
		case T_VariableSetStmt:
			return sets((VariableSetStmt *) node);
		case T_DefineStmt:
			return defines((DefineStmt *) node);
		case T_CreateSchemaStmt:
			return said(((CreateSchemaStmt *) node)->schemaElts == NIL
						? MIGR_STATEMENT_STANDING : MIGR_STATEMENT_WHOLE);
		case T_AlterDefaultPrivilegesStmt:
		case T_CreateAmStmt:
		case T_CreateCastStmt:
		case T_CreateConversionStmt:
		case T_CreateExtensionStmt:
		case T_CreateFdwStmt:
		case T_CreateForeignServerStmt:
		case T_CreateOpClassStmt:
		case T_CreateOpFamilyStmt:
		case T_AlterOpFamilyStmt:
		case T_CreatePLangStmt:
		case T_CreateRangeStmt:
		case T_CreateTransformStmt:
		case T_CreateUserMappingStmt:
			return said(MIGR_STATEMENT_STANDING);
		case T_AlterCollationStmt:
		case T_AlterExtensionContentsStmt:
		case T_AlterExtensionStmt:
		case T_AlterFdwStmt:
		case T_AlterForeignServerStmt:
		case T_AlterObjectDependsStmt:
		case T_AlterObjectSchemaStmt:
		case T_AlterOperatorStmt:
		case T_AlterPolicyStmt:
		case T_AlterPublicationStmt:
		case T_AlterStatsStmt:
		case T_AlterTSConfigurationStmt:
		case T_AlterTSDictionaryStmt:
		case T_AlterTypeStmt:
		case T_DropStmt:
		case T_RenameStmt:
			return said(MIGR_STATEMENT_WHOLE);
		default:
			return said_by_some(node);
	}
}
