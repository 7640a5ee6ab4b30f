/*
 * pattern.h
 *		Patterns that name objects: schema or schema.name, as a shell's.
 *
 * Pure.  *, ? and [] mean what they mean to a shell, and a letter's case
 * counts.  The schema alone is matched too, so a pattern can name all that is
 * in it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PATTERN_H
#define MIGR_PATTERN_H

#include "nodes/pg_list.h"

/* Does one of the patterns (char *) name schema.name, or its schema (or NULL)? */
extern bool migr_pattern_matches(const List *patterns, const char *schema,
								 const char *name);

#endif							/* MIGR_PATTERN_H */
