/*
 * schema.h
 *		Schemas as canonical text: the live one, and what scripts build.
 *
 * What scripts build is built in a scratch database (scratch.h), and the live
 * schema only read.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCHEMA_H
#define MIGR_SCHEMA_H

#include "model/model.h"

/* Canonical DDL of the current database's schema. */
extern char *migr_schema_text(void);

/*
 * The same of what the scripts of a revision (any name that means one, or
 * several) and all below it build; of current, only what is applied.  Of what is for tenants
 * there is none: MG001 where it is named.  Raises what they raise, and MG012.
 */
extern char *migr_schema_text_at(const char *revision);

/*
 * These scripts (MigrScript *), in order, and behind them the repeatable ones.
 */
extern List *migr_schema_scripts(const char *revision);

/* The model of the same. */
extern MigrSchema *migr_schema_model_at(const char *revision);

#endif							/* MIGR_SCHEMA_H */
