/*
 * print.h
 *		The schema that is there as canonical text.
 *
 * It is the difference to an empty database.  Equal schemas give equal text, in
 * whatever way they came about; the text, run there, gives an equal schema.
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

#endif							/* MIGR_PRINT_H */
