/*
 * version.h
 *		Do the library and the objects of this database go together?
 *
 * A package brings a new library to all databases at once, and each keeps the objects of
 * the version before until somebody says ALTER EXTENSION migr UPDATE; and a session that
 * had loaded the library before goes on with it, behind an update too.  So each function
 * that SQL calls asks first.  That is one look at pg_extension, and nothing is remembered:
 * no server tells its sessions of a new version in there.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERSION_H
#define MIGR_VERSION_H

/*
 * Raise 55000 if the objects of this database are older than those that the library can
 * work with, or newer than itself.  While the extension's own script runs, they are neither.
 */
extern void migr_version_check(void);

#endif							/* MIGR_VERSION_H */
