/*
 * raw_tree.c
 *		What the server's parse tree tells of a statement, before any name in it is
 *		looked up.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"

#include "base/compat.h"
#include "base/raw_tree.h"

static bool
find_change(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, InsertStmt) || IsA(node, UpdateStmt) || IsA(node, DeleteStmt) ||
		migr_compat_is_merge(node) || raw_expression_tree_walker(node, find_change, context);
}

bool
migr_raw_changes_rows(Node *node)
{
	return find_change(node, NULL);
}

static bool
find_more_than_reading(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SelectStmt) &&
		(((SelectStmt *) node)->intoClause || ((SelectStmt *) node)->lockingClause))
		return true;
	return raw_expression_tree_walker(node, find_more_than_reading, context);
}

bool
migr_raw_only_reads(Node *node)
{
	return IsA(node, SelectStmt) && !find_change(node, NULL) &&
		!find_more_than_reading(node, NULL);
}

static bool
find_condition(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SelectStmt) &&
		(((SelectStmt *) node)->whereClause || ((SelectStmt *) node)->op == SETOP_EXCEPT))
		return true;
	return raw_expression_tree_walker(node, find_condition, context);
}

bool
migr_raw_has_condition(Node *node)
{
	return find_condition(node, NULL);
}

static bool
find_limit(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SelectStmt) && ((SelectStmt *) node)->limitCount)
		return true;
	return raw_expression_tree_walker(node, find_limit, context);
}

/* A query, but for what it returns. */
static bool
query_limits(SelectStmt *query)
{
	if (query == NULL)
		return false;
	return query->limitCount || find_limit((Node *) query->withClause, NULL) ||
		find_limit((Node *) query->fromClause, NULL) || find_limit(query->whereClause, NULL) ||
		query_limits(query->larg) || query_limits(query->rarg);
}

bool
migr_raw_limits_rows(Node *node)
{
	UpdateStmt *update = (UpdateStmt *) node;
	DeleteStmt *delete = (DeleteStmt *) node;
	InsertStmt *insert = (InsertStmt *) node;

	switch (nodeTag(node))
	{
		case T_UpdateStmt:
			return find_limit((Node *) update->withClause, NULL) ||
				find_limit((Node *) update->fromClause, NULL) ||
				find_limit(update->whereClause, NULL);
		case T_DeleteStmt:
			return find_limit((Node *) delete->withClause, NULL) ||
				find_limit((Node *) delete->usingClause, NULL) ||
				find_limit(delete->whereClause, NULL);
		case T_InsertStmt:
			return find_limit((Node *) insert->withClause, NULL) ||
				query_limits((SelectStmt *) insert->selectStmt);
		default:
			return false;
	}
}

bool
migr_raw_is_query(Node *node)
{
	return IsA(node, SelectStmt) && ((SelectStmt *) node)->intoClause == NULL;
}

const char *
migr_raw_sets_alone(Node *node)
{
	const VariableSetStmt *set = (VariableSetStmt *) node;

	return IsA(node, VariableSetStmt) && !set->is_local &&
		(set->kind == VAR_SET_VALUE || set->kind == VAR_SET_DEFAULT)
		? pstrdup(set->name) : NULL;
}

const char *
migr_raw_ends_early(Node *node)
{
	const RangeVar *table = NULL;

	if (IsA(node, CreateStmt) && ((CreateStmt *) node)->oncommit == ONCOMMIT_DROP)
		table = ((CreateStmt *) node)->relation;
	else if (IsA(node, CreateTableAsStmt) &&
			 ((CreateTableAsStmt *) node)->into->onCommit == ONCOMMIT_DROP)
		table = ((CreateTableAsStmt *) node)->into->rel;
	return table ? pstrdup(table->relname) : NULL;
}
