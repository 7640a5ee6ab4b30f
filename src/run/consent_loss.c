/*
 * consent_loss.c
 *		What of data a statement loses, as far as its parse tree tells.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/ident.h"
#include "kind/type_loss.h"
#include "run/consent_loss.h"

/* The losses of a statement, as they are found. */
typedef struct Losses
{
	List	   *found;			/* char * */
	const List *made;
} Losses;

Oid
migr_consent_relation(const RangeVar *name)
{
	Oid			schema;

	if (name->relpersistence == RELPERSISTENCE_TEMP && name->schemaname == NULL)
		return InvalidOid;
	if (name->schemaname == NULL)
		return RelnameGetRelid(name->relname);
	if (strcmp(name->schemaname, "pg_temp") == 0)
		return InvalidOid;
	schema = get_namespace_oid(name->schemaname, true);
	return OidIsValid(schema) ? get_relname_relid(name->relname, schema) : InvalidOid;
}

bool
migr_consent_is_nobodys(Oid relation)
{
	Relation	rel = OidIsValid(relation) ? RelationIdGetRelation(relation) : NULL;
	bool		nobodys;

	if (rel == NULL)
		return false;
	/* What of its row the transaction has written does not tell: it may have altered it. */
	nobodys = rel->rd_rel->relpersistence == RELPERSISTENCE_TEMP ||
		rel->rd_createSubid != InvalidSubTransactionId;
	RelationClose(rel);
	return nobodys;
}

char *
migr_consent_name(const RangeVar *name)
{
	return quote_qualified_identifier(name->schemaname, name->relname);
}

/* Is a relation one whose contents count? */
static bool
counts(const Losses *losses, const RangeVar *name)
{
	return !(name->schemaname && strcmp(name->schemaname, "pg_temp") == 0) &&
		!migr_ident_is_in(losses->made, migr_consent_name(name)) &&
		!migr_consent_is_nobodys(migr_consent_relation(name));
}

static void
add(Losses *losses, char *what)
{
	losses->found = lappend(losses->found, what);
}

/* --- rows ------------------------------------------------------------------- */

static void
add_rows(Losses *losses, const char *command, const RangeVar *relation, const Node *condition)
{
	if (condition == NULL && counts(losses, relation))
		add(losses, psprintf("%s %s without WHERE", command, migr_consent_name(relation)));
}

/* UPDATE and DELETE wherever they stand in a query, as in WITH. */
static bool
look_for_rows(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, DeleteStmt))
		add_rows(context, "DELETE FROM", ((DeleteStmt *) node)->relation,
				 ((DeleteStmt *) node)->whereClause);
	if (IsA(node, UpdateStmt))
		add_rows(context, "UPDATE", ((UpdateStmt *) node)->relation,
				 ((UpdateStmt *) node)->whereClause);
	return raw_expression_tree_walker(node, look_for_rows, context);
}

static void
look_at_truncate(Losses *losses, const TruncateStmt *truncate)
{
	ListCell   *lc;

	foreach(lc, truncate->relations)
	{
		if (counts(losses, lfirst(lc)))
			add(losses, psprintf("TRUNCATE %s", migr_consent_name(lfirst(lc))));
	}
	if (truncate->behavior == DROP_CASCADE)
		add(losses, pstrdup("TRUNCATE ... CASCADE"));
}

/* --- what is dropped ---------------------------------------------------------- */

static void
add_dropped(Losses *losses, const char *command, const DropStmt *drop)
{
	ListCell   *lc;

	foreach(lc, drop->objects)
	{
		RangeVar   *name = makeRangeVarFromNameList(lfirst(lc));

		if (counts(losses, name))
			add(losses, psprintf("%s %s", command, migr_consent_name(name)));
	}
}

static void
look_at_drop(Losses *losses, const DropStmt *drop)
{
	bool		cascades = drop->behavior == DROP_CASCADE;

	switch (drop->removeType)
	{
		case OBJECT_TABLE:
			add_dropped(losses, "DROP TABLE", drop);
			break;
		case OBJECT_SEQUENCE:
			add_dropped(losses, "DROP SEQUENCE", drop);
			break;
		case OBJECT_EXTENSION:
			add(losses, pstrdup("DROP EXTENSION"));
			break;
		case OBJECT_SCHEMA:
			if (cascades)
				add(losses, pstrdup("DROP SCHEMA ... CASCADE"));
			break;
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
		case OBJECT_COLLATION:
			if (cascades)
				add(losses, pstrdup("DROP ... CASCADE of what columns are of"));
			break;
		case OBJECT_FOREIGN_SERVER:
		case OBJECT_FDW:
		case OBJECT_ACCESS_METHOD:
			if (cascades)
				add(losses, pstrdup("DROP ... CASCADE of what user mappings or tables stand on"));
			break;
		default:
			break;
	}
}

/* --- ALTER TABLE ---------------------------------------------------------------- */

/* What a type stores, as it is called. */
static MigrLossType
stored_type(Oid type, int32 modifier)
{
	MigrLossType stored;

	type = getBaseTypeAndTypmod(type, &modifier);
	stored.name = format_type_extended(type, modifier, FORMAT_TYPE_TYPEMOD_GIVEN);
	stored.is_enum = type_is_enum(type);
	return stored;
}

/* Does USING say no more than the type, or nothing? */
static bool
is_plain_cast(const ColumnDef *def, const char *column)
{
	const Node *expression = def->raw_default;
	const ColumnRef *ref;

	if (expression == NULL)
		return true;
	if (IsA(expression, TypeCast))
	{
		if (!equal(((const TypeCast *) expression)->typeName, def->typeName))
			return false;
		expression = ((const TypeCast *) expression)->arg;
	}
	ref = (const ColumnRef *) expression;
	return IsA(expression, ColumnRef) && list_length(ref->fields) == 1 &&
		IsA(linitial(ref->fields), String) && strcmp(strVal(linitial(ref->fields)), column) == 0;
}

static void
look_at_type(Losses *losses, const RangeVar *relation, const AlterTableCmd *cmd)
{
	const ColumnDef *def = (const ColumnDef *) cmd->def;
	Oid			table = migr_consent_relation(relation);
	HeapTuple	column = OidIsValid(table) ? SearchSysCacheAttName(table, cmd->name) : NULL;
	const char *name = psprintf("%s.%s", migr_consent_name(relation), quote_identifier(cmd->name));
	const char *what = NULL;
	MigrLossType old;
	MigrLossType new;
	Type		type;
	int32		modifier;

	if (!HeapTupleIsValid(column))
		return;
	old = stored_type(((Form_pg_attribute) GETSTRUCT(column))->atttypid,
					  ((Form_pg_attribute) GETSTRUCT(column))->atttypmod);
	ReleaseSysCache(column);
	if (!is_plain_cast(def, cmd->name))
	{
		add(losses, psprintf("what USING does not keep of column %s", name));
		return;
	}
	type = LookupTypeName(NULL, def->typeName, &modifier, true);
	if (type == NULL)
		return;
	new = stored_type(typeTypeId(type), modifier);
	ReleaseSysCache(type);
	what = migr_type_loss(&old, &new);
	if (what)
		add(losses, psprintf("%s: column %s becomes %s", what, name, new.name));
}

/* A view's column has nothing in it, and a foreign table's is elsewhere. */
static bool
has_values(const AlterTableStmt *alter)
{
	Oid			relation = migr_consent_relation(alter->relation);
	char		kind = OidIsValid(relation) ? get_rel_relkind(relation) : RELKIND_RELATION;

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_COMPOSITE_TYPE;
}

/* What is computed from others is not lost. */
static bool
is_generated(const RangeVar *relation, const char *column)
{
	Oid			table = migr_consent_relation(relation);
	HeapTuple	row = OidIsValid(table) ? SearchSysCacheAttName(table, column) : NULL;
	bool		generated;

	if (!HeapTupleIsValid(row))
		return false;
	generated = ((Form_pg_attribute) GETSTRUCT(row))->attgenerated != '\0';
	ReleaseSysCache(row);
	return generated;
}

static void
look_at_alter(Losses *losses, const AlterTableStmt *alter)
{
	ListCell   *lc;

	if (!counts(losses, alter->relation) || !has_values(alter))
		return;
	foreach(lc, alter->cmds)
	{
		const AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (cmd->subtype == AT_DropColumn && !is_generated(alter->relation, cmd->name))
			add(losses, psprintf("DROP COLUMN %s.%s", migr_consent_name(alter->relation),
								 quote_identifier(cmd->name)));
		else if (cmd->subtype == AT_AlterColumnType)
			look_at_type(losses, alter->relation, cmd);
	}
}

/* --- all -------------------------------------------------------------------------- */

/* A table that was there before is not made by IF NOT EXISTS. */
static void
note_made(Node *statement, List **made)
{
	const RangeVar *name = NULL;

	if (IsA(statement, CreateStmt) && !((CreateStmt *) statement)->if_not_exists)
		name = ((CreateStmt *) statement)->relation;
	else if (IsA(statement, CreateTableAsStmt) && !((CreateTableAsStmt *) statement)->if_not_exists)
		name = ((CreateTableAsStmt *) statement)->into->rel;
	else if (IsA(statement, CreateSeqStmt) && !((CreateSeqStmt *) statement)->if_not_exists)
		name = ((CreateSeqStmt *) statement)->sequence;
	if (name)
		*made = lappend(*made, migr_consent_name(name));
}

List *
migr_consent_losses(Node *statement, List **made)
{
	Losses		losses = {NIL, made ? *made : NIL};

	if (migr_compat_is_merge(statement))
		(void) look_for_rows(statement, &losses);
	switch (nodeTag(statement))
	{
		case T_SelectStmt:
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
			(void) look_for_rows(statement, &losses);
			break;
		case T_CopyStmt:
			(void) look_for_rows(((CopyStmt *) statement)->query, &losses);
			break;
		case T_CreateTableAsStmt:
			if (IsA(((CreateTableAsStmt *) statement)->query, SelectStmt))
				(void) look_for_rows(((CreateTableAsStmt *) statement)->query, &losses);
			break;
		case T_TruncateStmt:
			look_at_truncate(&losses, (TruncateStmt *) statement);
			break;
		case T_DropStmt:
			look_at_drop(&losses, (DropStmt *) statement);
			break;
		case T_AlterTableStmt:
			look_at_alter(&losses, (AlterTableStmt *) statement);
			break;
		case T_DropOwnedStmt:
			add(&losses, pstrdup("DROP OWNED"));
			break;
		case T_DropUserMappingStmt:
			add(&losses, pstrdup("DROP USER MAPPING"));
			break;
		case T_DropdbStmt:
			add(&losses, psprintf("DROP DATABASE %s", quote_identifier(((DropdbStmt *) statement)->dbname)));
			break;
		default:
			break;
	}
	if (made)
		note_made(statement, made);
	return losses.found;
}
