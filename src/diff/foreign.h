/*
 * foreign.h
 *		What a live database has that neither scripts make nor anybody desires.
 *
 * It is left alone.  But it can stand on what a script changes (an administrator's
 * view over a column that gets another type), so those of both schemas that are
 * compared are given copies of it: then a difference says how it goes and comes
 * back.  What is done about it in a script, guard.h says.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_FOREIGN_H
#define MIGR_FOREIGN_H

#include "model/model.h"

/* Mark the objects of live that neither of two others has; either may be NULL. */
extern void migr_foreign_mark(MigrSchema *live, const MigrSchema *made,
							  const MigrSchema *desired);

/* Behind that, mark those as well that made lacks, whether desired or not. */
extern void migr_foreign_mark_missing(MigrSchema *live);

/*
 * Behind that, take the mark off those of live that pair with these (MigrObject *),
 * which get other names, and off their constraints and indexes: the desired ones
 * may have names that are made of the new one.  Not off those that need what is
 * marked.
 */
extern void migr_foreign_claim(MigrSchema *live, const List *objects);

/* Take what is marked out of a schema. */
extern void migr_foreign_remove(MigrSchema *schema);

/*
 * Give a schema copies of what is marked in live, as far as it has what that
 * needs.  Not of partitions and children, for which their parents stand, as the
 * server changes them with these; nor of default privileges, which go on having their effect.
 */
extern void migr_foreign_add(MigrSchema *schema, MigrSchema *live);

/*
 * Let the grants of live objects, of which neither of the others knows all, be
 * those that scripts gave (made, or NULL): no others are revoked then.
 */
extern void migr_foreign_keep_grants(MigrSchema *live, const MigrSchema *made,
									 const MigrSchema *desired);

/* Give the objects of a copy the owners and privileges that they have in the original. */
extern void migr_foreign_take_rights(MigrSchema *copy, const MigrSchema *original);

/*
 * What is marked, and grants on what is not that neither of the others has, in
 * words; many of a kind are counted.  What migr.exclude names is left out.
 * NULL if there is nothing.
 */
extern char *migr_foreign_names(const MigrSchema *live, const MigrSchema *made,
								const MigrSchema *desired);

#endif							/* MIGR_FOREIGN_H */
