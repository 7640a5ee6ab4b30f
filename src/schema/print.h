/*
 * print.h
 *		The schema that is there as canonical text.
 *
 * Equal schemas give equal text, in whatever way they came about; the text,
 * run in an empty database, gives an equal schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PRINT_H
#define MIGR_PRINT_H

#include "snapshot/snap.h"

/* Canonical DDL of what a snapshot of this scope (NULL: the live schema) sees. */
extern char *migr_print_schema(const MigrScope *scope);

/* The same of a schema that is at hand. */
extern char *migr_print_model(MigrSchema *schema);

/*
 * DDL of objects that stand in the order in which they can be created; to be
 * called by migr_snap_pinned().
 */
extern char *migr_print_objects(const List *objects);

/* SHA-256 of a text in UTF-8, hex: a schema's fingerprint. */
extern char *migr_print_fingerprint(const char *text);

#endif							/* MIGR_PRINT_H */
