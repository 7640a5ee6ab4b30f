/*
 * batch_text.c
 *		A statement as what takes a batch of its rows.
 *
 * Clauses are found by their keywords, outside parentheses, where the parse tree
 * says that there are such clauses: trees know the places of few.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

#include "base/scan.h"
#include "base/server_parser.h"
#include "exec/batch_text.h"

/* Where the clauses of UPDATE or DELETE are; -1: nowhere. */
typedef struct Clauses
{
	int			verb;			/* behind WITH */
	int			others;			/* behind FROM, or USING */
	int			where;			/* the keyword */
	int			condition;		/* behind it */
	int			returning;		/* the keyword, or the end */
} Clauses;

static bool
is_keyword(const char *sql, const MigrToken *token, const char *word)
{
	int			len = strlen(word);

	return token->kind == MIGR_TOKEN_WORD && token->end - token->start == len &&
		pg_strncasecmp(sql + token->start, word, len) == 0;
}

/* The next token outside parentheses. */
static bool
next_outside(MigrScan *scan, MigrToken *token)
{
	int			depth = 0;

	while (migr_scan_next(scan, token) != MIGR_TOKEN_END)
	{
		char		c = token->kind == MIGR_TOKEN_OTHER ? scan->text[token->start] : '\0';

		if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		else if (depth == 0)
			return true;
	}
	return false;
}

/* verb and others are the keywords that begin the statement, and its other tables. */
static Clauses
find_clauses(const char *sql, const char *verb, const char *others)
{
	Clauses		found = {-1, -1, -1, -1, strlen(sql)};
	MigrScan	scan;
	MigrToken	token;
	bool		distinct = false;	/* FROM behind it is an operator's */

	migr_scan_begin(&scan, sql, strlen(sql));
	while (next_outside(&scan, &token))
	{
		if (found.verb < 0)
			found.verb = is_keyword(sql, &token, verb) ? token.start : -1;
		else if (is_keyword(sql, &token, "where"))
		{
			found.where = token.start;
			found.condition = token.end;
		}
		else if (is_keyword(sql, &token, "returning"))
			found.returning = token.start;
		else if (found.others < 0 && found.where < 0 && others && !distinct &&
				 is_keyword(sql, &token, others))
			found.others = token.end;
		distinct = is_keyword(sql, &token, "distinct");
	}
	return found;
}

/* "ONLY schema.name AS alias". */
static void
append_target(StringInfo out, const RangeVar *target)
{
	appendStringInfo(out, "%s%s", target->inh ? "" : "ONLY ",
					 quote_qualified_identifier(target->schemaname, target->relname));
	if (target->alias)
		appendStringInfo(out, " AS %s", quote_identifier(target->alias->aliasname));
}

/* others: what the statement joins, behind this keyword; or NULL. */
static MigrBatchText
limit_change(const char *sql, RangeVar *target, const char *verb, const char *others, int size)
{
	Clauses		at = find_clauses(sql, verb, others);
	const char *name = quote_identifier(target->alias ? target->alias->aliasname
										: target->relname);
	int			where = at.where < 0 ? at.returning : at.where;
	char	   *condition = at.where < 0 ? pstrdup("true")
		: pnstrdup(sql + at.condition, at.returning - at.condition);
	StringInfoData find;

	initStringInfo(&find);
	appendStringInfo(&find, "%.*sSELECT %s.ctid FROM ", at.verb, sql, name);
	append_target(&find, target);
	if (at.others >= 0)
		appendStringInfo(&find, ", %.*s\n", where - at.others, sql + at.others);
	appendStringInfo(&find, " WHERE %s.ctid OPERATOR(pg_catalog.>=) $1 AND (%s\n) LIMIT %d",
					 name, condition, size);

	return (MigrBatchText)
	{
		.change = psprintf("%.*s\nWHERE %s.ctid OPERATOR(pg_catalog.=) ANY ($1) AND (%s\n) %s",
						   where, sql, name, condition, sql + at.returning),
		.find = find.data,
		.target = target,
		.joined = at.others >= 0
	};
}

/* Where the query of an INSERT ends. */
static int
end_of_query(const char *sql, const InsertStmt *insert)
{
	int			end = strlen(sql);
	int			on = -1;
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, sql, end);
	while (next_outside(&scan, &token))
	{
		if (insert->onConflictClause && on >= 0 && is_keyword(sql, &token, "conflict"))
			end = on;
		else if (insert->onConflictClause == NULL && is_keyword(sql, &token, "returning"))
			end = token.start;
		on = is_keyword(sql, &token, "on") ? token.start : -1;
	}
	return end;
}

MigrBatchText
migr_batch_text(const char *sql, bool limited, int size)
{
	Node	   *node = linitial_node(RawStmt, migr_parse(sql, NULL, 1))->stmt;
	UpdateStmt *update = (UpdateStmt *) node;
	DeleteStmt *delete = (DeleteStmt *) node;
	int			end;

	if (limited)
		return (MigrBatchText) {.change = sql};
	if (IsA(node, UpdateStmt))
		return limit_change(sql, update->relation, "update", update->fromClause ? "from" : NULL,
							size);
	if (IsA(node, DeleteStmt))
		return limit_change(sql, delete->relation, "delete", delete->usingClause ? "using" : NULL,
							size);
	end = end_of_query(sql, castNode(InsertStmt, node));
	return (MigrBatchText)
	{
		.change = psprintf("%.*s\nLIMIT %d\n%s", end, sql, size, sql + end)
	};
}
