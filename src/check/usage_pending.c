/*
 * usage_pending.c
 *		What pending revisions drop or rename, and who uses it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_proc.h"
#include "parser/parse_func.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/compat_usage.h"
#include "base/server_parser.h"
#include "base/strict_span.h"
#include "base/subxact.h"
#include "check/plan_pending.h"
#include "check/usage_pending.h"
#include "exec/statement.h"

/* What is told as a hazard if nothing is refused, in seconds. */
#define USUAL (7 * 86400)

/* A statement being looked at. */
typedef struct Looking
{
	Node	   *statement;
	const char *change;
	List	   *found;			/* MigrUsagePending * */
} Looking;

/* --- finding ------------------------------------------------------------------------ */

static void
add(Looking *looking, Oid classid, Oid objid, int subid)
{
	MigrUsagePending *pending;
	ObjectAddress address;

	if (!OidIsValid(objid) || (classid == RelationRelationId && subid == InvalidAttrNumber &&
							   get_rel_persistence(objid) == RELPERSISTENCE_TEMP))
		return;
	pending = palloc0(sizeof(MigrUsagePending));
	ObjectAddressSubSet(address, classid, objid, subid);
	pending->change = looking->change;
	pending->kind = migr_compat_object_kind(&address);
	pending->name = migr_compat_object_identity(&address);
	migr_used_find(classid, objid, subid, &pending->used);
	looking->found = lappend(looking->found, pending);
}

static void
add_relation(Looking *looking, const RangeVar *name)
{
	add(looking, RelationRelationId, RangeVarGetRelid(name, NoLock, true), 0);
}

static void
add_column(Looking *looking, const RangeVar *name, const char *column)
{
	Oid			relation = RangeVarGetRelid(name, NoLock, true);
	AttrNumber	number = OidIsValid(relation) ? get_attnum(relation, column) : InvalidAttrNumber;

	/* A type of columns has no rows. */
	if (number > 0 && get_rel_relkind(relation) != RELKIND_COMPOSITE_TYPE)
		add(looking, RelationRelationId, relation, number);
}

/* A constraint is used by its index. */
static void
add_constraint(Looking *looking, const RangeVar *name, const char *constraint)
{
	Oid			relation = RangeVarGetRelid(name, NoLock, true);
	Oid			oid = OidIsValid(relation) ? get_relation_constraint_oid(relation, constraint, true)
		: InvalidOid;

	if (OidIsValid(oid))
		add(looking, RelationRelationId, get_constraint_index(oid), 0);
}

static void
add_function(Looking *looking, ObjectType type, Node *function)
{
	add(looking, ProcedureRelationId,
		LookupFuncWithArgs(type, castNode(ObjectWithArgs, function), true), 0);
}

/* All rows of a catalog that are in a schema. */
static void
add_of_schema(Looking *looking, Oid catalog, Oid schema, AttrNumber attribute)
{
	Relation	rel = table_open(catalog, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	row;

	ScanKeyInit(&key, attribute, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(schema));
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(row = systable_getnext(scan)))
	{
		if (catalog == ProcedureRelationId)
			add(looking, catalog, ((Form_pg_proc) GETSTRUCT(row))->oid, 0);
		else if (strchr("rpfvm", ((Form_pg_class) GETSTRUCT(row))->relkind))
			add(looking, catalog, ((Form_pg_class) GETSTRUCT(row))->oid, 0);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

static void
add_schema(Looking *looking, const char *name)
{
	Oid			schema = get_namespace_oid(name, true);

	if (!OidIsValid(schema))
		return;
	add_of_schema(looking, RelationRelationId, schema, Anum_pg_class_relnamespace);
	add_of_schema(looking, ProcedureRelationId, schema, Anum_pg_proc_pronamespace);
}

/* --- statements -------------------------------------------------------------------------- */

static bool
is_relation(ObjectType type)
{
	return type == OBJECT_TABLE || type == OBJECT_VIEW || type == OBJECT_MATVIEW ||
		type == OBJECT_FOREIGN_TABLE || type == OBJECT_INDEX;
}

static bool
is_function(ObjectType type)
{
	return type == OBJECT_FUNCTION || type == OBJECT_PROCEDURE || type == OBJECT_ROUTINE ||
		type == OBJECT_AGGREGATE;
}

static void
look_at_drop(Looking *looking, const DropStmt *drop)
{
	ListCell   *lc;

	foreach(lc, drop->objects)
	{
		Node	   *object = lfirst(lc);

		if (is_relation(drop->removeType))
			add_relation(looking, makeRangeVarFromNameList(castNode(List, object)));
		else if (is_function(drop->removeType))
			add_function(looking, drop->removeType, object);
		else if (drop->removeType == OBJECT_SCHEMA)
			add_schema(looking, strVal(object));
	}
}

static void
look_at_alter(Looking *looking, const AlterTableStmt *alter)
{
	ListCell   *lc;

	foreach(lc, alter->cmds)
	{
		const AlterTableCmd *command = lfirst_node(AlterTableCmd, lc);

		if (command->subtype == AT_DropColumn)
			add_column(looking, alter->relation, command->name);
		else if (command->subtype == AT_DropConstraint)
			add_constraint(looking, alter->relation, command->name);
	}
}

static void
look_at_rename(Looking *looking, const RenameStmt *rename)
{
	looking->change = "rename";
	if (rename->renameType == OBJECT_COLUMN)
		add_column(looking, rename->relation, rename->subname);
	else if (is_relation(rename->renameType))
		add_relation(looking, rename->relation);
	else if (is_function(rename->renameType))
		add_function(looking, rename->renameType, rename->object);
	else if (rename->renameType == OBJECT_SCHEMA)
		add_schema(looking, rename->subname);
}

static void
look_at_move(Looking *looking, const AlterObjectSchemaStmt *move)
{
	looking->change = "rename";
	if (is_relation(move->objectType))
		add_relation(looking, move->relation);
	else if (is_function(move->objectType))
		add_function(looking, move->objectType, move->object);
}

static void
look(void *arg)
{
	Looking    *looking = arg;

	switch (nodeTag(looking->statement))
	{
		case T_DropStmt:
			look_at_drop(looking, (DropStmt *) looking->statement);
			break;
		case T_AlterTableStmt:
			look_at_alter(looking, (AlterTableStmt *) looking->statement);
			break;
		case T_RenameStmt:
			look_at_rename(looking, (RenameStmt *) looking->statement);
			break;
		case T_AlterObjectSchemaStmt:
			look_at_move(looking, (AlterObjectSchemaStmt *) looking->statement);
			break;
		default:
			break;
	}
}

static bool
takes_away(const Node *statement)
{
	return IsA(statement, DropStmt) || IsA(statement, AlterTableStmt) ||
		IsA(statement, RenameStmt) || IsA(statement, AlterObjectSchemaStmt);
}

List *
migr_usage_of_statement(Node *statement)
{
	Looking		looking = {.statement = statement, .change = "drop"};
	ErrorData  *error;

	if (!takes_away(statement))
		return NIL;
	error = migr_subxact_run(look, &looking, false);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	return looking.found;
}

/* --- hazards -------------------------------------------------------------------------------- */

static bool
is_hazard(const MigrUsed *used, int seconds)
{
	if (seconds > 0)
		return migr_used_within(used, seconds) != MIGR_USED_NOT;
	return used->observed && migr_used_within(used, USUAL) == MIGR_USED_WITHIN;
}

char *
migr_usage_hazard(Node *statement)
{
	int			seconds = migr_span_refuse_drop();
	StringInfoData text;
	ListCell   *lc;

	if (seconds == 0 && !migr_usage_is_observed())
		return NULL;
	initStringInfo(&text);
	foreach(lc, migr_usage_of_statement(statement))
	{
		const MigrUsagePending *pending = lfirst(lc);

		if (is_hazard(&pending->used, seconds))
			appendStringInfo(&text, "%s%s %s: %s", text.len > 0 ? "\n" : "", pending->kind, pending->name,
							 migr_used_describe(&pending->used));
	}
	return text.len > 0 ? text.data : NULL;
}

/* --- pending revisions ------------------------------------------------------------------------- */

void
migr_usage_follow_path(Node *statement)
{
	VariableSetStmt *set = (VariableSetStmt *) statement;
	char	   *path;

	if (!IsA(statement, VariableSetStmt) || set->name == NULL ||
		strcmp(set->name, "search_path") != 0 || set->kind != VAR_SET_VALUE)
		return;
	path = ExtractSetVariableArgs(set);
	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

static List *
of_script(const MigrScript *script)
{
	const MigrSection *section = &script->sections[MIGR_SECTION_UPGRADE];
	List	   *found = NIL;
	int			guc_level = NewGUCNestLevel();
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, migr_stmt_split(script, MIGR_SECTION_UPGRADE))
	{
		const MigrStatement *statement = lfirst(lc);
		List	   *parsed = migr_parse(pnstrdup(section->sql + statement->start,
												 statement->end - statement->start),
										migr_stmt_place(script, MIGR_SECTION_UPGRADE), statement->line);
		Node	   *node = linitial_node(RawStmt, parsed)->stmt;

		migr_usage_follow_path(node);
		foreach(lc2, migr_usage_of_statement(node))
		{
			MigrUsagePending *pending = lfirst(lc2);

			pending->revision = script->revision;
			pending->line = statement->line;
			found = lappend(found, pending);
		}
	}
	AtEOXact_GUC(true, guc_level);
	return found;
}

List *
migr_usage_pending(const char *target)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, migr_plan_pending(target, true))
		found = list_concat(found, of_script(lfirst(lc)));
	return found;
}
