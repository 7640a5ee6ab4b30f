/*
 * text.c
 *		Text as it is stored: its size, its form, its checksum.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <limits.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/scan.h"
#include "base/sha256.h"
#include "base/text.h"

static int	max_script_size_kb;

void
migr_text_init(void)
{
	DefineCustomIntVariable("migr.max_script_size",
							"Largest revision script that is accepted.",
							NULL, &max_script_size_kb,
							64 * 1024, 1, MAX_KILOBYTES,
							PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
}

bool
migr_text_is_allowed(int64 bytes)
{
	return bytes <= (int64) max_script_size_kb * 1024;
}

void
migr_text_check_size(const char *what, int64 bytes)
{
	if (!migr_text_is_allowed(bytes))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("script %s is larger than migr.max_script_size", what),
				 errdetail("It has " INT64_FORMAT " bytes; %d kB are allowed.",
						   bytes, max_script_size_kb)));
}

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* Is there nothing that is to be normalised? */
static bool
is_normal(const char *input, int size)
{
	const unsigned char mark = BYTE_ORDER_MARK[0];
	const char *end = input + size;

	if (memchr(input, '\r', size))
		return false;
	for (const char *at = input; (at = memchr(at, mark, end - at)) != NULL; at++)
	{
		if (strncmp(at, BYTE_ORDER_MARK, 3) == 0)
			return false;
	}
	return true;
}

const char *
migr_text_normalise(const char *input, int *len)
{
	int			size = strlen(input);
	char	   *result;
	char	   *to;
	const char *from = input;

	*len = size;
	if (is_normal(input, size))
		return input;
	to = result = palloc(size + 1);
	while (*from != '\0')
	{
		const char *newline;
		int			n;

		CHECK_FOR_INTERRUPTS();

		if (strncmp(from, BYTE_ORDER_MARK, 3) == 0 &&
			(from == input || strncmp(from + 3, "--", 2) == 0))
			from += 3;
		newline = strchr(from, '\n');
		n = newline ? newline - from : (int) strlen(from);
		memcpy(to, from, n);
		to += n;
		from += n;
		if (newline)
		{
			/* All of them: what is normalised stays as it is when it is read again. */
			while (n-- > 0 && to[-1] == '\r')
				to--;
			*to++ = '\n';
			from++;
		}
	}
	*to = '\0';
	*len = to - result;
	return result;
}

char *
migr_text_restore_returns(const char *input, const char *normalised, const List *ranges,
						  int *len)
{
	char	   *result = palloc(strlen(input) + 1);
	char	   *to = result;
	int			range = 0;
	bool		any = false;

	for (const char *at = normalised; *at != '\0';)
	{
		CHECK_FOR_INTERRUPTS();
		while (range < list_length(ranges) && at - normalised >= list_nth_int(ranges, range + 1))
			range += 2;
		if (*input == *at)
			*to++ = *at++;
		/* What differs was left out: a return, or a byte of a mark. */
		else if (*input == '\r' && range < list_length(ranges) &&
				 at - normalised >= list_nth_int(ranges, range))
		{
			*to++ = '\r';
			any = true;
		}
		input++;
	}
	*to = '\0';
	*len = to - result;
	return any ? result : NULL;
}

char *
migr_text_sha256(const char *bytes, int len)
{
	MigrSha256	sha;

	migr_sha256_begin(&sha);
	migr_sha256_add(&sha, bytes, len);
	return migr_sha256_end(&sha);
}

void
migr_text_digest(const char *bytes, int len, unsigned char *digest)
{
	MigrSha256	sha;

	migr_sha256_begin(&sha);
	migr_sha256_add(&sha, bytes, len);
	migr_sha256_end_bytes(&sha, digest);
}

/* What is hashed is the text itself, in stretches without white space at line ends. */
char *
migr_text_checksum(const char *text, int len)
{
	const char *end = text + len;
	const char *from = text;
	const char *newline = text;
	MigrSha256	sha;

	while (end > text && migr_scan_isspace(end[-1]))
		end--;
	migr_sha256_begin(&sha);
	while ((newline = memchr(newline, '\n', end - newline)) != NULL)
	{
		const char *behind = newline;

		while (behind > text && behind[-1] != '\n' && migr_scan_isspace(behind[-1]))
			behind--;
		if (behind < newline)
		{
			migr_sha256_add(&sha, from, behind - from);
			from = newline;
		}
		newline++;
	}
	migr_sha256_add(&sha, from, end - from);
	return migr_sha256_end(&sha);
}

void
migr_text_comment(StringInfo out, const char *prefix, const char *text)
{
	appendStringInfo(out, "-- %s", prefix);
	for (const char *c = text; *c; c++)
		appendStringInfoChar(out, *c == '\n' || *c == '\r' ? ' ' : *c);
	appendStringInfoChar(out, '\n');
}

bool
migr_text_timestamp(const char *text, TimestampTz *result)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool valid = true;

	/* As in migr_parse_try(): a date's input function holds nothing. */
	PG_TRY();
	{
		*result = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
														  CStringGetDatum(text),
														  ObjectIdGetDatum(InvalidOid),
														  Int32GetDatum(-1)));
	}
	PG_CATCH();
	{
		if (ERRCODE_TO_CATEGORY(geterrcode()) !=
			ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION))
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		valid = false;
	}
	PG_END_TRY();
	return valid;
}

char *
migr_text_join(const List *strings, const char *between)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, strings)
		appendStringInfo(&out, "%s%s", out.len > 0 ? between : "", (char *) lfirst(lc));
	return out.data;
}

char *
migr_text_paragraphs(const char *first, const char *second)
{
	if (*first == '\0' || *second == '\0')
		return pstrdup(*first ? first : second);
	return psprintf("%s\n%s", first, second);
}
