/*
 * text.c
 *		Text as it is stored, and its checksum.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "compat.h"
#include "scan.h"
#include "text.h"

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
migr_text_checksum(const char *text, int len)
{
	bytea	   *bytes = palloc(VARHDRSZ + len);
	char	   *to = VARDATA(bytes);
	bytea	   *digest;
	char	   *result;

	for (int i = 0; i < len; i++)
	{
		if (text[i] == '\n')
		{
			while (to > VARDATA(bytes) && to[-1] != '\n' &&
				   migr_scan_isspace(to[-1]))
				to--;
		}
		*to++ = text[i];
	}
	while (to > VARDATA(bytes) && migr_scan_isspace(to[-1]))
		to--;
	SET_VARSIZE(bytes, to - (char *) bytes);

	digest = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea,
												 PointerGetDatum(bytes)));
	result = palloc0(2 * VARSIZE_ANY_EXHDR(digest) + 1);
	hex_encode(VARDATA_ANY(digest), VARSIZE_ANY_EXHDR(digest), result);
	pfree(bytes);
	return result;
}
