/*
 * attribute_list.h
 *		Lists in the text of attributes, taken apart.
 *
 * The snapshot holds labels, options and members as the lists that CREATE
 * takes.  They are split by tokens, so that no name or string in them can pass
 * for a separator.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ATTRIBUTE_LIST_H
#define MIGR_ATTRIBUTE_LIST_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* "key rest", or "key = rest". */
typedef struct MigrDdlItem
{
	const char *text;			/* the whole of it */
	const char *key;			/* its first token */
	const char *rest;			/* what follows; "" if nothing does */
} MigrDdlItem;

/* MigrDdlItem *, in the order of the text, which may be NULL. */
extern List *migr_ddl_list(const char *text);

/* The same, of what another byte than a comma separates. */
extern List *migr_ddl_list_by(const char *text, char separator);

/* The item of that key, or that text; NULL if there is none. */
extern const MigrDdlItem *migr_ddl_list_key(const List *list, const char *key);
extern const MigrDdlItem *migr_ddl_list_text(const List *list, const char *text);

/* The byte at which a word stands by itself in text, or -1. */
extern int	migr_ddl_list_word(const char *text, const char *word);

/* The first parentheses in text, with what they enclose; "" if none does. */
extern char *migr_ddl_list_parenthesis(const char *text);

/* Append what separates entries: nothing before the first, which is counted. */
extern void migr_ddl_list_next(StringInfo out, int *count, const char *before,
							   const char *between);

/* End a statement that begins at len; without entries it is taken back. */
extern void migr_ddl_list_end(StringInfo out, bool any, int len);

/*
 * Append ADD, SET and DROP of the options of a foreign object, in parentheses
 * after " OPTIONS "; nothing, and false, if the lists are the same.
 */
extern bool migr_ddl_list_options(StringInfo out, const char *from,
								  const char *to);

/* Are two values, either of which may be NULL, the same? */
extern bool migr_ddl_same(const char *from, const char *to);

#endif							/* MIGR_ATTRIBUTE_LIST_H */
