/*
 * order.h
 *		Objects in an order in which they can be created.
 *
 * Pure.  Equal schemas give equal lists, in whatever order the catalogs have
 * the objects.  A loop is broken by making an object known before it is
 * complete, as long as there is one for which that can be done.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ORDER_H
#define MIGR_ORDER_H

#include "model/model.h"

/*
 * The objects that are printed on their own (columns are not), each behind
 * what it depends on; where that leaves a choice, by kind and identity.
 */
extern List *migr_order(MigrSchema *schema);

/* Of two foreign keys, which comes first, by their names: negative, 0, positive. */
extern int	migr_order_foreign_keys(const MigrObject *left, const MigrObject *right);

#endif							/* MIGR_ORDER_H */
