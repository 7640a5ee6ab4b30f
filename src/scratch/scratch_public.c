/*
 * scratch_public.c
 *		Schema public of a scratch build.
 *
 * Since 15 it belongs to the owner of the database, who is whom the build runs as.
 * Before, it is that of who ran initdb, and an administrator gives it to those who
 * are to grant on it: a build has it as the live database does.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_namespace.h"
#include "commands/schemacmds.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_public.h"

/* As it was: its owner and privileges in one. */
static char *before;

static MigrQuery query = {
	"SELECT pg_catalog.concat_ws(' ', n.nspowner, n.nspacl)"
	"  FROM pg_catalog.pg_namespace n WHERE n.oid = 2200 AND n.nspname = 'public'", 0, {0}
};

static Oid
owner_of_public(void)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACENAME, CStringGetDatum("public"));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

Oid
migr_scratch_public_owner(Oid role)
{
	Oid			owner = MIGR_SERVER_MAJOR < 15 ? owner_of_public() : InvalidOid;

	return OidIsValid(owner) && has_privs_of_role(role, owner) ? owner : InvalidOid;
}

bool
migr_scratch_public_may_change(Oid role)
{
	return MIGR_SERVER_MAJOR >= 15 || OidIsValid(migr_scratch_public_owner(role));
}

/* Only who has it may give it away, and he is no part of a build: it is rolled back. */
static void
give(Oid owner)
{
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
	AlterSchemaOwner_oid(PG_PUBLIC_NAMESPACE, owner);
	SetUserIdAndSecContext(user, security);
	CommandCounterIncrement();
}

static char *
look(MemoryContext context)
{
	char	   *public = NULL;
	MigrDb		db;

	migr_db_begin(&db, false);
	if (migr_db_run(&db, &query, NULL, NULL) > 0)
		public = MemoryContextStrdup(context, migr_db_text(0, 1));
	migr_db_end(&db);
	return public;
}

void
migr_scratch_public_begin(Oid owner, MemoryContext context)
{
	if (OidIsValid(owner) && owner != owner_of_public())
		give(owner);
	before = look(context);
}

bool
migr_scratch_public_is_untouched(void)
{
	char	   *now = look(CurrentMemoryContext);

	return now && strcmp(now, before) == 0;
}

bool
migr_scratch_public_skips(Node *node)
{
	const GrantStmt *grant = (GrantStmt *) node;

	return IsA(node, GrantStmt) && grant->is_grant && grant->targtype == ACL_TARGET_OBJECT &&
		grant->objtype == OBJECT_SCHEMA && list_length(grant->objects) == 1 &&
		strcmp(strVal(linitial(grant->objects)), "public") == 0 &&
		OidIsValid(owner_of_public()) && !migr_scratch_public_may_change(GetUserId());
}
