/*
 * sql_consent.c
 *		SQL-callable: approvals.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "run/consent.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_approve);

static MigrDirection
parse_direction(const char *direction)
{
	if (strcmp(direction, "upgrade") == 0)
		return MIGR_UPGRADE;
	if (strcmp(direction, "downgrade") == 0)
		return MIGR_DOWNGRADE;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("direction must be \"upgrade\" or \"downgrade\", not \"%s\"", direction)));
}

/*
 * migr_approve(revision text, comment text, direction text, checksum text, withdraw bool) → text
 *
 * Approves a run of a script that another role has loaded, or takes that back.  Raises MG001 to
 * MG004, 42501, 55000, 25006, and 22023 without a comment.
 */
MIGR_FUNCTION(migr_approve)
{
	char	   *revision = migr_arg_text(fcinfo, 0, "revision");
	char	   *comment = migr_arg_text(fcinfo, 1, "comment");
	MigrDirection direction = parse_direction(migr_arg_text(fcinfo, 2, "direction"));
	char	   *checksum = migr_arg_text_or_null(fcinfo, 3);

	if (comment[strspn(comment, " \t\r\n")] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("comment must say why")));
	PG_RETURN_TEXT_P(cstring_to_text(migr_arg_bool(fcinfo, 4, "withdraw")
									 ? migr_consent_withdraw(revision, comment, direction)
									 : migr_consent_give(revision, comment, checksum, direction)));
}
