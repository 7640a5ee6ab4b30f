/*
 * scratch_rule.c
 *		What a statement may do in a scratch build, however deep it is called.
 *
 * A build is rolled back.  What the databases of a cluster share would make
 * others wait until then, and is no part of a schema: such statements are passed
 * over.  What no rollback takes back is refused.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/defrem.h"
#include "tcop/utility.h"
#include "utils/acl.h"

#include "base/compat.h"
#include "base/errors.h"
#include "scratch/scratch_build.h"

static ProcessUtility_hook_type next_utility;
static bool watching;

/* Is the build committed into a database that is dropped afterwards? */
static bool committing;

void
migr_scratch_set_committing(bool commits)
{
	committing = commits;
}

bool
migr_scratch_is_committing(void)
{
	return committing;
}

/* Kinds of objects that the databases of a cluster share, or connect to others. */
static bool
is_shared_kind(ObjectType type)
{
	return type == OBJECT_DATABASE || type == OBJECT_ROLE ||
		type == OBJECT_TABLESPACE || type == OBJECT_SUBSCRIPTION ||
		migr_compat_is_parameter(type);
}

/* A role that is there has what it has; one of the build's own may get more. */
static bool
is_about_known_role(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateRoleStmt:
			return OidIsValid(get_role_oid(((CreateRoleStmt *) node)->role, true));
		case T_AlterRoleStmt:
		case T_AlterRoleSetStmt:
		case T_DropRoleStmt:
		case T_GrantRoleStmt:
			return true;
		default:
			return false;
	}
}

/* Is this one without which the schema is the same? */
bool
migr_scratch_rule_skips(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateSubscriptionStmt:
		case T_AlterSubscriptionStmt:
		case T_DropSubscriptionStmt:
		case T_CreatedbStmt:
		case T_DropdbStmt:
		case T_AlterDatabaseStmt:
		case T_AlterDatabaseSetStmt:
		case T_VacuumStmt:
		case T_ReindexStmt:
		case T_CheckPointStmt:
		case T_NotifyStmt:
		case T_ListenStmt:
		case T_UnlistenStmt:
			return true;
		case T_AlterOwnerStmt:
			return is_shared_kind(((AlterOwnerStmt *) node)->objectType);
		case T_RenameStmt:
			return is_shared_kind(((RenameStmt *) node)->renameType);
		case T_CommentStmt:
			return is_shared_kind(((CommentStmt *) node)->objtype);
		case T_SecLabelStmt:
			return is_shared_kind(((SecLabelStmt *) node)->objtype);
		case T_GrantStmt:
			return ((GrantStmt *) node)->targtype == ACL_TARGET_OBJECT &&
				is_shared_kind(((GrantStmt *) node)->objtype);
		default:
			return is_about_known_role(node) || migr_compat_clusters_all(node);
	}
}

/* The command, if no rollback takes it back. */
static const char *
beyond_rollback(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CopyStmt:
			return ((CopyStmt *) node)->is_program ? "COPY with a program"
				: ((CopyStmt *) node)->filename ? "COPY with a file" : NULL;
		case T_AlterSystemStmt:
			return "ALTER SYSTEM";
		case T_CreateTableSpaceStmt:
			return "CREATE TABLESPACE";
		case T_DropTableSpaceStmt:
			return "DROP TABLESPACE";
		case T_LoadStmt:
			return "LOAD";
		case T_DiscardStmt:
			return ((DiscardStmt *) node)->target == DISCARD_ALL ? "DISCARD ALL" : NULL;
		default:
			return NULL;
	}
}

/* The command, if it changes what outlives a database that is dropped. */
static const char *
beyond_database(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateRoleStmt:
			return "CREATE ROLE";
		case T_ReassignOwnedStmt:
			return "REASSIGN OWNED";
		case T_DropOwnedStmt:
			return "DROP OWNED";
		default:
			return NULL;
	}
}

void
migr_scratch_rule_check(Node *node)
{
	const char *command = beyond_rollback(node);
	const char *shared = migr_scratch_is_committing() ? beyond_database(node) : NULL;

	if (shared)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("%s cannot run in a scratch build that commits", shared),
				 errdetail("It changes what all databases share, and that is not dropped with the build.")));
	if (command)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("%s cannot run in a scratch build", command),
				 errdetail("A scratch build is rolled back, and that is not.")));
}

static void
watch_utility(MIGR_UTILITY_PARAMETERS)
{
	Node	   *node = planned->utilityStmt;

	if (watching && migr_scratch_rule_skips(node))
		return;
	if (watching)
	{
		migr_scratch_rule_check(node);
		migr_scratch_said_note(node);
	}
	if (next_utility)
		next_utility(MIGR_UTILITY_ARGUMENTS);
	else
		standard_ProcessUtility(MIGR_UTILITY_ARGUMENTS);
}

void
migr_scratch_rule_install(void)
{
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = watch_utility;
	watching = true;
}

void
migr_scratch_rule_end(void)
{
	watching = false;
}
