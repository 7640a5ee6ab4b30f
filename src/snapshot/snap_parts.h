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

/* The same where only some objects are read, as far as these need it. */
extern void migr_snap_note_wanted(MigrReading *reading);

/* Those of the objects to be read that a kind's query can find, as an array of oids. */
extern Datum migr_snap_wanted(MigrReading *reading, const MigrKindRecord *kind);

/* Add what is said of the objects read, not what is between them. */
extern void migr_snap_said(MigrReading *reading);

/* Note a comment; subid: the number of a column, or 0. */
extern void migr_snap_comment(MigrReading *reading, MigrAddress address, int subid,
							  const char *comment);

/* Add what is said of the objects, and between them. */
extern void migr_snap_relationships(MigrReading *reading);

/* Add what is between them, where only some are read: by indexes. */
extern void migr_snap_needs_of_some(MigrReading *reading);

/* Read the catalogs once. */
extern MigrSchema *migr_snap_read(const MigrScope *scope);

#endif							/* MIGR_SNAP_PARTS_H */
