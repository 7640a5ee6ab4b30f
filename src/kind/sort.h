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

/* Is that how users write a sort, in whatever case, with "_" for a blank? */
extern bool migr_sort_is(const char *sort, const char *name, int len);

/* Are objects of all sorts compared?  Is this one? */
extern bool migr_sort_all_compared(void);
extern bool migr_sort_compared(const MigrObject *object);

#endif							/* MIGR_SORT_H */
