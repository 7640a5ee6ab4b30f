/*
 * blame_pattern.h
 *		What a user calls an object when he asks who made it.
 *
 * Pure.  A name, of one to three parts with dots between: what stands on a table
 * is called with the table or without it, either with the schema or without.
 * Case and quotes are those of identifiers, but a name that had to be quoted is
 * found without quotes as well.  * and ? mean what they mean to a shell, if they
 * are not quoted.  A routine may have types in parentheses behind it, by any of
 * their names.  What migr_verify() calls an object, as "column public.orders.total", names
 * it too.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_BLAME_PATTERN_H
#define MIGR_BLAME_PATTERN_H

#include "store/recorded.h"

typedef struct MigrBlamePattern
{
	const char *whole;
	List	   *parts;			/* each of the spellings (char *) that a part may have, as
								 * patterns of fnmatch() */
	List	   *names;			/* char *: what objects are called that match; NIL: any name */
	List	   *around;			/* char *: the table or the schema where they are; NIL: any */
	const char *arguments;		/* of a routine, between the parentheses; or NULL */
} MigrBlamePattern;

extern MigrBlamePattern migr_blame_pattern(const char *text);

/* Does it name an object?  Root is what that stands on, or the object itself. */
extern bool migr_blame_names(const MigrBlamePattern *pattern, const MigrRecordedObject *object,
							 const MigrRecordedObject *root);

#endif							/* MIGR_BLAME_PATTERN_H */
