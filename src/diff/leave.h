/*
 * leave.h
 *		What is not compared: of a desired schema, it is what it is.
 *
 * Of what nobody wants compared, the desired schema gets what there is.  So there
 * is no difference, in either direction, and what has to go for a while for the
 * sake of something else comes back as it was.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LEAVE_H
#define MIGR_LEAVE_H

#include "model/model.h"

/* Let objects have the privileges, and the owners too, that they have in the other schema. */
extern void migr_leave_privileges(MigrSchema *there, MigrSchema *desired, bool owners);

/*
 * Let it have of the kinds that migr.compare leaves out what the other schema has,
 * as far as the tables that these stand on are desired, and nothing else.  Returns
 * what was desired of them and is not there, or is another, in words (char *).
 */
extern List *migr_leave_kinds(MigrSchema *there, MigrSchema *desired);

#endif							/* MIGR_LEAVE_H */
