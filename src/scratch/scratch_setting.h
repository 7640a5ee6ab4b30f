/*
 * scratch_setting.h
 *		The settings of a session that a build is to have.
 *
 * Those that the meaning of SQL may depend on, and no user's rights, time
 * limits or log.  What a build sets itself begins from there.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_SETTING_H
#define MIGR_SCRATCH_SETTING_H

#include "nodes/pg_list.h"

/* Names and values (char *) by turns of all settings that a user may make. */
extern List *migr_scratch_settings(void);

#endif							/* MIGR_SCRATCH_SETTING_H */
