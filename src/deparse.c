/*
 * deparse.c
 *		Deparsed SQL in the form that it keeps.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "compat.h"
#include "deparse.h"
#include "scan.h"

/* The tokens of a text. */
typedef struct Tokens
{
	const char *sql;
	int			count;
	MigrToken  *items;
} Tokens;

/* A cast of an array: what stands where, in tokens. */
typedef struct ArrayCast
{
	int			first;			/* the opening parenthesis */
	int			end;			/* behind the closing bracket of t[] */
	int			type;			/* the type's first token */
	int			type_end;		/* behind its last */
	int			close;			/* the bracket that ends the elements */
} ArrayCast;

static Tokens
read_tokens(const char *sql)
{
	Tokens		tokens = {.sql = sql};
	int			room = 64;
	MigrScan	scan;

	tokens.items = palloc(room * sizeof(MigrToken));
	migr_scan_begin(&scan, sql, strlen(sql));
	do
	{
		if (tokens.count == room)
			tokens.items = repalloc(tokens.items, (room *= 2) * sizeof(MigrToken));
		migr_scan_next(&scan, &tokens.items[tokens.count]);
	} while (tokens.items[tokens.count++].kind != MIGR_TOKEN_END &&
			 tokens.items[tokens.count - 1].kind != MIGR_TOKEN_UNTERMINATED);
	return tokens;
}

/* Is a token this single byte? */
static bool
is_byte(const Tokens *tokens, int i, char c)
{
	return i < tokens->count && tokens->items[i].kind == MIGR_TOKEN_OTHER &&
		tokens->sql[tokens->items[i].start] == c;
}

static bool
is_word(const Tokens *tokens, int i, const char *word)
{
	return i < tokens->count && tokens->items[i].kind == MIGR_TOKEN_WORD &&
		tokens->items[i].end - tokens->items[i].start == (int) strlen(word) &&
		strncmp(tokens->sql + tokens->items[i].start, word, strlen(word)) == 0;
}

/* The token that closes the bracket or parenthesis at i; -1 if none does. */
static int
find_close(const Tokens *tokens, int i)
{
	int			depth = 0;

	for (; i < tokens->count; i++)
	{
		if (is_byte(tokens, i, '(') || is_byte(tokens, i, '['))
			depth++;
		else if ((is_byte(tokens, i, ')') || is_byte(tokens, i, ']')) && --depth == 0)
			return i;
	}
	return -1;
}

/* Is (ARRAY[…])::t[] what begins at token i? */
static bool
match_cast(const Tokens *tokens, int i, ArrayCast *cast)
{
	if (!is_byte(tokens, i, '(') || !is_word(tokens, i + 1, "ARRAY") ||
		!is_byte(tokens, i + 2, '['))
		return false;
	cast->first = i;
	cast->close = find_close(tokens, i + 2);
	if (cast->close < 0 || cast->close == i + 3 ||
		!is_byte(tokens, cast->close + 1, ')') ||
		!is_byte(tokens, cast->close + 2, ':') ||
		!is_byte(tokens, cast->close + 3, ':'))
		return false;
	cast->type = i = cast->close + 4;
	while (i < tokens->count && (tokens->items[i].kind == MIGR_TOKEN_WORD ||
								 tokens->items[i].kind == MIGR_TOKEN_QUOTED ||
								 is_byte(tokens, i, '.')))
		i++;
	if (is_byte(tokens, i, '('))
		i = find_close(tokens, i) + 1;
	cast->type_end = i;
	cast->end = i + 2;
	return i > cast->type && is_byte(tokens, i, '[') && is_byte(tokens, i + 1, ']');
}

/* Append the elements, each with the cast. */
static void
append_elements(StringInfo out, const Tokens *tokens, const ArrayCast *cast)
{
	const char *sql = tokens->sql;
	const MigrToken *items = tokens->items;
	int			type = items[cast->type].start;
	int			type_len = items[cast->type_end - 1].end - type;
	int			from = cast->first + 3;

	appendStringInfoString(out, "ARRAY[");
	for (int i = from; i <= cast->close; i++)
	{
		if (is_byte(tokens, i, '(') || is_byte(tokens, i, '['))
			i = find_close(tokens, i);
		else if (is_byte(tokens, i, ',') || i == cast->close)
		{
			appendStringInfo(out, "%s(%.*s)::%.*s",
							 from > cast->first + 3 ? ", " : "",
							 items[i - 1].end - items[from].start,
							 sql + items[from].start, type_len, sql + type);
			from = i + 1;
		}
	}
	appendStringInfoChar(out, ']');
}

const char *
migr_deparse_settle(const char *sql)
{
	StringInfoData out;
	Tokens		tokens;
	ArrayCast	cast;
	int			copied = 0;

	if (sql == NULL || strstr(sql, "(ARRAY[") == NULL)
		return sql;

	tokens = read_tokens(sql);
	initStringInfo(&out);
	for (int i = 0; i < tokens.count; i++)
	{
		if (!match_cast(&tokens, i, &cast))
			continue;
		appendBinaryStringInfo(&out, sql + copied, tokens.items[i].start - copied);
		append_elements(&out, &tokens, &cast);
		copied = tokens.items[cast.end - 1].end;
		i = cast.end - 1;
	}
	appendStringInfoString(&out, sql + copied);
	pfree(tokens.items);
	return out.data;
}
