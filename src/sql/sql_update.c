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

#include "store/update.h"

PG_FUNCTION_INFO_V1(migr_update_begin);
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
