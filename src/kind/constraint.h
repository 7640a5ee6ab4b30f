/*
 * constraint.h
 *		What foreign keys and other constraints have in common.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CONSTRAINT_H
#define MIGR_CONSTRAINT_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* The table or domain that ALTER names, "TABLE x". */
extern const char *migr_constraint_owner(const MigrObject *constraint);

/* Which form one has that is no foreign key: the server's CONSTRAINT_…. */
extern char migr_constraint_form(const MigrObject *constraint);

/* The constraints that are created with a table, in the order of their printing. */
extern List *migr_constraint_inside(const MigrObject *table);

/* Do partitions and children get a table's constraint with it? */
extern bool migr_constraint_is_for_children(const MigrObject *constraint);

/* --- for the records of the two kinds; see kind.h -------------------------- */

extern void migr_constraint_create(StringInfo out, const MigrObject *object);
extern void migr_constraint_drop(StringInfo out, const MigrObject *object);
extern void migr_constraint_rename(StringInfo out, const MigrObject *object,
								   const char *from, const char *to);

/* Append what validates a constraint that was not valid. */
extern void migr_constraint_validate(StringInfo out, const MigrObject *to);

/* Cut words off the end of a definition, if it has them. */
extern bool migr_constraint_cut(char *definition, const char *words);

#endif							/* MIGR_CONSTRAINT_H */
