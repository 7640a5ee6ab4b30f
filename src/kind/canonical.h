/*
 * canonical.h
 *		One object as text: what it is known by, and what it is.
 *
 * Equal objects give equal text, whatever stands beside them, so that objects can
 * be compared and kept one by one.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CANONICAL_H
#define MIGR_CANONICAL_H

#include "model/model.h"

/* The name of its kind, in lower case. */
extern const char *migr_canonical_kind(const MigrObject *object);

/* What identifies an object among those of its kind. */
extern const char *migr_canonical_key(const MigrObject *object);

/* An object alone, as text in parts; a table's columns are objects of their own. */
typedef struct MigrCanonical
{
	char	   *definition;		/* SQL that creates it, with its comment */
	char	   *privileges;		/* that gives and takes rights, if they are compared and owners
								 * are not; or NULL */
	char	   *owner;			/* that gives it its owner; NULL if it has none */
} MigrCanonical;

extern MigrCanonical migr_canonical_parts(const MigrObject *object);

/* The kind with a name; MIGR_KIND_COUNT if there is none. */
extern int	migr_canonical_kind_named(const char *name);

/* SQL that creates an object, without an end of line at its end. */
extern char *migr_canonical_text(const MigrObject *object);

/* The same of the object alone: a table's columns are objects of their own. */
extern char *migr_canonical_essence(const MigrObject *object);

#endif							/* MIGR_CANONICAL_H */
