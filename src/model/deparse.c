/*
 * deparse.c
 *		Deparsed SQL in the form that it keeps.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/scan.h"
#include "model/deparse.h"

/* The tokens of a text. */
typedef struct Tokens
{
	const char *sql;
	int			count;
	MigrToken  *items;
	int		   *close;			/* of an opening bracket or parenthesis, the
								 * closing one; -1 if there is none */
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

/* Note for each opening bracket and parenthesis the one that closes it. */
static void
match_tokens(Tokens *tokens)
{
	int		   *open = palloc(tokens->count * sizeof(int));
	int			depth = 0;

	tokens->close = palloc(tokens->count * sizeof(int));
	for (int i = 0; i < tokens->count; i++)
	{
		tokens->close[i] = -1;
		if (is_byte(tokens, i, '(') || is_byte(tokens, i, '['))
			open[depth++] = i;
		else if ((is_byte(tokens, i, ')') || is_byte(tokens, i, ']')) && depth > 0)
			tokens->close[open[--depth]] = i;
	}
	pfree(open);
}

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
	match_tokens(&tokens);
	return tokens;
}

static void
free_tokens(Tokens *tokens)
{
	pfree(tokens->items);
	pfree(tokens->close);
}

/* Is (ARRAY[…])::t[] what begins at token i? */
static bool
match_cast(const Tokens *tokens, int i, ArrayCast *cast)
{
	if (!is_byte(tokens, i, '(') || !is_word(tokens, i + 1, "ARRAY") ||
		!is_byte(tokens, i + 2, '['))
		return false;
	cast->first = i;
	cast->close = tokens->close[i + 2];
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
		i = tokens->close[i] + 1;
	cast->type_end = i;
	cast->end = i + 2;
	return i > cast->type && is_byte(tokens, i, '[') && is_byte(tokens, i + 1, ']');
}

/*
 * Append the elements from the token that follows a bracket to the one that
 * closes it, each with the cast; an element that is an array itself hands the
 * cast on to its own.
 */
static void
append_elements(StringInfo out, const Tokens *tokens, const ArrayCast *cast,
				int from, int close)
{
	const char *sql = tokens->sql;
	const MigrToken *items = tokens->items;
	const char *separator = "";
	int			type = items[cast->type].start;
	int			type_len = items[cast->type_end - 1].end - type;

	check_stack_depth();
	appendStringInfoString(out, "ARRAY[");
	for (int i = from; i <= close; i++)
	{
		if (tokens->close[i] >= 0)
			i = tokens->close[i];
		else if (is_byte(tokens, i, ',') || i == close)
		{
			appendStringInfoString(out, separator);
			if (is_word(tokens, from, "ARRAY") && is_byte(tokens, from + 1, '[') &&
				tokens->close[from + 1] == i - 1)
				append_elements(out, tokens, cast, from + 2, i - 1);
			else
				appendStringInfo(out, "(%.*s)::%.*s",
								 items[i - 1].end - items[from].start,
								 sql + items[from].start, type_len, sql + type);
			separator = ", ";
			from = i + 1;
		}
	}
	appendStringInfoChar(out, ']');
}

/* (ARRAY[a, b])::t[] is ARRAY[(a)::t, (b)::t]. */
static const char *
settle_arrays(const char *sql)
{
	StringInfoData out;
	Tokens		tokens;
	ArrayCast	cast;
	int			copied = 0;

	if (strstr(sql, "(ARRAY[") == NULL)
		return sql;

	tokens = read_tokens(sql);
	initStringInfo(&out);
	for (int i = 0; i < tokens.count; i++)
	{
		if (!match_cast(&tokens, i, &cast))
			continue;
		appendBinaryStringInfo(&out, sql + copied, tokens.items[i].start - copied);
		append_elements(&out, &tokens, &cast, cast.first + 3, cast.close);
		copied = tokens.items[cast.end - 1].end;
		i = cast.end - 1;
	}
	appendStringInfoString(&out, sql + copied);
	free_tokens(&tokens);
	return out.data;
}

/* Is this word between the parts of the group that is opened at i? */
static bool
is_list_of(const Tokens *tokens, int i, const char *word)
{
	int			close = tokens->close[i];

	for (i++; i < close; i++)
	{
		if (tokens->close[i] >= 0)
			i = tokens->close[i];
		else if (is_word(tokens, i, word))
			return true;
	}
	return false;
}

/*
 * Is ((a AND b) AND c) what begins at token i, or the same with OR?  The parser
 * makes one list of it, where BETWEEN or IN had made a list of their own.
 */
static bool
match_list(const Tokens *tokens, int i)
{
	int			close;

	if (!is_byte(tokens, i, '(') || !is_byte(tokens, i + 1, '('))
		return false;
	close = tokens->close[i + 1];
	if (close < 0)
		return false;
	return (is_word(tokens, close + 1, "AND") && is_list_of(tokens, i + 1, "AND")) ||
		(is_word(tokens, close + 1, "OR") && is_list_of(tokens, i + 1, "OR"));
}

/* ((a AND b) AND c) is (a AND b AND c). */
static const char *
settle_lists(const char *sql)
{
	StringInfoData out;
	Tokens		tokens;
	bool	   *dropped;
	int			copied = 0;

	if (strstr(sql, "((") == NULL ||
		(strstr(sql, ") AND ") == NULL && strstr(sql, ") OR ") == NULL))
		return sql;

	tokens = read_tokens(sql);
	dropped = palloc0(tokens.count * sizeof(bool));
	initStringInfo(&out);
	for (int i = 0; i < tokens.count; i++)
	{
		if (match_list(&tokens, i))
			dropped[i + 1] = dropped[tokens.close[i + 1]] = true;
		if (!dropped[i])
			continue;
		appendBinaryStringInfo(&out, sql + copied, tokens.items[i].start - copied);
		copied = tokens.items[i].end;
	}
	appendStringInfoString(&out, sql + copied);
	pfree(dropped);
	free_tokens(&tokens);
	return out.data;
}

/* Is (- 1) or (- 1.5) what begins at token i?  Sets *end behind it. */
static bool
match_negative(const Tokens *tokens, int i, int *end)
{
	if (!is_byte(tokens, i, '(') || !is_byte(tokens, i + 1, '-') ||
		tokens->sql[tokens->items[i + 1].end] != ' ' || tokens->close[i] < 0)
		return false;
	*end = tokens->close[i] + 1;
	for (int j = i + 2; j < *end - 1; j++)
	{
		char		c = tokens->sql[tokens->items[j].start];

		if (!(c >= '0' && c <= '9') && !is_byte(tokens, j, '.'))
			return false;
	}
	return *end > i + 3;
}

/* Is ::numeric(…) what begins at token i? */
static bool
is_numeric_cast(const Tokens *tokens, int i)
{
	return is_byte(tokens, i, ':') && is_byte(tokens, i + 1, ':') &&
		is_word(tokens, i + 2, "numeric") && is_byte(tokens, i + 3, '(');
}

/*
 * (- 1) is '-1'::integer: the parser makes one constant of it, which takes the
 * cast of a numeric one as its type.
 */
static const char *
settle_negatives(const char *sql)
{
	StringInfoData out;
	Tokens		tokens;
	int			copied = 0;
	int			end;

	if (strstr(sql, "(- ") == NULL)
		return sql;

	tokens = read_tokens(sql);
	initStringInfo(&out);
	for (int i = 0; i < tokens.count; i++)
	{
		int			first = i;
		int			start;
		int			len;
		bool		numeric;

		if (!match_negative(&tokens, i, &end))
			continue;
		start = tokens.items[i + 2].start;
		len = tokens.items[end - 2].end - start;
		numeric = memchr(sql + start, '.', len) != NULL;
		if (numeric && i > 0 && tokens.close[i - 1] == end &&
			is_numeric_cast(&tokens, end + 1))
		{
			first--;
			end++;
		}
		appendBinaryStringInfo(&out, sql + copied, tokens.items[first].start - copied);
		appendStringInfo(&out, "'-%.*s'%s", len, sql + start,
						 first < i ? "" : numeric ? "::numeric" : "::integer");
		copied = tokens.items[end - 1].end;
	}
	appendStringInfoString(&out, sql + copied);
	free_tokens(&tokens);
	return out.data;
}

/* Does the list of columns of a SELECT end at token i? */
static bool
ends_columns(const Tokens *tokens, int i)
{
	static const char *const words[] = {
		"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "UNION", "INTERSECT",
		"EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR"
	};

	if (i >= tokens->count || is_byte(tokens, i, ')') ||
		tokens->items[i].kind == MIGR_TOKEN_SEMICOLON ||
		tokens->items[i].kind == MIGR_TOKEN_END ||
		tokens->items[i].kind == MIGR_TOKEN_UNTERMINATED)
		return true;
	for (int k = 0; k < (int) lengthof(words); k++)
	{
		if (is_word(tokens, i, words[k]))
			return true;
	}
	return false;
}

/* The catalog's name of a type that is named by the tokens from i to end. */
static const char *
type_name(const Tokens *tokens, int i, int end)
{
	static const struct
	{
		const char *printed;
		const char *name;
	}			types[] =
	{
		{"integer", "int4"}, {"bigint", "int8"}, {"smallint", "int2"},
		{"boolean", "bool"}, {"real", "float4"}, {"double precision", "float8"},
		{"character varying", "varchar"}, {"character", "bpchar"},
		{"timestamp without time zone", "timestamp"},
		{"timestamp with time zone", "timestamptz"},
		{"time without time zone", "time"}, {"time with time zone", "timetz"},
		{"bit varying", "varbit"}
	};
	StringInfoData words;

	initStringInfo(&words);
	for (; i < end && !is_byte(tokens, i, '['); i++)
	{
		const MigrToken *token = &tokens->items[i];

		if (is_byte(tokens, i, '.'))
			resetStringInfo(&words);
		else if (tokens->close[i] >= 0)
			i = tokens->close[i];
		else
			appendStringInfo(&words, "%s%.*s", words.len > 0 ? " " : "",
							 token->end - token->start, tokens->sql + token->start);
	}
	if (words.data[0] == '"')
		return words.data;
	for (int k = 0; k < (int) lengthof(types); k++)
	{
		if (strcmp(words.data, types[k].printed) == 0)
			return quote_identifier(types[k].name);
	}
	words.data[strcspn(words.data, " ")] = '\0';
	return quote_identifier(words.data);
}

/*
 * Is a column of a SELECT, from token i to end, a cast that has no name?  Then
 * it had none when it was not yet a cast.  Returns the one that the parser gives
 * it, or NULL.
 */
static const char *
name_of_cast(const Tokens *tokens, int i, int end)
{
	int			type;

	while (i < end && !is_byte(tokens, i, ':'))
	{
		if (tokens->close[i] >= 0)
			i = tokens->close[i];
		else if (tokens->items[i].kind == MIGR_TOKEN_OTHER && !is_byte(tokens, i, '.'))
			return NULL;
		i++;
	}
	type = i + 2;
	if (!is_byte(tokens, i + 1, ':') || type >= end)
		return NULL;
	for (i = type; i < end; i++)
	{
		if (is_word(tokens, i, "AS"))
			return NULL;
	}
	return type_name(tokens, type, end);
}

/* Append the columns behind a SELECT at token i; returns what is copied. */
static int
append_columns(StringInfo out, const Tokens *tokens, int i, int copied)
{
	int			from = i + 1;

	for (i = from; i < tokens->count; i++)
	{
		const char *name;
		int			end;

		if (tokens->close[i] >= 0)
		{
			i = tokens->close[i];
			continue;
		}
		if (!is_byte(tokens, i, ',') && !ends_columns(tokens, i))
			continue;
		name = name_of_cast(tokens, from, i);
		end = tokens->items[i - 1].end;
		if (name)
		{
			appendBinaryStringInfo(out, tokens->sql + copied, end - copied);
			appendStringInfo(out, " AS %s", name);
			copied = end;
		}
		if (ends_columns(tokens, i))
			break;
		from = i + 1;
	}
	return copied;
}

/*
 * A constant that a SELECT does not name, and that has got a type in its place,
 * is named by the type the next time; so is what a UNION casts.
 */
static const char *
settle_columns(const char *sql)
{
	StringInfoData out;
	Tokens		tokens;
	int			copied = 0;

	tokens = read_tokens(sql);
	initStringInfo(&out);
	for (int i = 0; i < tokens.count; i++)
	{
		if (is_word(&tokens, i, "SELECT") && tokens.items[i].start >= copied)
			copied = append_columns(&out, &tokens, i, copied);
	}
	appendStringInfoString(&out, sql + copied);
	free_tokens(&tokens);
	return out.data;
}

/* A join ON TRUE, made of one without a condition, is one ON (true). */
static const char *
settle_joins(const char *sql)
{
	StringInfoData out;
	Tokens		tokens;
	int			copied = 0;

	if (strstr(sql, " ON TRUE") == NULL)
		return sql;

	tokens = read_tokens(sql);
	initStringInfo(&out);
	for (int i = 1; i < tokens.count; i++)
	{
		if (!is_word(&tokens, i - 1, "ON") || !is_word(&tokens, i, "TRUE"))
			continue;
		appendBinaryStringInfo(&out, sql + copied, tokens.items[i].start - copied);
		appendStringInfoString(&out, "(true)");
		copied = tokens.items[i].end;
	}
	appendStringInfoString(&out, sql + copied);
	free_tokens(&tokens);
	return out.data;
}

static const char *
settle_selects(const char *sql)
{
	if (strstr(sql, "SELECT ") == NULL)
		return sql;
	if (strstr(sql, "::") != NULL)
		sql = settle_columns(sql);
	return settle_joins(sql);
}

const char *
migr_deparse_settle(const char *sql)
{
	if (sql == NULL)
		return NULL;
	return settle_selects(settle_negatives(settle_lists(settle_arrays(sql))));
}
