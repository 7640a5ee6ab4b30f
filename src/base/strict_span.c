/*
 * strict_span.c
 *		A span of time that a session can make longer, and not shorter.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <ctype.h>

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/strict_setting.h"
#include "base/strict_span.h"

#define NAME "migr.refuse_drop_used_within"

/* What a value means; the server frees it when the value goes. */
typedef struct Span
{
	int			seconds;
	bool		chosen;			/* by a superuser, in his session */
	bool		own;			/* by the session, which can only make it longer */
} Span;

static char *value;
static Span span;
static bool hidden;				/* what the server's files say is not known */
static bool loading;

/* --- spans as text ----------------------------------------------------------------- */

static const struct
{
	const char *name;
	int			seconds;
	bool		shown;
}			units[] =
{
	{"week", 7 * 86400, false},
	{"w", 7 * 86400, false},
	{"day", 86400, true},
	{"d", 86400, false},
	{"hour", 3600, true},
	{"h", 3600, false},
	{"minute", 60, true},
	{"min", 60, false},
	{"second", 1, true},
	{"sec", 1, false},
	{"s", 1, false}
};

/* The unit of a word, in the singular or the plural; 0: none has that name. */
static int
unit_of(const char *word, int len)
{
	for (int i = 0; i < (int) lengthof(units); i++)
	{
		int			unit_len = strlen(units[i].name);

		if (pg_strncasecmp(word, units[i].name, unit_len) == 0 &&
			(len == unit_len || (len == unit_len + 1 && unit_len > 1 && pg_tolower(word[unit_len]) == 's')))
			return units[i].seconds;
	}
	return 0;
}

static const char *
skip_blanks(const char *text)
{
	while (isspace((unsigned char) *text))
		text++;
	return text;
}

/* "7 days", "1 day 12 hours"; what is longer than any span is the longest. */
static bool
parse_parts(const char *text, int *seconds)
{
	int64		total = 0;

	for (text = skip_blanks(text); *text; text = skip_blanks(text))
	{
		int64		number = 0;
		int			len = 0;
		int			unit;

		if (!isdigit((unsigned char) *text))
			return false;
		for (; isdigit((unsigned char) *text); text++)
			number = Min(number * 10 + (*text - '0'), MIGR_SPAN_FOREVER);
		text = skip_blanks(text);
		while (isalpha((unsigned char) text[len]))
			len++;
		unit = unit_of(text, len);
		if (unit == 0)
			return false;
		total = Min(total + number * unit, MIGR_SPAN_FOREVER);
		text += len;
	}
	*seconds = (int) total;
	return true;
}

static bool
parse(const char *text, int *seconds)
{
	*seconds = 0;
	if (pg_strcasecmp(text, "off") == 0 || strcmp(text, "0") == 0)
		return true;
	if (pg_strcasecmp(text, "forever") == 0)
	{
		*seconds = MIGR_SPAN_FOREVER;
		return true;
	}
	return parse_parts(text, seconds);
}

char *
migr_span_show(int seconds)
{
	if (seconds == 0)
		return pstrdup("off");
	if (seconds == MIGR_SPAN_FOREVER)
		return pstrdup("forever");
	for (int i = 0; i < (int) lengthof(units); i++)
	{
		int			count = seconds / units[i].seconds;

		if (units[i].shown && seconds % units[i].seconds == 0)
			return psprintf("%d %s%s", count, units[i].name, count == 1 ? "" : "s");
	}
	return NULL;
}

/* --- what is in force ------------------------------------------------------------------ */

/* What means nothing is the strictest. */
static int
parse_stored(const char *text)
{
	int			seconds;

	return parse(text, &seconds) ? seconds : MIGR_SPAN_FOREVER;
}

int
migr_span_refuse_drop_stored(void)
{
	char	   *stored;
	int			seconds;

	if (!IsTransactionState() || !OidIsValid(MyDatabaseId))
		return span.seconds;
	stored = migr_safeguard_stored(NAME);
	seconds = stored ? parse_stored(stored) : hidden ? MIGR_SPAN_FOREVER : span.seconds;
	return span.own ? Max(seconds, span.seconds) : seconds;
}

int
migr_span_refuse_drop(void)
{
	return span.chosen ? span.seconds : migr_span_refuse_drop_stored();
}

/* --- the setting ------------------------------------------------------------------------ */

static bool
refuse(GucSource source)
{
	if (loading && source < PGC_S_SESSION)
		hidden = true;
	GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
	GUC_check_errmsg("permission denied to weaken \"%s\" in a session", NAME);
	GUC_check_errdetail("Only a superuser can; everybody else can only make it longer.");
	GUC_check_errhint("The owner of the database sets it with ALTER DATABASE.");
	return false;
}

/* Below this, a session makes it weaker. */
static int
least(void)
{
	return loading || !IsTransactionState() ? MIGR_SPAN_FOREVER : migr_span_refuse_drop();
}

static bool
check(char **text, void **extra, GucSource source)
{
	Span		mine = {0};

	if (!parse(*text, &mine.seconds))
	{
		GUC_check_errdetail("A span of time is meant, as \"7 days\" or \"12 hours\"; or \"off\".");
		return false;
	}
	if (source > PGC_S_DATABASE && source != PGC_S_TEST && !InitializingParallelWorker)
	{
		mine.chosen = migr_safeguard_may_weaken(loading);
		if (!mine.chosen && mine.seconds < least())
			return refuse(source);
		mine.own = !mine.chosen;
	}
	*extra = migr_compat_guc_malloc(sizeof(Span));
	if (*extra == NULL)
		return false;
	memcpy(*extra, &mine, sizeof(Span));
	return true;
}

static void
assign(const char *text, void *extra)
{
	span = *(Span *) extra;
}

/* SHOW says what is in force. */
static const char *
show(void)
{
	return migr_span_show(migr_span_refuse_drop());
}

void
migr_span_init(void)
{
	loading = true;
	DefineCustomStringVariable(NAME,
							   "Refuse upgrades that drop what has been used in this time.",
							   NULL, &value, "off", PGC_USERSET, 0, check, assign, show);
	loading = false;
}
