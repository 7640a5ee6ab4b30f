/*
 * cmd_schema.c
 *		SQL-callable: the schema as text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "schema.h"

PG_FUNCTION_INFO_V1(migr_schema);
PG_FUNCTION_INFO_V1(migr_fingerprint);

/*
 * migr_schema() → text
 *
 * Canonical DDL of the live schema.
 */
Datum
migr_schema(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(migr_schema_text()));
}

/*
 * migr_fingerprint() → text
 *
 * SHA-256 of what migr_schema() prints.
 */
Datum
migr_fingerprint(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(migr_schema_fingerprint(migr_schema_text())));
}
