/*
 * threeway.h
 *		The way from what scripts build to the desired schema, as SQL.
 *
 * So all databases at the heads get the same.  The live one decides about form
 * (guard.h) and about what is left alone (foreign.h), and its rows are looked at.
 * Where that is asked for, the way is that from the live schema; that too drops
 * and revokes nothing but what scripts made.
 *
 * Changes neither the live schema nor the store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_THREEWAY_H
#define MIGR_THREEWAY_H

#include "schema/desired_diff.h"

/* Where a way begins. */
typedef enum MigrBase
{
	MIGR_BASE_SCRIPTS,			/* at what the scripts of all heads build */
	MIGR_BASE_LIVE,				/* at the live schema */
	MIGR_BASE_NO_SCRIPTS		/* the same, as there are no scripts */
} MigrBase;

/*
 * Set upgrade, "" if there is nothing to do, and downgrade of a comparison, of
 * which current is not looked at.  Tells what migr_compare() tells, and what is
 * left alone, is there already, or stands in the way.  Raises what the DDL raises
 * and, from what scripts build, what the scripts raise, with a hint.
 */
extern void migr_threeway_compare(MigrComparison *comparison, MigrBase base);

#endif							/* MIGR_THREEWAY_H */
