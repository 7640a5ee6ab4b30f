/*
 * repair_words.h
 *		What a match of revisions and a schema is, in words.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPAIR_WORDS_H
#define MIGR_REPAIR_WORDS_H

#include "check/candidates.h"

/*
 * What is there and was made by no revision, as a clause that begins with a
 * semicolon; "" if there is nothing.
 */
extern const char *migr_repair_tell_besides(const MigrMatch *match);

/*
 * How the schema that is there differs from the nearest one, and the SQL that
 * leads to it; failure stands in between.  The SQL leaves alone what no revision
 * makes.  Changes both schemas: nothing else is to be done with them.
 */
extern const char *migr_repair_tell_nearest(MigrSchema *live, const MigrMatch *match,
											const char *failure);

#endif							/* MIGR_REPAIR_WORDS_H */
