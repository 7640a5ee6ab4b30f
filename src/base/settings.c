/*
 * settings.c
 *		Work that is done under settings of its own.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"

#include "base/settings.h"

void
migr_settings_run(const MigrSetting *settings, int count, MigrWork work, void *arg)
{
	int			guc_level = NewGUCNestLevel();

	for (int i = 0; i < count; i++)
		(void) set_config_option(settings[i].name, settings[i].value, PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	work(arg);
	AtEOXact_GUC(false, guc_level);
}
