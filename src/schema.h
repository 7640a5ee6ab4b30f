/*
 * schema.h
 *		The live schema as canonical text, and its fingerprint.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCHEMA_H
#define MIGR_SCHEMA_H

/* Canonical DDL of the current database's schema. */
extern char *migr_schema_text(void);

/* SHA-256 of a text, hex. */
extern char *migr_schema_fingerprint(const char *text);

#endif							/* MIGR_SCHEMA_H */
