/*
 * display.c
 *		Text for people to read: on one line, and no wider than there is room.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "base/display.h"

#define ELLIPSIS "..."

/*
 * The encoding of a text.  Where the database does not know any, most texts
 * are in UTF-8 all the same.
 */
static int
encoding_of(const char *text)
{
	int			encoding = GetDatabaseEncoding();

	return encoding == PG_SQL_ASCII && pg_verify_mbstr(PG_UTF8, text, strlen(text), true)
		? PG_UTF8 : encoding;
}

/* How many bytes the character at a place has; never beyond the end. */
static int
length_of(int encoding, const char *at)
{
	int			length = pg_encoding_mblen(encoding, at);

	return Max(1, Min(length, (int) strnlen(at, Max(length, 1))));
}

/* Does a character of UTF-8 end a line, or turn the direction of what follows? */
static bool
turns_line(pg_wchar c)
{
	return (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static bool
is_control(int encoding, const char *at)
{
	return pg_encoding_dsplen(encoding, at) < 0 ||
		(encoding == PG_UTF8 && turns_line(utf8_to_unicode((const unsigned char *) at)));
}

char *
migr_display_line(const char *text)
{
	int			encoding = encoding_of(text);
	char	   *line = palloc(strlen(text) + 1);
	char	   *to = line;
	int			length;

	for (const char *at = text; *at != '\0'; at += length)
	{
		length = length_of(encoding, at);
		if (is_control(encoding, at))
			*to++ = ' ';
		else
		{
			memcpy(to, at, length);
			to += length;
		}
	}
	*to = '\0';
	return line;
}

/* How many bytes of a line fit; *width is what they take. */
static int
fit(const char *line, int columns, int *width)
{
	int			encoding = encoding_of(line);
	const char *at = line;

	*width = 0;
	while (*at != '\0')
	{
		int			more = Max(pg_encoding_dsplen(encoding, at), 0);

		if (*width + more > columns)
			break;
		*width += more;
		at += length_of(encoding, at);
	}
	return at - line;
}

int
migr_display_width(const char *line)
{
	int			width;

	(void) fit(line, PG_INT32_MAX / 2, &width);
	return width;
}

char *
migr_display_cut(const char *line, int columns)
{
	int			dots = Min((int) strlen(ELLIPSIS), columns);
	int			width;

	if (migr_display_width(line) <= columns)
		return pstrdup(line);
	return psprintf("%.*s%.*s", fit(line, columns - dots, &width), line, dots, ELLIPSIS);
}

char *
migr_display_duration(int64 microseconds)
{
	int64		ms = (microseconds + 500) / 1000;
	int64		seconds = (ms + 500) / 1000;

	if (ms < 1)
		return pstrdup("<1 ms");
	if (ms < 1000)
		return psprintf("%d ms", (int) ms);
	if (ms < 59950)
		return psprintf("%.1f s", ms / 1000.0);
	if (seconds < 3600)
		return psprintf("%d:%02d min", (int) (seconds / 60), (int) (seconds % 60));
	return psprintf(INT64_FORMAT ":%02d h", seconds / 3600, (int) (seconds % 3600 / 60));
}
