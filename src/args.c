/*
 * args.c
 *		Arguments of SQL-callable functions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "args.h"
#include "compat.h"

static void
check_not_null(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
}

char *
migr_arg_text(FunctionCallInfo fcinfo, int n, const char *name)
{
	check_not_null(fcinfo, n, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

char *
migr_arg_text_or_null(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

bool
migr_arg_bool(FunctionCallInfo fcinfo, int n, const char *name)
{
	check_not_null(fcinfo, n, name);
	return PG_GETARG_BOOL(n);
}
