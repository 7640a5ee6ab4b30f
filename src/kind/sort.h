/*
 * sort.h
 *		The sorts of objects that users name, and which of them are compared.
 *
 * A sort is what a CREATE makes: with a table go its columns and constraints, and
 * the sequences of its serial columns.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SORT_H
#define MIGR_SORT_H

#include "model/model.h"

/* Define migr.compare. */
extern void migr_sort_init(void);

/* The sort of an object. */
extern const char *migr_sort_of(const MigrObject *object);

/* Are objects of all sorts compared?  Is this one? */
extern bool migr_sort_all_compared(void);
extern bool migr_sort_compared(const MigrObject *object);

/* Are objects of a sort? */
extern bool migr_sort_is_compared(const char *sort);

/* Does a pattern of the form "sort:name" name an object, or what it is a part of? */
extern bool migr_sort_excludes(const List *patterns, const MigrObject *object);

/*
 * Take out what patterns of the form "sort:name" name, and what is a part of that.
 * The name has a schema where objects have one, and a part that of its table too.
 */
extern void migr_sort_exclude(MigrSchema *schema, const List *patterns);

#endif							/* MIGR_SORT_H */
