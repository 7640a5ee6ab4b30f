/*
 * snap_parts.h
 *		What the files that take a snapshot share.
 *
 * Private to snapshot.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SNAP_PARTS_H
#define MIGR_SNAP_PARTS_H

#include "kind/kind.h"
#include "kind/reading.h"
#include "snapshot/snap.h"

/* Find out of which kinds there may be objects that are no members. */
extern void migr_snap_probe(MigrReading *reading);

/* Add what is said of the objects, and between them. */
extern void migr_snap_relationships(MigrReading *reading);

/* Read the catalogs once. */
extern MigrSchema *migr_snap_read(const MigrScope *scope);

#endif							/* MIGR_SNAP_PARTS_H */
