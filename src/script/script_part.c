/*
 * script_part.c
 *		Parts of a script, read by themselves.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "nodes/parsenodes.h"

#include "base/scan.h"
#include "base/server_parser.h"
#include "script/script_part.h"

bool
migr_part_may_control(const char *word, int len)
{
	static const char *const words[] = {
		"abort", "begin", "commit", "end", "prepare", "release", "rollback",
		"savepoint", "start"
	};

	for (int i = 0; i < (int) lengthof(words); i++)
	{
		if ((int) strlen(words[i]) == len &&
			pg_strncasecmp(words[i], word, len) == 0)
			return true;
	}
	return false;
}

int
migr_part_control_line(const char *sql)
{
	ErrorData  *failure;
	ListCell   *lc;

	foreach(lc, migr_parse_try(sql, &failure))
	{
		RawStmt    *statement = lfirst_node(RawStmt, lc);

		if (IsA(statement->stmt, TransactionStmt))
			return migr_scan_line_at(sql, migr_parse_start(sql, statement));
	}
	return 0;
}
