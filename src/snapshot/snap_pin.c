/*
 * snap_pin.c
 *		The settings under which the catalogs are read.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/settings.h"
#include "snapshot/snap.h"

/* Settings that the deparsed text, or the time it takes, depends on. */
static const MigrSetting pinned[] = {
	{"TimeZone", "UTC"},
	{"DateStyle", "ISO, MDY"},
	{"IntervalStyle", "postgres"},
	{"extra_float_digits", "1"},
	{"quote_all_identifiers", "off"},
	{"bytea_output", "hex"},
	{"standard_conforming_strings", "on"},
	/* The planner can't know that a query is to see every object. */
	{"enable_nestloop", "off"},
	{"enable_mergejoin", "off"},
	{"jit", "off"}
};

void
migr_snap_pinned(MigrWork work, void *arg)
{
	migr_settings_run(pinned, lengthof(pinned), work, arg);
}
