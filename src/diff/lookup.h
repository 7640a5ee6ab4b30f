/*
 * lookup.h
 *		Which object of one schema is the one of another.
 *
 * As the difference pairs them: by kind and identity, columns by their relation.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOOKUP_H
#define MIGR_LOOKUP_H

#include "model/model.h"

typedef struct MigrLookup MigrLookup;

/* All objects of a schema, which may be NULL: then there are none. */
extern MigrLookup *migr_lookup_create(const MigrSchema *schema);

/* The object that pairs with another one, or NULL. */
extern MigrObject *migr_lookup_find(const MigrLookup *lookup, const MigrObject *object);

#endif							/* MIGR_LOOKUP_H */
