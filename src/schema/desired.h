/*
 * desired.h
 *		The desired schema: DDL as text, or in the files of migr.schema_location.
 *
 * Built in a scratch database.  What comes of it has been taken with needs,
 * and so can be compared.  The order of files, and of what they need of each
 * other, does not matter.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DESIRED_H
#define MIGR_DESIRED_H

#include "model/model.h"

/*
 * What DDL builds in a scratch database; messages call it by name.  Without
 * text it is what is in the files of migr.schema_location (22023 if that is
 * not set): a statement of a file may need what comes later, in another file.
 * then is SQL to run behind it, or NULL.  Raises what the DDL raises, and
 * 22023 if there are no files.  *marks (unless NULL): what the DDL says got another
 * name (renamed_from.h).
 */
extern MigrSchema *migr_desired_build(const char *ddl, const char *name,
									  const char *then, List **marks);

/*
 * The same of the desired schema, which nobody means to be empty by a text that
 * failed to be read: 22023 if nothing comes of it, unless a line of it says
 * "-- migr:empty"; and if that line stands where something comes of it.
 */
extern MigrSchema *migr_desired_build_wanted(const char *ddl, const char *then, List **marks);

#endif							/* MIGR_DESIRED_H */
