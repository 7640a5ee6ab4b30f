/*
 * scan.c
 *		SQL text as a run of tokens, with no grammar.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "parser/parser.h"
#include "parser/scansup.h"
#include "utils/builtins.h"

#include "base/scan.h"

#define DIRECTIVE_PREFIX "-- migr:"
#define DIRECTIVE_PREFIX_LEN (sizeof(DIRECTIVE_PREFIX) - 1)

bool
migr_scan_isspace(char c)
{
	return scanner_isspace(c) || c == '\v';
}

void
migr_scan_begin(MigrScan *scan, const char *text, int len)
{
	scan->text = text;
	scan->len = len;
	scan->pos = 0;
	scan->line = 1;
	scan->escapes = !standard_conforming_strings;
	scan->comments = false;
}

/* The byte `ahead` of the current one, or NUL past the end. */
static inline unsigned char
peek(const MigrScan *scan, int ahead)
{
	return scan->pos + ahead < scan->len ? scan->text[scan->pos + ahead] : '\0';
}

/* Go on by one byte and keep count of lines. */
static inline void
advance(MigrScan *scan)
{
	if (scan->text[scan->pos++] == '\n')
		scan->line++;
}

/* May c begin a name?  As ident_start in the server's scan.l. */
static inline bool
is_word_start(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		c >= 0x80;
}

static inline bool
is_word_part(unsigned char c)
{
	return is_word_start(c) || (c >= '0' && c <= '9') || c == '$';
}

bool
migr_scan_is_remark(const char *behind)
{
	static const char *const remarks[] = {" loses data:", " drops:", " revokes:"};

	for (int i = 0; i < (int) lengthof(remarks); i++)
	{
		if (strncmp(behind, remarks[i], strlen(remarks[i])) == 0)
			return true;
	}
	return false;
}

static bool
at_directive(const MigrScan *scan)
{
	return (scan->pos == 0 || scan->text[scan->pos - 1] == '\n') &&
		scan->len - scan->pos >= (int) DIRECTIVE_PREFIX_LEN &&
		memcmp(scan->text + scan->pos, DIRECTIVE_PREFIX,
			   DIRECTIVE_PREFIX_LEN) == 0 &&
		!migr_scan_is_remark(scan->text + scan->pos + DIRECTIVE_PREFIX_LEN);
}

static inline bool
at_comment(const MigrScan *scan)
{
	return peek(scan, 0) == '-' && peek(scan, 1) == '-';
}

/* Go to the end of a comment behind "--": the server ends it at either. */
static void
skip_comment(MigrScan *scan)
{
	while (scan->pos < scan->len && peek(scan, 0) != '\n' && peek(scan, 0) != '\r')
		scan->pos++;
}

/* Go to the newline that ends this line, or to the end of the text. */
static void
skip_to_newline(MigrScan *scan)
{
	const char *newline = memchr(scan->text + scan->pos, '\n',
								 scan->len - scan->pos);

	scan->pos = newline ? newline - scan->text : scan->len;
}

bool
migr_scan_line(MigrScan *scan, MigrToken *line)
{
	if (scan->pos >= scan->len)
		return false;
	line->kind = MIGR_TOKEN_OTHER;
	line->start = scan->pos;
	line->line = scan->line;
	skip_to_newline(scan);
	line->end = scan->pos;
	if (scan->pos < scan->len)
		advance(scan);
	return true;
}

bool
migr_scan_rest_of_line_blank(const MigrScan *scan)
{
	MigrScan	rest = *scan;

	while (rest.pos < rest.len && migr_scan_isspace(rest.text[rest.pos]) &&
		   rest.text[rest.pos] != '\n')
		rest.pos++;
	return rest.pos >= rest.len || rest.text[rest.pos] == '\n' ||
		at_comment(&rest);
}

int
migr_scan_line_at(const char *text, int pos)
{
	int			line = 1;

	for (int i = 0; i < pos && text[i] != '\0'; i++)
	{
		if (text[i] == '\n')
			line++;
	}
	return line;
}

/* Skip a block comment, which may hold others.  False if it never ends. */
static bool
skip_block_comment(MigrScan *scan)
{
	int			depth = 0;

	while (scan->pos < scan->len)
	{
		if (peek(scan, 0) == '/' && peek(scan, 1) == '*')
		{
			depth++;
			scan->pos += 2;
		}
		else if (peek(scan, 0) == '*' && peek(scan, 1) == '/')
		{
			scan->pos += 2;
			if (--depth == 0)
				return true;
		}
		else
			advance(scan);
	}
	return false;
}

/*
 * Skip blanks and comments, but no token.  False if a block comment never
 * ends; *start then is where it begins.
 */
static bool
skip_blanks(MigrScan *scan, MigrToken *start)
{
	while (scan->pos < scan->len)
	{
		if (migr_scan_isspace(peek(scan, 0)))
			advance(scan);
		else if (at_directive(scan))
			return true;
		else if (at_comment(scan))
		{
			if (scan->comments)
				return true;
			skip_comment(scan);
		}
		else if (peek(scan, 0) == '/' && peek(scan, 1) == '*')
		{
			start->start = scan->pos;
			start->line = scan->line;
			if (!skip_block_comment(scan))
				return false;
		}
		else
			return true;
	}
	return true;
}

/*
 * After a string's closing quote: does the string go on in a later line, as
 * the SQL standard has it?  If so, go to just behind the quote that resumes it.
 */
static bool
resume_string(MigrScan *scan)
{
	MigrScan	ahead = *scan;
	MigrToken	ignored;

	ahead.comments = false;
	if (!skip_blanks(&ahead, &ignored) || ahead.line == scan->line ||
		peek(&ahead, 0) != '\'')
		return false;
	scan->pos = ahead.pos + 1;
	scan->line = ahead.line;
	return true;
}

/* Skip what a quote opened, to behind the closing one.  False if none comes. */
static bool
skip_quoted(MigrScan *scan, unsigned char quote, bool escapes)
{
	scan->pos++;
	while (scan->pos < scan->len)
	{
		if (escapes && peek(scan, 0) == '\\' && scan->pos + 1 < scan->len)
		{
			scan->pos++;
			advance(scan);
		}
		else if (peek(scan, 0) != quote)
			advance(scan);
		else if (peek(scan, 1) == quote)
			scan->pos += 2;
		else
		{
			scan->pos++;
			if (!escapes || quote != '\'' || !resume_string(scan))
				return true;
		}
	}
	return false;
}

/* Length of the dollar-quote delimiter at the current byte; 0 if it is none. */
static int
dollar_delimiter(const MigrScan *scan)
{
	int			n = 1;

	if (is_word_start(peek(scan, n)))
	{
		do
			n++;
		while (is_word_part(peek(scan, n)) && peek(scan, n) != '$');
	}
	return peek(scan, n) == '$' ? n + 1 : 0;
}

static bool
skip_dollar_quoted(MigrScan *scan, int delimiter_len)
{
	const char *delimiter = scan->text + scan->pos;

	scan->pos += delimiter_len;
	while (scan->len - scan->pos >= delimiter_len)
	{
		if (memcmp(scan->text + scan->pos, delimiter, delimiter_len) == 0)
		{
			scan->pos += delimiter_len;
			return true;
		}
		advance(scan);
	}
	scan->pos = scan->len;
	return false;
}

/* Read a name, keyword or number, and a string right behind a prefix E. */
static MigrTokenKind
scan_word(MigrScan *scan)
{
	int			start = scan->pos;

	while (is_word_part(peek(scan, 0)))
		scan->pos++;
	if (scan->pos - start == 1 && peek(scan, 0) == '\'' &&
		(scan->text[start] == 'e' || scan->text[start] == 'E'))
		return skip_quoted(scan, '\'', true) ? MIGR_TOKEN_QUOTED
			: MIGR_TOKEN_UNTERMINATED;
	return MIGR_TOKEN_WORD;
}

static MigrTokenKind
scan_token(MigrScan *scan)
{
	unsigned char c = peek(scan, 0);
	bool		ended;

	if (is_word_start(c) || (c >= '0' && c <= '9'))
		return scan_word(scan);
	if (c == '\'' || c == '"')
		ended = skip_quoted(scan, c, c == '\'' && scan->escapes);
	else if (c == '$' && dollar_delimiter(scan) > 0)
		ended = skip_dollar_quoted(scan, dollar_delimiter(scan));
	else
	{
		scan->pos++;
		return c == ';' ? MIGR_TOKEN_SEMICOLON :
			c == '\\' ? MIGR_TOKEN_BACKSLASH : MIGR_TOKEN_OTHER;
	}
	return ended ? MIGR_TOKEN_QUOTED : MIGR_TOKEN_UNTERMINATED;
}

MigrTokenKind
migr_scan_next(MigrScan *scan, MigrToken *token)
{
	CHECK_FOR_INTERRUPTS();

	if (!skip_blanks(scan, token))
		token->kind = MIGR_TOKEN_UNTERMINATED;
	else
	{
		token->start = scan->pos;
		token->line = scan->line;
		if (scan->pos >= scan->len)
			token->kind = MIGR_TOKEN_END;
		else if (at_directive(scan))
		{
			skip_to_newline(scan);
			token->kind = MIGR_TOKEN_DIRECTIVE;
		}
		else if (at_comment(scan))
		{
			skip_comment(scan);
			token->kind = MIGR_TOKEN_COMMENT;
		}
		else
			token->kind = scan_token(scan);
	}
	token->end = scan->pos;
	return token->kind;
}

/* --- what a token says ---------------------------------------------------- */

bool
migr_scan_is_name(const MigrScan *scan, const MigrToken *token, const char *name)
{
	const char *at = scan->text + token->start;
	const char *end = scan->text + token->end - 1;

	if (token->kind == MIGR_TOKEN_WORD)
		return token->end - token->start == (int) strlen(name) &&
			strncmp(at, name, strlen(name)) == 0 && *quote_identifier(name) != '"';
	if (token->kind != MIGR_TOKEN_QUOTED || *at != '"')
		return false;
	for (at++; at < end && *at == *name; at++, name++)
	{
		if (*at == '"')
			at++;
	}
	return at == end && *name == '\0';
}

/* What a backslash and this character stand for; NUL: a number follows. */
static char
escaped(char c)
{
	switch (c)
	{
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		case 'x':
		case 'u':
		case 'U':
			return '\0';
		default:
			return c >= '0' && c <= '7' ? '\0' : c;
	}
}

/* What stands between a string's quotes, or NULL. */
static char *
unquote(const char *at, const char *end, bool escapes)
{
	char	   *result = palloc(end - at + 1);
	char	   *to = result;

	for (; at < end; at++)
	{
		char		c = *at;

		if (escapes && c == '\\')
			c = escaped(*++at);
		else if (c == '\'' && *++at != '\'')
			return NULL;		/* goes on behind the newline */
		if (c == '\0')
			return NULL;
		*to++ = c;
	}
	*to = '\0';
	return result;
}

/* Is there one more string, in a later line, that goes on with this one? */
static bool
goes_on(const MigrScan *scan, const MigrToken *token)
{
	MigrScan	behind = *scan;

	behind.pos = token->end;
	return resume_string(&behind);
}

bool
migr_scan_string(const MigrScan *scan, const MigrToken *token, char **string)
{
	const char *start = scan->text + token->start;
	MigrScan	at = *scan;
	int			delimiter;

	*string = NULL;
	if (token->kind != MIGR_TOKEN_QUOTED || *start == '"')
		return false;
	if (*start == '$')
	{
		at.pos = token->start;
		delimiter = dollar_delimiter(&at);
		*string = pnstrdup(start + delimiter,
						   token->end - token->start - 2 * delimiter);
	}
	else if (token->start > 1 && start[-1] == '&' && (start[-2] | 0x20) == 'u')
		return true;
	else if (*start != '\'')
		*string = unquote(start + 2, scan->text + token->end - 1, true);
	else if (!goes_on(scan, token))
		*string = unquote(start + 1, scan->text + token->end - 1, scan->escapes);
	return true;
}
