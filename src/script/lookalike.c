/*
 * lookalike.c
 *		Comments that may have been meant as directives.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/varlena.h"

#include "base/ident.h"
#include "base/scan.h"
#include "script/lookalike.h"

#define PREFIX "migr"
#define PREFIX_LEN ((int) strlen(PREFIX))

/* How many letters of the prefix may be wrong. */
#define PREFIX_TYPOS 2

/* What may stand for the colon by mistake. */
#define OTHER_SIGNS ".;=,|>"

/* A space that editors and word processors write instead of a blank, in UTF-8. */
#define NO_BREAK_SPACE "\xC2\xA0"

static const char *
skip_blanks(const char *at)
{
	for (;;)
	{
		if (*at == ' ' || *at == '\t')
			at++;
		else if (strncmp(at, NO_BREAK_SPACE, 2) == 0)
			at += 2;
		else
			return at;
	}
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is this word nearly the prefix, or one that begins like it? */
static bool
is_nearly_prefix(const char *word, int len)
{
	char	   *lower = pnstrdup(word, len);

	for (char *c = lower; *c != '\0'; c++)
		*c = pg_ascii_tolower(*c);
	return *lower == 'm' && len >= PREFIX_LEN - 1 && len <= 2 * PREFIX_LEN + 1 &&
		(strncmp(lower, PREFIX, PREFIX_LEN) == 0 ||
		 varstr_levenshtein_less_equal(lower, len, PREFIX, PREFIX_LEN, 1, 1, 1,
									   PREFIX_TYPOS, true) <= PREFIX_TYPOS);
}

/* Look at what stands before the comment in its line. */
static void
read_place(MigrLookalike *like, const char *text, int start)
{
	like->own_line = true;
	for (int i = start - 1; i >= 0 && text[i] != '\n' && like->own_line; i--)
	{
		if (text[i] == '\r')
		{
			like->behind_return = true;
			return;
		}
		like->own_line = migr_scan_isspace(text[i]);
	}
}

/* Take apart what stands behind the prefix and the colon: a name and a value. */
static void
read_name(MigrLookalike *like, const char *at)
{
	const char *end;
	int			len;

	at = skip_blanks(at);
	for (end = at; migr_ident_char(*end);)
		end++;
	like->name = pnstrdup(at, end - at);
	for (char *c = like->name; *c != '\0'; c++)
		*c = pg_ascii_tolower(*c);

	/* A second sign, as in "migr: revision: a". */
	at = skip_blanks(*end == ':' || *end == '=' ? end + 1 : end);
	for (len = strlen(at); len > 0 && migr_scan_isspace(at[len - 1]);)
		len--;
	like->value = pnstrdup(at, len);
}

static MigrLookalikeForm
form_of(const MigrLookalike *like, const char *word, int len, const char *sign)
{
	bool		exact = len == PREFIX_LEN && pg_strncasecmp(word, PREFIX, len) == 0;

	if (*sign == ':' && exact)
		return like->own_line ? MIGR_LOOKS_SURE : MIGR_LOOKS_MAYBE;
	if (*sign == ':' && sign == word + len && is_nearly_prefix(word, len))
		return MIGR_LOOKS_MAYBE;
	if (!exact || !like->own_line)
		return MIGR_LOOKS_OTHERWISE;
	return sign > word + len || (*sign != '\0' && strchr(OTHER_SIGNS, *sign))
		? MIGR_LOOKS_MAYBE : MIGR_LOOKS_OTHERWISE;
}

MigrLookalike
migr_lookalike_read(const char *text, const MigrToken *comment)
{
	MigrLookalike like = {0};
	char	   *copy;
	const char *word;
	const char *sign;
	int			len = 0;

	/* Most comments are none, and need no copy. */
	word = text + comment->start;
	while (*word == '-' && word < text + comment->end)
		word++;
	word = skip_blanks(word);
	if (word >= text + comment->end || (*word != 'm' && *word != 'M'))
		return like;

	copy = pnstrdup(word, text + comment->end - word);
	while (is_letter(copy[len]))
		len++;
	sign = skip_blanks(copy + len);
	read_place(&like, text, comment->start);
	like.form = form_of(&like, copy, len, sign);
	if (like.form == MIGR_LOOKS_SURE && migr_scan_is_remark(sign + 1))
		like.form = MIGR_LOOKS_OTHERWISE;
	if (like.form != MIGR_LOOKS_OTHERWISE)
		read_name(&like, *sign != '\0' && strchr(":" OTHER_SIGNS, *sign) ? sign + 1 : sign);
	pfree(copy);
	return like;
}

bool
migr_lookalike_is_value(const char *value)
{
	bool		expected = true;	/* a word may begin here */

	if (*value >= '0' && *value <= '9')
		return true;
	for (; *value != '\0'; value++)
	{
		bool		blank = *value == ' ' || *value == '\t';

		if (!blank && !expected && (value[-1] == ' ' || value[-1] == '\t') && *value != ',')
			return false;
		if (!blank)
			expected = *value == ',';
	}
	return true;
}
