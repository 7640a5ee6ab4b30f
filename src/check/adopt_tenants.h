/*
 * adopt_tenants.h
 *		Schemas that were there before migr: at which revision of the tenants' branch are they?
 *
 * The scripts of the branch are run once, in a scratch database, one after the other; a
 * schema is at the one behind which what was built is, but for the name, what the schema
 * holds.  Nothing of the schema is changed.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ADOPT_TENANTS_H
#define MIGR_ADOPT_TENANTS_H

#include "nodes/pg_list.h"

typedef struct MigrAdoptedTenant
{
	const char *tenant;
	List	   *heads;			/* char * */
	const char *action;			/* adopted, found (it was only asked for), unknown */
	const char *detail;			/* or NULL */
} MigrAdoptedTenant;

/*
 * Those (MigrAdoptedTenant *) of the schemas that match a pattern and are no tenants yet, by
 * OID.  Unless only asked for, the rows of those that are found are written.
 */
extern List *migr_adopt_tenants_run(const char *pattern, bool check_only);

#endif							/* MIGR_ADOPT_TENANTS_H */
