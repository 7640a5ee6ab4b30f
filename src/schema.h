/*
 * schema.h
 *		The live schema as canonical text, and its fingerprint.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCHEMA_H
#define MIGR_SCHEMA_H

#include "nodes/pg_list.h"

/* Canonical DDL of the current database's schema. */
extern char *migr_schema_text(void);

/*
 * The same of what the scripts of a revision (any name that means one, or
 * several) and all below it build.  Raises what they raise, and MG012.
 */
extern char *migr_schema_text_at(const char *revision);

/* SHA-256 of a text, hex. */
extern char *migr_schema_fingerprint(const char *text);

#endif							/* MIGR_SCHEMA_H */
