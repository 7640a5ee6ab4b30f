/*
 * record_compare.h
 *		Two schemas as rows, object by object: which differ, and how.
 *
 * What stands on a table or view is not told apart where that is missing as a
 * whole.  Owners and privileges count as migr.compare_owners and
 * migr.compare_privileges say, and kinds as migr.compare does.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RECORD_COMPARE_H
#define MIGR_RECORD_COMPARE_H

#include "diff/drift.h"
#include "store/recorded.h"

/* An object that is not as it should be. */
typedef struct MigrDeparture
{
	MigrDriftKind kind;
	const MigrRecordedObject *is;	/* NULL: missing */
	const MigrRecordedObject *wanted;	/* NULL: unexpected */
	const char *is_text;		/* SQL, or the order of columns; NULL as well */
	const char *wanted_text;
} MigrDeparture;

/*
 * How rows differ from those that are wanted: MigrDeparture *, in the order in which
 * objects are printed.  At least one of the two was made of a schema.  Who owns schema
 * public and may use it counts if somebody says it (public.h).
 */
extern List *migr_record_compare(const List *is, const List *wanted, bool public_said);

/* Does an object count, by migr.compare and migr.compare_privileges? */
extern bool migr_record_is_compared(const MigrRecordedObject *object);

#endif							/* MIGR_RECORD_COMPARE_H */
