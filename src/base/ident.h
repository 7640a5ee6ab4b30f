/*
 * ident.h
 *		What a revision id or a branch label may look like.
 *
 * Pure.  No id or label has a character that means something in a name of
 * revisions or in a list, so neither can be taken for the other.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_IDENT_H
#define MIGR_IDENT_H

#include "nodes/pg_list.h"

#define MIGR_IDENT_MAX 100
#define MIGR_IDENT_RULE \
	"Ids and labels have 1 to 100 letters (A-Z, a-z), digits, \"_\" and \".\", " \
	"and are none of head, heads, base, current, none."

/* May c stand in an id or label? */
extern bool migr_ident_char(char c);

/* Is this an id or label, and no reserved word? */
extern bool migr_ident_valid(const char *name);

/* Is this two ids with a colon between? */
extern bool migr_ident_is_range(const char *name);

/* Split at commas and blanks; empty parts are dropped.  A list of char *. */
extern List *migr_ident_split(const char *names);

/* Two strings, byte by byte; for list_sort. */
extern int	migr_ident_compare(const ListCell *a, const ListCell *b);

/* The strings joined by ", ". */
extern char *migr_ident_join(const List *names);

/* Is a name among others (char *)? */
extern bool migr_ident_is_in(const List *names, const char *name);

#endif							/* MIGR_IDENT_H */
