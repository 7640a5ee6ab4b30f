/*
 * sql_update.c
 *		SQL-callable: what update scripts of the extension can't do by SQL.
 *
 * No function of SQL stays for these: a script creates them, calls them and drops them.
 * Their names stay in the library as long as there is a script that does.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"

#include "base/version.h"
#include "store/update.h"

PG_FUNCTION_INFO_V1(migr_update_begin);
PG_FUNCTION_INFO_V1(migr_update_owners);
PG_FUNCTION_INFO_V1(migr_update_rows);
PG_FUNCTION_INFO_V1(migr_hand_over);

/*
 * migr.update_begin() → void
 *
 * First of all.  Raises 55000 if the tables are not such that a superuser's script may
 * change them.
 */
Datum
migr_update_begin(PG_FUNCTION_ARGS)
{
	migr_update_check_types();
	PG_RETURN_VOID();
}

/*
 * migr.update_owners() → void
 *
 * What the script has made belongs to the owner of what was there.
 */
Datum
migr_update_owners(PG_FUNCTION_ARGS)
{
	migr_update_owners_of_new();
	PG_RETURN_VOID();
}

/*
 * migr.update_rows() → void
 *
 * What has to be done to rows of 0.1.0.
 */
Datum
migr_update_rows(PG_FUNCTION_ARGS)
{
	migr_update_forget_fingerprints();
	PG_RETURN_VOID();
}

/*
 * migr.hand_over(former regprocedure, successor regprocedure) → void
 *
 * The one gets owner and privileges of the other.
 */
Datum
migr_hand_over(PG_FUNCTION_ARGS)
{
	migr_update_hand_over(PG_GETARG_OID(0), PG_GETARG_OID(1));
	PG_RETURN_VOID();
}

/*
 * What version 0.1.0 called by these names has other arguments or another result now, and
 * another name: so that neither library gets a call that is meant for the other.  These stay
 * for databases that are still of that version, which pg_upgrade, too, makes sure of.
 */
static Datum
refuse_former(void)
{
	migr_version_check();
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("this function is of a version of migr that is no more")));
	return (Datum) 0;
}

#define FORMER_FUNCTION(name) \
	PG_FUNCTION_INFO_V1(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		return refuse_former(); \
	}

FORMER_FUNCTION(migr_check)
FORMER_FUNCTION(migr_downgrade)
FORMER_FUNCTION(migr_history)
FORMER_FUNCTION(migr_load)
FORMER_FUNCTION(migr_load_directory)
FORMER_FUNCTION(migr_pending)
FORMER_FUNCTION(migr_revision)
FORMER_FUNCTION(migr_show)
FORMER_FUNCTION(migr_sql)
FORMER_FUNCTION(migr_stamp)
FORMER_FUNCTION(migr_status)
FORMER_FUNCTION(migr_upgrade)
FORMER_FUNCTION(migr_verify)
