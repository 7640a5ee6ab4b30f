/*
 * scratch_right.c
 *		Who may build, and who may make a database for it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/secure.h"
#include "scratch/scratch_right.h"

/* What migr.scratch_database may be. */
#define AUTO "auto"				/* made when it is needed, where that is cheap */
#define CREATE "create"			/* made when it is needed */
#define EXISTING "existing"		/* made by migr_scratch_create() only */
#define NONE ""					/* no scratch builds */

static char *policy;
static bool
check_policy(char **value, void **extra, GucSource source)
{
	static const char *const values[] = {AUTO, CREATE, EXISTING, NONE};

	for (int i = 0; i < (int) lengthof(values); i++)
	{
		if (strcmp(*value, values[i]) == 0)
			return true;
	}
	GUC_check_errdetail("It is \"auto\", \"create\", \"existing\", or empty.");
	return false;
}

void
migr_scratch_right_init(void)
{
	DefineCustomStringVariable("migr.scratch_database",
							   "When a scratch database is made: auto, create, existing; empty: no scratch builds.",
							   NULL, &policy, AUTO, PGC_USERSET, 0,
							   check_policy, NULL, NULL);
}

static bool
may_create_databases(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool		may = false;

	if (HeapTupleIsValid(tuple))
	{
		may = ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb ||
			((Form_pg_authid) GETSTRUCT(tuple))->rolsuper;
		ReleaseSysCache(tuple);
	}
	return may;
}

/*
 * The role with whose rights a database can be made.  CREATEDB is not inherited,
 * so who has put on another role by SET ROLE makes it as himself; in a function
 * with rights of its own, somebody else has chosen the role.
 */
Oid
migr_scratch_creator(Oid role, bool throwaway)
{
	if (may_create_databases(GetUserId()))
		return GetUserId();
	if (!InLocalUserIdChange() && may_create_databases(GetSessionUserId()))
		return GetSessionUserId();
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to create a scratch database"),
			 errdetail("Schemas are built in a database of role \"%s\", and making one takes CREATEDB.",
					   GetUserNameFromId(role, false)),
			 throwaway
			 ? errhint("With migr.scratch_throwaway one is made for each build that needs it.")
			 : errhint("Ask an administrator to call, once and in this database: SELECT migr_scratch_create(%s);",
					 quote_literal_cstr(GetUserNameFromId(role, false)))));
}

/*
 * PUBLIC may start no worker: who builds has been given a function that does.
 * Some that all may call would build for who has.
 */
static MigrQuery granted_query = {
	"SELECT pg_catalog.bool_or(pg_catalog.has_function_privilege($1, p.oid, 'EXECUTE'))"
	"  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
	" WHERE n.nspname = 'pg_catalog'"
	"   AND p.proname = ANY ('{migr_adopt_tenants,migr_diff,migr_merge,migr_plan,migr_repair,migr_revision,migr_squash,migr_test}'::pg_catalog.name[])",
	1, {OIDOID}
};

void
migr_scratch_check_granted(void)
{
	Datum		caller = ObjectIdGetDatum(GetUserId());
	bool		granted;
	MigrDb		db;

	migr_db_begin(&db, true);
	(void) migr_db_run(&db, &granted_query, &caller, NULL);
	granted = DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	if (!granted)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to build a schema"),
				 errdetail("A build starts a background worker, which not everybody may."),
				 errhint("Ask the owner of the extension for EXECUTE on migr_diff().")));
}

/* What a superuser builds in must have been noted by no one else. */
void
migr_scratch_check_trust(Oid role)
{
	if (superuser_arg(role) && !migr_secure_owner_is_superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("a superuser can't build here"),
				 errdetail("The tables of migr belong to a role that is no superuser, and say what is built, and where."),
				 errhint("Use SET ROLE to become that role, or one that it trusts.")));
}

void
migr_scratch_check_allowed(void)
{
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot run migrations during recovery"),
				 errhint("Connect to the primary server.")));
	if (strcmp(policy, NONE) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("scratch builds are switched off"),
				 errhint("migr.scratch_database is empty: set it to \"auto\".")));
}

/* Before 15, making a database takes two checkpoints, for which all wait. */
void
migr_scratch_check_making(Oid role)
{
	if (strcmp(policy, EXISTING) == 0 ||
		(strcmp(policy, AUTO) == 0 && MIGR_SERVER_MAJOR < 15))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("role \"%s\" has no scratch database here", GetUserNameFromId(role, false)),
				 MIGR_SERVER_MAJOR < 15
				 ? errdetail("Making one takes two checkpoints on this server, so it does not happen by itself.") : 0,
				 errhint("Call migr_scratch_create(), or set migr.scratch_database to \"create\".")));
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot create a scratch database in a read-only transaction"),
				 errhint("Call migr_scratch_create() before, in a transaction that may write.")));
}
