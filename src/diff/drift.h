/*
 * drift.h
 *		Two models of a schema: which objects differ, and how.
 *
 * Objects are paired as the difference pairs them; of a pair, what creates it
 * is compared.  Columns, constraints and all else that
 * stands on a table or view are not told apart from one that is missing as a
 * whole.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DRIFT_H
#define MIGR_DRIFT_H

#include "model/model.h"

typedef enum MigrDriftKind
{
	MIGR_DRIFT_MISSING,			/* wanted, and not there */
	MIGR_DRIFT_UNEXPECTED,		/* there, and not wanted */
	MIGR_DRIFT_DIFFERENT,
	MIGR_DRIFT_COLUMN_ORDER		/* a table's columns stand in another order */
} MigrDriftKind;

typedef struct MigrDrift
{
	MigrDriftKind kind;
	const char *object;			/* as "table public.t" */
	const char *identity;		/* as "public.t" */
	const char *is;				/* SQL of what is there; NULL if missing */
	const char *wanted;			/* of what should be; NULL if unexpected */
	const MigrObject *is_object;	/* what they are the SQL of; or NULL */
	const MigrObject *wanted_object;
} MigrDrift;

/*
 * How what is there differs from what is wanted: MigrDrift *, in the order in
 * which objects are printed.
 */
extern List *migr_drift_find(MigrSchema *is, MigrSchema *wanted);

/*
 * Are those names (String nodes) that two lists both have in another order?  Then
 * which, quoted and in the order of each.
 */
extern bool migr_drift_reordered(const List *is, const List *wanted, const char **is_order,
								 const char **wanted_order);

/*
 * The names of the objects that differ, separated by commas; NULL if nothing
 * but the order of columns does.
 */
extern char *migr_drift_names(MigrSchema *is, MigrSchema *wanted);

#endif							/* MIGR_DRIFT_H */
