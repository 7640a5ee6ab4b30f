/*
 * fit.h
 *		Has a schema all that another one has, whatever else is there?
 *
 * What others have put around the objects that scripts made, or on them, is no
 * difference here: other objects, rights of more roles, comments where there were
 * none, what is set so that rows are cared for.  What the other schema says of an
 * object has to be true; what it takes away must not be there.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_FIT_H
#define MIGR_FIT_H

#include "diff/drift.h"

typedef struct MigrFit
{
	List	   *lacking;		/* MigrDrift *: what is missing, or is not as wanted */
	List	   *unexpected;		/* MigrDrift *: objects that are there besides */
	int			grants;			/* so many rights, comments and settings are on */
	int			comments;		/* objects that are as wanted */
	int			settings;
} MigrFit;

/* How what is there differs from what is wanted. */
extern MigrFit migr_fit_find(MigrSchema *is, MigrSchema *wanted);

/*
 * Let wanted have what is on the objects of both sides besides, so that the
 * difference to it takes nothing of that away.
 */
extern void migr_fit_keep(MigrSchema *is, MigrSchema *wanted);

#endif							/* MIGR_FIT_H */
