/*
 * consent_loss.h
 *		What of data a statement loses, as far as its parse tree tells.
 *
 * By the marks of the difference: tables, columns, sequences that are dropped, what CASCADE may
 * take along, TRUNCATE, UPDATE and DELETE of all rows, types that do not hold all values.  What
 * is lost is nobody's data if the table is temporary, or made in the same transaction.
 *
 * Names are looked up as the statement would find them, by nobody's rights: what there is not
 * is not known, and loses nothing as far as can be told.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CONSENT_LOSS_H
#define MIGR_CONSENT_LOSS_H

#include "nodes/parsenodes.h"

/* The relation of a name; InvalidOid if there is none, or it can't be seen. */
extern Oid	migr_consent_relation(const RangeVar *name);

/* Is it a temporary table, or one that this transaction has made? */
extern bool migr_consent_is_nobodys(Oid relation);

/* As messages call it. */
extern char *migr_consent_name(const RangeVar *name);

/*
 * What a statement loses (char *), NIL if nothing.  Made is NULL, or lists the tables (char *, as
 * migr_consent_name() calls them) that earlier statements of the same transaction make, and
 * gets those that this one makes.
 */
extern List *migr_consent_losses(Node *statement, List **made);

#endif							/* MIGR_CONSENT_LOSS_H */
