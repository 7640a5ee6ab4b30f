/*
 * desired.h
 *		The desired schema: DDL as text, or in the files of migr.schema_location.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DESIRED_H
#define MIGR_DESIRED_H

#include "object.h"

/*
 * What the DDL builds, in scratch schemas; without text, what is in the files
 * of migr.schema_location (22023 if that is not set).  A statement of a file
 * may need what comes later, in another file.  Raises what the DDL raises.
 */
extern MigrSchema *migr_desired_build(const char *ddl);

#endif							/* MIGR_DESIRED_H */
