/*
 * snap_pin.c
 *		The settings under which the catalogs are read.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"

#include "snapshot/snap_parts.h"

/* Settings that the deparsed text, or the time it takes, depends on. */
static const struct
{
	const char *name;
	const char *value;
}			pinned[] =
{
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

int
migr_snap_pin(void)
{
	int			guc_level = NewGUCNestLevel();

	for (int i = 0; i < (int) lengthof(pinned); i++)
		(void) set_config_option(pinned[i].name, pinned[i].value, PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return guc_level;
}
