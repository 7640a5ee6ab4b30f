/*
 * script_extensions.h
 *		The extensions that stored scripts create.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRIPT_EXTENSIONS_H
#define MIGR_SCRIPT_EXTENSIONS_H

#include "store/store.h"

/*
 * Their names (char *): what the upgrade sections of all revisions say in statements
 * of their own.  What bodies and strings say may never have run, and does not count.
 */
extern List *migr_script_extensions(MigrDb *db);

#endif							/* MIGR_SCRIPT_EXTENSIONS_H */
