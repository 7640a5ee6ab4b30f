/*
 * scratch_labels.h
 *		Labels that a scratch build adds to enum types.
 *
 * Until a label that ALTER TYPE has added is committed, the server lets nobody
 * use it, lest an index holds it when it is gone.  All types of a build are made
 * in its transaction, and go with it.  Where a statement is measured or a script
 * tried, types that were there before count as older than that.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_LABELS_H
#define MIGR_SCRATCH_LABELS_H

/* From now on, the types that are there are older ones; until that is forgotten. */
extern void migr_scratch_labels_hold(void);

/* The same, unless some are already, with all their labels committed. */
extern void migr_scratch_labels_begin(void);
extern void migr_scratch_labels_forget(void);

/* A statement has run: its labels can be used, but for those of older types. */
extern void migr_scratch_labels_commit(void);

/* All that there are can be used, as if they were committed. */
extern void migr_scratch_labels_commit_all(void);

#endif							/* MIGR_SCRATCH_LABELS_H */
