/*
 * scratch_said.c
 *		What the DDL of a build says something of.
 *
 * Who writes the tables of a schema may leave owners and privileges to others:
 * that no statement is about them is no wish that there be none.  So what counts
 * is whether there is such a statement, wherever it stands, and not what it does.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/extension.h"
#include "nodes/parsenodes.h"

#include "scratch/scratch_build.h"

static int	said;

static bool
is_public(const char *name)
{
	return name && strcmp(name, "public") == 0;
}

/* Is schema public among these schemas (String)? */
static bool
has_public(const List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (is_public(strVal(lfirst(lc))))
			return true;
	}
	return false;
}

static int
said_by_grant(const GrantStmt *grant)
{
	return MIGR_SAID_PRIVILEGES |
		(grant->targtype == ACL_TARGET_OBJECT && grant->objtype == OBJECT_SCHEMA &&
		 has_public(grant->objects) ? MIGR_SAID_PUBLIC : 0);
}

static int
said_by_owner(const AlterOwnerStmt *owner)
{
	return MIGR_SAID_OWNERS |
		(owner->objectType == OBJECT_SCHEMA && is_public(strVal(owner->object))
		 ? MIGR_SAID_PUBLIC : 0);
}

/* Who creates a schema public has said what it is, down to its privileges. */
static int
said_by_schema(const CreateSchemaStmt *schema)
{
	return (schema->authrole ? MIGR_SAID_OWNERS : 0) |
		(is_public(schema->schemaname) ? MIGR_SAID_PUBLIC : 0);
}

static int
said_by_alter_table(const AlterTableStmt *alter)
{
	ListCell   *lc;

	foreach(lc, alter->cmds)
	{
		if (lfirst_node(AlterTableCmd, lc)->subtype == AT_ChangeOwner)
			return MIGR_SAID_OWNERS;
	}
	return 0;
}

/* What is created as another role is to be his. */
static int
said_by_set(const VariableSetStmt *set)
{
	return set->kind == VAR_SET_VALUE && (strcmp(set->name, "role") == 0 ||
										  strcmp(set->name, "session_authorization") == 0)
		? MIGR_SAID_OWNERS : 0;
}

void
migr_scratch_said_note(Node *node)
{
	if (creating_extension)
		return;
	switch (nodeTag(node))
	{
		case T_GrantStmt:
			said |= said_by_grant((GrantStmt *) node);
			break;
		case T_AlterDefaultPrivilegesStmt:
			said |= MIGR_SAID_PRIVILEGES;
			break;
		case T_AlterOwnerStmt:
			said |= said_by_owner((AlterOwnerStmt *) node);
			break;
		case T_ReassignOwnedStmt:
			said |= MIGR_SAID_OWNERS;
			break;
		case T_CreateSchemaStmt:
			said |= said_by_schema((CreateSchemaStmt *) node);
			break;
		case T_AlterTableStmt:
			said |= said_by_alter_table((AlterTableStmt *) node);
			break;
		case T_VariableSetStmt:
			said |= said_by_set((VariableSetStmt *) node);
			break;
		case T_DropStmt:
			if (((DropStmt *) node)->removeType == OBJECT_SCHEMA &&
				has_public(((DropStmt *) node)->objects))
				said |= MIGR_SAID_PUBLIC;
			break;
		default:
			break;
	}
}

int
migr_scratch_said(void)
{
	return said;
}

void
migr_scratch_said_forget(void)
{
	said = 0;
}
