/*
 * args.c
 *		Arguments of SQL-callable functions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/args.h"
#include "base/ident.h"
#include "base/large.h"

static void
check_not_null(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
}

char *
migr_arg_text(FunctionCallInfo fcinfo, int n, const char *name)
{
	check_not_null(fcinfo, n, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

char *
migr_arg_headed_text(FunctionCallInfo fcinfo, int n, const char *name)
{
	text	   *value;
	char	   *result;
	Size		len;

	check_not_null(fcinfo, n, name);
	value = PG_GETARG_TEXT_PP(n);
	len = VARSIZE_ANY_EXHDR(value);
	result = (char *) migr_large_alloc(VARHDRSZ + len + 1) + VARHDRSZ;
	memcpy(result, VARDATA_ANY(value), len);
	result[len] = '\0';
	PG_FREE_IF_COPY(value, n);
	return result;
}

char *
migr_arg_text_or_null(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

static List *
texts_of(ArrayType *array, const char *name)
{
	List	   *result = NIL;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not contain nulls", name)));
		result = lappend(result, TextDatumGetCString(elements[i]));
	}
	return result;
}

List *
migr_arg_texts(FunctionCallInfo fcinfo, int n, const char *name)
{
	return PG_ARGISNULL(n) ? NIL : texts_of(PG_GETARG_ARRAYTYPE_P(n), name);
}

List *
migr_arg_names(FunctionCallInfo fcinfo, int n, const char *name)
{
	char	   *text = migr_arg_text(fcinfo, n, name);
	List	   *names;

	if (text[strspn(text, " \t\n\r")] == '{')
		return texts_of(DatumGetArrayTypeP(OidInputFunctionCall(F_ARRAY_IN, text, TEXTOID, -1)),
						name);
	names = migr_ident_split(text);
	return names == NIL ? list_make1(text) : names;
}

bool
migr_arg_bool(FunctionCallInfo fcinfo, int n, const char *name)
{
	check_not_null(fcinfo, n, name);
	return PG_GETARG_BOOL(n);
}

List *
migr_arg_pairs(FunctionCallInfo fcinfo, int n, const char *name)
{
	JsonbIterator *iterator;
	JsonbValue	item;
	List	   *pairs = NIL;
	bool		valid;

	if (PG_ARGISNULL(n))
		return NIL;
	iterator = JsonbIteratorInit(&PG_GETARG_JSONB_P(n)->root);
	valid = JsonbIteratorNext(&iterator, &item, true) == WJB_BEGIN_OBJECT;
	while (valid && JsonbIteratorNext(&iterator, &item, true) != WJB_END_OBJECT)
	{
		valid = item.type == jbvString;
		if (valid)
			pairs = lappend(pairs, pnstrdup(item.val.string.val, item.val.string.len));
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be an object of names", name),
				 errhint("Write it as {\"old\": \"new\"}.")));
	return pairs;
}

int
migr_arg_count(FunctionCallInfo fcinfo, int n, const char *name)
{
	check_not_null(fcinfo, n, name);
	if (PG_GETARG_INT32(n) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be 1 or more", name)));
	return PG_GETARG_INT32(n);
}

int64
migr_arg_id(FunctionCallInfo fcinfo, int n, const char *name)
{
	check_not_null(fcinfo, n, name);
	return PG_GETARG_INT64(n);
}

int
migr_arg_milliseconds(FunctionCallInfo fcinfo, int n, const char *name)
{
	const Interval *interval;
	double		milliseconds;

	check_not_null(fcinfo, n, name);
	interval = PG_GETARG_INTERVAL_P(n);
	milliseconds = interval->time / 1000.0 + interval->day * (double) SECS_PER_DAY * 1000.0;
	if (interval->month != 0 || milliseconds < 0 || milliseconds > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be between 0 and %d days", name,
						PG_INT32_MAX / 1000 / SECS_PER_DAY)));
	/* 0 would be without limit; the server's own unit is a millisecond. */
	return milliseconds > 0 && milliseconds < 1 ? 1 : (int) milliseconds;
}
