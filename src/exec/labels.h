/*
 * labels.h
 *		New labels of enum types that were made in the same transaction.
 *
 * The server lets nobody use a label until it is committed, lest an index holds one
 * that is gone.  One that can't go without its type is let through here, as 17 does
 * itself outside of subtransactions: whatever holds it goes with it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LABELS_H
#define MIGR_LABELS_H

#include "nodes/pg_list.h"

/*
 * From now on let the labels be used that this transaction has added, and that
 * only a rollback takes back that takes their types as well: those of types that
 * were made in the same transaction, and under no savepoint less.  Needs a snapshot.
 */
extern void migr_labels_let_through(void);

/*
 * Types (Oid) that are to count as older than the transaction, though it has made
 * them; none, with NIL.
 */
extern void migr_labels_set_older(const List *types);
extern bool migr_labels_is_older(Oid type);

/* All there are, as if they were committed. */
extern void migr_labels_let_all_through(void);

#endif							/* MIGR_LABELS_H */
