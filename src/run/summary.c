/*
 * summary.c
 *		What a run tells when it is done.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"

#include "base/display.h"
#include "base/ident.h"
#include "run/summary.h"

static bool show_summary;

void
migr_summary_init(void)
{
	DefineCustomBoolVariable("migr.show_summary",
							 "Tell after a run what it has done, and how long that took.",
							 NULL, &show_summary, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

bool
migr_summary_is_shown(void)
{
	return show_summary;
}

void
migr_summary_tell(const MigrSummary *summary)
{
	const char *done = summary->direction == MIGR_UPGRADE ? "applied" : "undone";
	const char *place = summary->heads == NIL ? "base" : migr_ident_join(summary->heads);
	char	   *duration;

	if (!show_summary)
		return;
	duration = migr_display_duration(summary->microseconds);
	ereport(NOTICE,
			(summary->dry
			 ? errmsg("%d %s in %s and taken back, still at %s", summary->count, done,
					  duration, place)
			 : errmsg("%d %s in %s, now at %s", summary->count, done, duration, place)));
}
