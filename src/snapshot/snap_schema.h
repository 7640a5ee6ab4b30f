/*
 * snap_schema.h
 *		What stands in one schema, without looking at any other.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SNAP_SCHEMA_H
#define MIGR_SNAP_SCHEMA_H

#include "nodes/pg_list.h"

/*
 * The addresses (MigrAddress *) of a schema and of what is in it, for a snapshot of these
 * (MigrScope.only); what stands on a table goes with that.  Of what belongs to the database
 * (extensions, publications) there is none.  Costs what this schema costs.
 */
extern List *migr_snap_schema_addresses(Oid schema);

#endif							/* MIGR_SNAP_SCHEMA_H */
