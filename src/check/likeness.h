/*
 * likeness.h
 *		As scripts run in a scratch build: is what is there now a given schema?
 *
 * A step costs what it touches.  It is a first look: what is not alike has
 * something more than the other one, or less.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LIKENESS_H
#define MIGR_LIKENESS_H

#include "utils/hsearch.h"

#include "model/model.h"

typedef struct MigrLikeness
{
	MemoryContext context;
	const MigrSchema *wanted;
	HTAB	   *wholes;			/* what there is, by address */
	HTAB	   *surpluses;		/* of each digest: how often it is there more than wanted */
	int			unlike;			/* digests of which there is more, or less */
	bool		is_partial;		/* not all is known */
} MigrLikeness;

/* Begin, in a build that is empty or not: all that is there is read. */
extern void migr_likeness_begin(MigrLikeness *likeness, const MigrSchema *wanted);

/* A step has been done. */
extern void migr_likeness_step(MigrLikeness *likeness);

/* May it be the schema? */
extern bool migr_likeness_may_be(const MigrLikeness *likeness);

#endif							/* MIGR_LIKENESS_H */
