/*
 * lookalike.h
 *		Comments that may have been meant as directives.
 *
 * Pure: takes the comment apart and says how it is written; what the directives
 * are is the caller's to know.
 * Private to script.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOOKALIKE_H
#define MIGR_LOOKALIKE_H

#include "base/scan.h"

typedef enum MigrLookalikeForm
{
	MIGR_LOOKS_OTHERWISE,		/* nothing of the kind */
	MIGR_LOOKS_SURE,			/* "migr" and a colon, in a line of its own */
	MIGR_LOOKS_MAYBE			/* behind other text, or with another sign or a */
								/* word misspelled: if it goes on like one, too */
} MigrLookalikeForm;

typedef struct MigrLookalike
{
	MigrLookalikeForm form;
	char	   *name;			/* the word that would name it, lower case */
	char	   *value;			/* what stands behind it */
	bool		own_line;		/* there is nothing before it in the line */
	bool		behind_return;	/* but for a carriage return alone */
} MigrLookalike;

/* How does a comment look? */
extern MigrLookalike migr_lookalike_read(const char *text, const MigrToken *comment);

/*
 * Could this be the value of a directive, rather than the rest of a sentence?
 * Such are one word, words with commas, and what begins with a digit.
 */
extern bool migr_lookalike_is_value(const char *value);

#endif							/* MIGR_LOOKALIKE_H */
