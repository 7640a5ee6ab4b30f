/*
 * snap.h
 *		Catalogs to objects: a fixed number of queries, whatever there is.
 *
 * Not part of a snapshot are the members of extensions, system and temporary
 * schemas, migr's own objects, and what migr.exclude names (scope.h).  Where
 * objects of a kind are is said by its record (kind.h).
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SNAP_H
#define MIGR_SNAP_H

#include "base/subxact.h"
#include "kind/scope.h"
#include "model/model.h"

/*
 * Run work(arg) under the settings that deparsed and quoted text depends on: so
 * do those who take a snapshot, print it or compare it, and no caller of theirs
 * has to.
 */
extern void migr_snap_pinned(MigrWork work, void *arg);

/* The same for who reads only some objects. */
extern void migr_snap_pinned_some(MigrWork work, void *arg);

/*
 * Take a snapshot of the current database; scope may be NULL.  One of some objects
 * (scope.h) has no dependencies but where the scope asks for those between them.
 */
extern MigrSchema *migr_snap_model(const MigrScope *scope);

#endif							/* MIGR_SNAP_H */
