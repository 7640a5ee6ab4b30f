/*
 * text.c
 *		Text as it is stored: its size, its form, its checksum.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/scan.h"
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

void
migr_text_check_size(const char *what, int64 bytes)
{
	if (bytes > (int64) max_script_size_kb * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("script %s is larger than migr.max_script_size", what),
				 errdetail("It has " INT64_FORMAT " bytes; %d kB are allowed.",
						   bytes, max_script_size_kb)));
}

char *
migr_text_normalise(const char *input, int *len)
{
	int			size = strlen(input);
	char	   *result = palloc(size + 1);
	char	   *to = result;
	const char *from = input;

	while (*from != '\0')
	{
		const char *newline;
		int			n;

		CHECK_FOR_INTERRUPTS();

		if (strncmp(from, "\xEF\xBB\xBF", 3) == 0 &&
			(from == input || strncmp(from + 3, "--", 2) == 0))
			from += 3;
		newline = strchr(from, '\n');
		n = newline ? newline - from : (int) strlen(from);
		memcpy(to, from, n);
		to += n;
		from += n;
		if (newline)
		{
			if (n > 0 && to[-1] == '\r')
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

static bytea *
sha256(const char *bytes, int len)
{
	bytea	   *input = palloc(VARHDRSZ + len);
	bytea	   *digest;

	memcpy(VARDATA(input), bytes, len);
	SET_VARSIZE(input, VARHDRSZ + len);
	digest = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(input)));
	pfree(input);
	return digest;
}

char *
migr_text_sha256(const char *bytes, int len)
{
	bytea	   *digest = sha256(bytes, len);
	char	   *result = palloc0(2 * VARSIZE_ANY_EXHDR(digest) + 1);

	hex_encode(VARDATA_ANY(digest), VARSIZE_ANY_EXHDR(digest), result);
	pfree(digest);
	return result;
}

void
migr_text_digest(const char *bytes, int len, unsigned char *result)
{
	bytea	   *digest = sha256(bytes, len);

	memcpy(result, VARDATA_ANY(digest), VARSIZE_ANY_EXHDR(digest));
	pfree(digest);
}

char *
migr_text_checksum(const char *text, int len)
{
	char	   *bytes = palloc(len + 1);
	char	   *to = bytes;
	char	   *result;

	for (int i = 0; i < len; i++)
	{
		if (text[i] == '\n')
		{
			while (to > bytes && to[-1] != '\n' && migr_scan_isspace(to[-1]))
				to--;
		}
		*to++ = text[i];
	}
	while (to > bytes && migr_scan_isspace(to[-1]))
		to--;
	result = migr_text_sha256(bytes, to - bytes);
	pfree(bytes);
	return result;
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
