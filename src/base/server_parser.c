/*
 * server_parser.c
 *		The server's own parser, for text that is not the client's query.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "parser/parser.h"

#include "base/compat.h"
#include "base/hint.h"
#include "base/scan.h"
#include "base/server_parser.h"

int
migr_parse_byte(const char *sql, int position)
{
	const char *at = sql;

	for (int i = 1; i < position && *at != '\0'; i++)
		at += pg_mblen(at);
	return at - sql;
}

typedef struct Text
{
	const char *sql;
	const char *what;			/* or NULL */
	int			first_line;
} Text;

/* Does a variable of some other tool begin here: ${name}, {{ name }}, :name, :'name'? */
static bool
is_variable(const char *at)
{
	if (*at == ':')
		return isalpha((unsigned char) at[1]) || at[1] == '_' || at[1] == '\'' || at[1] == '"';
	return strncmp(at, "${", 2) == 0 || strncmp(at, "{{", 2) == 0;
}

/*
 * Error context callback: move the cursor from the client's query into the
 * part of the text, between two semicolons, where the parser stopped.
 */
static void
point_into_text(void *arg)
{
	const Text *text = arg;
	const char *sql = text->sql;
	int			position = geterrposition();
	int			fault;
	int			start = -1;		/* of the statement; known with a token */
	MigrScan	scan;
	MigrToken	token;

	if (position <= 0)
		return;

	fault = migr_parse_byte(sql, position);
	migr_scan_begin(&scan, sql, strlen(sql));
	for (;;)
	{
		MigrTokenKind kind = migr_scan_next(&scan, &token);

		if (start < 0)
			start = token.start;
		if (kind == MIGR_TOKEN_END || kind == MIGR_TOKEN_UNTERMINATED ||
			(kind == MIGR_TOKEN_SEMICOLON && token.start >= fault))
			break;
		if (kind == MIGR_TOKEN_SEMICOLON)
			start = -1;
	}
	if (start < 0 || start > fault)
		start = fault;

	if (geterrcode() == ERRCODE_SYNTAX_ERROR && is_variable(sql + fault))
		migr_hint_add("It looks like a variable, and there are none: have it filled in before, by envsubst or what reads the file.");
	errposition(0);
	internalerrposition(1 + pg_mbstrlen_with_len(sql + start, fault - start));
	internalerrquery(pnstrdup(sql + start, scan.pos - start));
	if (text->what)
		errcontext("%s, line %d", text->what,
				   text->first_line - 1 + migr_scan_line_at(sql, fault));
}

List *
migr_parse(const char *sql, const char *what, int first_line)
{
	Text		text = {.sql = sql, .what = what, .first_line = first_line};
	ErrorContextCallback context;
	List	   *statements;

	context.callback = point_into_text;
	context.arg = &text;
	context.previous = error_context_stack;
	error_context_stack = &context;
	statements = migr_compat_raw_parser(sql);
	error_context_stack = context.previous;
	return statements;
}

/* Is this an error of the text, not of the server or the session? */
static bool
about_the_text(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	return category != ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) &&
		category != ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) &&
		category != ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR);
}

ErrorData *
migr_parse_attempt(MigrWork work, void *arg)
{
	MemoryContext caller = CurrentMemoryContext;
	ErrorData  *volatile failure = NULL;

	PG_TRY();
	{
		error_context_stack = NULL;
		work(arg);
	}
	PG_CATCH();
	{
		if (!about_the_text(geterrcode()))
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		failure = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	return failure;
}

typedef struct Parsing
{
	const char *sql;
	List	   *statements;
} Parsing;

static void
parse(void *arg)
{
	Parsing    *parsing = arg;

	parsing->statements = migr_parse(parsing->sql, NULL, 1);
}

List *
migr_parse_try(const char *sql, ErrorData **failure)
{
	Parsing		parsing = {.sql = sql};

	*failure = migr_parse_attempt(parse, &parsing);
	return parsing.statements;
}

PlannedStmt *
migr_parse_utility(const char *sql)
{
	RawStmt    *raw = linitial_node(RawStmt, migr_parse(sql, NULL, 1));
	PlannedStmt *planned = makeNode(PlannedStmt);

	planned->commandType = CMD_UTILITY;
	/* As of a client's own statement; portals take others for what a rule has added. */
	planned->canSetTag = true;
	planned->utilityStmt = raw->stmt;
	planned->stmt_location = raw->stmt_location;
	planned->stmt_len = raw->stmt_len;
	return planned;
}

bool
migr_parse_is_copy_in(Node *statement)
{
	CopyStmt   *copy = (CopyStmt *) statement;

	return IsA(statement, CopyStmt) && copy->is_from && !copy->is_program &&
		copy->filename == NULL;
}

/* Where the parser says the statement begins, and how long it says that is. */
static int
find_extent(const char *sql, const RawStmt *statement, int *len)
{
	int			location = Max(statement->stmt_location, 0);

	*len = statement->stmt_len > 0 ? statement->stmt_len
		: (int) strlen(sql + location);
	return location;
}

int
migr_parse_start(const char *sql, RawStmt *statement)
{
	int			len;
	int			location = find_extent(sql, statement, &len);
	MigrScan	scan;
	MigrToken	token;

	/* A directive in front of it is a comment. */
	migr_scan_begin(&scan, sql + location, len);
	while (migr_scan_next(&scan, &token) == MIGR_TOKEN_DIRECTIVE)
		;
	return location + token.start;
}

int
migr_parse_end(const char *sql, RawStmt *statement)
{
	int			len;
	int			location = find_extent(sql, statement, &len);
	int			end = 0;
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, sql + location, len);
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END)
		end = token.end;
	return location + end;
}
