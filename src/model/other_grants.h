/*
 * other_grants.h
 *		Grants that an object has, and others that it is compared with have not.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OTHER_GRANTS_H
#define MIGR_OTHER_GRANTS_H

#include "model/privileges.h"

/*
 * How many roles have been granted, on an object of a kind with these rights,
 * what they have on neither of two others; NULL: there is no such one.  The
 * owner's own do not count.
 */
extern int	migr_other_grants(const MigrRights *rights, const MigrObject *object,
							  const MigrObject *one, const MigrObject *another);

/*
 * Add to names (char *) the roles that have been granted something on an object,
 * besides its owner; "" is PUBLIC.
 */
extern List *migr_other_grantees(List *names, const MigrRights *rights,
								 const MigrObject *object);

#endif							/* MIGR_OTHER_GRANTS_H */
