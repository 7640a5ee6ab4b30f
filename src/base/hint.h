/*
 * hint.h
 *		What to do about an error of the server's, said besides what it says.
 *
 * For error context callbacks: the error keeps its SQLSTATE, its message and
 * its own hint, behind which ours comes.  Reads no catalogs.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_HINT_H
#define MIGR_HINT_H

#include "utils/elog.h"

/* Add a hint to the error that is being raised; not to a notice or warning. */
extern void migr_hint_add(const char *hint);

/*
 * Is the text, before any translation, in the format of the message of the error
 * that is being raised?
 */
extern bool migr_hint_message_has(const char *text);

/* Is the text in the message as it is shown, with what was put into it? */
extern bool migr_hint_message_shows(const char *text);

#endif							/* MIGR_HINT_H */
