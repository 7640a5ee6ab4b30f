/*
 * approved_before.h
 *		Revisions that were to run before an approved one: are they what they were?
 *
 * What stands of a revision is asked once, for however many approvals.  So what is known holds
 * as long as nothing runs, and nothing is loaded.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_APPROVED_BEFORE_H
#define MIGR_APPROVED_BEFORE_H

#include "store/approved.h"

typedef struct MigrBefore MigrBefore;

/* Nothing is known; in the current memory context. */
extern MigrBefore *migr_before_create(void);

/* Ask for those of all of these (MigrApproval *, or NULL) that are not known yet, at once. */
extern void migr_before_ask(MigrBefore *before, MigrDb *db, const List *approvals);

/*
 * The first revision, of those that were to run before, that has another script now, or was
 * stamped in place of a run; NULL if there is none.
 */
extern const char *migr_before_other(MigrBefore *before, MigrDb *db, const MigrApproval *approval);

#endif							/* MIGR_APPROVED_BEFORE_H */
