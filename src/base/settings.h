/*
 * settings.h
 *		Work that is done under settings of its own.
 *
 * The session's settings are back when it is done, or by the server if an error
 * ends it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SETTINGS_H
#define MIGR_SETTINGS_H

#include "base/subxact.h"

typedef struct MigrSetting
{
	const char *name;
	const char *value;
} MigrSetting;

/* Run work(arg) under a number of settings, each of which anybody may set. */
extern void migr_settings_run(const MigrSetting *settings, int count, MigrWork work,
							  void *arg);

#endif							/* MIGR_SETTINGS_H */
