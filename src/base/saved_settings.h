/*
 * saved_settings.h
 *		The settings of a session, as they were before something changed them.
 *
 * For work that commits on its way, which no nesting of the server's own outlives.
 * Also the role that the session has taken on, and settings of nobody, such as
 * app.tenant.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SAVED_SETTINGS_H
#define MIGR_SAVED_SETTINGS_H

#include "nodes/pg_list.h"

/* All that can be set in a session, as it is now. */
extern List *migr_saved_settings_take(void);

/*
 * Set them as they were, from the next commit on.  What was not set in the
 * session is reset.
 */
extern void migr_saved_settings_restore(const List *saved);

#endif							/* MIGR_SAVED_SETTINGS_H */
