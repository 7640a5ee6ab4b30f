/*
 * consent_watch.h
 *		What a script that nobody has approved loses all the same is seen when it happens.
 *
 * A parse tree does not tell what DO, functions, triggers and CASCADE do.  While a script is
 * watched and its statements run (mutex.h), MG015 is raised before data is lost, whatever
 * would lose it.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CONSENT_WATCH_H
#define MIGR_CONSENT_WATCH_H

#include "script/script.h"

/* From now on watch a script, until the next call; NULL: none.  Bringer is for the hint. */
extern void migr_consent_watch(const MigrScript *script, const char *direction, const char *bringer);

/* Raise MG015 of a script that somebody has to approve; what: a sentence. */
extern void migr_consent_refuse(const char *noun, const char *revision, const char *direction,
								const char *bringer, const char *what);

#endif							/* MIGR_CONSENT_WATCH_H */
