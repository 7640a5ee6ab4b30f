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
	{"jit", "off"}
};

/* The planner can't know that a query is to see every object … */
static const MigrSetting of_all[] = {
	{"enable_nestloop", "off"},
	{"enable_mergejoin", "off"}
};

/*
 * … or a few, by a plan that is kept: by their keys, as what the statistics say of the
 * catalogs is of a time when there was little in them.
 */
static const MigrSetting of_some[] = {
	{"enable_nestloop", "on"},
	{"enable_indexscan", "on"},
	{"enable_seqscan", "off"},
	{"enable_bitmapscan", "off"},
	{"enable_material", "off"},
	{"enable_hashjoin", "off"},
	{"enable_mergejoin", "off"},
	{"plan_cache_mode", "force_generic_plan"}
};

/* Work to be done under more settings. */
typedef struct Pinned
{
	MigrWork	work;
	void	   *arg;
	bool		some;
} Pinned;

static void
pin_plans(void *arg)
{
	Pinned	   *pin = arg;

	if (pin->some)
		migr_settings_run(of_some, lengthof(of_some), pin->work, pin->arg);
	else
		migr_settings_run(of_all, lengthof(of_all), pin->work, pin->arg);
}

void
migr_snap_pinned(MigrWork work, void *arg)
{
	Pinned		pin = {.work = work, .arg = arg};

	migr_settings_run(pinned, lengthof(pinned), pin_plans, &pin);
}

void
migr_snap_pinned_some(MigrWork work, void *arg)
{
	Pinned		pin = {.work = work, .arg = arg, .some = true};

	migr_settings_run(pinned, lengthof(pinned), pin_plans, &pin);
}
