/*
 * ddl_text.c
 *		What the text of an attribute, or of a statement, speaks of.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/scan.h"
#include "model/ddl_text.h"

/* How deep in strings: statement, body, and strings in that. */
typedef enum TextDepth
{
	IN_STATEMENT,
	IN_BODY,
	IN_STRING
} TextDepth;

static bool
next(MigrScan *scan, MigrToken *token)
{
	return migr_scan_next(scan, token) != MIGR_TOKEN_END &&
		token->kind != MIGR_TOKEN_UNTERMINATED;
}

static bool
is_byte(const char *text, const MigrToken *token, char c)
{
	return token->kind == MIGR_TOKEN_OTHER && text[token->start] == c;
}

static bool
is_word(const char *text, const MigrToken *token, const char *word)
{
	return token->kind == MIGR_TOKEN_WORD &&
		token->end - token->start == (int) strlen(word) &&
		strncmp(text + token->start, word, strlen(word)) == 0;
}

/* --- names ---------------------------------------------------------------- */

bool
migr_ddl_text_names(const char *text, const char *name)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, text, strlen(text));
	while (next(&scan, &token))
	{
		if (migr_scan_is_name(&scan, &token, name))
			return true;
	}
	return false;
}

const char *
migr_ddl_text_last_name(const char *name)
{
	const char *last = name;
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, name, strlen(name));
	while (next(&scan, &token))
	{
		if (is_byte(name, &token, '.'))
			last = name + token.end;
	}
	return last;
}

int
migr_ddl_text_clause(const char *text, const char *word)
{
	int			depth = 0;
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, text, strlen(text));
	while (next(&scan, &token))
	{
		if (is_byte(text, &token, '('))
			depth++;
		else if (is_byte(text, &token, ')'))
			depth--;
		else if (depth == 0 && is_word(text, &token, word))
			return token.start;
	}
	return -1;
}

/* --- labels --------------------------------------------------------------- */

/* A text without what quotes the elements of arrays and the fields of rows. */
static char *
without_quotes(const char *text)
{
	char	   *result = palloc(strlen(text) + 1);
	char	   *to = result;

	for (; *text != '\0'; text++)
	{
		if (*text != '"' && *text != '\\')
			*to++ = *text;
	}
	*to = '\0';
	return result;
}

/* Can it stand beside an element?  The end of the text can. */
static bool
is_bound(char c)
{
	return c == '\0' || strchr("{}()[],", c) || migr_scan_isspace(c);
}

/*
 * Is a label an element of the array, row or range that a string is?  Quotes are
 * left out of both: how many there are depends on what is within what.
 */
static bool
has_element(const char *string, const char *label)
{
	const char *whole = without_quotes(string);
	const char *element = without_quotes(label);
	int			len = strlen(element);

	while (migr_scan_isspace(*string))
		string++;
	if (*string == '\0' || strchr("{([", *string) == NULL)
		return false;
	for (const char *at = whole; (at = strstr(at, element)) != NULL && *at != '\0'; at++)
	{
		if ((at == whole || is_bound(at[-1])) && is_bound(at[len]))
			return true;
	}
	return false;
}

/* Go to the end of a statement whose first word has been read. */
static void
skip_statement(MigrScan *scan, MigrToken *token)
{
	while (token->kind != MIGR_TOKEN_SEMICOLON && next(scan, token))
		;
}

/*
 * A body may be that of a language that takes "label" for a string; and one that
 * has no tokens of SQL can't be read.  Comments on what is made need no label.
 */
static bool
uses_label(const char *text, const char *label, bool is_routine, TextDepth depth)
{
	MigrToken	last = {.kind = MIGR_TOKEN_SEMICOLON};
	MigrScan	scan;
	MigrToken	token;

	check_stack_depth();
	migr_scan_begin(&scan, text, strlen(text));
	for (; next(&scan, &token); last = token)
	{
		char	   *string;

		if (depth == IN_STATEMENT && last.kind == MIGR_TOKEN_SEMICOLON &&
			is_word(text, &token, "COMMENT"))
			skip_statement(&scan, &token);
		else if (!migr_scan_string(&scan, &token, &string))
		{
			if (depth != IN_STATEMENT && token.kind == MIGR_TOKEN_QUOTED &&
				migr_scan_is_name(&scan, &token, label))
				return true;
		}
		else if (string == NULL || strcmp(string, label) == 0 || has_element(string, label) ||
				 (is_routine && uses_label(string, label, true,
										   depth == IN_STATEMENT ? IN_BODY : IN_STRING)))
			return true;
	}
	return depth == IN_BODY && token.kind == MIGR_TOKEN_UNTERMINATED;
}

bool
migr_ddl_text_uses_label(const char *text, const char *label, bool is_routine)
{
	char	   *string = NULL;
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, label, strlen(label));
	(void) migr_scan_next(&scan, &token);
	return !migr_scan_string(&scan, &token, &string) || string == NULL ||
		uses_label(text, string, is_routine, IN_STATEMENT);
}
