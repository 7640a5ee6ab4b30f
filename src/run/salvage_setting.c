/*
 * salvage_setting.c
 *		migr.keep_dropped: for how long what runs drop is kept.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "run/salvage_parts.h"

static char *keep_dropped;

static bool
is_off(const char *value)
{
	return value == NULL || value[0] == '\0' || pg_strcasecmp(value, "off") == 0;
}

static bool
check_keep_dropped(char **value, void **extra, GucSource source)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool good = true;

	if (is_off(*value))
		return true;
	PG_TRY();
	{
		Interval   *interval = DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(*value),
																	 ObjectIdGetDatum(InvalidOid),
																	 Int32GetDatum(-1)));

		good = interval->time >= 0 && interval->day >= 0 && interval->month >= 0 &&
			(interval->time > 0 || interval->day > 0 || interval->month > 0);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		good = false;
	}
	PG_END_TRY();
	if (!good)
		GUC_check_errdetail("It is an interval, as '30 days', or off.");
	return good;
}

bool
migr_salvage_is_on(void)
{
	return !is_off(keep_dropped);
}

const char *
migr_salvage_span(void)
{
	return keep_dropped;
}

void
migr_salvage_setting_init(void)
{
	DefineCustomStringVariable("migr.keep_dropped",
							   "How long to keep the rows of what runs drop; off: not at all.",
							   NULL, &keep_dropped, "off", PGC_USERSET, 0,
							   check_keep_dropped, NULL, NULL);
}
